//! The page of the matrix: a summary, every clause over every implementation, and what each breaks.

use askama::Template;

use super::{Cell, Column, Matrix, Row, Sum, tells};
use crate::report::{Case, Kind, Word};

#[derive(Template)]
#[template(path = "matrix.html")]
struct Page<'a> {
    matrix: &'a Matrix,
    summaries: Vec<Vec<Sum>>,
    broken: Vec<Broken<'a>>,
}

/// What one implementation breaks.
struct Broken<'a> {
    at: usize,
    column: &'a Column,
    rows: Vec<(&'a Row, &'a Cell)>,
}

/// The whole page.
pub(super) fn render(matrix: &Matrix) -> Result<String, String> {
    let summaries = matrix.chapters.iter().map(|chapter| matrix.sums(chapter)).collect();
    let broken = matrix.columns.iter().enumerate().map(|(at, column)| {
        let rows = matrix.chapters.iter().flat_map(|chapter| &chapter.rows);
        let cells = rows.filter_map(|row| Some((row, row.cells.get(at)?)));
        Broken { at, column, rows: cells.filter(|(_, cell)| cell.is_told()).collect() }
    });
    let page = Page { matrix, summaries, broken: broken.collect() };
    page.render().map_err(|error| error.to_string())
}

impl Cell {
    /// Whether something tells against the implementation, or would if it were not known.
    fn is_told(&self) -> bool {
        self.word.is_some_and(tells)
    }

    /// The cases that are told: those that did run.
    fn ran(&self) -> impl Iterator<Item = &(Kind, Case)> {
        self.told.iter().filter(|(_, case)| tells(case.verdict))
    }

    /// A sign that needs no colour, its tone, and what it says.
    fn sign(&self) -> (&'static str, &'static str, &'static str) {
        match self.word {
            None => ("", "quiet", "no case"),
            Some(Word::Pass) => ("✓", "good", "pass"),
            Some(Word::Known) => ("✗", "warn", "known"),
            Some(Word::NotRun) => ("–", "quiet", "not run"),
            Some(Word::Unsupported) => ("–", "quiet", "unsupported"),
            Some(Word::Broken) => ("?", "warn", "could not be judged"),
            Some(word) => ("✗", "bad", word.name()),
        }
    }

    /// How many cases passed of those that ran; nothing if all did.
    fn share(&self) -> Option<String> {
        let judged = self.totals.judged();
        (self.is_told() && judged > 1).then(|| format!("{}/{judged}", self.totals.pass))
    }
}

impl Row {
    /// What the filter looks for.
    fn words(&self) -> String {
        format!("{} {}", self.clause.id, self.clause.level).to_lowercase()
    }

    /// Whether an implementation breaks the clause.
    pub(super) fn fails(&self) -> bool {
        self.cells.iter().any(Cell::is_told)
    }
}
