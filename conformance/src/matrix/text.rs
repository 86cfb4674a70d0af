//! The table for a terminal: clauses kept, by chapter and implementation.

use core::fmt::Write;

use super::{Column, Matrix, Sum};
use crate::report::shortened;
use crate::report::style::Style;

/// The narrowest column.
const NARROWEST: usize = 16;

/// The widest: a longer name is cut.
const WIDEST: usize = 40;

/// The whole table.
pub(super) fn render(matrix: &Matrix, style: Style) -> String {
    let width = |column: &Column| column.name.chars().count().clamp(NARROWEST, WIDEST) + 2;
    let mut out = format!("{:14}", "chapter");
    // Writing to a string cannot fail.
    for column in &matrix.columns {
        let _ = write!(out, "{:>1$}", shortened(&column.name, WIDEST), width(column));
    }
    out.push('\n');
    for chapter in &matrix.chapters {
        let _ = write!(out, "{:14}", format!("{} {}", chapter.number, chapter.name));
        for (column, sum) in matrix.columns.iter().zip(matrix.sums(chapter)) {
            out += &cell(sum, width(column), style);
        }
        out.push('\n');
    }
    let _ = write!(out, "{:14}", "");
    for column in &matrix.columns {
        let conclusion = column.conclusion();
        let said = format!("{:>1$}", conclusion.said(), width(column));
        out += &match conclusion.tone() {
            "good" => style.good(&said),
            "warn" => style.warn(&said),
            _ => style.bad(&said),
        };
    }
    out.push('\n');
    out += "clauses kept, of those that a case judged\n";
    for column in matrix.columns.iter().filter(|column| column.unknown() > 0) {
        let (name, count) = (shortened(&column.name, WIDEST), column.unknown());
        let _ = writeln!(out, "{name}: {count} cases of clauses that this suite does not know");
    }
    out
}

fn cell(sum: Sum, width: usize, style: Style) -> String {
    let text = match sum.judged() {
        0 => format!("{:>width$}", "–"),
        _ => format!("{:>width$}", format!("{} of {}", sum.kept, sum.judged())),
    };
    match sum {
        Sum { broken: 1.., .. } => style.bad(&text),
        Sum { known: 1.., .. } => style.warn(&text),
        Sum { kept: 0, .. } => style.faint(&text),
        _ => style.good(&text),
    }
}
