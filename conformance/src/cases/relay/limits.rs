//! Limits that a judge can reach where it sets them itself: sockets, sessions, watchers.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::live::case::cases;
use crate::live::outcome::{Outcome, fail, require};
use crate::live::session::{Answer, SMALLEST_PACKET, Session};
use crate::live::trial::Trial;
use crate::model::relay::{PEER_OFFLINE, PEER_ONLINE, SUBSCRIBE, UNSUBSCRIBE};

cases! { Trial in "limits.rs";
    "relay/sockets-limit.one-too-many" sockets from "ws-slowloris" needs Started;
    "relay/sessions-limit.one-too-many" sessions needs Started;
    "relay/watchers-limit.one-too-many" watchers needs Started;
}

/// A connection that the relay has no room for: it is closed, or told 503.
async fn refused(trial: &Trial) -> Outcome {
    let (address, patience) = (&trial.target.address, trial.target.patience);
    let mut stream = address.dial(patience).await?;
    // A relay may have closed before it reads a byte: then writing fails, or reading does.
    let _ = stream.write_all(address.upgrade_request("").as_bytes()).await;
    let mut said = Vec::new();
    let expected = "the end of a connection beyond the limit, or HTTP 503";
    loop {
        if said.starts_with(b"HTTP/1.1 503") {
            return Ok(());
        }
        match timeout(patience, stream.read_buf(&mut said)).await {
            Ok(Ok(1..)) => {}
            Ok(_) => break,
            Err(_) => return Err(fail(expected, format!("nothing for {patience:?}"))),
        }
    }
    let line = String::from_utf8_lossy(&said).lines().next().map(str::to_owned);
    require(said.is_empty(), expected, format!("{line:?}"))
}

/// Two connections wait before their hello; a third finds no room, and everybody else is served.
async fn sockets(trial: &mut Trial) -> Outcome {
    let mut relay = trial.start(&["--set", "hello.sockets=2"]).await?;
    let mut alice = relay.join().await?;
    let (first, _second) = (relay.socket().await?, relay.socket().await?);
    refused(&relay).await?;
    alice.quiet("a session that goes on").await?;
    let person = relay.person();
    let (keys, random) = (relay.target.relay, relay.random.fork());
    let mut bob = Session::open(first, person, keys, random).await?;
    bob.quiet("a session on a connection that was in").await?;
    // His hello has made room for one.
    let mut carol = relay.join().await?;
    let packet = carol.send_opaque(bob.id(), SMALLEST_PACKET).await?;
    bob.frame_is(carol.id(), &packet, "a frame of somebody who came later").await
}

/// Two sessions live; a third hello is not registered, and both live on.
async fn sessions(trial: &mut Trial) -> Outcome {
    let mut relay = trial.start(&["--set", "session.max=2"]).await?;
    let (mut alice, mut bob) = relay.pair().await?;
    alice.command(SUBSCRIBE, &bob.me.public.x).await?;
    alice.event_is(PEER_ONLINE, &bob.me.public.x, "PEER_ONLINE").await?;
    let carol = relay.person();
    let hello = relay.hello(&carol)?.bytes();
    let (answer, _socket) = relay.try_hello(&carol, &hello).await?;
    let closed = matches!(answer, Answer::Close(_) | Answer::End);
    require(closed, "the end of a connection beyond the limit", format!("{answer:?}"))?;
    let packet = alice.send_opaque(carol.id(), SMALLEST_PACKET).await?;
    alice.offline_is(carol.id(), &packet).await?;
    let packet = alice.send_opaque(bob.id(), SMALLEST_PACKET).await?;
    bob.frame_is(alice.id(), &packet, "a frame between live sessions").await?;
    // Bob makes room.
    let key = bob.me.public.x;
    drop(bob);
    alice.event_is(PEER_OFFLINE, &key, "PEER_OFFLINE").await?;
    let mut carol = relay.join_as(&carol).await?;
    let packet = alice.send_opaque(carol.id(), SMALLEST_PACKET).await?;
    carol.frame_is(alice.id(), &packet, "a frame for whoever was refused before").await
}

/// One session watches Bob; for a second one his key is ignored and the rest of its list is not.
async fn watchers(trial: &mut Trial) -> Outcome {
    let mut relay = trial.start(&["--set", "presence.watchers=1"]).await?;
    let (mut alice, mut dave) = relay.pair().await?;
    let (bob, carol) = relay.pair().await?;
    let (me, key) = (bob.me, bob.me.public.x);
    alice.command(SUBSCRIBE, &key).await?;
    alice.event_is(PEER_ONLINE, &key, "PEER_ONLINE for the first watcher").await?;
    let other = carol.me.public.x;
    dave.command(SUBSCRIBE, &[key, other].concat()).await?;
    dave.event_is(PEER_ONLINE, &other, "PEER_ONLINE of the other key alone").await?;
    drop(bob);
    alice.event_is(PEER_OFFLINE, &key, "PEER_OFFLINE for the first watcher").await?;
    dave.quiet("nothing about a key that was ignored").await?;
    let _bob = relay.join_as(&me).await?;
    alice.event_is(PEER_ONLINE, &key, "PEER_ONLINE for the first watcher").await?;
    dave.quiet("nothing about a key that was ignored").await?;
    // The first watcher leaves off, and makes room.
    alice.command(UNSUBSCRIBE, &key).await?;
    alice.quiet("no answer").await?;
    dave.command(SUBSCRIBE, &key).await?;
    dave.event_is(PEER_ONLINE, &key, "PEER_ONLINE for the next watcher").await
}
