//! The files: sorted keys, one member a line, lower-case hex.

use serde_json::{Value, json};

use super::case::Case;
use super::chapters::Chapter;
use crate::model::handshake::VERSION;

/// The suite that the files belong to.
const SUITE: &str = "sealwire";

impl Chapter {
    /// `NN-name.json`.
    pub(crate) fn file_name(&self) -> String {
        format!("{:02}-{}.json", self.number, self.name)
    }

    /// The whole file.
    pub(crate) fn text(&self) -> String {
        text_of(self.name, &self.cases)
    }
}

/// A file of these cases, by the chapter of the first one's operation.
pub(crate) fn file_of(cases: &[Case]) -> String {
    let op = cases.first().and_then(|case| case.op.split_once('.'));
    text_of(op.map_or("", |(chapter, _)| chapter), cases)
}

fn text_of(chapter: &str, cases: &[Case]) -> String {
    let mut file = json!({
        "suite": SUITE,
        "specification": VERSION.to_string(),
        "version": env!("CARGO_PKG_VERSION"),
        "chapter": chapter,
        "cases": cases.iter().map(Case::to_json).collect::<Vec<_>>(),
    });
    file.sort_all_objects();
    format!("{file:#}\n")
}

/// The cases of a file.
pub(crate) fn read(text: &str) -> Result<Vec<Case>, String> {
    let file: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let cases = file["cases"].as_array().ok_or("no list of cases")?;
    let read = |case: &Value| Case::from_json(case).ok_or_else(|| format!("no case: {case}"));
    cases.iter().map(read).collect()
}
