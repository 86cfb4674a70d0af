//! The commands that judge, and their options.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::values::{jobs, key, patience, rounds, time, url};
use super::{Format, Selection, Telling, Voice};
use crate::live::seed::Seed;

/// Seconds that a client may take for what it must do: on loopback, on machines that are busy with
/// other things too.
pub(crate) const PATIENCE: u64 = 8;

/// How long one answer of an adapter may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// How to run live cases.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Run {
    /// Which.
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Replay the run that printed this seed.
    #[arg(long, value_name = "HEX")]
    pub(crate) seed: Option<Seed>,
    /// What is said of it.
    #[command(flatten)]
    pub(crate) telling: Telling,
}

/// The relay to judge.
#[derive(Args, Debug)]
pub(crate) struct Relay {
    /// Where it listens: ws://HOST:PORT/PATH.
    #[arg(long, value_parser = url)]
    pub(crate) url: String,
    /// Its X25519 public key, 64 hex digits.
    #[arg(long, value_name = "HEX", value_parser = key)]
    pub(crate) x25519: [u8; 32],
    /// Its Ed25519 public key, 64 hex digits.
    #[arg(long, value_name = "HEX", value_parser = key)]
    pub(crate) ed25519: [u8; 32],
    /// X25519 seed of the notifier that its operator configured: lets the judge play it.
    #[arg(long, value_name = "HEX", value_parser = key)]
    pub(crate) notifier_seed: Option<[u8; 32]>,
    /// A file that it writes: searched for what its clients entrusted to it. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Vec<PathBuf>,
    /// Run the cases too that wait for timers of up to a minute.
    #[arg(long)]
    pub(crate) slow: bool,
    /// Run each case so often: one that passes and fails is flaky.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = rounds())]
    pub(crate) repeat: u32,
    /// The rest.
    #[command(flatten)]
    pub(crate) run: Run,
}

/// The client to judge.
#[derive(Args, Debug)]
pub(crate) struct Client {
    /// Run the cases too that wait for timers of up to a minute: four minutes in all.
    #[arg(long)]
    pub(crate) slow: bool,
    /// How many seconds the client may take for what it must do, its own waits aside.
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE, value_parser = patience())]
    pub(crate) patience: u64,
    /// How many cases, each with a process of its own, are under way at a time.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = jobs)]
    pub(crate) jobs: usize,
    /// Run each case so often: one that passes and fails is flaky.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = rounds())]
    pub(crate) repeat: u32,
    /// The rest.
    #[command(flatten)]
    pub(crate) run: Run,
    /// The command that starts it, and its arguments.
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

/// The implementation to judge.
#[derive(Args, Clone, Debug)]
pub(crate) struct Adapter {
    /// Judge the lines only: hello, canaries, and one case of each kind of each operation.
    #[arg(long, conflicts_with_all = ["only", "level", "format", "report", "name", "known", "fix", "quiet", "verbose"])]
    pub(crate) check: bool,
    /// How long one answer may take: 10s, 500ms.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub(crate) timeout: Duration,
    /// Tell the adapter the id of each case.
    #[arg(long)]
    pub(crate) show_cases: bool,
    /// Which cases.
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// What is said of them.
    #[command(flatten)]
    pub(crate) telling: Telling,
    /// The adapter and its arguments.
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

/// Which twins to try, and with what.
#[derive(Args, Debug)]
pub(crate) struct Twins {
    /// Only the twins whose name or clause contains this, or matches it if it holds a `*`.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) only: Option<String>,
    /// Try every twin with every case of its kind, not with those of its clause alone.
    #[arg(long)]
    pub(crate) full: bool,
    /// Replay the run with this seed.
    #[arg(long, value_name = "HEX")]
    pub(crate) seed: Option<Seed>,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Bring the lock of the kill matrix up to date: which cases catch the twins that are tried.
    #[arg(long, value_name = "FILE", num_args = 0..=1,
          default_missing_value = "conformance/twins.lock")]
    pub(crate) lock: Option<PathBuf>,
    /// How loud.
    #[command(flatten)]
    pub(crate) voice: Voice,
}
