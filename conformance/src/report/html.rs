//! One self-contained page: totals, chapters, clauses, each case with what helps to understand it.

use std::collections::BTreeMap;

use askama::Template;

use super::Totals;
use super::document::{Case, Clause, Document, Word};
use super::text::first_sentence;
use crate::clauses::{self, CHAPTERS};
use crate::coverage::Coverage;
use crate::layout::{Comparison, Pair};

/// How many failures are listed above the chapters.
const LISTED: usize = 30;

/// The page.
pub(super) fn render(document: &Document) -> Result<String, String> {
    let mut seen = BTreeMap::new();
    let all: Vec<_> = document.cases.iter().map(|case| Told::of(case, &mut seen)).collect();
    let bad = all.iter().filter(|told| told.case.verdict.is_bad() && !told.case.staged);
    let more = bad.clone().count().saturating_sub(LISTED);
    let failed = bad.take(LISTED).cloned().collect();
    let (chapters, filters) = (chapters(document, &all), filters(document));
    let coverage = Coverage::built_in()?;
    let page = Page { document, failed, more, chapters, filters, coverage };
    page.render().map_err(|error| error.to_string())
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    document: &'a Document,
    /// What failed, the first of it.
    failed: Vec<Told<'a>>,
    /// How much more failed.
    more: usize,
    chapters: Vec<Chapter<'a>>,
    filters: Vec<(Word, usize)>,
    coverage: &'static Coverage,
}

/// A chapter of the specification, or what belongs to none.
struct Chapter<'a> {
    /// Its number; nothing for what belongs to no chapter.
    number: Option<usize>,
    name: &'a str,
    totals: Totals,
    groups: Vec<Group<'a>>,
}

/// A clause and its cases.
struct Group<'a> {
    id: &'a str,
    clause: Option<&'a Clause>,
    /// Its sentence as far as the first thought goes.
    brief: &'a str,
    /// What did not pass plainly, the worst first.
    told: Vec<Told<'a>>,
    /// What passed.
    passed: Vec<&'a Case>,
}

/// A case that is told in full.
#[derive(Clone)]
struct Told<'a> {
    case: &'a Case,
    /// What a link to it ends with: its id, which two runs of a report can share.
    anchor: String,
    compared: Vec<Compared<'a>>,
}

/// Two byte strings, ready to be shown.
#[derive(Clone)]
struct Compared<'a> {
    comparison: &'a Comparison,
    rows: Vec<Row<'a>>,
}

/// One field of both.
#[derive(Clone)]
struct Row<'a> {
    pair: &'a Pair,
    expected: Vec<Piece>,
    actual: Vec<Piece>,
}

/// Bytes in a row that all are equal on both sides, or all differ.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    hex: String,
    differs: bool,
}

fn chapters<'a>(document: &'a Document, all: &[Told<'a>]) -> Vec<Chapter<'a>> {
    let mut numbered: Vec<_> =
        CHAPTERS.into_iter().zip(1..).map(|(name, at)| (Some(name), Some(at))).collect();
    numbered.push((None, None));
    let made = numbered.into_iter().map(|(name, number)| Chapter {
        number,
        name: name.unwrap_or("Files and lines"),
        totals: Totals::of(document.of_chapter(name)),
        groups: groups(document, all.iter().filter(|told| told.case.chapter() == name)),
    });
    made.filter(|chapter| !chapter.groups.is_empty()).collect()
}

/// The cases by clause, in the order of the specification.
fn groups<'a: 'b, 'b>(
    document: &'a Document,
    cases: impl Iterator<Item = &'b Told<'a>>,
) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for told in cases {
        let id = told.case.clause.as_str();
        let at = groups.iter().position(|group| group.id == id).unwrap_or_else(|| {
            groups.push(Group::of(id, document));
            groups.len() - 1
        });
        let is_plain = told.case.verdict == Word::Pass && told.case.notes.is_empty();
        match groups.get_mut(at) {
            Some(group) if is_plain => group.passed.push(told.case),
            Some(group) => group.told.push(told.clone()),
            None => {}
        }
    }
    for group in &mut groups {
        group.told.sort_by_key(|told| told.case.verdict);
    }
    let place = |id: &str| clauses::all().iter().position(|clause| clause.id == id);
    groups.sort_by_key(|group| place(group.id).unwrap_or(usize::MAX));
    groups
}

impl<'a> Group<'a> {
    fn of(id: &'a str, document: &'a Document) -> Self {
        let clause = document.clauses.get(id);
        let brief = clause.map_or("", |clause| first_sentence(&clause.sentence));
        Self { id, clause, brief, told: Vec::new(), passed: Vec::new() }
    }
}

/// The verdicts that occur, the worst first, each with its count.
fn filters(document: &Document) -> Vec<(Word, usize)> {
    let mut counts: BTreeMap<Word, usize> = BTreeMap::new();
    for case in &document.cases {
        *counts.entry(case.verdict).or_default() += 1;
    }
    counts.into_iter().collect()
}

impl<'a> Told<'a> {
    fn of(case: &'a Case, seen: &mut BTreeMap<&'a str, usize>) -> Self {
        let count = seen.entry(&case.id).or_default();
        *count += 1;
        let anchor = match count {
            1 => case.id.clone(),
            more => format!("{}~{more}", case.id),
        };
        Self { case, anchor, compared: case.compared.iter().map(Compared::of).collect() }
    }
}

