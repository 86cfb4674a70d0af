//! `sealwire explain`: a case or a clause, so that whoever fails it knows what to look at.

mod case;
mod clause;
mod dump;
mod members;
mod mistakes;
mod names;
mod near;

use crate::catalogue::{self, Entry};
use crate::clauses;
use crate::cli::{Exit, complain};
use crate::report::{Page, print};
use crate::vectors;

/// Prints what is known of `id`, or says what it might have meant.
pub(crate) fn explain(id: &str) -> Exit {
    let entries = match catalogue::all() {
        Ok(entries) => entries,
        Err(fault) => {
            complain(&fault);
            return Exit::Broken;
        }
    };
    // Reports print clauses in brackets.
    let id = id.trim_start_matches('[').trim_end_matches(']');
    match page(id, &entries) {
        Some(text) => {
            print(&text);
            Exit::Conforms
        }
        None => {
            complain(&unknown(id, &entries));
            Exit::Usage
        }
    }
}

/// The page of a clause or of every case with this id; `None` if there is neither.
fn page(id: &str, entries: &[Entry]) -> Option<String> {
    let mut page = Page::default();
    if let Some(clause) = clauses::find(id) {
        clause::write(&mut page, clause, entries);
        return Some(page.text());
    }
    let cases: Vec<_> = entries.iter().filter(|entry| entry.id == vectors::bare(id)).collect();
    for (at, entry) in cases.iter().enumerate() {
        if at > 0 {
            page.gap();
        }
        case::write(&mut page, entry);
    }
    (!cases.is_empty()).then(|| page.text())
}

/// The bytes of a vector, field by field; `None` if this is no vector. A report may have added the
/// runner to its id.
pub(crate) fn annotated(id: &str) -> Option<String> {
    let case = vectors::find(vectors::bare(id))?;
    let mut page = Page::for_file();
    case::bytes(&mut page, case);
    Some(page.text().trim_start().to_owned())
}

/// One line: there is no such id, and which ones look like it.
fn unknown(id: &str, entries: &[Entry]) -> String {
    let cases = entries.iter().map(|entry| &*entry.id);
    let known = clauses::all().iter().map(|clause| clause.id).chain(cases);
    match near::nearest(id, known).as_slice() {
        [] => format!("no case and no clause {id:?}; sealwire list names all"),
        near => format!("no case and no clause {id:?}; near it: {}", near.join(", ")),
    }
}

#[cfg(test)]
mod tests;
