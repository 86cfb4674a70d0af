//! The commands that look something up, and their options.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The form of a list.
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
    /// Pack them, with schemas, pages and sums, for who has no suite, and print the SHA-256.
    #[arg(long, value_name = "FILE.tar")]
    pub(crate) archive: Option<PathBuf>,
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

/// Which schema to print.
#[derive(Args, Debug)]
pub(crate) struct Schema {
    /// What it describes.
    #[arg(value_enum)]
    pub(crate) of: SchemaOf,
}

/// What has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// A report of a run, `--format json`.
    Report,
    /// A vector file.
    Vectors,
    /// The lines of the adapter protocol.
    Adapter,
}

/// How to tell what the suite covers.
#[derive(Args, Debug)]
pub(crate) struct Coverage {
    /// The form of the page.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Which reports to put side by side.
#[derive(Args, Debug)]
pub(crate) struct Matrix {
    /// Reports, as --format json and --report FILE.json write them. Those of one name are one column.
    #[arg(required = true, value_name = "REPORT")]
    pub(crate) reports: Vec<PathBuf>,
    /// Write a page for a browser.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write a badge: SVG, a line for each implementation.
    #[arg(long, value_name = "FILE")]
    pub(crate) badge: Option<PathBuf>,
}
