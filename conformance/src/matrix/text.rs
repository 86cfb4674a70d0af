//! The table for a terminal: clauses kept, by chapter and implementation.

use core::fmt::Write;

use super::{Column, Matrix, Sum};
use crate::report::style::Style;

/// The narrowest column.
const NARROWEST: usize = 14;

/// The whole table.
pub(super) fn render(matrix: &Matrix, style: Style) -> String {
    let width = |column: &Column| column.name.chars().count().max(NARROWEST) + 2;
    let mut out = format!("{:14}", "chapter");
    // Writing to a string cannot fail.
    for column in &matrix.columns {
        let _ = write!(out, "{:>1$}", column.name, width(column));
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
        let said = if column.conforms() { "conforms" } else { "does not" };
        let said = format!("{said:>0$}", width(column));
        out += &if column.conforms() { style.good(&said) } else { style.bad(&said) };
    }
    out.push('\n');
    out + "clauses kept, of those that a case judged\n"
}

fn cell(sum: Sum, width: usize, style: Style) -> String {
    let text = match sum.judged() {
        0 => format!("{:>width$}", "–"),
        judged => format!("{:>width$}", format!("{} of {judged}", sum.kept)),
    };
    match sum {
        Sum { broken: 1.., .. } => style.bad(&text),
        Sum { known: 1.., .. } => style.warn(&text),
        Sum { kept: 0, .. } => style.faint(&text),
        _ => style.good(&text),
    }
}
