//! The client under judgement: a command that keeps the contract of the bridge.
//!
//! It is told where its relay is and who it is by the environment, what to do by JSON lines on
//! stdin, and says what happens by JSON lines on stdout. A line that is no event is a failure of
//! whatever case reads it.

use std::ffi::OsString;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use super::host::Host;
use super::outcome::{Outcome, broken, fail, require};
use super::process::{Process, REFERENCE_CLIENT};
use super::target::Person;

/// How long a client on loopback may take for what it must do, on machines that are busy with other
/// things too.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a client may take to end after `quit`.
const QUIT: Duration = Duration::from_secs(2);

/// The reference of every text that the client is told to send.
pub(crate) const REFERENCE: &str = "said";

/// How to start a client.
#[derive(Clone, Debug)]
pub(crate) struct Testee {
    program: OsString,
    arguments: Vec<OsString>,
    /// How long it may take for what it must do, its own waits aside.
    pub(crate) patience: Duration,
}

impl Testee {
    /// The client that this command starts.
    pub(crate) fn of(program: OsString, arguments: Vec<OsString>) -> Self {
        Self { program, arguments, patience: PATIENCE }
    }

    /// The reference client: this binary under its hidden subcommand.
    pub(crate) fn reference() -> Outcome<Self> {
        let program = std::env::current_exe().map_err(broken("cannot find this binary"))?;
        Ok(Self::of(program.into(), [REFERENCE_CLIENT, "bridge"].map(OsString::from).to_vec()))
    }

    /// Starts it as `me`, a client of `host`, with `settings` of the reference client.
    pub(crate) fn start(&self, host: &Host, me: &Person, settings: &[&str]) -> Outcome<Client> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        for setting in settings {
            command.args(["--set", setting]);
        }
        command
            .env("SEALWIRE_RELAY_URL", &host.url)
            .env("SEALWIRE_RELAY_X25519", hex::encode(host.relay.public.x))
            .env("SEALWIRE_RELAY_ED25519", hex::encode(host.relay.public.ed))
            .env("SEALWIRE_X25519_SEED", hex::encode(me.keys.x_seed))
            .env("SEALWIRE_ED25519_SEED", hex::encode(me.keys.ed_seed));
        Ok(Client { process: Process::start(command)?, heard: 0, patience: self.patience })
    }
}

/// A running client.
pub(crate) struct Client {
    process: Process,
    heard: u64,
    patience: Duration,
}

impl Client {
    /// Gives it one command.
    pub(crate) async fn tell(&mut self, command: &Value) -> Outcome {
        let line = format!("{command}\n");
        let written = match &mut self.process.stdin {
            Some(stdin) => stdin.write_all(line.as_bytes()).await,
            None => Ok(()),
        };
        written.map_err(|error| fail("a client that reads its stdin", error.to_string()))
    }

    /// Tells it to send `text` to a contact, under the reference [`REFERENCE`].
    pub(crate) async fn send(&mut self, to: &Person, text: &str) -> Outcome {
        let peer = hex::encode(to.public.x);
        self.tell(&json!({ "cmd": "send", "peer": peer, "text": text, "ref": REFERENCE })).await
    }

    /// Tells it to watch somebody.
    pub(crate) async fn subscribe(&mut self, to: &Person) -> Outcome {
        self.tell(&json!({ "cmd": "subscribe", "peers": [hex::encode(to.public.x)] })).await
    }

    /// Its next event; `awaited` says what should come.
    pub(crate) async fn event(&mut self, awaited: &str) -> Outcome<Value> {
        let Ok(line) = timeout(self.patience, self.process.line()).await else {
            return Err(fail(awaited, format!("no event for {:?}", self.patience)));
        };
        let Some(line) = line? else {
            return Err(fail(awaited, "the end of its stdout"));
        };
        self.heard += 1;
        read_event(&line, self.heard)
    }

    /// The event of this name that must come next.
    pub(crate) async fn event_named(&mut self, name: &str, awaited: &str) -> Outcome<Value> {
        let event = self.event(awaited).await?;
        require(event["event"] == name, format!("{awaited}: `{name}`"), event.to_string())?;
        Ok(event)
    }

    /// The `error` event with this code that must come next.
    pub(crate) async fn error(&mut self, code: &str, awaited: &str) -> Outcome<Value> {
        let event = self.event_named("error", awaited).await?;
        require(event["code"] == code, format!("{awaited}: code `{code}`"), event.to_string())?;
        Ok(event)
    }

    /// How it ended and what it complained about, if it has ended or does within `time`.
    pub(crate) async fn ended(&mut self, time: Duration) -> Outcome<Option<String>> {
        let status = self.process.ended(time).await?;
        Ok(status.map(|status| format!("{status}; stderr: {:?}", self.process.complaints())))
    }

    /// Awaits the end that follows a fatal error: exit code 3, by itself, and no event before it.
    pub(crate) async fn stops(&mut self) -> Outcome {
        let status = self.process.ended(self.patience).await?;
        let code = status.and_then(|status| status.code());
        require(code == Some(3), "a stop with exit code 3", format!("{status:?}"))?;
        let rest = self.process.line().await?;
        require(rest.is_none(), "no event behind the fatal one", format!("{rest:?}"))
    }

    /// Asks it to end and sees that it does.
    pub(crate) async fn quit(&mut self) -> Outcome {
        self.tell(&json!({ "cmd": "quit" })).await?;
        let status = self.process.ended(QUIT).await?;
        let actual = format!("{status:?}; stderr: {:?}", self.process.complaints());
        let ended = status.is_some_and(|status| status.success());
        require(ended, "the end, with exit code 0, within 2 s of `quit`", actual)
    }
}

/// One line as an event: JSON, numbered without gaps, and nothing in it that breaks lines.
fn read_event(line: &str, number: u64) -> Outcome<Value> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let unbroken = "an event is one line, whatever its reader takes for the end of a line";
    require(!line.contains(breaks), unbroken, format!("{line:?}"))?;
    let event: Value = serde_json::from_str(line)
        .map_err(|error| fail("events in JSON, one a line", format!("{error}: {line:?}")))?;
    require(event["seq"] == number, format!("seq {number}"), line)?;
    Ok(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_numbered_json_on_one_line() {
        assert!(read_event(r#"{"seq":2,"event":"ready"}"#, 2).is_ok());
        assert!(read_event(r#"{"seq":3,"event":"ready"}"#, 2).is_err());
        assert!(read_event(r#"{"event":"ready"}"#, 2).is_err());
        assert!(read_event("ready", 1).is_err());
        assert!(read_event(r#"{"seq":1,"text":"a\u2028b"}"#, 1).is_ok());
        for breaker in ['\u{2028}', '\u{2029}', '\u{85}', '\u{7f}', '\r'] {
            assert!(read_event(&format!(r#"{{"seq":1,"text":"{breaker}"}}"#), 1).is_err());
        }
    }
}
