//! The lock of the catalogue, `cases.lock`: every case that the suite has or ever had, so that an
//! id never disappears, never changes what it says, and is never used again.
//!
//! ```text
//! id way clause since status hash
//! ```
//!
//! A case comes `staged`: it is reported and not counted until the next release. `since` is the
//! release in which it came, and from then on the release that first counted it. What is gone is
//! `retired`. A vector is hashed whole, as canonical JSON. Of a live case clause, level and title
//! are hashed: what it does is code, and no hash of code says that it still does the same.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{Entry, Release, Way};

/// The lock that was built in.
const LOCK: &str = include_str!("../../cases.lock");
/// What stands above the lines.
const HEAD: &str = "\
# Every case that the suite has or ever had: written by `sealwire list --lock`, held by the tests.
# The hash is the first half of BLAKE3: of a vector's JSON; of clause, level and title of a live
# case, whose code no hash can vouch for.
# id way clause since status hash
";

/// What has become of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// New in this release: reported, not counted.
    Staged,
    /// Counted.
    Active,
    /// Gone; its id stays taken.
    Retired,
}

const STATUSES: [(&str, Status); 3] =
    [("staged", Status::Staged), ("active", Status::Active), ("retired", Status::Retired)];

impl Status {
    /// As the lock writes it.
    pub(crate) fn name(self) -> &'static str {
        STATUSES.iter().find(|(_, status)| *status == self).map_or("", |(name, _)| name)
    }
}

/// One case in the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(super) id: String,
    pub(super) way: Way,
    pub(super) clause: String,
    pub(crate) since: Release,
    pub(crate) status: Status,
    pub(super) hash: String,
}

impl Line {
    fn read(line: &str) -> Result<Self, String> {
        let malformed = || format!("no line of a lock: {line}");
        let words: Vec<_> = line.split(' ').collect();
        let [id, way, clause, since, status, hash] = words[..] else { return Err(malformed()) };
        let status = STATUSES.iter().find(|(name, _)| *name == status).ok_or_else(malformed)?.1;
        Ok(Self {
            id: id.to_owned(),
            way: Way::ALL.into_iter().find(|known| known.name() == way).ok_or_else(malformed)?,
            clause: clause.to_owned(),
            since: since.parse()?,
            status,
            hash: hash.to_owned(),
        })
    }

    fn write(&self) -> String {
        let Self { id, way, clause, since, status, hash } = self;
        format!("{id} {} {clause} {since} {} {hash}\n", way.name(), status.name())
    }

    /// What a refresh did to it.
    pub(super) fn told(&self) -> String {
        format!("{} is {} since {}", self.id, self.status.name(), self.since)
    }

    fn key(&self) -> (&str, Way) {
        (&self.id, self.way)
    }

    /// A case as it stands in the catalogue.
    pub(super) fn of(entry: &Entry, since: Release, status: Status) -> Self {
        Self {
            id: entry.id.clone(),
            way: entry.way,
            clause: entry.clause.clone(),
            since,
            status,
            hash: hash(entry),
        }
    }
}

/// What a case says: see the head of the module.
pub(super) fn hash(entry: &Entry) -> String {
    let said = match &entry.vector {
        Some(case) => {
            let mut json = case.to_json();
            json.sort_all_objects();
            json.to_string()
        }
        None => [&*entry.clause, entry.level(), entry.title()].join("\n"),
    };
    hex::encode(&blake3::hash(said.as_bytes()).as_bytes()[..16])
}

/// The lines of a lock.
pub(super) fn read(text: &str) -> Result<Vec<Line>, String> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(Line::read).collect()
}

/// A lock with these lines.
pub(super) fn write(lines: &[Line]) -> String {
    HEAD.to_owned() + &lines.iter().map(Line::write).collect::<String>()
}

/// The built-in lock, by id. A broken one is empty here and a fault of the tests.
fn built_in() -> &'static BTreeMap<String, Vec<Line>> {
    static LINES: OnceLock<BTreeMap<String, Vec<Line>>> = OnceLock::new();
    LINES.get_or_init(|| {
        let mut by_id: BTreeMap<String, Vec<Line>> = BTreeMap::new();
        for line in read(LOCK).unwrap_or_default() {
            by_id.entry(line.id.clone()).or_default().push(line);
        }
        by_id
    })
}

/// The lines of the case of a finding, to whose id a report may have added the runner.
fn known(id: &str) -> &'static [Line] {
    let bare = || id.rsplit_once('.').and_then(|(bare, _)| built_in().get(bare));
    built_in().get(id).or_else(bare).map_or(&[], Vec::as_slice)
}

/// What the built-in lock says of a case.
pub(crate) fn find(entry: &Entry) -> Option<&'static Line> {
    known(&entry.id).iter().find(|line| line.way == entry.way)
}

/// Whether what this id found is reported and not counted. What the lock does not know counts:
/// nothing escapes by being left out.
pub(crate) fn is_staged(id: &str) -> bool {
    let lines = known(id);
    !lines.is_empty() && lines.iter().all(|line| line.status == Status::Staged)
}

/// Whether `level` counted the case: it is active since that release or an earlier one. What is no
/// case of the catalogue, a published set or a fault of the files, belongs to every level.
pub(crate) fn is_of_level(level: Release, id: &str) -> bool {
    let counted = |line: &Line| line.status == Status::Active && line.since <= level;
    let lines = known(id);
    lines.is_empty() || lines.iter().any(counted)
}

/// What is wrong between a case and its line.
fn fault(line: &Line, entry: &Entry) -> Option<String> {
    let id = &entry.id;
    match (line.status, line.way) {
        (Status::Retired, _) => Some(format!("{id} was retired: an id is never used again")),
        _ if line.hash == hash(entry) => None,
        (Status::Active, Way::Vector) => Some(format!("{id} has changed: give it a new number")),
        _ => Some(format!("{id} has changed: run `sealwire list --lock`, look, and commit")),
    }
}

/// The lock brought up to date for `release`: what is new comes staged, what was staged in an
/// earlier release counts, what is gone is retired. An empty lock takes all cases as active. An
/// active vector that has changed and an id that comes back are refused.
pub(super) fn refreshed(
    lock: &[Line],
    entries: &[Entry],
    release: Release,
) -> Result<Vec<Line>, Vec<String>> {
    let locked: BTreeMap<_, _> = lock.iter().map(|line| (line.key(), line)).collect();
    let refused = |entry: &Entry| {
        let line = locked.get(&(&*entry.id, entry.way))?;
        let fault = fault(line, entry)?;
        let mendable = line.status == Status::Staged
            || line.status == Status::Active && line.way != Way::Vector;
        (!mendable).then_some(fault)
    };
    let faults: Vec<_> = entries.iter().filter_map(refused).collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    let new = if lock.is_empty() { Status::Active } else { Status::Staged };
    let mut lines: BTreeMap<_, _> = lock
        .iter()
        .map(|line| (line.key(), Line { status: Status::Retired, ..line.clone() }))
        .collect();
    for entry in entries {
        let (since, status) = match locked.get(&(&*entry.id, entry.way)) {
            None => (release, new),
            Some(line) if line.status == Status::Staged && line.since < release => {
                (release, Status::Active)
            }
            Some(line) => (line.since, line.status),
        };
        lines.insert((&entry.id, entry.way), Line::of(entry, since, status));
    }
    Ok(lines.into_values().collect())
}

#[cfg(test)]
mod tests;
