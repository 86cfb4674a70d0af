//! The vectors: what the model says about chosen inputs, written to files, and run again over
//! every implementation.

mod archive;
pub(crate) mod by_model;
mod case;
mod chapters;
mod check;
mod difference;
mod file;
mod input;
mod mistakes;
mod orders;
mod print;
mod published;
mod wire;

#[cfg(test)]
mod examples;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub(crate) use archive::archive;
pub(crate) use case::{Case, Expect};
use check::By;
pub(crate) use check::{FILES, Failure, check, check_those, compared, judged, schema_faults};
pub(crate) use difference::{comparisons, differences, first_difference, summary};
pub(crate) use file::{file_of, read};
pub(crate) use input::{Answer, Input, Members, Steps, Stop, Written, plain, read_bytes, written};
pub(crate) use mistakes::recognised;
pub(crate) use print::text;
#[cfg(test)]
pub(crate) use wire::clauses as named_by_the_crate;
pub(crate) use wire::run as by_wire;

/// Why no vector file was written.
#[derive(Debug)]
pub(crate) enum Unwritten {
    /// Whoever wrote these cases and the model disagree: a line each.
    Disagreed(Vec<String>),
    /// The folder cannot be used.
    Folder(std::io::Error),
}

impl From<std::io::Error> for Unwritten {
    fn from(error: std::io::Error) -> Self {
        Self::Folder(error)
    }
}

/// Writes every vector file into `directory`, which must hold the schema already: the files are
/// not scattered by a mistyped name. Gives the SHA-256 of each.
pub(crate) fn write(directory: &Path) -> Result<Vec<(String, PathBuf)>, Unwritten> {
    std::fs::metadata(directory.join("schema.json"))?;
    let chapters = chapters::written();
    let disagreed: Vec<_> = chapters.iter().flat_map(chapters::Chapter::disagreements).collect();
    if !disagreed.is_empty() {
        return Err(Unwritten::Disagreed(disagreed));
    }
    let write = |chapter: chapters::Chapter| {
        let path = directory.join(chapter.file_name());
        let text = chapter.text();
        std::fs::write(&path, &text)?;
        Ok((sealwire_vectors::hash(&text), path))
    };
    chapters.into_iter().map(write).collect()
}

/// Every case that stands in the files, in their order.
pub(crate) fn cases() -> Result<Vec<Case>, String> {
    let read = |(name, text)| file::read(text).map_err(|fault| format!("{name}: {fault}"));
    let files = sealwire_vectors::FILES.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(files.concat())
}

/// The id of a vector without the runner that reports add to it.
pub(crate) fn bare(id: &str) -> &str {
    By::ALL.iter().find_map(|by| id.strip_suffix(by.name())?.strip_suffix('.')).unwrap_or(id)
}

/// The case with this id, of those that stand in the files.
pub(crate) fn find(id: &str) -> Option<&'static Case> {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| cases().unwrap_or_default()).iter().find(|case| case.id == id)
}

/// Every case that stands in the files: its id and the clause it exercises.
#[cfg(test)]
pub(crate) fn catalogue() -> Vec<(String, String)> {
    let pair = |case: Case| (case.id.clone(), case.clause().to_owned());
    cases().unwrap_or_default().into_iter().map(pair).collect()
}
