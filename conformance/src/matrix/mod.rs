//! `sealwire matrix`: several reports side by side, as a table, a page and a badge.

mod badge;
mod page;
mod text;

use std::path::{Path, PathBuf};

use crate::clauses::{self, CHAPTERS, chapter};
use crate::cli::{self, Exit, unusable};

use crate::report::style::Style;
use crate::report::{Case, Document, Kind, Totals, Word, print, replaced, unwritable};

/// What a table, a page and a badge are made from.
#[derive(Debug)]
struct Matrix {
    columns: Vec<Column>,
    chapters: Vec<Chapter>,
}

/// One implementation: every report that names it.
#[derive(Debug)]
struct Column {
    /// As its reports call it.
    name: String,
    /// One for each kind of run.
    reports: Vec<Document>,
}

/// The clauses of one chapter that somebody was judged by.
#[derive(Debug)]
struct Chapter {
    number: usize,
    name: &'static str,
    rows: Vec<Row>,
}

/// One clause over all implementations.
#[derive(Debug)]
struct Row {
    clause: &'static clauses::Clause,
    cells: Vec<Cell>,
}

/// What the cases of one clause made of one implementation.
#[derive(Debug)]
struct Cell {
    /// The worst verdict; nothing if no case ran.
    word: Option<Word>,
    totals: Totals,
    /// The cases that did not pass, worst first: kind of run, case.
    told: Vec<(Kind, Case)>,
}

impl Matrix {
    /// Reads every report; what is wrong with one, in a line.
    fn read(paths: &[PathBuf]) -> Result<Self, String> {
        let mut columns: Vec<Column> = Vec::new();
        for path in paths {
            let document = read(path)?;
            let (name, kind) = (document.target.clone(), document.kind);
            match columns.iter_mut().find(|column| column.name == name) {
                None => columns.push(Column { name, reports: vec![document] }),
                Some(column) if column.reports.iter().any(|report| report.kind == kind) => {
                    return Err(format!(
                        "{}: a second {} report of {name}; --name gives a run another name",
                        path.display(),
                        kind.name()
                    ));
                }
                Some(column) => column.reports.push(document),
            }
        }
        let chapters = CHAPTERS.into_iter().zip(1..).map(|(name, number)| {
            let of_chapter = clauses::all().iter().filter(|clause| chapter(clause.id) == name);
            let rows = of_chapter.map(|clause| Row::of(clause, &columns));
            Chapter { number, name, rows: rows.filter(Row::is_judged).collect() }
        });
        Ok(Self { chapters: chapters.filter(|c| !c.rows.is_empty()).collect(), columns })
    }

    /// How many clauses each implementation keeps, breaks and was not judged by, in one chapter.
    fn sums(&self, chapter: &Chapter) -> Vec<Sum> {
        self.columns
            .iter()
            .enumerate()
            .map(|(at, _)| Sum::of(chapter.rows.iter().filter_map(|row| row.cells.get(at))))
            .collect()
    }
}

/// Clauses kept, broken, broken as a list knows, and not judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    kept: usize,
    broken: usize,
    known: usize,
    open: usize,
}

impl Sum {
    const fn judged(self) -> usize {
        self.kept + self.broken + self.known
    }

    /// The worst that it says.
    const fn tone(self) -> &'static str {
        match self {
            Self { broken: 1.., .. } => "bad",
            Self { known: 1.., .. } => "warn",
            _ => "good",
        }
    }

    fn of<'a>(cells: impl Iterator<Item = &'a Cell>) -> Self {
        let mut sum = Self::default();
        for cell in cells {
            *match cell.word {
                Some(Word::Pass) => &mut sum.kept,
                Some(Word::Known) => &mut sum.known,
                Some(word) if tells(word) => &mut sum.broken,
                _ => &mut sum.open,
            } += 1;
        }
        sum
    }
}

/// What is said of an implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Conclusion {
    Conforms,
    /// But for failures that are known.
    Known,
    DoesNot,
    /// A run did not come to its end, or something could not be judged.
    NotJudged,
}

impl Conclusion {
    /// In words.
    const fn said(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::Known => "known failures",
            Self::DoesNot => "does not conform",
            Self::NotJudged => "not judged",
        }
    }

    /// How a page marks it.
    const fn tone(self) -> &'static str {
        match self {
            Self::Conforms => "good",
            Self::Known | Self::NotJudged => "warn",
            Self::DoesNot => "bad",
        }
    }
}

