//! What the suite covers, and what it does not: cases by level and chapter, clauses without a case,
//! twins that a single case catches.

use std::fmt::Write;
use std::sync::OnceLock;

use serde::Serialize;

use crate::catalogue::{self, Entry, Way};
use crate::clauses::{self, CHAPTERS, Clause};
use crate::cli::{self, Exit, Format, complain};
use crate::holdings::Holdings;
use crate::report::{Page, print};

/// A clause and what holds it.
type Held<'a> = (&'static Clause, Holdings<'a>);

/// The levels, the strongest first.
const LEVELS: [&str; 5] = ["MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"];

/// The whole of it.
#[derive(Debug, Serialize)]
pub(crate) struct Coverage {
    /// By level of the clause.
    pub(crate) levels: Vec<Row>,
    /// By chapter.
    pub(crate) chapters: Vec<Row>,
    /// All together.
    pub(crate) all: Row,
    /// Clauses without a case, and why.
    pub(crate) untestable: Vec<Untestable>,
    /// Clauses that no broken twin breaks.
    pub(crate) without_twin: Vec<&'static str>,
    /// Twins that only one case of their clause catches.
    pub(crate) single: Vec<Single>,
}

/// How many clauses, and what holds them.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Row {
    /// The level, the chapter, or `all`.
    pub(crate) name: String,
    /// Clauses.
    pub(crate) clauses: usize,
    /// Those of them without a case.
    pub(crate) without_case: usize,
    /// Vectors.
    pub(crate) vectors: usize,
    /// Cases for a relay.
    pub(crate) relay: usize,
    /// Cases for a client.
    pub(crate) client: usize,
    /// Broken twins.
    pub(crate) twins: usize,
}

/// A clause that nothing can show.
#[derive(Debug, Serialize)]
pub(crate) struct Untestable {
    /// The clause.
    pub(crate) clause: &'static str,
    /// Why, as the specification says.
    pub(crate) reason: String,
}

/// A twin that would go unnoticed without one case.
#[derive(Debug, Serialize)]
pub(crate) struct Single {
    /// The twin.
    pub(crate) twin: String,
    /// The clause it breaks.
    pub(crate) clause: &'static str,
    /// The case.
    pub(crate) case: String,
}

impl Coverage {
    /// What the suite that is built in covers.
    pub(crate) fn built_in() -> Result<&'static Self, String> {
        static COVERAGE: OnceLock<Result<Coverage, String>> = OnceLock::new();
        COVERAGE.get_or_init(|| Ok(Self::of(&catalogue::all()?))).as_ref().map_err(Clone::clone)
    }

    fn of(entries: &[Entry]) -> Self {
        let held: Vec<Held> = clauses::all()
            .iter()
            .map(|clause| (clause, Holdings::of(clause.id, entries)))
            .collect();
        let level = |name: &&str| Row::of(name, held.iter().filter(|(c, _)| c.level == *name));
        let chapter = |name: &&str| {
            Row::of(name, held.iter().filter(|(c, _)| clauses::chapter(c.id) == *name))
        };
        let untestable = |(clause, _): &Held| {
            let reason = clause.untestable.clone()?;
            Some(Untestable { clause: clause.id, reason })
        };
        let without_twin = held.iter().filter(|(_, holdings)| holdings.twins.is_empty());
        let broken = held.iter().flat_map(|(c, h)| h.twins.iter().map(|twin| (c.id, twin)));
        let single = broken.filter_map(|(clause, twin)| match twin.caught_by {
            [case] => Some(Single { twin: twin.id.clone(), clause, case: case.clone() }),
            _ => None,
        });
        Self {
            levels: LEVELS.iter().map(level).filter(|row| row.clauses > 0).collect(),
            chapters: CHAPTERS.iter().map(chapter).collect(),
            all: Row::of("all", held.iter()),
            untestable: held.iter().filter_map(untestable).collect(),
            without_twin: without_twin.map(|(clause, _)| clause.id).collect(),
            single: single.collect(),
        }
    }

    /// The page for people.
    fn text(&self) -> String {
        let mut page = Page::default();
        for rows in [&self.levels, &self.chapters] {
            page.line(&heading());
            rows.iter().for_each(|row| page.line(&row.line()));
            page.line(&self.all.line());
            page.gap();
        }
        page.line(&format!("clauses without a case: {}", self.untestable.len()));
        for Untestable { clause, reason } in &self.untestable {
            page.labelled("", &format!("[{clause}] {reason}"));
        }
        page.line(&format!("clauses without a broken twin: {}", self.without_twin.len()));
        for clause in &self.without_twin {
            page.labelled("", &format!("[{clause}]"));
        }
        page.line(&format!("twins that one case of their clause catches: {}", self.single.len()));
        for Single { twin, case, .. } in &self.single {
            page.labelled("", &format!("{twin} by {case}"));
        }
        page.text()
    }
}

