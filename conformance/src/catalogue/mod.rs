//! The catalogue: every case of the suite by its id, however it runs. The published sets of others
//! are not in it: their vectors have numbers of their own.

mod listing;
pub(crate) mod lock;
mod release;

pub(crate) use listing::lines;
pub(crate) use release::{Release, versions};

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use crate::cases;
use crate::clauses::{self, chapter};
use crate::cli::{Exit, Format, List, complain, selects};
use crate::live::case::{Case as Live, Needs};
use crate::vectors::{self, Case as Vector};

/// How a case runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// Offline, by whatever can do its operation.
    Vector,
    /// Against a relay.
    Relay,
    /// Against a client.
    Client,
}

impl Way {
    const ALL: [Self; 3] = [Self::Vector, Self::Relay, Self::Client];

    /// As lists and reports call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Vector => "vector",
            Self::Relay => "relay",
            Self::Client => "client",
        }
    }
}

/// A case, and what is known of it without running it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its id.
    pub(crate) id: String,
    /// The clause it exercises.
    pub(crate) clause: String,
    /// How it runs.
    pub(crate) way: Way,
    /// What it needs beyond that.
    pub(crate) needs: Needs,
    /// What it does: a line or a paragraph.
    pub(crate) about: String,
    /// The vector, if it is one.
    pub(crate) vector: Option<Box<Vector>>,
}

impl Entry {
    /// The level of its clause.
    pub(crate) fn level(&self) -> &'static str {
        clauses::find(&self.clause).map_or("", |clause| clause.level)
    }

    /// What it does, in one line.
    pub(crate) fn title(&self) -> &str {
        let end = self.about.find(". ").unwrap_or(self.about.len());
        self.about[..end].trim_end_matches('.')
    }

    /// How it runs, what it waits for or has to be given, and whether it counts yet.
    pub(crate) fn runs(&self) -> String {
        let needs = self.needs.told().map(|(word, _)| word);
        let staged = lock::is_staged(&self.id).then_some("staged");
        let words = [Some(self.way.name()), needs, staged];
        words.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn of_vector(case: Vector) -> Self {
        Self {
            id: case.id.clone(),
            clause: case.clause().to_owned(),
            way: Way::Vector,
            needs: Needs::Nothing,
            about: case.comment.clone(),
            vector: Some(Box::new(case)),
        }
    }

    fn of_live<T>(case: &Live<T>, way: Way) -> Self {
        Self {
            id: case.id.to_owned(),
            clause: case.clause().to_owned(),
            way,
            needs: case.needs,
            about: case.about(),
            vector: None,
        }
    }
}

/// Every case, in the order of the specification's clauses; within a clause vectors first.
pub(crate) fn all() -> Result<Vec<Entry>, String> {
    let vectors = vectors::cases()?.into_iter().map(Entry::of_vector);
    let relay = cases::relay().map(|case| Entry::of_live(case, Way::Relay));
    let client = cases::client().map(|case| Entry::of_live(case, Way::Client));
    let mut all: Vec<_> = vectors.chain(relay).chain(client).collect();
    all.sort_by_key(|entry| (place(&entry.clause), entry.way));
    Ok(all)
}

/// The case to which a report gives this id; nothing for what is not in the catalogue.
pub(crate) fn find(id: &str) -> Option<&'static Entry> {
    static ENTRIES: OnceLock<BTreeMap<String, Entry>> = OnceLock::new();
    let entries = ENTRIES.get_or_init(|| {
        let all = all().unwrap_or_default().into_iter();
        all.map(|entry| (entry.id.clone(), entry)).collect()
    });
    entries.get(vectors::bare(id))
}

/// Where a clause stands in the specification.
fn place(clause: &str) -> (usize, usize) {
    let row = clauses::CHAPTERS.iter().position(|name| *name == chapter(clause));
    let at = clauses::all().iter().position(|known| known.id == clause);
    (row.unwrap_or(usize::MAX), at.unwrap_or(usize::MAX))
}

/// `sealwire list`.
pub(crate) fn list(asked: &List) -> Exit {
    let mut entries = match all() {
        Ok(entries) => entries,
        Err(fault) => {
            complain(&fault);
            return Exit::Broken;
        }
    };
    if let Some(path) = &asked.lock {
        return refresh(path, &entries);
    }
    entries.retain(|entry| selects(asked.only.as_deref(), &entry.id));
    crate::report::print(&match asked.format {
        Format::Text => listing::text(&entries),
        Format::Json => listing::json(&entries),
    });
    if entries.is_empty() { Exit::NothingRan } else { Exit::Conforms }
}

/// Brings the lock at `path` up to date, which must exist: a mistyped name makes no second one.
fn refresh(path: &Path, entries: &[Entry]) -> Exit {
    let old = std::fs::read_to_string(path).map_err(|error| error.to_string());
    let lock = match old.and_then(|text| lock::read(&text)) {
        Ok(lock) => lock,
        Err(fault) => {
            complain(&format!("cannot read the lock {}: {fault}", path.display()));
            return Exit::Usage;
        }
    };
    let lines = match lock::refreshed(&lock, entries, Release::current()) {
        Ok(lines) => lines,
        Err(faults) => {
            faults.iter().for_each(|fault| complain(fault));
            return Exit::Fails;
        }
    };
    if let Err(error) = std::fs::write(path, lock::write(&lines)) {
        complain(&format!("cannot write the lock {}: {error}", path.display()));
        return Exit::Usage;
    }
    let new = lines.iter().filter(|line| !lock.contains(line));
    crate::report::print(&new.map(|line| line.told() + "\n").collect::<String>());
    Exit::Conforms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_holds_every_case_once_in_the_order_of_the_clauses() {
        let all = all().unwrap();
        let live = cases::relay().count() + cases::client().count();
        assert_eq!(all.len(), vectors::catalogue().len() + live);
        assert!(all.is_sorted_by_key(|entry| (place(&entry.clause), entry.way)));
        let ids: std::collections::BTreeSet<_> = all.iter().map(|e| (e.way, &e.id)).collect();
        assert_eq!(ids.len(), all.len());
    }

    #[test]
    fn a_title_is_the_first_sentence() {
        let mut entry = all().unwrap().swap_remove(0);
        entry.about = "Bytes 0.5 to 9. And more.".to_owned();
        assert_eq!(entry.title(), "Bytes 0.5 to 9");
        entry.about = "One.".to_owned();
        assert_eq!(entry.title(), "One");
    }
}
