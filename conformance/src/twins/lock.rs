//! The kill matrix as a file, `twins.lock`: each broken twin and the cases of its clause that catch
//! it, so that everybody can look it up without running it.
//!
//! ```text
//! twin case …
//! ```

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use super::faults::Twin;
use super::matrix::Row;
use crate::cli::{Exit, unusable};

/// The lock that was built in.
const LOCK: &str = include_str!("../../twins.lock");
/// What stands above the lines.
const HEAD: &str = "\
# Every broken twin, and the cases of its clause that catch it: written by `sealwire twins --lock`.
# A case that depends on a race may be missing for a twin that another one catches.
# twin case …
";

/// The cases of its clause that catch the twin with this id, as the lock has them.
pub(crate) fn catchers(twin: &str) -> &'static [String] {
    static LINES: OnceLock<BTreeMap<&str, Vec<String>>> = OnceLock::new();
    LINES.get_or_init(|| read(LOCK)).get(twin).map_or(&[], Vec::as_slice)
}

fn read(text: &str) -> BTreeMap<&str, Vec<String>> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let twin = |line| {
        let (twin, cases) = str::split_once(line, ' ').unwrap_or((line, ""));
        (twin, cases.split_whitespace().map(str::to_owned).collect())
    };
    lines.map(twin).collect()
}

/// The lock `old` with what these rows show; twins that are no more are left out.
fn renewed(old: &str, rows: &[Row]) -> String {
    let mut caught = read(old);
    let ids: Vec<_> = rows.iter().map(|row| (row, row.twin.id())).collect();
    for (row, id) in &ids {
        let clause = row.twin.row().map_or("", |row| row.clause);
        let catchers = row.caught_by().filter(|tried| tried.clause == clause);
        caught.insert(id, catchers.map(|tried| tried.case.clone()).collect());
    }
    let line = |twin: Twin| {
        twin.row()?;
        let cases = caught.get(twin.id().as_str())?.join(" ");
        Some(format!("{} {cases}\n", twin.id()))
    };
    HEAD.to_owned() + &Twin::all().into_iter().filter_map(line).collect::<String>()
}

/// Renews the lock at `path`, which must exist: a mistyped name makes no second one.
pub(super) fn renew(path: &Path, rows: &[Row]) -> Result<(), Exit> {
    let old = std::fs::read_to_string(path);
    let written = old.and_then(|old| std::fs::write(path, renewed(&old, rows)));
    written.map_err(|error| {
        unusable(&format!("--lock {}: cannot renew the lock: {error}", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn a_lock_is_renewed_by_the_twins_that_were_tried() {
        let all = Twin::all();
        let (tried, other) = (all[1], all[2]);
        let old = format!("{} a\n{} b c\ncodec/gone d\n", tried.id(), other.id());
        let row = Row { twin: tried, tried: Vec::new(), ms: 0 };
        let new = renewed(&old, &[row]);
        assert_eq!(new, format!("{HEAD}{} \n{} b c\n", tried.id(), other.id()));
    }

    #[test]
    fn the_lock_knows_every_broken_twin_and_names_cases_of_its_clause() {
        let renew = "run `sealwire twins --lock`, look, and commit";
        let broken: BTreeMap<_, _> =
            Twin::all().into_iter().filter_map(|t| Some((t.id(), t.row()?.clause))).collect();
        let locked = read(LOCK);
        let names: Vec<_> = locked.keys().copied().collect();
        assert_eq!(names, broken.keys().map(String::as_str).collect::<Vec<_>>(), "{renew}");
        let entries = catalogue::all().unwrap();
        for (twin, cases) in locked {
            assert!(!cases.is_empty(), "{twin} is caught by nothing: {renew}");
            for case in cases {
                let entry = entries.iter().find(|entry| entry.id == case);
                let clause = entry.map(|entry| entry.clause.as_str());
                assert_eq!(clause, broken.get(twin).copied(), "{twin}, {case}: {renew}");
            }
        }
    }
}
