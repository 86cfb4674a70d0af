//! The list itself: read, held, rewritten without losing what people wrote around it.

use chrono::NaiveDate;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::{Listed, fails};
use crate::catalogue::{self, lock::is_staged};
use crate::live::outcome::{Finding, Verdict};

/// What stands above the entries of a list that `--fix` begins.
const HEAD: &str = "\
# Failures that are known. Each has to fail as listed until it expires; one that passes, fails
# otherwise or did not run fails the run. `--fix` takes off what no longer fails.
";
/// The members of an entry, all of which it must have, as texts.
const MEMBERS: [&str; 5] = ["id", "fails", "reason", "issue", "expires"];

/// One case of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The case.
    pub(crate) id: String,
    /// How it fails.
    pub(crate) fails: String,
    /// The rest.
    pub(crate) listed: Listed,
}

impl Entry {
    /// Why the entry does not hold today.
    pub(super) fn fault(&self, today: NaiveDate) -> Option<String> {
        let Listed { reason, issue, expires } = &self.listed;
        if reason.trim().is_empty() || issue.trim().is_empty() {
            return Some("gives no reason or no issue: write them".to_owned());
        }
        (*expires < today).then(|| format!("listed it until {expires}: mend it, or set a new date"))
    }

    fn read(table: &Table) -> Result<Self, String> {
        let text = |name: &str| table.get(name).and_then(text_of).unwrap_or_default();
        let id = text("id");
        let place =
            if id.is_empty() { "an entry".to_owned() } else { format!("the entry of {id}") };
        let missing = MEMBERS.iter().find(|name| table.get(name).and_then(text_of).is_none());
        if let Some(name) = missing {
            return Err(format!("{place} has no text {name:?}; each has {}", MEMBERS.join(", ")));
        }
        if let Some((name, _)) = table.iter().find(|(name, _)| !MEMBERS.contains(name)) {
            return Err(format!("{place} has a member {name:?}; each has {}", MEMBERS.join(", ")));
        }
        if is_staged(&id) {
            return Err(format!("{id} is staged: it counts for nobody yet, and needs no entry"));
        }
        let expires = text("expires").parse().map_err(|_| {
            format!("{place}: expires {:?} is no date like 2027-03-01", text("expires"))
        })?;
        let listed = Listed { reason: text("reason"), issue: text("issue"), expires };
        Ok(Self { id, fails: text("fails"), listed })
    }
}

/// A text, or a date, which TOML writes without quotes.
fn text_of(item: &Item) -> Option<String> {
    let date = || item.as_datetime().map(ToString::to_string);
    item.as_str().map(str::to_owned).or_else(date)
}

/// A list, and the text it was read from.
#[derive(Clone, Debug)]
pub(crate) struct List {
    /// Its entries, each with an id of its own.
    pub(super) entries: Vec<Entry>,
    document: DocumentMut,
    /// Whether it was no file before.
    new: bool,
    /// Whether its lines end as those of Windows do.
    crlf: bool,
}

impl List {
    /// A list that is begun now.
    pub(super) fn begun() -> Self {
        Self { entries: Vec::new(), document: DocumentMut::new(), new: true, crlf: false }
    }

    /// Reads a list; the fault in one line.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let flat = |error: toml_edit::TomlError| error.to_string().replace('\n', " ");
        let document: DocumentMut = text.parse().map_err(flat)?;
        if let Some((name, _)) = document.iter().find(|(name, _)| *name != "known") {
            return Err(format!("{name:?} is nothing that a list holds; entries are [[known]]"));
        }
        let entries: Vec<Entry> = match document.get("known") {
            None => Vec::new(),
            Some(item) => {
                let tables = item.as_array_of_tables().ok_or("entries are [[known]]")?;
                tables.iter().map(Entry::read).collect::<Result<_, _>>()?
            }
        };
        for (at, entry) in entries.iter().enumerate() {
            if entries[..at].iter().any(|other| other.id == entry.id) {
                return Err(format!("{} is listed twice", entry.id));
            }
        }
        Ok(Self { entries, document, new: false, crlf: text.contains("\r\n") })
    }

    pub(super) fn find(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// Takes off what `selected` takes and that passed or does not exist, notes how the rest fails. A list that is
    /// begun gets all that fails, good until `expires`, for somebody to say why; any other only shrinks.
    pub(super) fn fix(
        &mut self,
        findings: &[Finding],
        selected: impl Fn(&str) -> bool,
        expires: NaiveDate,
    ) {
        // What could not be judged is neither mended nor failing in a way that could be noted.
        let gone = |id: &str| match findings.iter().find(|finding| finding.id == id) {
            None => catalogue::find(id).is_none(),
            Some(finding) => finding.verdict == Verdict::Pass,
        };
        let failing: Vec<(&str, String)> = findings
            .iter()
            .filter(|finding| !is_staged(&finding.id))
            .filter_map(|finding| Some((finding.id.as_str(), fails(&finding.verdict)?)))
            .collect();
        let known =
            self.document.entry("known").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        let Some(tables) = known.as_array_of_tables_mut() else { return };
        tables.retain(|table| {
            let id = table.get("id").and_then(Item::as_str).unwrap_or_default();
            !selected(id) || !gone(id)
        });
        for (id, how) in &failing {
            let at = tables.iter().position(|table| is_of(table, id));
            match at.and_then(|at| tables.get_mut(at)) {
                Some(table) => _ = table.insert("fails", value(how)),
                None if self.new => tables.push(begun(id, how, expires)),
                None => {}
            }
        }
        self.entries = tables.iter().filter_map(|table| Entry::read(table).ok()).collect();
    }

    /// The file.
    pub(super) fn text(&self) -> String {
        let head = if self.new { HEAD } else { "" };
        let text = format!("{head}{}", self.document);
        if self.crlf { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
    }
}

fn is_of(table: &Table, id: &str) -> bool {
    table.get("id").and_then(Item::as_str) == Some(id)
}

/// An entry that waits for its reason.
fn begun(id: &str, how: &str, expires: NaiveDate) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    for (name, text) in MEMBERS.into_iter().zip([id, how, "", "", &expires.to_string()]) {
        table.insert(name, value(text));
    }
    table
}
