//! The kill matrix as a file, `twins.lock`: each broken twin and the cases of its clause that catch
//! it, so that everybody can look it up without running it.
//!
//! ```text
//! twin case …
//! ```

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use super::matrix::Row;
use crate::cli::Exit;
use crate::judge::unusable;

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

fn read(text: &'static str) -> BTreeMap<&'static str, Vec<String>> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let twin = |line: &'static str| {
        let (twin, cases) = line.split_once(' ').unwrap_or((line, ""));
        (twin, cases.split_whitespace().map(str::to_owned).collect())
    };
    lines.map(twin).collect()
}

/// The lock of a whole run.
fn text(rows: &[Row]) -> String {
    let broken = rows.iter().filter_map(|row| Some((row, row.twin.row()?.clause)));
    let line = |(row, clause): (&Row, &str)| {
        let caught = row.caught_by().filter(|tried| tried.clause == clause);
        let cases: String = caught.map(|tried| format!(" {}", tried.case)).collect();
        format!("{}{cases}\n", row.twin.id())
    };
    HEAD.to_owned() + &broken.map(line).collect::<String>()
}

/// Writes the lock to `path`, which must exist: a mistyped name makes no second one.
pub(super) fn write(path: &Path, rows: &[Row]) -> Result<(), Exit> {
    let written = std::fs::metadata(path).and_then(|_| std::fs::write(path, text(rows)));
    written.map_err(|error| {
        unusable(&format!("--lock {}: cannot write the lock: {error}", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::twins::Twin;

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
