//! Introductions: the keys are those of the session.

use crate::live::case::cases;
use crate::live::outcome::Outcome;
use crate::live::trial::Trial;
use crate::model::relay::{INTRO_FROM, INTRODUCE, intro_from_body, introduce_body};

/// The longest nickname that passes.
const NICKNAME: usize = 1_024;

cases! { Trial in "introduce.rs";
    "relay/introduce.keys-of-the-session" session_keys from "sc-intro-forged-keys";
    "relay/introduce.nickname-not-utf8" not_utf8;
    "relay/introduce.empty-nickname" empty_nickname from "sc-command-edges";
    "relay/introduce-absent.no-error" absent;
    "relay/introduce-length.seven-bytes" seven_bytes from "sc-intro-wake-spam";
    "relay/introduce-nickname.longest" longest_nickname;
    "relay/introduce-nickname.one-byte-over" one_byte_over;
}

/// Alice introduces herself to Bob with this nickname, which arrives byte for byte.
async fn arrives(trial: &mut Trial, nickname: &[u8]) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    alice.command(INTRODUCE, &introduce_body(bob.id(), nickname)).await?;
    let expected = intro_from_body(&alice.me.public, nickname);
    bob.event_is(INTRO_FROM, &expected, "INTRO_FROM with Alice's keys").await
}

/// Keys in the body are nickname.
async fn session_keys(trial: &mut Trial) -> Outcome {
    let forged = trial.person().public.bytes();
    arrives(trial, &[&forged[..], b"Alice"].concat()).await
}

/// A relay reads no nickname.
async fn not_utf8(trial: &mut Trial) -> Outcome {
    arrives(trial, &[b'A', 0xff, 0x00, b'\n']).await
}

/// Eight bytes are an introduction.
async fn empty_nickname(trial: &mut Trial) -> Outcome {
    arrives(trial, b"").await
}

/// An absent target: no answer that would tell who is there.
async fn absent(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    alice.command(INTRODUCE, &introduce_body(trial.person().id(), b"Alice")).await?;
    alice.command(INTRODUCE, &introduce_body([0; 8], b"Alice")).await?;
    alice.quiet("no answer to an INTRODUCE").await
}

/// Seven bytes name nobody.
async fn seven_bytes(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    alice.command(INTRODUCE, &bob.id()[..7]).await?;
    alice.command(INTRODUCE, &[]).await?;
    alice.quiet("no answer").await?;
    bob.quiet("no introduction without a target").await
}

/// 1,024 bytes pass.
async fn longest_nickname(trial: &mut Trial) -> Outcome {
    arrives(trial, &[b'n'; NICKNAME]).await
}

/// 1,025 bytes are dropped, and the connection stays.
async fn one_byte_over(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    alice.command(INTRODUCE, &introduce_body(bob.id(), &[b'n'; NICKNAME + 1])).await?;
    alice.quiet("no answer").await?;
    bob.quiet("no introduction with a nickname of 1,025 bytes").await
}
