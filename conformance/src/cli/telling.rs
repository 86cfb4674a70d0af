//! Which cases a run takes, and what it says of them.

use std::path::PathBuf;

use clap::Args;

use super::values::selects;
use crate::catalogue::{Release, lock};
use crate::report::{Form, Place};

/// Which cases.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Selection {
    /// Only the cases whose id contains this, or matches it if it holds a `*`.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) only: Option<String>,
    /// Only the cases that this release of the suite counted.
    #[arg(long, value_name = "RELEASE", value_parser = Release::level)]
    pub(crate) level: Option<Release>,
}

impl Selection {
    /// Whether it takes the case with this id.
    pub(crate) fn takes(&self, id: &str) -> bool {
        let of_level = || self.level.is_none_or(|level| lock::is_of_level(level, id));
        selects(self.only.as_deref(), id) && of_level()
    }
}

/// What is said, and where.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Telling {
    /// The form of the report on stdout.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Form,
    /// A report in this file too, in the form of its ending: .html, .json, .xml (JUnit), .sarif or
    /// .txt. It is valid while the run goes. May be repeated.
    #[arg(long, value_name = "FILE", value_parser = Place::parse)]
    pub(crate) report: Vec<Place>,
    /// What the report calls the judged party.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// A list of failures that are known: each must fail as listed, or the run fails.
    #[arg(long, value_name = "FILE")]
    pub(crate) known: Option<PathBuf>,
    /// Rewrite that list: what no longer fails goes, what fails in another way is noted. A list that
    /// does not exist yet is begun with all that fails.
    #[arg(long, requires = "known")]
    pub(crate) fix: bool,
    /// How loud.
    #[command(flatten)]
    pub(crate) voice: Voice,
}

/// How loud a run is.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Voice {
    /// Say the verdict in one line and nothing else.
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Tell every case as it ends, on stderr.
    #[arg(long, short, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
}
