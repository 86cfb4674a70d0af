//! What holds a clause: the cases that exercise it, the vectors of other clauses that expect its
//! refusal, and the broken twins that its cases must catch.

use crate::catalogue::{Entry, Way};
use crate::twins::{Twin, lock};
use crate::vectors::Expect;

/// All that holds one clause.
pub(crate) struct Holdings<'a> {
    /// The cases whose clause it is, in the order of the catalogue.
    pub(crate) cases: Vec<&'a Entry>,
    /// Vectors of other clauses that are refused by it.
    pub(crate) refusals: Vec<&'a Entry>,
    /// The broken twins.
    pub(crate) twins: Vec<Broken>,
}

/// A twin that breaks the clause.
pub(crate) struct Broken {
    /// Its id.
    pub(crate) id: String,
    /// What it does wrong.
    pub(crate) does: &'static str,
    /// The cases of the clause that catch it.
    pub(crate) caught_by: &'static [String],
}

impl Broken {
    /// What it does, and who notices.
    pub(crate) fn told(&self) -> String {
        match self.caught_by {
            [] => self.does.to_owned(),
            [case] => format!("{} Caught by {case} alone.", self.does),
            [case, others @ ..] => {
                format!("{} Caught by {case} and {} more.", self.does, others.len())
            }
        }
    }
}

impl<'a> Holdings<'a> {
    /// What holds `clause`, out of the whole catalogue.
    pub(crate) fn of(clause: &str, entries: &'a [Entry]) -> Self {
        let (cases, others): (Vec<_>, Vec<_>) =
            entries.iter().partition(|entry| entry.clause == clause);
        let refuses = |entry: &&Entry| refused_by(entry).is_some_and(|by| by == clause);
        let all = Twin::all().into_iter().filter_map(|twin| Some((twin.id(), twin.row()?)));
        let twins = all.filter(|(_, row)| row.clause == clause);
        Self {
            cases,
            refusals: others.into_iter().filter(refuses).collect(),
            twins: twins.map(|(id, row)| broken(id, row.sentence)).collect(),
        }
    }

    /// The cases that run in this way.
    pub(crate) fn cases(&self, way: Way) -> Vec<&'a Entry> {
        self.cases.iter().copied().filter(|entry| entry.way == way).collect()
    }
}

fn broken(id: String, does: &'static str) -> Broken {
    let caught_by = lock::catchers(&id);
    Broken { id, does, caught_by }
}

/// The clause that a vector expects to be refused by.
pub(crate) fn refused_by(entry: &Entry) -> Option<&str> {
    match &entry.vector.as_ref()?.expect {
        Expect::Reject(clause) => Some(clause),
        Expect::Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::all;

    #[test]
    fn a_clause_is_held_by_cases_of_its_own_and_refusals_of_others() {
        let entries = all().unwrap();
        let held = Holdings::of("packet/authentic", &entries);
        assert!(held.cases.iter().all(|entry| entry.clause == "packet/authentic"));
        assert!(!held.cases(Way::Vector).is_empty() && !held.cases(Way::Client).is_empty());
        assert!(held.refusals.iter().any(|entry| entry.clause == "packet/key"));
        assert!(held.refusals.iter().all(|entry| entry.clause != "packet/authentic"));
        assert!(!held.twins.is_empty());
    }
}
