//! The notifier, to whom the relay hands on calls for sleeping devices.

use crate::live::case::cases;
use crate::live::outcome::{Outcome, fail, require};
use crate::live::process::{PROCESS_PATIENCE, Process};
use crate::live::trial::Trial;
use crate::model::forge::key_with_prefix;
use crate::model::relay::{PUSH_REGISTER, WAKE, push_register_body, wake_body};

/// The longest token that passes.
const TOKEN: usize = 4_096;

cases! { Trial in "notifier.rs";
    "relay/wake.with-and-without-type" wake from "sc-intro-wake-spam" needs Notifier;
    "relay/wake.cut-to-nine" wake_cut needs Notifier;
    "relay/wake.seven-bytes" wake_short from "sc-intro-wake-spam" needs Notifier;
    "relay/push-register.sender-in-front" push_register from "sc-push-token" needs Notifier;
    "relay/push-register.empty" push_empty from "sc-push-token" needs Notifier;
    "relay/push-token.longest" token_longest needs Notifier;
    "relay/push-token.one-byte-over" token_over from "sc-push-token" needs Notifier;
    "relay/notifier.nobody-else" nobody_else needs Notifier;
    "relay/notifier.away" away needs Notifier;
    "relay/notifier-key.by-its-id" by_id needs Started;
    "relay/notifier-key.same-id-another-key" same_id from "hs-id-collision-and-grind" needs Started;
    "relay/notifier-zero.refuses-to-start" zero from "hs-zero-key-server-id" needs Started;
}

/// Alice sends a command; the notifier gets exactly these events, and Alice no answer.
async fn handed_on(trial: &mut Trial, command: u8, body: &[u8], expected: &[u8]) -> Outcome {
    let (mut notifier, _guard) = trial.notifier().await?;
    let mut alice = trial.join().await?;
    alice.command(command, body).await?;
    alice.quiet("no answer").await?;
    notifier.event_is(command, expected, "the command handed on").await?;
    notifier.quiet("handed on once").await
}

/// Alice sends a command, which is dropped.
async fn dropped(trial: &mut Trial, command: u8, body: &[u8]) -> Outcome {
    let (mut notifier, _guard) = trial.notifier().await?;
    let mut alice = trial.join().await?;
    alice.command(command, body).await?;
    alice.quiet("no answer").await?;
    notifier.quiet("a command that is dropped").await
}

/// Eight bytes stay eight, nine stay nine.
async fn wake(trial: &mut Trial) -> Outcome {
    let target = trial.person().id();
    for kind in [None, Some(0), Some(1), Some(200)] {
        let body = wake_body(target, kind);
        handed_on(trial, WAKE, &body, &body).await?;
    }
    Ok(())
}

/// What is longer is cut to nine.
async fn wake_cut(trial: &mut Trial) -> Outcome {
    let body = [&wake_body(trial.person().id(), Some(1))[..], b"and more"].concat();
    handed_on(trial, WAKE, &body, &body[..9]).await
}

/// What is shorter than an id is dropped.
async fn wake_short(trial: &mut Trial) -> Outcome {
    dropped(trial, WAKE, &[1; 7]).await
}

/// The id of the session stands in front, whatever the token says.
async fn push_register(trial: &mut Trial) -> Outcome {
    let (mut notifier, _guard) = trial.notifier().await?;
    let mut alice = trial.join().await?;
    let forged = trial.person().id();
    for (kind, token) in [(1, &forged[..]), (2, b"{\"endpoint\":\"\"}"), (0, b""), (77, b"?")] {
        let body = push_register_body(kind, token);
        alice.command(PUSH_REGISTER, &body).await?;
        let expected = [&alice.id()[..], &body].concat();
        notifier.event_is(PUSH_REGISTER, &expected, "Alice's id in front").await?;
    }
    alice.quiet("no answer").await
}

/// Without a kind there is nothing to register.
async fn push_empty(trial: &mut Trial) -> Outcome {
    dropped(trial, PUSH_REGISTER, &[]).await
}

/// 4,096 bytes pass.
async fn token_longest(trial: &mut Trial) -> Outcome {
    let (mut notifier, _guard) = trial.notifier().await?;
    let mut alice = trial.join().await?;
    let body = push_register_body(1, &[b't'; TOKEN]);
    alice.command(PUSH_REGISTER, &body).await?;
    let expected = [&alice.id()[..], &body].concat();
    notifier.event_is(PUSH_REGISTER, &expected, "a token of 4,096 bytes").await
}

/// 4,097 are dropped.
async fn token_over(trial: &mut Trial) -> Outcome {
    dropped(trial, PUSH_REGISTER, &push_register_body(1, &[b't'; TOKEN + 1])).await
}

/// Neither target nor bystander gets what is meant for the notifier.
async fn nobody_else(trial: &mut Trial) -> Outcome {
    let (_notifier, _guard) = trial.notifier().await?;
    let (mut alice, mut bob) = trial.pair().await?;
    alice.command(WAKE, &wake_body(bob.id(), Some(1))).await?;
    alice.command(PUSH_REGISTER, &push_register_body(1, b"token")).await?;
    alice.quiet("no answer").await?;
    bob.quiet("no WAKE for anybody but the notifier").await
}

/// While the notifier is away there is no error.
async fn away(trial: &mut Trial) -> Outcome {
    let (notifier, _guard) = trial.notifier().await?;
    drop(notifier);
    let mut alice = trial.join().await?;
    alice.command(WAKE, &wake_body(trial.person().id(), None)).await?;
    alice.quiet("no answer").await
}

/// Named by its id, the notifier is whoever holds the id.
async fn by_id(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let mut relay = trial.start(&["--notifier", &hex::encode(person.id())]).await?;
    let (mut notifier, mut alice) = (relay.join_as(&person).await?, relay.join().await?);
    let body = wake_body(alice.id(), None);
    alice.command(WAKE, &body).await?;
    notifier.event_is(WAKE, &body, "the WAKE").await
}

/// Named by its whole key, it is not whoever has the same id.
async fn same_id(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let other = key_with_prefix(&person.id());
    let mut relay = trial.start(&["--notifier", &hex::encode(other)]).await?;
    let (mut impostor, mut alice) = (relay.join_as(&person).await?, relay.join().await?);
    alice.command(WAKE, &wake_body(alice.id(), None)).await?;
    alice.command(PUSH_REGISTER, &push_register_body(1, b"token")).await?;
    alice.quiet("no answer").await?;
    impostor.quiet("nothing for another key of the notifier's id").await
}

/// A notifier of id zero is refused at the start, with a reason and before anything listens.
async fn zero(trial: &mut Trial) -> Outcome {
    for notifier in ["00".repeat(8), format!("{}{}", "00".repeat(8), "17".repeat(24))] {
        let mut command = trial.launch()?.command()?;
        command.args(["--notifier", &notifier]);
        let mut process = Process::start(command)?;
        let expected = "a refusal to start with a notifier of id zero";
        if let Some(line) = process.line().await? {
            return Err(fail(expected, line));
        }
        let status = process.ended(PROCESS_PATIENCE).await?;
        let code = status.and_then(|status| status.code());
        let refused = code.is_some_and(|code| code != 0) && !process.complaints().is_empty();
        require(refused, expected, format!("exit code {code:?}: {}", process.complaints()))?;
    }
    Ok(())
}