impl Column {
    /// The counts of all its reports.
    fn totals(&self) -> Totals {
        Totals::of(self.cases().map(|(_, case)| case))
    }

    fn cases(&self) -> impl Iterator<Item = (Kind, &Case)> {
        self.reports.iter().flat_map(|report| report.cases.iter().map(|case| (report.kind, case)))
    }

    /// What all its runs say together, by their cases and not by their words.
    fn conclusion(&self) -> Conclusion {
        let totals = self.totals();
        let whole = self.reports.iter().all(|report| report.complete);
        match () {
            () if totals.bad() > 0 => Conclusion::DoesNot,
            () if !whole || totals.broken > 0 || totals.judged() == 0 => Conclusion::NotJudged,
            () if totals.known > 0 => Conclusion::Known,
            () => Conclusion::Conforms,
        }
    }

    /// How many cases are of clauses that this suite does not know.
    fn unknown(&self) -> usize {
        let unknown =
            |case: &Case| !case.clause.is_empty() && clauses::find(&case.clause).is_none();
        self.cases().filter(|(_, case)| unknown(case)).count()
    }

    /// The kinds of run.
    fn kinds(&self) -> String {
        let kinds: Vec<_> = self.reports.iter().map(|report| report.kind.name()).collect();
        kinds.join(", ")
    }
}

impl Row {
    fn of(clause: &'static clauses::Clause, columns: &[Column]) -> Self {
        Self { clause, cells: columns.iter().map(|column| Cell::of(clause.id, column)).collect() }
    }

    /// Whether a report names a case of the clause.
    fn is_judged(&self) -> bool {
        self.cells.iter().any(|cell| cell.totals.all() > 0)
    }

    /// Whether the implementations that were judged by it differ.
    fn differs(&self) -> bool {
        let mut words = self.cells.iter().filter_map(|cell| cell.word.filter(ran));
        words.next().is_some_and(|first| words.any(|other| other != first))
    }
}

impl Cell {
    fn of(clause: &str, column: &Column) -> Self {
        let cases: Vec<_> = column.cases().filter(|(_, case)| case.clause == clause).collect();
        let totals = Totals::of(cases.iter().map(|(_, case)| *case));
        let counted = cases.iter().filter(|(_, case)| !case.staged).map(|(_, case)| case.verdict);
        // What ran decides; what did not is shown only where nothing did.
        let word = counted.clone().filter(ran).min().or(counted.min());
        let mut told: Vec<_> = cases
            .into_iter()
            .filter(|(_, case)| case.verdict != Word::Pass)
            .map(|(kind, case)| (kind, case.clone()))
            .collect();
        told.sort_by_key(|(_, case)| case.verdict);
        Self { word, totals, told }
    }
}

/// Whether a verdict came from a run of the case.
const fn ran(word: &Word) -> bool {
    !matches!(word, Word::NotRun | Word::Unsupported | Word::Broken)
}

/// Whether it tells against the implementation, or would if it were not known.
fn tells(word: Word) -> bool {
    word == Word::Known || word.is_bad() && word != Word::Broken
}

fn read(path: &Path) -> Result<Document, String> {
    let named = |fault: String| format!("{}: {fault}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| named(error.to_string()))?;
    Document::read(&text).map_err(named)
}

/// `sealwire matrix`.
pub(crate) fn matrix(asked: &cli::Matrix) -> Exit {
    match made(asked) {
        Ok(()) => Exit::Conforms,
        Err(fault) => unusable(&fault),
    }
}

fn made(asked: &cli::Matrix) -> Result<(), String> {
    let matrix = Matrix::read(&asked.reports)?;
    let mut places: Vec<&Path> = asked.reports.iter().map(PathBuf::as_path).collect();
    for (path, make) in [(&asked.html, page::render as Render), (&asked.badge, badge::render)] {
        let Some(path) = path else { continue };
        if places.contains(&path.as_path()) {
            return Err(format!(
                "{}: named twice; each file has a name of its own",
                path.display()
            ));
        }
        places.push(path);
        replaced(path, &make(&matrix)?)
            .map_err(|error| format!("{}: {}", path.display(), unwritable(&error)))?;
    }
    print(&text::render(&matrix, Style::of_stdout()));
    Ok(())
}

/// Who makes a file of a matrix.
type Render = fn(&Matrix) -> Result<String, String>;

#[cfg(test)]
mod tests;
