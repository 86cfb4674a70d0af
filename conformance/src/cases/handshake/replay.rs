//! Hellos that were sent before, by whoever recorded them.

use crate::live::case::cases;
use crate::live::outcome::{Outcome, fail};
use crate::live::session::{SMALLEST_PACKET, Session};
use crate::live::socket::Heard;
use crate::live::trial::Trial;
use crate::model::forge::torsion_siblings;

use super::refused::refused;

cases! { Trial in "replay.rs";
    "handshake/replay.owner-gone" owner_gone from "hs-replay";
    "handshake/replay.owner-there" owner_there from "hs-replay";
    "handshake/replay.with-an-alias" alias from "hs-replay-cache-alias";
    "handshake/replay.of-a-refused-hello" refused_before from "hs-replay";
}

/// A session and the hello that opened it.
async fn recorded(trial: &mut Trial) -> Outcome<(Session, Vec<u8>)> {
    let person = trial.person();
    let hello = trial.hello(&person)?.bytes();
    let (_, socket) = trial.try_hello(&person, &hello).await?;
    let mut session = trial.adopt(socket, &person)?;
    session.quiet("an open session").await?;
    Ok((session, hello))
}

/// The recorded hello opens nothing after its owner left.
async fn owner_gone(trial: &mut Trial) -> Outcome {
    let (session, hello) = recorded(trial).await?;
    let me = session.me;
    drop(session);
    refused(trial, &me, &hello).await?;
    let mut alice = trial.join().await?;
    let packet = alice.send_opaque(me.id(), SMALLEST_PACKET).await?;
    alice.offline_is(me.id(), &packet).await
}

/// The recorded hello does not even get the living owner probed.
async fn owner_there(trial: &mut Trial) -> Outcome {
    let (mut session, hello) = recorded(trial).await?;
    let me = session.me;
    refused(trial, &me, &hello).await?;
    let marker = session.send_opaque(me.id(), SMALLEST_PACKET).await?;
    match session.socket.hear("a frame to oneself").await? {
        Heard::Binary(frame) if frame[8..] == marker => Ok(()),
        other => Err(fail("no probe for a replay", other.describe())),
    }
}

/// A sibling in place of the key changes neither nonce nor tag, and helps nobody.
async fn alias(trial: &mut Trial) -> Outcome {
    let (session, mut hello) = recorded(trial).await?;
    let me = session.me;
    drop(session);
    let siblings = torsion_siblings(me.public.x).expect("an honest key is on the curve");
    hello[..32].copy_from_slice(&siblings[0]);
    refused(trial, &me, &hello).await
}

/// A hello that was told id_in_use passed its signature, so it is remembered too.
async fn refused_before(trial: &mut Trial) -> Outcome {
    let mut session = trial.join().await?;
    let me = session.me;
    let hello = trial.hello(&me)?.bytes();
    let second = trial.try_hello(&me, &hello);
    super::registration::while_alive(&mut session, second).await?;
    drop(session);
    refused(trial, &me, &hello).await
}
