//! An id whose session does not answer any more.

use std::time::Duration;

use tokio::time::Instant;

use crate::live::case::cases;
use crate::live::outcome::{Outcome, Stop, fail, require, same};
use crate::live::session::{Answer, SMALLEST_PACKET, Session, answer, send};
use crate::live::socket::{Heard, Socket};
use crate::live::target::Person;
use crate::live::trial::Trial;
use crate::model::relay::{PEER_OFFLINE, PEER_ONLINE, SUBSCRIBE};

use super::registration::while_alive;

cases! { Trial in "probe.rs";
    "handshake/probe.dead-session" dead_session from "hs-halfopen-lockout";
    "handshake/probe.pinged-at-once" pinged_at_once;
    "handshake/probe.old-ends-by-itself" old_ends;
    "handshake/one-probe.three-newcomers" three_newcomers;
    "handshake/one-probe.first-hangs-up" first_hangs_up;
    "handshake/removal-by-session.replaced-session" replaced_session;
    "handshake/early-frames.reply-held" early_frames_held;
    "relay/presence-offline.failed-probe" announced from "sc-presence-truth";
}

/// Sends a hello on a connection of its own and leaves the answer for later.
async fn knock(trial: &mut Trial, person: &Person) -> Outcome<Socket> {
    let hello = trial.hello(person)?.bytes();
    let mut socket = trial.socket().await?;
    send(&mut socket, &hello).await?;
    Ok(socket)
}

/// The answer to a hello that has to wait for the probe of a dead session.
async fn held(trial: &Trial, socket: &mut Socket, person: &Person) -> Outcome<Answer> {
    socket.patience = trial.target.timers.probe + trial.target.patience;
    answer(socket, person, &trial.target.relay).await
}

/// A session that does not answer: it is open and nobody reads it.
async fn dead(trial: &mut Trial) -> Outcome<Session> {
    let mut session = trial.join().await?;
    session.socket.answers_pings = false;
    Ok(session)
}

/// A newcomer is let in where a dead session was: the ground of cases about what comes then.
async fn replaces(trial: &Trial, socket: &mut Socket, me: &Person) -> Outcome {
    match held(trial, socket, me).await? {
        Answer::Reply(Err("handshake/id-in-use")) => Err(Stop::Unmet("handshake/probe")),
        answer => same("OK for the newcomer", &Answer::Reply(Ok(2)), &answer),
    }
}

/// The dead session is closed with 1001; the newcomer waits that long and is let in.
async fn dead_session(trial: &mut Trial) -> Outcome {
    let mut old = dead(trial).await?;
    let me = old.me;
    let begun = Instant::now();
    let mut socket = knock(trial, &me).await?;
    same("OK", &Answer::Reply(Ok(2)), &held(trial, &mut socket, &me).await?)?;
    let (took, probe) = (begun.elapsed(), trial.target.timers.probe);
    let waited = took + Duration::from_millis(200) >= probe;
    require(waited, format!("OK after {probe:?}"), format!("after {took:?}"))?;
    old.close_is(1001).await?;
    let (mut newcomer, mut alice) = (trial.adopt(socket, &me)?, trial.join().await?);
    let packet = alice.send_opaque(me.id(), SMALLEST_PACKET).await?;
    newcomer.reached_by(&mut alice, &packet, "a frame for the newcomer").await
}

/// The old session gets a WebSocket ping and the text `ping`, and lives by answering.
async fn pinged_at_once(trial: &mut Trial) -> Outcome {
    let mut old = dead(trial).await?;
    let me = old.me;
    let begun = Instant::now();
    let mut socket = knock(trial, &me).await?;
    let (mut ping, mut text) = (false, false);
    while !(ping && text) {
        match old.socket.hear("a WebSocket ping and the text ping").await? {
            Heard::Ping(_) => ping = true,
            Heard::Text(said) if said == "ping" => text = true,
            other => return Err(fail("a WebSocket ping and the text ping", other.describe())),
        }
    }
    let took = begun.elapsed();
    let at_once = took < trial.target.timers.probe / 2;
    require(at_once, "pings at once", format!("after {took:?}"))?;
    let sent = old.socket.send_text("pong").await;
    require(sent.is_ok(), "an old session that is open", format!("{sent:?}"))?;
    let answer = held(trial, &mut socket, &me).await?;
    same("ERROR id_in_use", &Answer::Reply(Err("handshake/id-in-use")), &answer)
}

