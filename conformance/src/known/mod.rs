//! Known failures: a list in TOML that only shrinks.
//!
//! ```toml
//! [[known]]
//! id = "frame/too-long.four-gib"
//! fails = "fail: nothing for #s"
//! reason = "the library buffers a message before it judges its length"
//! issue = "https://example.org/issues/12"
//! expires = "2027-03-01"
//! ```
//!
//! A listed case has to fail as listed, until the end of the day it expires. One that passes, fails
//! otherwise, did not run or has expired fails the run. Staged cases count for nobody and stay out. What varies from run to run, numbers and
//! hex, is `#` in `fails`.

mod fails;
mod list;

use core::fmt;
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate, Utc};

use crate::catalogue;
use crate::live::outcome::{Finding, Note, Verdict};
use crate::report::{replaced, unwritable};
use crate::vectors;

use fails::fails;
pub(crate) use list::{Entry, List};

/// What takes an entry off that has done its work.
const OFF: &str = "; --fix takes it off the list";
/// Days that a new entry is good for.
const DAYS: u64 = 90;

/// What the list says of a case, besides its id and how it fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Why it fails.
    pub(crate) reason: String,
    /// Where that is followed up.
    pub(crate) issue: String,
    /// The last day on which the entry holds.
    pub(crate) expires: NaiveDate,
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, issue, expires } = self;
        write!(f, "known until {expires}: {reason} ({issue})")
    }
}

/// A list as a run uses it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    path: PathBuf,
    list: List,
    today: NaiveDate,
    fix: bool,
}

impl Known {
    /// Reads the list at `path`; with `fix` it may be missing yet.
    pub(crate) fn read(path: &Path, fix: bool) -> Result<Self, String> {
        let named = |fault: String| format!("--known {}: {fault}", path.display());
        let list = match std::fs::read_to_string(path) {
            Ok(text) => List::read(&text).map_err(named)?,
            Err(error) if fix && error.kind() == std::io::ErrorKind::NotFound => List::begun(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(named(
                    "no such file; --fix begins a list with all that fails".to_owned(),
                ));
            }
            Err(error) => return Err(named(error.to_string())),
        };
        Ok(Self { path: path.to_owned(), list, today: Utc::now().date_naive(), fix })
    }

    /// With `--fix`: the list as these findings have it, written to its file.
    pub(crate) fn fixed(
        &mut self,
        findings: &[Finding],
        selected: impl Fn(&str) -> bool,
    ) -> Result<(), String> {
        if !self.fix {
            return Ok(());
        }
        let expires = self.today.checked_add_days(Days::new(DAYS)).unwrap_or(self.today);
        self.list.fix(findings, selected, expires);
        replaced(&self.path, &self.list.text())
            .map_err(|error| format!("--known {}: {}", self.path.display(), unwritable(&error)))
    }

    /// The findings in the light of the list. A listed case that `selected` takes and that is not
    /// among them gets a finding of its own.
    pub(crate) fn applied(
        &self,
        findings: Vec<Finding>,
        selected: impl Fn(&str) -> bool,
    ) -> Vec<Finding> {
        let missing: Vec<_> = self
            .list
            .entries
            .iter()
            .filter(|entry| selected(&entry.id))
            .filter(|entry| findings.iter().all(|finding| finding.id != entry.id))
            .map(|entry| self.missing(entry, &findings))
            .collect();
        let judged = findings.into_iter().map(|finding| match self.list.find(&finding.id) {
            Some(entry) => self.judged(finding, entry),
            None => finding,
        });
        judged.chain(missing).collect()
    }

    fn judged(&self, finding: Finding, entry: &Entry) -> Finding {
        let now = match &finding.verdict {
            Verdict::Broken(_) => return finding,
            verdict => fails(verdict),
        };
        let (verdict, note) = match now {
            None => {
                let said = match &finding.verdict {
                    Verdict::Pass => "it passes".to_owned(),
                    other => other.said(),
                };
                let off = if finding.verdict == Verdict::Pass { OFF } else { "" };
                (self.not_as_listed(entry, &format!("{said}{off}")), None)
            }
            Some(now) if now != entry.fails => {
                let note = format!("{} lists another failure: {}", self.file(), entry.fails);
                (finding.verdict, Some(note))
            }
            Some(_) => match entry.fault(self.today) {
                Some(fault) => (finding.verdict, Some(format!("{} {fault}", self.file()))),
                None => {
                    let failure = finding.verdict.said();
                    (Verdict::Known { listed: entry.listed.clone(), failure }, None)
                }
            },
        };
        let notes = finding.notes.into_iter().chain(note.map(|note| Note("known", note))).collect();
        Finding { verdict, notes, ..finding }
    }

    fn missing(&self, entry: &Entry, findings: &[Finding]) -> Finding {
        let id = entry.id.clone();
        let of_runners = findings.iter().filter(|finding| vectors::bare(&finding.id) == id);
        let ids: Vec<_> = of_runners.map(|finding| finding.id.as_str()).collect();
        let actual = match (ids.as_slice(), catalogue::find(&id)) {
            ([], None) => format!("there is no such case{OFF}"),
            ([], Some(_)) => "it has not run".to_owned(),
            (ids, _) => format!("here it is called {}", ids.join(" and ")),
        };
        let clause = catalogue::find(&id).map(|entry| entry.clause.clone()).unwrap_or_default();
        Finding::new(id, clause, self.not_as_listed(entry, &actual))
    }

    fn not_as_listed(&self, entry: &Entry, actual: &str) -> Verdict {
        let expected = format!("as {} lists it: {}", self.file(), entry.fails);
        Verdict::failed(expected, actual)
    }

    fn file(&self) -> String {
        self.path.display().to_string()
    }
}

#[cfg(test)]
mod tests;
