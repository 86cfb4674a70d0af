//! `sealwire isolation`: what one client does to others through a relay. Each row is a fault; third
//! parties talk without it and with it, in windows that alternate, and nothing of theirs may be
//! lost or be late.

pub(crate) mod company;
pub(crate) mod faults;
pub(crate) mod judgement;
mod run;
pub(crate) mod scene;

use crate::{
    Failure, Format,
    machine::{Process, raise_open_files},
    party::{Relay, RelayProcess},
};
use clap::Args;
use faults::{Need, ROWS, Row};
use judgement::Outcome;
use run::{Pace, judge};
use scene::Scale;
use serde::Serialize;
use std::{
    ffi::OsString,
    io::{IsTerminal, Write},
    time::Duration,
};

/// Descriptors of a relay that is to run out of them: enough for the company and not much more.
const FEW_DESCRIPTORS: usize = 128;

/// Which relay, which faults, how long.
#[derive(Args, Clone, Debug)]
pub struct Isolation {
    /// A relay that is already running: ws://HOST:PORT/PATH. Without it, one is started for each row.
    #[arg(long, requires_all = ["x25519", "ed25519"], conflicts_with = "command")]
    url: Option<String>,
    /// Its X25519 public key, 64 hex digits.
    #[arg(long, value_name = "HEX", requires = "url")]
    x25519: Option<String>,
    /// Its Ed25519 public key, 64 hex digits.
    #[arg(long, value_name = "HEX", requires = "url")]
    ed25519: Option<String>,
    /// Its process, if it runs on this machine: lets its memory be judged.
    #[arg(long, requires = "url")]
    pid: Option<u32>,
    /// Only the rows whose name contains this.
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
    /// Minutes instead of seconds: longer windows, 9,900 silent sockets, 64 MiB of bulk, the
    /// relay's own deadlines.
    #[arg(long)]
    long: bool,
    /// Judge too that p99 grows by at most 1.2 times while a fault goes on that costs no CPU.
    #[arg(long)]
    strict: bool,
    /// Name the rows, and end.
    #[arg(long)]
    list: bool,
    /// The form of the result.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The command that starts the relay and says on its first line where it listens, as the
    /// reference relay does. Without it, the reference relay.
    #[arg(last = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Commands that start what this crate does not hold, or holds and needs as a process of its own.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The reference relay.
    pub relay: Vec<OsString>,
    /// `sealwire faultproxy`.
    pub faultproxy: Vec<OsString>,
}

impl Programs {
    /// The command that was given; if none was, the reference relay's with these limits.
    pub(crate) fn command(&self, given: &[OsString], limits: &[&str]) -> Vec<OsString> {
        if !given.is_empty() {
            return given.to_vec();
        }
        let set = limits.iter().flat_map(|limit| ["--set".into(), limit.into()]);
        self.relay.iter().cloned().chain(set).collect()
    }
}

/// All of it, for programs.
#[derive(Serialize)]
struct Matrix {
    holds: bool,
    rows: Vec<Outcome>,
}

/// Judges row after row. A row that does not hold does not stop the others.
///
/// # Errors
/// The rows that do not hold; a relay that cannot be started or reached.
pub fn isolation(options: &Isolation, programs: &Programs) -> Result<(), Failure> {
    let rows = options.rows()?;
    if options.list {
        let line = |row: &&Row| format!("{:<18}{}\n", row.name, row.does);
        say(&rows.iter().map(line).collect::<String>());
        return Ok(());
    }
    options.pid.map(Process::find).transpose()?;
    let pace = if options.long { Pace::LONG } else { Pace::SHORT };
    raise_open_files(pace.scale.sockets + 1_000)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Broken(error.to_string()))?;
    runtime.block_on(options.matrix(&rows, pace, programs))
}