/// The old session ends while it is probed: the newcomer need not wait for the rest.
async fn old_ends(trial: &mut Trial) -> Outcome {
    let mut old = dead(trial).await?;
    let me = old.me;
    let mut socket = knock(trial, &me).await?;
    old.socket.hear("a ping").await?;
    let begun = Instant::now();
    drop(old);
    same("OK", &Answer::Reply(Ok(2)), &held(trial, &mut socket, &me).await?)?;
    let took = begun.elapsed();
    require(took < trial.target.timers.probe * 2 / 3, "OK at once", format!("after {took:?}"))
}

/// A newcomer whose hello is under way before others come: the old session has been pinged.
async fn first(trial: &mut Trial, old: &mut Session) -> Outcome<Socket> {
    let me = old.me;
    let mut first = knock(trial, &me).await?;
    tokio::select! {
        ping = old.socket.hear("a ping") => ping.map(drop)?,
        answered = replaces(trial, &mut first, &me) => {
            answered?;
            return Err(fail("a ping to the old session", "OK before any ping"));
        }
    }
    Ok(first)
}

/// The first of two newcomers hangs up while it waits; the other one gets the id.
async fn first_hangs_up(trial: &mut Trial) -> Outcome {
    let mut old = dead(trial).await?;
    let me = old.me;
    let first = first(trial, &mut old).await?;
    let mut second = knock(trial, &me).await?;
    drop(first);
    let answer = held(trial, &mut second, &me).await?;
    same("OK for the one that is still connected", &Answer::Reply(Ok(2)), &answer)
}

/// Three hellos wait for one probe; the first of them gets the id.
async fn three_newcomers(trial: &mut Trial) -> Outcome {
    let mut old = dead(trial).await?;
    let me = old.me;
    let mut first = first(trial, &mut old).await?;
    let mut others = [knock(trial, &me).await?, knock(trial, &me).await?];
    let answer = held(trial, &mut first, &me).await?;
    same("OK for the first of three", &Answer::Reply(Ok(2)), &answer)?;
    let mut winner = trial.adopt(first, &me)?;
    for other in &mut others {
        let answer = while_alive(&mut winner, held(trial, other, &me)).await?;
        let in_use = Answer::Reply(Err("handshake/id-in-use"));
        same("ERROR id_in_use for the others", &in_use, &answer)?;
    }
    let mut pings = 1;
    loop {
        match old.socket.hear("close 1001").await? {
            Heard::Ping(_) => pings += 1,
            Heard::Close(Some(1001)) => break,
            Heard::Text(_) => {}
            other => return Err(fail("close 1001", other.describe())),
        }
    }
    require(pings <= 2, "one probe", format!("{pings} pings before the end"))
}

/// The end of the replaced connection leaves the newcomer where it is.
async fn replaced_session(trial: &mut Trial) -> Outcome {
    let old = dead(trial).await?;
    let me = old.me;
    let mut socket = knock(trial, &me).await?;
    replaces(trial, &mut socket, &me).await?;
    let mut newcomer = trial.adopt(socket, &me)?;
    drop(old);
    // A later hello ends as well: it is refused by the newcomer, which lives.
    let hello = trial.hello(&me)?.bytes();
    let late = trial.try_hello(&me, &hello);
    while_alive(&mut newcomer, late).await?;
    newcomer.quiet("a session of its own").await
}

/// Frames behind a hello whose reply is held are handled after the reply.
async fn early_frames_held(trial: &mut Trial) -> Outcome {
    let old = dead(trial).await?;
    let me = old.me;
    let socket = knock(trial, &me).await?;
    let mut newcomer = trial.adopt(socket, &me)?;
    let packet = newcomer.send_opaque(me.id(), SMALLEST_PACKET).await?;
    replaces(trial, &mut newcomer.socket, &me).await?;
    newcomer.frame_is(me.id(), &packet, "the early frame").await
}

/// Whoever watches learns that the dead session ended, and that the newcomer is there.
async fn announced(trial: &mut Trial) -> Outcome {
    let mut old = dead(trial).await?;
    let me = old.me;
    let mut watcher = trial.join().await?;
    watcher.command(SUBSCRIBE, &me.public.x).await?;
    watcher.event_is(PEER_ONLINE, &me.public.x, "PEER_ONLINE").await?;
    let mut socket = knock(trial, &me).await?;
    replaces(trial, &mut socket, &me).await?;
    old.close_is(1001).await?;
    watcher.event_is(PEER_OFFLINE, &me.public.x, "PEER_OFFLINE of the dead session").await?;
    watcher.event_is(PEER_ONLINE, &me.public.x, "PEER_ONLINE of the newcomer").await
}
