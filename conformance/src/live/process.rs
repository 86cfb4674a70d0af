//! Processes: reference relay and client are this binary again, under a hidden subcommand.
//!
//! They are ended by their id, when their handle is dropped; and by the kernel, when the judge dies
//! first (`main` asks for that in the child).

use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::model::identity::Public;

use super::outcome::{Outcome, Stop, broken};
use super::target::{Target, Timers};
use super::upgrade::Address;

/// The hidden subcommand that runs the reference relay.
pub(crate) const REFERENCE_RELAY: &str = "reference-relay";
/// The hidden subcommand that runs the reference client.
pub(crate) const REFERENCE_CLIENT: &str = "reference-client";
/// The hidden subcommand that runs the relay twin.
pub(crate) const TWIN_RELAY: &str = "twin-relay";
/// The hidden subcommand that runs the client twin.
pub(crate) const TWIN_CLIENT: &str = "twin-client";

/// What makes a twin a lenient one.
pub(crate) const LENIENT: &str = "--lenient";

/// How long a process may take to say its first line, and to end when it is asked to.
pub(crate) const PROCESS_PATIENCE: Duration = Duration::from_secs(10);
/// Patience with a relay on loopback, on machines that are busy with other things too.
const LOOPBACK_PATIENCE: Duration = Duration::from_secs(8);
/// The longest line that is taken from a child: several times what any of them has to say.
const LINE_MAX: usize = 16 << 20;
/// How much of what a process complains about is kept.
const STDERR_KEPT: usize = 1 << 20;
/// How many lines of that a report shows, and how much of each.
const LAST_LINES: usize = 4;
const LINE_SHOWN: usize = 160;

/// A child with its lines.
pub(crate) struct Process {
    child: Child,
    /// What it is told, line by line.
    pub(crate) stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    /// The line that is being read; it outlives a reader that lost patience.
    partial: Vec<u8>,
    stderr: Arc<Mutex<Vec<u8>>>,
    listener: JoinHandle<()>,
}

impl Process {
    /// Starts `program` with these arguments and variables added to the environment.
    ///
    /// It leads a group of its own. So whoever is started through a shell or a launcher ends with
    /// that; and who interrupts the judge from a terminal, which signals a group, ends no relay,
    /// whose end would look like a crash.
    pub(crate) fn start(program: Command) -> Outcome<Self> {
        let mut program = program;
        program.process_group(0);
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.kill_on_drop(true).spawn().map_err(broken("cannot start"))?;
        let missing = || Stop::Broken("a child without its pipes".to_owned());
        let stdout = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        let mut complaints = child.stderr.take().ok_or_else(missing)?;
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&stderr);
        let listener = tokio::spawn(async move {
            let mut piece = [0; 1024];
            while let Ok(n @ 1..) = complaints.read(&mut piece).await {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&piece[..n]);
                let surplus = kept.len().saturating_sub(STDERR_KEPT);
                kept.drain(..surplus);
            }
        });
        let (stdin, partial) = (child.stdin.take(), Vec::new());
        Ok(Self { child, stdin, stdout, partial, stderr, listener })
    }

    /// The next line of its stdout; `None` at its end.
    pub(crate) async fn line(&mut self) -> Outcome<Option<String>> {
        let room = u64::try_from(LINE_MAX.saturating_sub(self.partial.len())).unwrap_or(0);
        let mut bounded = (&mut self.stdout).take(room);
        let reading = bounded.read_until(b'\n', &mut self.partial).await;
        reading.map_err(broken("cannot read a child's stdout"))?;
        let mut line = std::mem::take(&mut self.partial);
        match line.pop_if(|last| *last == b'\n') {
            None if line.is_empty() => return Ok(None),
            None if line.len() >= LINE_MAX => {
                return Err(Stop::Broken(format!("a line on stdout has over {LINE_MAX} bytes")));
            }
            _ => {}
        }
        line.pop_if(|last| *last == b'\r');
        let not_text = |_| Stop::Broken("a line on stdout is not UTF-8".to_owned());
        String::from_utf8(line).map(Some).map_err(not_text)
    }

    /// The last of what it said on stderr.
    pub(crate) fn complaints(&self) -> String {
        let kept = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept).trim().to_owned()
    }

    /// The last lines of that, on one line, short enough for a report.
    pub(crate) fn last_words(&self) -> String {
        let complaints = self.complaints();
        let lines: Vec<&str> = complaints.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        let shortened = last.iter().map(|line| line.chars().take(LINE_SHOWN).collect::<String>());
        format!("stderr: {:?}", shortened.collect::<Vec<_>>().join(" | "))
    }

    /// Kills it, if it still runs, with whatever it has started.
    pub(crate) fn kill_group(&self) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = id.and_then(rustix::process::Pid::from_raw) {
            // It may have ended in between.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }

    /// Asks it to end in the ordinary way.
    pub(crate) fn terminate(&self) -> Outcome {
        let gone = || Stop::Broken("the process to end is gone already".to_owned());
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        let id = id.and_then(rustix::process::Pid::from_raw).ok_or_else(gone)?;
        rustix::process::kill_process(id, rustix::process::Signal::TERM).map_err(|_| gone())
    }

    /// How it ended, if it does within `time`; all that it complained about is then here.
    pub(crate) async fn ended(&mut self, time: Duration) -> Outcome<Option<ExitStatus>> {
        let Ok(status) = timeout(time, self.child.wait()).await else { return Ok(None) };
        if !self.listener.is_finished() {
            // A grandchild may hold the pipe open; it is not waited for longer than the child.
            let _ = timeout(time, &mut self.listener).await;
        }
        status.map(Some).map_err(broken("cannot wait for a child"))
    }
}

