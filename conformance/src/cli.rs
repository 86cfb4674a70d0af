//! The command line, and the exit codes that are a contract.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::{RangedI64ValueParser, RangedU64ValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};

use crate::cases;
use crate::catalogue::{Release, lock};
use crate::live::runner::WIDTH;
use crate::live::seed::Seed;
use crate::live::upgrade::Address;

/// How a run ended, as the process says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Everything that ran conforms.
    Conforms = 0,
    /// Something does not.
    Fails = 1,
    /// The command line cannot be used.
    Usage = 2,
    /// The suite could not judge.
    Broken = 3,
    /// No case ran.
    NothingRan = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

const EXIT_CODES: &str = "Exit codes:
  0  what ran conforms
  1  something does not conform
  2  the command line cannot be used
  3  the suite itself could not judge
  4  nothing ran";

/// Seconds that a client may take for what it must do: on loopback, on machines that are busy with
/// other things too.
pub(crate) const PATIENCE: u64 = 8;

/// How long one answer of an adapter may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// Judges implementations of the Sealwire protocol.
#[derive(Debug, Parser)]
#[command(name = "sealwire", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// Without a command: check.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge everything here: the vectors, the reference relay, the reference client.
    #[command(after_help = EXIT_CODES)]
    Check(Run),
    /// Write the vector files, or compare them with what the model writes.
    #[command(after_help = EXIT_CODES)]
    Vectors(Vectors),
    /// List the cases: id, how it runs, what it does.
    #[command(after_help = EXIT_CODES)]
    List(List),
    /// Explain a case or a clause: what it asks and why, the bytes field by field, usual mistakes.
    #[command(after_help = EXIT_CODES)]
    Explain(Explain),
    /// Read the specification: as pages for a browser, or a chapter of it as text.
    #[command(after_help = EXIT_CODES)]
    Spec(crate::book::Spec),
    /// Judge a relay that is already running.
    #[command(after_help = EXIT_CODES)]
    Relay(Relay),
    /// Judge a client in any language: a command that keeps the contract of spec/testing.md.
    #[command(after_help = EXIT_CODES)]
    Client(Client),
    /// Judge an implementation in any language: a command that speaks the adapter protocol.
    #[command(after_help = EXIT_CODES)]
    Adapter(Adapter),
    /// Try the suite on implementations with one fault each, all of which it must catch.
    #[command(after_help = EXIT_CODES)]
    Twins(Twins),
    /// Run the reference relay.
    #[command(name = crate::live::process::REFERENCE_RELAY, hide = true, disable_help_flag = true)]
    ReferenceRelay(Passed),
    /// Run the reference client.
    #[command(name = crate::live::process::REFERENCE_CLIENT, hide = true, disable_help_flag = true)]
    ReferenceClient(Passed),
    /// Run the relay twin.
    #[command(name = crate::live::process::TWIN_RELAY, hide = true)]
    TwinRelay(crate::twins::relay::Arguments),
    /// Run the client twin.
    #[command(name = crate::live::process::TWIN_CLIENT, hide = true)]
    TwinClient(crate::twins::client::Arguments),
}

/// How to run live cases.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Run {
    /// Only the cases whose id contains this, or matches it if it holds a `*`.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) only: Option<String>,
    /// Only the cases that this release of the suite counted.
    #[arg(long, value_name = "RELEASE", value_parser = Release::level)]
    pub(crate) level: Option<Release>,
    /// Replay the run that printed this seed.
    #[arg(long, value_name = "HEX")]
    pub(crate) seed: Option<Seed>,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

impl Run {
    /// Whether the command line takes the case with this id.
    pub(crate) fn takes(&self, id: &str) -> bool {
        takes(self.only.as_deref(), self.level, id)
    }
}

/// The form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON document on stdout.
    Json,
}

/// What to do with the vector files.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct Vectors {
    /// Write them anew into the folder that holds schema.json.
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = "vectors")]
    pub(crate) write: Option<PathBuf>,
    /// Compare byte for byte, validate, and open every case.
    #[arg(long)]
    pub(crate) check: bool,
}

/// What to list.
#[derive(Args, Debug)]
pub(crate) struct List {
    /// Only the cases whose id contains this, or matches it if it holds a `*`.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) only: Option<String>,
    /// The form of the list.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Instead, bring the lock of the case ids up to date: new cases come staged.
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with_all = ["only", "format"],
          default_missing_value = "conformance/cases.lock")]
    pub(crate) lock: Option<PathBuf>,
}

/// What to explain.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The id of a case, frame/mask-0003, or of a clause, frame/mask.
    pub(crate) id: String,
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
    #[arg(long, conflicts_with_all = ["only", "level", "format"])]
    pub(crate) check: bool,
    /// How long one answer may take: 10s, 500ms.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub(crate) timeout: Duration,
    /// Tell the adapter the id of each case.
    #[arg(long)]
    pub(crate) show_cases: bool,
    /// Only the cases whose id contains this, or matches it if it holds a `*`.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) only: Option<String>,
    /// Only the cases that this release of the suite counted.
    #[arg(long, value_name = "RELEASE", value_parser = Release::level)]
    pub(crate) level: Option<Release>,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// The adapter and its arguments.
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

