//! The kill matrix in words and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use super::faults::Twin;
use super::matrix::Row;

/// How many cases are named in a line.
const NAMED: usize = 3;

/// One line a twin, what went wrong, and the sum.
pub(crate) fn text(rows: &[Row]) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{:<36}{:<36}caught by", "twin", "clause");
    for row in rows {
        let clause = row.twin.row().map_or("", |row| row.clause);
        let _ = writeln!(out, "{:<36}{clause:<36}{}", row.twin.id(), catchers(row));
    }
    rows.iter().filter(|row| row.twin.clauses().len() > 1).for_each(|row| named(&mut out, row));
    for row in rows.iter().filter(|row| !row.is_right()) {
        wrong(&mut out, row);
    }
    let _ = writeln!(out, "\n{}", sum(rows));
    out
}

/// The cases that caught a twin, the first of them by name.
fn catchers(row: &Row) -> String {
    let caught: Vec<_> = row.caught_by().map(|tried| tried.case.as_str()).collect();
    match caught.len() {
        0 => format!("none of {}", row.tried.len()),
        1..=NAMED => caught.join(", "),
        more => format!("{}, … ({more} of {})", caught[..NAMED].join(", "), row.tried.len()),
    }
}

/// By which clauses a twin with many faults was named, and by how many cases of each.
fn named(out: &mut String, row: &Row) {
    let (id, clauses) = (row.twin.id(), row.named());
    let count = clauses.len();
    let _ = writeln!(out, "\n{id} does all that version 2 permits; named by {count} clauses:");
    for clause in clauses {
        let cases = row.caught_by().filter(|tried| tried.clause == clause).count();
        let _ = writeln!(out, "        {clause:<36}{cases}");
    }
}

fn wrong(out: &mut String, row: &Row) {
    let _ = match row.twin.row() {
        None if row.twin == Twin::References => writeln!(out, "\nFAILED {}", row.twin.id()),
        Some(fault) => {
            let id = row.twin.id();
            let why = "either its fault is never reached, or these cases do not look";
            writeln!(out, "\nESCAPED {id}: {}\n        {} {why}:", fault.clause, fault.sentence)
        }
        None => {
            let (named, clauses) = (row.named(), row.twin.clauses());
            let falsely: Vec<_> = named.difference(&clauses).collect();
            let missed: Vec<_> = clauses.difference(&named).collect();
            let id = row.twin.id();
            writeln!(out, "\nMISTAKEN {id}: falsely named {falsely:?}, not named {missed:?}")
        }
    };
    for tried in &row.tried {
        let (word, detail) = (tried.verdict.word(), tried.verdict.detail());
        if row.twin.row().is_some() || word != "pass" {
            let _ = writeln!(out, "        {word:<6}{}  {detail}", tried.case);
        }
    }
}

/// The last line: of the twins with a fault how many were caught, of the others how many were
/// accused of nothing.
pub(crate) fn sum(rows: &[Row]) -> String {
    let of = |rows: Vec<&Row>, said: &str| {
        let right = rows.iter().filter(|row| row.is_right()).count();
        (!rows.is_empty()).then(|| format!("{right} of {} {said}", rows.len()))
    };
    let (faulty, right): (Vec<_>, Vec<_>) =
        rows.iter().partition(|row| !row.twin.clauses().is_empty());
    let said = [of(faulty, "caught"), of(right, "without a fault accused of none")];
    format!("twins: {}", said.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// The same for programs.
pub(crate) fn json(rows: &[Row]) -> String {
    let row = |row: &Row| -> Value {
        let cases = row.tried.iter().map(|tried| (tried.case.clone(), tried.verdict.word().into()));
        json!({
            "twin": row.twin.id(),
            "clauses": row.twin.clauses(),
            "does": row.twin.row().map(|row| row.sentence),
            "right": row.is_right(),
            "cases": cases.collect::<serde_json::Map<_, Value>>(),
        })
    };
    let twins: Vec<_> = rows.iter().map(row).collect();
    format!("{:#}\n", json!({ "twins": twins, "sum": sum(rows) }))
}
