//! The client under judgement: a command that keeps the contract of `spec/testing.md`.
//!
//! It is told where its relay is and who it is by the environment, what to do by JSON lines on
//! stdin, and says what happens by JSON lines on stdout. A line that is no event is a failure of
//! whatever case reads it.

use std::ffi::OsString;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::{Instant, timeout_at};

use crate::cli::PATIENCE;
use crate::model::identity::Public;

use super::host::Host;
use super::outcome::{Outcome, broken, fail, require};
use super::process::{LENIENT, Process, REFERENCE_CLIENT, TWIN_CLIENT};
use super::target::Person;
use super::waits::Waits;

/// How long a client may take to end after `quit`, or after a fatal error.
const END: Duration = Duration::from_secs(2);

/// The reference of every text that the client is told to send.
pub(crate) const REFERENCE: &str = "said";

/// The codes of an `error` that the contract asks for: alarms. Any other is a remark.
const ALARMS: [&str; 2] = ["id_in_use", "bad_version"];

/// How to start a client.
#[derive(Clone, Debug)]
pub(crate) struct Testee {
    program: OsString,
    arguments: Vec<OsString>,
    /// Whether it takes `--set` and so can be told to shorten its waits.
    settable: bool,
    /// How long it may take for what it must do, its own waits aside.
    pub(crate) patience: Duration,
}

impl Testee {
    /// The client that this command starts.
    pub(crate) fn of(program: OsString, arguments: Vec<OsString>, patience: Duration) -> Self {
        Self { program, arguments, settable: false, patience }
    }

    /// The reference client: this binary under its hidden subcommand.
    pub(crate) fn reference() -> Outcome<Self> {
        let program = std::env::current_exe().map_err(broken("cannot find this binary"))?;
        let patience = Duration::from_secs(PATIENCE);
        let arguments = [REFERENCE_CLIENT, "bridge"].map(OsString::from).to_vec();
        Ok(Self { settable: true, ..Self::of(program.into(), arguments, patience) })
    }

    /// The client twin with the fault of this name, or without one.
    pub(crate) fn twin(fault: Option<&str>) -> Outcome<Self> {
        let fault = fault.into_iter().flat_map(|name| ["--fault", name]);
        let arguments = [TWIN_CLIENT].into_iter().chain(fault).map(OsString::from).collect();
        Ok(Self { arguments, ..Self::reference()? })
    }

    /// The client twin with all that version 2 permits.
    pub(crate) fn lenient_twin() -> Outcome<Self> {
        let arguments = [TWIN_CLIENT, LENIENT].map(OsString::from).to_vec();
        Ok(Self { arguments, ..Self::reference()? })
    }

    /// The same with further arguments.
    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(OsString::from));
        self
    }

    /// The same, awaited as long as this.
    pub(crate) fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The waits it keeps if a case would have it keep `wanted`.
    pub(crate) fn waits(&self, wanted: Waits) -> Waits {
        if self.settable { wanted } else { Waits::SPECIFIED }
    }

    /// Starts it as `me`, a client of `host`, with waits that it can keep.
    pub(crate) fn start(&self, host: &Host, me: &Person, waits: &Waits) -> Outcome<Client> {
        self.start_at(&host.url, &host.relay.public, me, waits)
    }

    /// Starts it as `me`, a client of the relay with these keys, found at `url`.
    pub(crate) fn start_at(
        &self,
        url: &str,
        relay: &Public,
        me: &Person,
        waits: &Waits,
    ) -> Outcome<Client> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        for setting in waits.settings() {
            command.args(["--set", &setting]);
        }
        command
            .env("SEALWIRE_RELAY_URL", url)
            .env("SEALWIRE_RELAY_X25519", hex::encode(relay.x))
            .env("SEALWIRE_RELAY_ED25519", hex::encode(relay.ed))
            .env("SEALWIRE_X25519_SEED", hex::encode(me.keys.x_seed))
            .env("SEALWIRE_ED25519_SEED", hex::encode(me.keys.ed_seed));
        let (process, patience) = (Process::start(command)?, self.patience);
        Ok(Client { process, heard: 0, said: String::new(), remarks: Vec::new(), patience })
    }
}