/// How to start a relay of the judge's own: a hidden subcommand of this binary and what it takes.
#[derive(Clone, Debug)]
pub(crate) struct Launch(Vec<String>);

impl Launch {
    /// The reference relay.
    pub(crate) fn reference() -> Self {
        Self(vec![REFERENCE_RELAY.to_owned()])
    }

    /// The relay twin with the fault of this name, or without one.
    pub(crate) fn twin(fault: Option<&str>) -> Self {
        let fault = fault.into_iter().flat_map(|name| ["--fault", name]);
        Self([TWIN_RELAY].into_iter().chain(fault).map(str::to_owned).collect())
    }

    /// The relay twin with all that version 2 permits.
    pub(crate) fn lenient_twin() -> Self {
        Self([TWIN_RELAY, LENIENT].map(str::to_owned).to_vec())
    }

    /// The command that starts it on a free port of loopback.
    pub(crate) fn command(&self) -> Outcome<Command> {
        let binary = std::env::current_exe().map_err(broken("cannot find this binary"))?;
        let mut command = Command::new(binary);
        command.args(&self.0).args(["--listen", "127.0.0.1:0"]);
        Ok(command)
    }
}

/// A relay of the judge's own.
pub(crate) struct RelayProcess(pub(crate) Process);

/// The first line of a relay.
#[derive(Deserialize)]
struct Listening {
    listening: String,
    x25519: String,
    ed25519: String,
}

impl RelayProcess {
    /// Starts one on a free port of loopback and waits until it accepts.
    pub(crate) async fn start(launch: &Launch, arguments: &[&str]) -> Outcome<(Self, Target)> {
        let mut command = launch.command()?;
        command.args(arguments);
        let mut process = Process::start(command)?;
        let line = match timeout(PROCESS_PATIENCE, process.line()).await {
            Ok(line) => line?,
            Err(_) => None,
        };
        let listening = line.as_deref().and_then(|line| serde_json::from_str(line).ok());
        let Some(Listening { listening, x25519, ed25519 }) = listening else {
            let complaints = process.complaints();
            return Err(Stop::Broken(format!("no relay: {line:?}; {complaints}")));
        };
        let target = Target {
            address: Address::parse(&listening).map_err(Stop::Broken)?,
            relay: Public { x: key(&x25519)?, ed: key(&ed25519)? },
            notifier: None,
            timers: Timers::DEFAULT,
            logs: Vec::new(),
            patience: LOOPBACK_PATIENCE,
            launch: Some(launch.clone()),
        };
        Ok((Self(process), target))
    }
}

/// 64 hex digits.
fn key(text: &str) -> Outcome<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes)
        .map_err(|error| Stop::Broken(format!("a relay named the key {text:?}: {error}")))?;
    Ok(bytes)
}
