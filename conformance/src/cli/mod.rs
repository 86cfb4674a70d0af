//! The command line, and the exit codes that are a contract.

mod complaints;
mod helps;
mod lookups;
mod runs;
mod storms;
mod telling;
mod values;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use sealwire_load::Failure;

use crate::catalogue::versions;

pub(crate) use complaints::{broken, complain, in_one_line, unusable};
pub(crate) use helps::{Completions, Man, completions, man};
pub(crate) use lookups::{Coverage, Explain, Format, List, Matrix, Schema, SchemaOf, Vectors};
pub(crate) use runs::{Adapter, Client, PATIENCE, Relay, Run, TIMEOUT, Twins};
pub(crate) use storms::{Corpus, CorpusFormat, Fuzz};
pub(crate) use telling::{Selection, Telling, Voice};
pub(crate) use values::selects;

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

/// How the press ended.
impl From<Result<(), Failure>> for Exit {
    fn from(done: Result<(), Failure>) -> Self {
        let (why, exit) = match done {
            Ok(()) => return Self::Conforms,
            Err(Failure::Fails(why)) => (why, Self::Fails),
            Err(Failure::Usage(why)) => (why, Self::Usage),
            Err(Failure::Broken(why)) => (why, Self::Broken),
        };
        complain(&why);
        exit
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What stands below the options of a command: examples, and what its exit codes mean.
macro_rules! below {
    ($($example:literal)*) => {
        concat!(
            "Examples:\n", $("  ", $example, "\n",)* "\n",
            "Exit codes: 0 what ran conforms, 1 something does not, 2 the command line cannot be used, ",
            "3 the suite could not judge, 4 nothing ran"
        )
    };
}

/// Judges implementations of the Sealwire protocol.
#[derive(Debug, Parser)]
#[command(name = "sealwire", version, long_version = versions(), 
          after_help = below!(
    "sealwire                                    judge the references: does the suite work here?"
    "sealwire relay --url ws://127.0.0.1:8080/ws --x25519 HEX --ed25519 HEX"
    "sealwire client -- node my-client.js"
    "sealwire adapter -- python3 my-adapter.py"
    "sealwire explain frame/too-long             what a clause asks, and what usually goes wrong"
))]
pub(crate) struct Cli {
    /// Without a command: check.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge everything here: the vectors, the reference relay, the reference client.
    #[command(after_help = below!("sealwire check" "sealwire check --only frame/mask" "sealwire check --report report.html --report junit.xml"))]
    Check(Run),
    /// Write the vector files, compare them with what the model writes, or pack them.
    #[command(after_help = below!("sealwire vectors --check" "sealwire vectors --archive vectors.tar"))]
    Vectors(Vectors),
    /// List the cases: id, how it runs, what it does.
    #[command(after_help = below!("sealwire list --only 'frame/*'" "sealwire list --format json"))]
    List(List),
    /// Explain a case or a clause: what it asks and why, the bytes field by field, usual mistakes.
    #[command(after_help = below!("sealwire explain frame/too-long" "sealwire explain packet/layout-0001"))]
    Explain(Explain),
    /// Tell what the suite covers, and what it does not.
    #[command(after_help = below!("sealwire coverage" "sealwire coverage --format json"))]
    Coverage(Coverage),
    /// Put reports of several implementations side by side.
    #[command(after_help = below!("sealwire adapter --name mine --report mine.json -- ./my-adapter" "sealwire matrix mine.json theirs.json --html matrix.html --badge matrix.svg"))]
    Matrix(Matrix),
    /// Print the JSON Schema of reports, of vector files or of adapter lines.
    #[command(after_help = below!("sealwire schema report" "sealwire schema adapter"))]
    Schema(Schema),
    /// Read the specification: as pages for a browser, or a chapter of it as text.
    #[command(after_help = below!("sealwire spec --html book" "sealwire spec frame"))]
    Spec(crate::book::Spec),
    /// Print a script that completes commands and options in a shell.
    #[command(after_help = below!("sealwire completions bash > ~/.local/share/bash-completion/completions/sealwire"))]
    Completions(Completions),
    /// Print the manual page, or write one for each command.
    #[command(after_help = below!("sealwire man | man -l -" "sealwire man --dir ~/.local/share/man/man1"))]
    Man(Man),
    /// Judge a relay that is already running.
    #[command(after_help = below!("sealwire relay --url ws://127.0.0.1:8080/ws --x25519 HEX --ed25519 HEX" "sealwire relay --url … --x25519 HEX --ed25519 HEX --slow --report report.html" "sealwire relay --url … --x25519 HEX --ed25519 HEX --known known.toml --fix"))]
    Relay(Relay),
    /// Judge a client in any language: a command that keeps the contract of spec/testing.md.
    #[command(after_help = below!("sealwire client -- node my-client.js" "sealwire client --only handshake --verbose -- ./my-client --quiet"))]
    Client(Client),
    /// Judge an implementation in any language: a command that speaks the adapter protocol.
    #[command(after_help = below!("sealwire adapter --check -- python3 my-adapter.py" "sealwire adapter --report report.html -- python3 my-adapter.py"))]
    Adapter(Adapter),
    /// Drive an adapter with inputs that no vector has, and shrink what it does otherwise than the model.
    #[command(after_help = below!("sealwire fuzz -- python3 my-adapter.py" "sealwire fuzz --time 10m --only 'packet.*' --out found.json -- ./my-adapter" "sealwire fuzz --again found.json -- ./my-adapter"))]
    Fuzz(Fuzz),
    /// Write seeds for fuzzers, grown from the vectors, each with its verdict.
    #[command(after_help = below!("sealwire corpus --out seeds" "sealwire corpus --out testdata/seeds --format go"))]
    Corpus(Corpus),
    /// Try the suite on implementations with one fault each, all of which it must catch.
    #[command(after_help = below!("sealwire twins" "sealwire twins --only relay/no-text-pong --full"))]
    Twins(Twins),
    /// Load a relay that is already running, and tell what it and this machine took for it.
    #[command(after_help = below!("sealwire load --url ws://127.0.0.1:8080/ws --x25519 HEX --ed25519 HEX --pid PID" "sealwire load --url … --x25519 HEX --ed25519 HEX --pairs 64 --in-flight 1 --format json" "sealwire load memory --url … --x25519 HEX --ed25519 HEX --pid PID --rest 1m"))]
    Load(sealwire_load::Load),
    /// Forward frames as fast as this machine can, for `load` to measure: no relay, the limit of one.
    #[command(after_help = below!("sealwire ceiling" "sealwire ceiling --mask --listen 127.0.0.1:8080"))]
    Ceiling(sealwire_load::Ceiling),
    /// Pass TCP connections on, and let go wrong what goes wrong on the way.
    #[command(after_help = below!("sealwire faultproxy --to 127.0.0.1:8080 --down stall=64KiB" "sealwire faultproxy --to 127.0.0.1:8080 --every 3 --up split reset=2s"))]
    Faultproxy(sealwire_load::Faultproxy),
    /// Judge what one faulty client does to others through a relay: loss, delay, memory.
    #[command(after_help = below!("sealwire isolation" "sealwire isolation --only reader --long --strict" "sealwire isolation --url ws://127.0.0.1:8080/ws --x25519 HEX --ed25519 HEX --pid PID" "sealwire isolation -- ./my-relay --listen 127.0.0.1:0"))]
    Isolation(sealwire_load::Isolation),
    /// Soak a relay for a long time: does its memory grow, do its sums hold, is nobody forgotten?
    #[command(after_help = below!("sealwire soak" "sealwire soak --time 12h --format json" "sealwire soak --time 10m -- ./my-relay --listen 127.0.0.1:0"))]
    Soak(sealwire_load::Soak),
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

/// Arguments that are handed on.
#[derive(Args, Debug)]
pub(crate) struct Passed {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<OsString>,
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
    fn everything_after_a_hidden_subcommand_is_handed_on() {
        let line = ["sealwire", "reference-relay", "--listen", "127.0.0.1:0", "--help"];
        match Cli::try_parse_from(line).expect("parses").command {
            Some(Command::ReferenceRelay(passed)) => assert_eq!(passed.arguments, line[2..]),
            other => panic!("{other:?}"),
        }
    }
}