impl Row {
    fn of<'a>(name: &str, clauses: impl Iterator<Item = &'a Held<'a>>) -> Self {
        let mut row = Self { name: name.to_owned(), ..Self::default() };
        for (clause, held) in clauses {
            row.clauses += 1;
            row.without_case += usize::from(clause.untestable.is_some());
            row.vectors += held.cases(Way::Vector).len();
            row.relay += held.cases(Way::Relay).len();
            row.client += held.cases(Way::Client).len();
            row.twins += held.twins.len();
        }
        row
    }

    fn line(&self) -> String {
        let mut line = format!("{:14}", self.name);
        let Self { clauses, without_case, vectors, relay, client, twins, .. } = *self;
        for count in [clauses, without_case, vectors, relay, client, twins] {
            // Writing to a string cannot fail.
            let _ = write!(line, "{count:>14}");
        }
        line
    }
}

fn heading() -> String {
    let mut line = format!("{:14}", "");
    for name in ["clauses", "without case", "vectors", "relay cases", "client cases", "twins"] {
        let _ = write!(line, "{name:>14}");
    }
    line
}

/// `sealwire coverage`.
pub(crate) fn coverage(asked: &cli::Coverage) -> Exit {
    let coverage = match Coverage::built_in() {
        Ok(coverage) => coverage,
        Err(fault) => {
            complain(&fault);
            return Exit::Broken;
        }
    };
    print(&match asked.format {
        Format::Text => coverage.text(),
        // Strings and numbers under fixed names always serialise.
        Format::Json => serde_json::to_string_pretty(&coverage).unwrap_or_default() + "\n",
    });
    Exit::Conforms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twins::{Twin, lock};

    #[test]
    fn nothing_is_counted_twice_or_left_out() {
        let coverage = Coverage::built_in().unwrap();
        let all = catalogue::all().unwrap();
        let sum = |rows: &[Row], count: fn(&Row) -> usize| rows.iter().map(count).sum::<usize>();
        for rows in [&coverage.levels, &coverage.chapters] {
            assert_eq!(sum(rows, |row| row.clauses), clauses::all().len());
            assert_eq!(sum(rows, |row| row.vectors + row.relay + row.client), all.len());
            assert_eq!(sum(rows, |row| row.twins), coverage.all.twins);
        }
    }

    #[test]
    fn a_clause_without_a_case_is_told_with_its_reason() {
        let coverage = Coverage::built_in().unwrap();
        let told: Vec<_> = coverage.untestable.iter().map(|u| u.clause).collect();
        let silent = clauses::all().iter().filter(|clause| clause.untestable.is_some());
        assert_eq!(told, silent.map(|clause| clause.id).collect::<Vec<_>>());
    }

    #[test]
    fn twins_that_one_case_catches_are_named_with_it() {
        let coverage = Coverage::built_in().unwrap();
        let alone = |twin: &Twin| twin.row().is_some() && lock::catchers(&twin.id()).len() == 1;
        let expected = Twin::all().iter().filter(|twin| alone(twin)).count();
        assert_eq!(coverage.single.len(), expected);
        assert!(!coverage.single.is_empty());
        for Single { twin, clause, case } in &coverage.single {
            assert!(case.starts_with(clause), "{twin} is caught by {case}");
        }
        let text = coverage.text();
        let last = coverage.single.last().map(|s| format!("{} by {}\n", s.twin, s.case));
        assert!(text.ends_with(&last.unwrap_or_default()), "{text}");
    }
}
