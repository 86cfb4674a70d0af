//! The lines of the adapter protocol, as types. `vectors/adapter.schema.json` is their law.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::vectors::Members;

/// The version of the protocol that this suite speaks.
pub(crate) const PROTOCOL: u32 = 1;

/// A line from the suite.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Request<'a> {
    /// The first line.
    Hello {
        /// [`PROTOCOL`].
        protocol: u32,
        /// The release of the suite.
        suite: &'a str,
    },
    /// One operation to be done.
    Run {
        /// Its answer carries the same number.
        seq: u64,
        /// The operation.
        op: &'a str,
        /// Its input; every byte string is hex.
        input: &'a Members,
        /// The case, if the user wants the adapter to know.
        #[serde(skip_serializing_if = "Option::is_none")]
        case: Option<&'a str>,
    },
    /// The last line.
    Bye {},
}

impl Request<'_> {
    /// The line, with its line feed.
    pub(crate) fn line(&self) -> String {
        // Strings, numbers and maps of them always serialise.
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }
}

/// Who is judged, and what it can do.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Hello {
    /// The implementation.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// What it is written in.
    pub(crate) language: String,
    /// The operations it does; no others are sent.
    pub(crate) ops: Vec<String>,
    /// `steps`, `released`.
    pub(crate) features: Vec<String>,
    /// For an expected class, those that it says instead.
    pub(crate) aliases: BTreeMap<String, Vec<String>>,
}

impl fmt::Display for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.name, self.version, self.language)
    }
}

/// An answer to a run.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Answer {
    /// The output.
    Ok {
        /// By the names of the vectors.
        output: Members,
        /// Intermediate values, by the names of the vectors.
        #[serde(default)]
        steps: Members,
    },
    /// The implementation refused.
    Reject {
        /// The class of the clause.
        class: String,
        /// The first clause broken, if the implementation knows it.
        #[serde(skip_serializing_if = "Option::is_none")]
        clause: Option<String>,
        /// Hex of what was handed out before.
        #[serde(default)]
        released: String,
    },
    /// There is no such operation.
    Unsupported {
        /// What is missing.
        feature: String,
    },
    /// The adapter itself failed.
    Error {
        /// How.
        message: String,
    },
}

impl Answer {
    /// The line that says this to the run `seq`.
    pub(crate) fn line(&self, seq: &Value) -> Value {
        // Strings, numbers and maps of them always serialise.
        let mut line = serde_json::to_value(self).unwrap_or_default();
        line["seq"] = seq.clone();
        line
    }

    /// The definition of the schema that a line of this `type` satisfies, for the answers to a run.
    pub(crate) fn definition(kind: &str) -> Option<&'static str> {
        let kinds = ["adapter.ok", "adapter.reject", "adapter.unsupported", "adapter.error"];
        kinds.into_iter().find(|name| name.strip_prefix("adapter.") == Some(kind))
    }
}
