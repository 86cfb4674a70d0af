//! The commands around fuzzers, and their options.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::values::time;
use super::{Format, Voice};
use crate::live::seed::Seed;

/// What a fuzzer reads its seeds from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CorpusFormat {
    /// The bytes, as libFuzzer, AFL++, cargo-fuzz and Jazzer read them.
    #[default]
    Raw,
    /// The text that stands in testdata/fuzz, as `go test` reads it.
    Go,
}

/// Where the seeds go.
#[derive(Args, Debug)]
pub(crate) struct Corpus {
    /// The folder: an empty one, or one that this command has made. Files of its own are written
    /// anew, all others stay.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The form of each file.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CorpusFormat,
}

/// What to drive with inputs that no vector has.
#[derive(Args, Debug)]
pub(crate) struct Fuzz {
    /// Replay the run that printed this seed.
    #[arg(long, value_name = "HEX")]
    pub(crate) seed: Option<Seed>,
    /// How long: 90s, 10m. Without this and --runs, a minute.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) time: Option<Duration>,
    /// How many inputs. The same seed and number make the same run.
    #[arg(long, value_name = "N")]
    pub(crate) runs: Option<u64>,
    /// Only inputs of the operations that contain this, or grown from the vectors of such a clause;
    /// with a `*`, those that match it.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) only: Option<String>,
    /// How long one answer may take: 10s, 500ms.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub(crate) timeout: Duration,
    /// The form of what is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Write what differs into this file too, as a vector file. Without differences it is left alone.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Instead of new inputs, those of a file that --out has written: are they mended?
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "time", "runs", "only"])]
    pub(crate) again: Option<PathBuf>,
    /// How loud.
    #[command(flatten)]
    pub(crate) voice: Voice,
    /// The adapter and its arguments.
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}
