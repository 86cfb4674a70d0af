//! Who is registered, when, and who removes whom.

use std::sync::Arc;

use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinSet;

use crate::live::case::cases;
use crate::live::outcome::{Outcome, Stop, require, same};
use crate::live::session::{Answer, SMALLEST_PACKET, answer, send};
use crate::live::socket::Heard;
use crate::live::trial::Trial;

/// Hellos at one moment.
const RIVALS: usize = 8;
/// How often a race is run.
const ROUNDS: usize = 6;
/// How many come one after the other, in each of so many lanes as there are rivals.
const NEWCOMERS: usize = 100;

cases! { Trial in "registration.rs";
    "handshake/one-winner.eight-at-once" eight_at_once;
    "handshake/register-before-ok.frame-at-once" frame_at_once;
    "handshake/id-in-use.live-session" live_session from "hs-id-collision-and-grind";
    "handshake/error-then-close.id-in-use" error_then_close;
    "handshake/removal-by-session.refused-newcomer" refused_newcomer;
}

/// Of eight simultaneous hellos for one id exactly one is answered OK, and it holds the id.
async fn eight_at_once(trial: &mut Trial) -> Outcome {
    for _ in 0..ROUNDS {
        let person = trial.person();
        let (told, mut verdicts) = unbounded_channel();
        // Dropped with the round: until then the winner lives.
        let mut rivals = JoinSet::new();
        for _ in 0..RIVALS {
            let (hello, relay) = (trial.hello(&person)?.bytes(), trial.target.relay);
            let (mut socket, told) = (trial.socket().await?, told.clone());
            rivals.spawn(async move {
                let sent = send(&mut socket, &hello).await;
                let verdict = match sent {
                    Ok(()) => answer(&mut socket, &person, &relay).await,
                    Err(stop) => Err(stop),
                };
                // Whoever listened has judged already.
                let _ = told.send(verdict);
                // The winner answers the probes of the others.
                while !matches!(socket.next().await, Heard::Close(_) | Heard::End) {}
            });
        }
        let mut answers = Vec::new();
        for _ in 0..RIVALS {
            answers.push(verdicts.recv().await.ok_or_else(lost)??);
        }
        let (winners, losers): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|answer| *answer == Answer::Reply(Ok(2)));
        same("hellos answered OK", &1, &winners.len())?;
        let in_use = Answer::Reply(Err("handshake/id-in-use"));
        same("the others are told id_in_use", &vec![in_use; RIVALS - 1], &losers)?;
        let mut witness = trial.join().await?;
        witness.send_opaque(person.id(), SMALLEST_PACKET).await?;
        witness.quiet("no ERROR: the winner is registered").await?;
    }
    Ok(())
}

/// A rival that never came back.
fn lost() -> Stop {
    Stop::Broken("a rival task was lost".to_owned())
}

/// A frame that is sent when the newcomer has its OK reaches the newcomer. The moment is short, so
/// many come, several at a time, which keeps the relay from doing all of it in one breath.
async fn frame_at_once(trial: &mut Trial) -> Outcome {
    let mut lanes = JoinSet::new();
    for _ in 0..RIVALS {
        let mut lane = Trial::of(Arc::clone(&trial.target), trial.random.fork());
        lanes.spawn(async move { newcomers(&mut lane).await });
    }
    while let Some(lane) = lanes.join_next().await {
        lane.map_err(|_| lost())??;
    }
    Ok(())
}

/// One after the other comes, and is written to at once.
async fn newcomers(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    for _ in 0..NEWCOMERS {
        let person = trial.person();
        let (hello, socket) = (trial.hello(&person)?.bytes(), trial.socket().await?);
        let mut newcomer = trial.adopt(socket, &person)?;
        let packet = alice.opaque(SMALLEST_PACKET);
        let frame = alice.frame(person.id(), &packet);
        send(&mut newcomer.socket, &hello).await?;
        // As soon as the first byte of the reply is here, before the judge has read what it says.
        let first = newcomer.socket.hear("the reply").await?;
        alice.send_binary(&frame).await?;
        require(matches!(first, Heard::Binary(_)), "HANDSHAKE_OK", first.describe())?;
        newcomer.reached_by(&mut alice, &packet, "a frame sent right after OK").await?;
    }
    Ok(())
}

/// A second hello for a live session is told id_in_use, whose session notices nothing.
async fn live_session(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    let me = alice.me;
    let hello = trial.hello(&me)?.bytes();
    let newcomer = trial.try_hello(&me, &hello);
    let (answer, _) = while_alive(&mut alice, newcomer).await?;
    same("ERROR id_in_use", &Answer::Reply(Err("handshake/id-in-use")), &answer)?;
    alice.quiet("a session that notices nothing but the ping").await
}

/// Behind the ERROR comes a close with 1000.
async fn error_then_close(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    let me = alice.me;
    let hello = trial.hello(&me)?.bytes();
    let newcomer = trial.try_hello(&me, &hello);
    let (_, mut socket) = while_alive(&mut alice, newcomer).await?;
    same("behind the ERROR", &Heard::Close(Some(1000)), &socket.hear("close 1000").await?)
}

/// The end of a refused connection leaves the live session where it is.
async fn refused_newcomer(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let me = alice.me;
    let hello = trial.hello(&me)?.bytes();
    let newcomer = trial.try_hello(&me, &hello);
    let (_, mut socket) = while_alive(&mut alice, newcomer).await?;
    while !matches!(socket.hear("the end of the refused").await?, Heard::End) {}
    drop(socket);
    let packet = bob.send_opaque(alice.id(), SMALLEST_PACKET).await?;
    alice.reached_by(&mut bob, &packet, "a frame for the live session").await
}

/// Does something while a session goes on answering pings.
pub(super) async fn while_alive<T>(
    session: &mut crate::live::session::Session,
    deed: impl Future<Output = Outcome<T>>,
) -> Outcome<T> {
    tokio::select! {
        outcome = deed => outcome,
        end = async {
            loop {
                let heard = session.socket.next().await;
                if matches!(heard, Heard::Close(_) | Heard::End) {
                    return heard;
                }
            }
        } => Err(crate::live::outcome::fail("the old session stays open", end.describe())),
    }
}