/// A running client.
pub(crate) struct Client {
    process: Process,
    heard: u64,
    said: String,
    remarks: Vec<Value>,
    patience: Duration,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.process.kill_group();
    }
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

    /// Its next event, remarks aside; `awaited` says what should come.
    pub(crate) async fn event(&mut self, awaited: &str) -> Outcome<Value> {
        let deadline = Instant::now() + self.patience;
        loop {
            let Ok(line) = timeout_at(deadline, self.process.line()).await else {
                return Err(fail(awaited, format!("no such event for {:?}", self.patience)));
            };
            let Some(line) = line? else {
                return Err(fail(awaited, "the end of its stdout"));
            };
            self.heard += 1;
            self.said += &line;
            let event = read_event(&line, self.heard)?;
            if !is_remark(&event) {
                return Ok(event);
            }
            self.remarks.push(event);
        }
    }

    /// The remarks before the last event, since they were last asked for.
    pub(crate) fn remarks(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.remarks)
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

    /// Awaits its end, however long it takes.
    pub(crate) async fn gone(&mut self) -> Outcome {
        while self.process.ended(self.patience).await?.is_none() {}
        Ok(())
    }

    /// How it ended and what it complained about, if it has ended or does within `time`.
    pub(crate) async fn ended(&mut self, time: Duration) -> Outcome<Option<String>> {
        let status = self.process.ended(time).await?;
        Ok(status.map(|status| format!("{status}; {}", self.process.last_words())))
    }

    /// Awaits the end that follows a fatal error: by itself, with another exit code than 0, and no
    /// event before it.
    pub(crate) async fn stops(&mut self) -> Outcome {
        let status = self.process.ended(END).await?;
        let stopped = status.is_some_and(|status| status.code().is_some_and(|code| code != 0));
        let expected = "the end within 2 s of the fatal error, with an exit code that is not 0";
        require(stopped, expected, format!("{status:?}"))?;
        let rest = self.process.line().await?;
        require(rest.is_none(), "no event behind the fatal one", format!("{rest:?}"))
    }

    /// Everything it wrote: its events as far as they were read, and the last of its stderr.
    pub(crate) fn written(&self) -> Vec<u8> {
        format!("{}\n{}", self.said, self.process.complaints()).into_bytes()
    }

    /// Asks it to end and sees that it does.
    pub(crate) async fn quit(&mut self) -> Outcome {
        self.tell(&json!({ "cmd": "quit" })).await?;
        let status = self.process.ended(END).await?;
        let actual = match status {
            Some(status) => format!("{status}; {}", self.process.last_words()),
            None => format!("it goes on; {}", self.process.last_words()),
        };
        let ended = status.is_some_and(|status| status.success());
        require(ended, "the end, with exit code 0, within 2 s of `quit`", actual)
    }
}

/// Whether the suite passes over this event wherever it stands: the answer to `contact`, and an
/// `error` that neither ends the client nor is an alarm.
fn is_remark(event: &Value) -> bool {
    match event["event"].as_str() {
        Some("contact") => true,
        Some("error") => {
            let alarm = event["code"].as_str().is_none_or(|code| ALARMS.contains(&code));
            !alarm && event["fatal"] != true
        }
        _ => false,
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

    #[test]
    fn alarms_and_ends_are_no_remarks() {
        let remark = |line| is_remark(&serde_json::from_str(line).expect("JSON"));
        assert!(remark(r#"{"event":"contact"}"#));
        assert!(remark(r#"{"event":"error","code":"disconnected","retry_ms":7}"#));
        assert!(remark(r#"{"event":"error","code":"disconnected","fatal":false}"#));
        assert!(!remark(r#"{"event":"error","code":"disconnected","fatal":true}"#));
        assert!(!remark(r#"{"event":"error","code":"id_in_use"}"#));
        assert!(!remark(r#"{"event":"error"}"#));
        assert!(!remark(r#"{"event":"message"}"#));
    }
}