impl Told<'_> {
    /// What usually is wrong, or else what was seen.
    fn brief(&self) -> &str {
        let mistake = self.case.notes.iter().find(|note| note.kind == "mistake");
        mistake.map_or(&self.case.detail, |note| &note.text)
    }
}

/// A line of prose in pieces: whether each is code, and its text.
pub(crate) fn inline(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('`').enumerate().map(|(at, part)| (at % 2 == 1, part))
}

impl<'a> Compared<'a> {
    fn of(comparison: &'a Comparison) -> Self {
        let row = |pair: &'a Pair| Row {
            pair,
            expected: pieces(&pair.expected, &pair.actual),
            actual: pieces(&pair.actual, &pair.expected),
        };
        Self { comparison, rows: comparison.fields.iter().map(row).collect() }
    }
}

/// `hex`, cut where it begins or ceases to differ from `other`.
fn pieces(hex: &str, other: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut others = other.as_bytes().chunks(2);
    for byte in hex.as_bytes().chunks(2) {
        let differs = others.next() != Some(byte);
        let text = String::from_utf8_lossy(byte);
        match pieces.last_mut() {
            Some(last) if last.differs == differs => last.hex += &text,
            _ => pieces.push(Piece { hex: text.into_owned(), differs }),
        }
    }
    pieces
}

impl Word {
    /// How a page marks it.
    const fn tone(self) -> &'static str {
        match self {
            Self::Pass => "good",
            Self::Known => "warn",
            Self::NotRun | Self::Unsupported => "",
            Self::Fail | Self::Crash | Self::Flaky | Self::Unproven | Self::Broken => "bad",
        }
    }
}

impl Document {
    /// The tone of the conclusion: what judged nobody accuses nobody.
    pub(crate) const fn tone(&self) -> &'static str {
        match self.exit {
            0 if self.totals.known == 0 => "good",
            1 => "bad",
            _ => "warn",
        }
    }

    /// Seconds with a tenth.
    fn seconds(&self) -> String {
        format!("{}.{} s", self.ms / 1_000, self.ms % 1_000 / 100)
    }

    /// Date and time as people read them.
    pub(crate) fn when(&self) -> String {
        self.started.replace('T', " ").replace('Z', " UTC")
    }
}

impl Totals {
    /// What there is to see: name, tone and count, the worst first.
    pub(crate) fn shown(&self) -> Vec<(&'static str, &'static str, usize)> {
        self.each().into_iter().filter(|(_, _, count)| *count > 0).collect()
    }

    /// The count of this name.
    fn count(&self, name: &str) -> usize {
        self.each().iter().find(|(known, _, _)| *known == name).map_or(0, |(_, _, count)| *count)
    }

    const fn each(&self) -> [(&'static str, &'static str, usize); 9] {
        [
            ("fail", "bad", self.fail),
            ("crash", "bad", self.crash),
            ("unproven", "bad", self.unproven),
            ("broken", "bad", self.broken),
            ("known", "warn", self.known),
            ("staged", "", self.staged),
            ("not run", "", self.not_run),
            ("unsupported", "", self.unsupported),
            ("pass", "good", self.pass),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::failing;

    fn page() -> String {
        render(&Document::of(&failing())).expect("a page")
    }

    #[test]
    fn a_page_fetches_nothing_and_runs_nothing_that_it_was_told() {
        let page = page();
        assert!(page.contains("mine 0.3 (Go) &#60;x&#62;"), "{page}");
        assert!(!page.contains("(Go) <x>") && !page.contains("another <packet>"));
        for fetched in ["src=", "href=\"http", "url(", "@import"] {
            assert!(!page.contains(fetched), "{fetched}");
        }
        assert!(page.contains("default-src 'none'"));
    }

    #[test]
    fn a_failure_is_told_with_sentence_bytes_and_command() {
        let page = page();
        let from = page.find("id=\"packet/layout-0001\"").expect("an anchor");
        let case = &page[from..];
        for part in ["packet 0707", "signature", "64..128", "sealwire adapter --only packet/layout"]
        {
            assert!(case.contains(part), "{part}");
        }
        assert!(page.contains("The writer of a packet MUST lay it out"));
    }

    #[test]
    fn bytes_are_cut_where_they_begin_to_differ() {
        let piece = |hex: &str, differs| Piece { hex: hex.into(), differs };
        assert_eq!(pieces("0011", "0011"), [piece("0011", false)]);
        assert_eq!(
            pieces("001122", "00ff22"),
            [piece("00", false), piece("11", true), piece("22", false)]
        );
        assert_eq!(pieces("0011", "00"), [piece("00", false), piece("11", true)]);
        assert_eq!(pieces("", "00"), []);
    }

    #[test]
    fn two_cases_of_one_id_have_two_anchors() {
        let mut document = Document::of(&failing());
        let twice = document.cases[1].clone();
        document.cases.push(twice);
        let page = render(&document).expect("a page");
        assert_eq!(page.matches("id=\"packet/layout-0001\"").count(), 1);
        assert_eq!(page.matches("id=\"packet/layout-0001~2\"").count(), 1);
    }
}