impl Adapter {
    /// Whether the command line takes the case with this id.
    pub(crate) fn takes(&self, id: &str) -> bool {
        takes(self.only.as_deref(), self.level, id)
    }
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
}

/// Arguments that are handed on.
#[derive(Args, Debug)]
pub(crate) struct Passed {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<OsString>,
}

/// From once to a thousand times.
fn rounds() -> RangedI64ValueParser<u32> {
    value_parser!(u32).range(1..=1_000)
}

/// From one to sixteen.
fn jobs(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=WIDTH).contains(number));
    number.ok_or_else(|| format!("not a number from 1 to {WIDTH}"))
}

/// From a second to a minute.
fn patience() -> RangedU64ValueParser {
    value_parser!(u64).range(1..=60)
}

/// An address that the judge can dial.
fn url(text: &str) -> Result<String, String> {
    Address::parse(text).map(|_| text.to_owned())
}

/// 64 hex digits.
fn key(text: &str) -> Result<[u8; 32], String> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| "not 64 hex digits".to_owned())?;
    Ok(bytes)
}

/// A positive number of seconds or milliseconds: `10s`, `500ms`.
fn time(text: &str) -> Result<Duration, String> {
    let number = |digits: &str| digits.parse().ok().filter(|number| *number > 0);
    let milliseconds = text.strip_suffix("ms").and_then(number).map(Duration::from_millis);
    let seconds = || text.strip_suffix('s').and_then(number).map(Duration::from_secs);
    milliseconds.or_else(seconds).ok_or_else(|| "not a time like 10s or 500ms".to_owned())
}

/// Whether both `--only` and `--level` take this id.
fn takes(only: Option<&str>, level: Option<Release>, id: &str) -> bool {
    selects(only, id) && level.is_none_or(|level| lock::is_of_level(level, id))
}

/// Whether `--only` takes this id: part of it, or all of it if the pattern holds a `*` or is itself
/// the id of a live case.
pub(crate) fn selects(pattern: Option<&str>, id: &str) -> bool {
    let Some(pattern) = pattern else { return true };
    match pattern.split_once('*') {
        None => id == pattern || (id.contains(pattern) && !cases::exists(pattern)),
        Some((start, rest)) => id.strip_prefix(start).is_some_and(|id| ends_with_glob(rest, id)),
    }
}

/// Whether `id` ends with `glob`, something before it permitted.
fn ends_with_glob(glob: &str, id: &str) -> bool {
    match glob.split_once('*') {
        None => id.ends_with(glob),
        Some((piece, rest)) => {
            id.find(piece).is_some_and(|at| ends_with_glob(rest, &id[at + piece.len()..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn patterns_are_parts_or_globs() {
        let id = "frame/too-long.announced";
        for pattern in [None, Some("too-long"), Some(id), Some("frame/*"), Some("*announced")] {
            assert!(selects(pattern, id), "{pattern:?}");
        }
        for pattern in ["handshake", "too-long*", "frame/*x", "*/*.bytes"] {
            assert!(!selects(Some(pattern), id), "{pattern}");
        }
        assert!(selects(Some("*/*.ann*"), id));
    }

    #[test]
    fn the_id_of_a_case_takes_it_alone() {
        let (id, longer) =
            ("handshake/client-key.low-order", "handshake/client-key.low-order-high-bit");
        assert!(cases::exists(id) && cases::exists(longer));
        assert!(selects(Some(id), id) && !selects(Some(id), longer));
        assert!(selects(Some("low-order"), longer));
    }

    #[test]
    fn a_client_is_a_command_behind_two_dashes() {
        let line = ["sealwire", "client", "--slow", "--", "node", "client.js", "--slow"];
        match Cli::try_parse_from(line).expect("parses").command {
            Some(Command::Client(client)) => assert_eq!(client.command, line[4..]),
            other => panic!("{other:?}"),
        }
        for line in [&line[..2], &["sealwire", "client", "node"], &["sealwire", "client", "--"]] {
            assert!(Cli::try_parse_from(line).is_err(), "{line:?}");
        }
    }

    #[test]
    fn a_time_has_a_unit_and_is_not_nothing() {
        assert_eq!(time("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        for wrong in ["10", "0s", "-1s", "s", "1.5s", ""] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn everything_after_a_hidden_subcommand_is_handed_on() {
        let line = ["sealwire", "reference-relay", "--listen", "127.0.0.1:0", "--help"];
        match Cli::try_parse_from(line).expect("parses").command {
            Some(Command::ReferenceRelay(passed)) => assert_eq!(passed.arguments, line[2..]),
            other => panic!("{other:?}"),
        }
    }
}