impl Isolation {
    fn rows(&self) -> Result<Vec<&'static Row>, Failure> {
        let asked = |row: &&Row| self.only.as_deref().is_none_or(|part| row.name.contains(part));
        // A relay that somebody else has started has the descriptors that it has.
        let can = |row: &&Row| self.url.is_none() || row.need != Need::Descriptors;
        let rows: Vec<_> = ROWS.iter().filter(asked).filter(can).collect();
        if rows.is_empty() {
            let only = self.only.as_deref().unwrap_or_default();
            return Err(Failure::Usage(format!("--only {only}: no such row; --list names all")));
        }
        Ok(rows)
    }

    async fn matrix(&self, rows: &[&Row], pace: Pace, programs: &Programs) -> Result<(), Failure> {
        let text = self.format == Format::Text;
        let mut outcomes: Vec<Outcome> = Vec::new();
        if text {
            say(&Outcome::head());
        }
        for (number, row) in rows.iter().enumerate() {
            progress(&format!("{} of {}: {}", number + 1, rows.len(), row.name));
            let mut outcome = match self.row(row, pace, programs).await {
                Err(Failure::Fails(why) | Failure::Broken(why)) if number > 0 => {
                    Outcome::fails(row.name, Failure::Fails(why))
                }
                outcome => outcome?,
            };
            outcome.judge(row.cost, self.strict);
            progress("");
            if text {
                say(&outcome.to_string());
            }
            outcomes.push(outcome);
        }
        let failed: Vec<_> =
            outcomes.iter().filter(|row| !row.holds()).map(|row| row.row).collect();
        if !text {
            let matrix = Matrix { holds: failed.is_empty(), rows: outcomes };
            let json = serde_json::to_string_pretty(&matrix);
            say(&format!("{}\n", json.map_err(|error| Failure::Broken(error.to_string()))?));
        }
        if failed.is_empty() {
            return Ok(());
        }
        Err(Failure::Fails(format!("third parties are not safe from {}", failed.join(", "))))
    }

    /// Against the relay that is named, or against one of its own.
    async fn row(&self, row: &Row, pace: Pace, programs: &Programs) -> Result<Outcome, Failure> {
        let proxy = programs.faultproxy.clone();
        let mut pace = pace;
        if self.url.is_some() || !self.command.is_empty() {
            // Of another's relay nothing is known but what the protocol says.
            pace.scale.deadline = Pace::LONG.scale.deadline;
        }
        if let (Some(url), Some(x25519), Some(ed25519)) = (&self.url, &self.x25519, &self.ed25519) {
            let mut relay = Relay::find(url, x25519, ed25519)?;
            relay.pid = self.pid;
            return judge(row, relay, None, proxy, pace).await;
        }
        let mut command = programs.command(&self.command, pace.settings);
        if row.need == Need::Descriptors {
            let few = format!("ulimit -n {FEW_DESCRIPTORS}; exec \"$@\"");
            command.splice(0..0, ["sh".into(), "-c".into(), few.into(), "sh".into()]);
        }
        let process = RelayProcess::start(&command).await?;
        judge(row, process.relay.clone(), Some(process), proxy, pace).await
    }
}

/// On stdout. A reader that goes away early is no fault.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// What is being done, for who watches a terminal.
pub(crate) fn progress(what: &str) {
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() {
        let _ = write!(terminal, "\r\x1b[K{what}").and_then(|()| terminal.flush());
    }
}

impl Pace {
    const SHORT: Self = Self {
        windows: 3,
        window: Duration::from_millis(800),
        memory: Duration::from_secs(8),
        scale: Scale { sockets: 2_000, bulk: 256, deadline: Duration::from_secs(2) },
        settings: &["hello.deadline=2s"],
    };
    const LONG: Self = Self {
        windows: 7,
        window: Duration::from_secs(3),
        memory: Duration::from_secs(75),
        scale: Scale { sockets: 9_900, bulk: 2_048, deadline: Duration::from_secs(10) },
        settings: &[],
    };
}
