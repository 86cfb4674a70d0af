//! Who is told who comes and goes.

use crate::live::case::cases;
use crate::live::outcome::{Outcome, fail, require};
use crate::live::session::{Seen, Session};
use crate::live::socket::{CLOSE, Heard};
use crate::live::trial::Trial;
use crate::model::relay::{PEER_OFFLINE, PEER_ONLINE, SUBSCRIBE};

cases! { Trial in "presence.rs";
    "relay/presence-online.watched-arrives" arrives;
    "relay/presence-offline.close" offline_by_close from "sc-presence-truth";
    "relay/presence-offline.reset" offline_by_reset from "sc-presence-truth";
    "relay/presence-offline.broken-rules" offline_by_broken_rules;
    "relay/presence-offline.idle-end" offline_by_silence from "ws-half-open" needs Slow;
    "relay/subscriptions-end.new-session" new_session;
    "relay/presence-truth.twenty-flaps" flaps from "sc-presence-flap";
    "relay/presence-truth.watcher-that-reads-late" late_reader from "sc-presence-flap";
}

/// A session of Bob, and Alice who watches it.
async fn watched(trial: &mut Trial) -> Outcome<(Session, Session)> {
    let (mut alice, bob) = trial.pair().await?;
    alice.command(SUBSCRIBE, &bob.me.public.x).await?;
    alice.event_is(PEER_ONLINE, &bob.me.public.x, "PEER_ONLINE").await?;
    Ok((alice, bob))
}

/// Whoever watches a key learns that it came.
async fn arrives(trial: &mut Trial) -> Outcome {
    let (mut alice, mut carol) = trial.pair().await?;
    let bob = trial.person();
    for watcher in [&mut alice, &mut carol] {
        watcher.command(SUBSCRIBE, &bob.public.x).await?;
        watcher.quiet("no answer yet").await?;
    }
    let _bob = trial.join_as(&bob).await?;
    for watcher in [&mut alice, &mut carol] {
        watcher.event_is(PEER_ONLINE, &bob.public.x, "PEER_ONLINE as Bob comes").await?;
    }
    Ok(())
}

/// A close by the rules.
async fn offline_by_close(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = watched(trial).await?;
    let sent = bob.socket.send(CLOSE, &1000u16.to_be_bytes()).await;
    require(sent.is_ok(), "a relay that takes a close", format!("{sent:?}"))?;
    alice.event_is(PEER_OFFLINE, &bob.me.public.x, "PEER_OFFLINE after a close").await
}

/// A connection that breaks off.
async fn offline_by_reset(trial: &mut Trial) -> Outcome {
    let (mut alice, bob) = watched(trial).await?;
    let me = bob.me;
    bob.socket.reset();
    alice.event_is(PEER_OFFLINE, &me.public.x, "PEER_OFFLINE after a reset").await
}

/// A connection that the relay itself fails.
async fn offline_by_broken_rules(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = watched(trial).await?;
    let sent = bob.socket.send_raw(&[0xff, 0xff]).await;
    require(sent.is_ok(), "a relay that reads", format!("{sent:?}"))?;
    alice.event_is(PEER_OFFLINE, &bob.me.public.x, "PEER_OFFLINE after a 1002").await
}

/// A session that ends because nothing came from it.
async fn offline_by_silence(trial: &mut Trial) -> Outcome {
    let (mut alice, bob) = watched(trial).await?;
    alice.socket.patience = trial.target.timers.end + trial.target.patience;
    // Nobody reads Bob's socket, so nobody answers the pings; Alice's are answered as she waits.
    alice.event_is(PEER_OFFLINE, &bob.me.public.x, "PEER_OFFLINE after the idle end").await
}

/// A new session of the same client watches nothing.
async fn new_session(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let bob = trial.person();
    let mut first = trial.join_as(&person).await?;
    first.command(SUBSCRIBE, &bob.public.x).await?;
    first.quiet("no answer yet").await?;
    drop(first);
    let mut second = trial.join_as(&person).await?;
    let _bob = trial.join_as(&bob).await?;
    second.quiet("nothing about a key that only the last session watched").await
}

/// The last event about Bob that is on its way to Alice.
async fn last_word(alice: &mut Session, x: [u8; 32]) -> Outcome<Option<u8>> {
    let mut last = None;
    for seen in alice.settle().await? {
        match seen {
            Seen::Event(inner) if inner.body == x => last = Some(inner.command),
            other => return Err(fail("presence of Bob", other.describe())),
        }
    }
    Ok(last)
}

/// Bob comes and goes twenty times and stays: Alice's last word is that he is there.
async fn flaps(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = watched(trial).await?;
    let me = bob.me;
    let mut last = None;
    for _ in 0..20 {
        drop(bob);
        bob = trial.join_as(&me).await?;
        last = last_word(&mut alice, me.public.x).await?.or(last);
    }
    require(last != Some(PEER_OFFLINE), "PEER_ONLINE last", "PEER_OFFLINE last")?;
    drop(bob);
    alice.event_is(PEER_OFFLINE, &me.public.x, "PEER_OFFLINE as he leaves for good").await
}

/// The same for a watcher that reads nothing meanwhile.
async fn late_reader(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = watched(trial).await?;
    let me = bob.me;
    for _ in 0..20 {
        bob.socket.reset();
        bob = trial.join_as(&me).await?;
    }
    let last = last_word(&mut alice, me.public.x).await?;
    require(last != Some(PEER_OFFLINE), "PEER_ONLINE last", "PEER_OFFLINE last")?;
    let end = bob.socket.send(CLOSE, &[]).await;
    require(end.is_ok(), "a relay that takes a close", format!("{end:?}"))?;
    alice.event_is(PEER_OFFLINE, &me.public.x, "PEER_OFFLINE as he leaves for good").await?;
    match bob.socket.hear("the echo of a close").await? {
        Heard::Close(_) | Heard::End => Ok(()),
        other => Err(fail("the end of Bob's connection", other.describe())),
    }
}
