//! The report for people: what failed, what did not run, a table by chapter.

use std::fmt::Write;

use super::Totals;
use super::document::{Case, Document, Word};
use super::style::Style;
use crate::clauses::CHAPTERS;

/// The whole report.
pub(super) fn render(document: &Document, style: Style) -> String {
    let mut out = String::new();
    for case in &document.cases {
        if case.verdict.is_bad() && case.verdict != Word::Unproven {
            out += &told(document, case, style);
            out.push('\n');
        }
    }
    out += &grouped(document, style);
    out += &passed_with_notes(document, style);
    out += &table(document, style);
    if document.totals.fail + document.totals.crash > 0 {
        out += "\nsealwire explain ID tells what a case is about and what usually goes wrong\n";
    }
    out.push('\n');
    out + &verdict(document, style)
}

/// The last line: who was judged, and how it ended.
pub(crate) fn verdict(document: &Document, style: Style) -> String {
    let conclusion = &document.conclusion;
    let conclusion = match document.exit {
        0 => style.good(conclusion),
        _ => style.bad(conclusion),
    };
    let mut out = document.target.clone();
    // Writing to a string cannot fail.
    if let Some(level) = &document.level {
        let _ = write!(out, ", level {level}");
    }
    let _ = write!(out, ": {conclusion}");
    if document.totals.known > 0 {
        let plural = if document.totals.known == 1 { "" } else { "s" };
        let known = format!("{} known failure{plural}", document.totals.known);
        let _ = write!(out, " · {}", style.warn(&known));
    }
    if !document.complete {
        let reached = document.cases.len() - document.totals.not_run;
        let _ = write!(out, " · {} of {} cases judged", reached, document.cases.len());
    }
    let tenths = document.ms / 100;
    let _ = write!(out, " · {}.{} s", tenths / 10, tenths % 10);
    if let Some(seed) = &document.seed {
        let _ = write!(out, " · seed {seed}");
    }
    out.push('\n');
    out
}

/// A case that failed: clause, sentence, what was expected and seen, and how to run it again.
pub(super) fn told(document: &Document, case: &Case, style: Style) -> String {
    let staged = if case.staged { "STAGED " } else { "" };
    let word = format!("{staged}{}", case.verdict.name().to_uppercase());
    let mut head = format!("{} [{}]", case.id, case.level);
    if let Some(clause) = document.clauses.get(&case.clause) {
        let sentence = first_sentence(&clause.sentence);
        // Writing to a string cannot fail.
        let _ = write!(head, "  {sentence}  {}:{}", clause.file, clause.line);
    }
    let mut out = style.labelled(&format!("{word} "), &head).replacen(&word, &style.bad(&word), 1);
    let mut line = |label: &str, text: &str| {
        out += &style.labelled(&format!("     {label:8}  "), text);
    };
    if let Some(title) = &case.title {
        line("case", title);
    }
    if let Some(expected) = &case.expected {
        line("expected", expected);
    }
    line("actual", case.actual.as_ref().unwrap_or(&case.detail));
    case.notes.iter().for_each(|note| line(&note.kind, &note.text));
    // A command is copied whole: it is never broken.
    if !case.replay.is_empty() {
        out += &format!("     replay    {}\n", case.replay);
    }
    out
}

/// Up to the first full stop, semicolon or colon that ends a thought.
pub(super) fn first_sentence(paragraph: &str) -> &str {
    let end = [". ", "; ", ": "].iter().filter_map(|mark| paragraph.find(mark)).min();
    end.map_or(paragraph, |at| &paragraph[..at])
}

/// More cases than these are counted, not named.
const NAMED: usize = 40;
/// The same for what is unsupported: a whole operation is.
const NAMED_UNSUPPORTED: usize = 3;

/// What did not run or does not count: its reasons, each with the cases it holds for.
fn grouped(document: &Document, style: Style) -> String {
    let mut reasons: Vec<((Word, &str), Vec<&str>)> = Vec::new();
    for case in &document.cases {
        if !matches!(case.verdict, Word::NotRun | Word::Unproven | Word::Unsupported | Word::Known)
        {
            continue;
        }
        let reason = (case.verdict, case.detail.as_str());
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, ids)) => ids.push(&case.id),
            None => reasons.push((reason, vec![&case.id])),
        }
    }
    let told = |((word, reason), ids): ((Word, &str), Vec<&str>)| {
        let most = if word == Word::Unsupported { NAMED_UNSUPPORTED } else { NAMED };
        let cases =
            if ids.len() > most { format!("{} cases", ids.len()) } else { ids.join("\n         ") };
        let head = style.labelled(&format!("{}: ", word.name()), reason);
        format!("{head}         {}\n", style.faint(&cases))
    };
    reasons.into_iter().map(told).collect()
}

/// What passed, but not plainly: a line each.
fn passed_with_notes(document: &Document, style: Style) -> String {
    let passed = document.cases.iter().filter(|case| case.verdict == Word::Pass);
    let noted = passed.flat_map(|case| case.notes.iter().map(move |note| (&case.id, note)));
    noted
        .map(|(id, note)| format!("pass by {}: {}  {}\n", note.kind, note.text, style.faint(id)))
        .collect()
}

/// The counts by chapter.
fn table(document: &Document, style: Style) -> String {
    let all = document.totals;
    let columns: Vec<_> = COLUMNS.into_iter().filter(|c| c.always || (c.count)(&all) > 0).collect();
    let mut out = format!("\n{:14}", "chapter");
    out.extend(columns.iter().map(|column| format!("{:>1$}", column.name, column.width())));
    out.push('\n');
    let mut row = |name: &str, totals: Totals| {
        let _ = write!(out, "{name:14}");
        out.extend(columns.iter().map(|column| column.cell(&totals, style)));
        out.push('\n');
    };
    for (number, chapter) in CHAPTERS.into_iter().enumerate() {
        row(&format!("{} {chapter}", number + 1), Totals::of(document.of_chapter(Some(chapter))));
    }
    let others = Totals::of(document.of_chapter(None));
    if others.all() > 0 {
        row("files, lines", others);
    }
    row("all", all);
    out
}

/// A column of the table.
struct Column {
    name: &'static str,
    /// Whether it is there even if it counts nothing.
    always: bool,
    news: News,
    count: fn(&Totals) -> usize,
}

#[derive(Clone, Copy)]
enum News {
    Good,
    Bad,
    Neither,
}

const COLUMNS: [Column; 9] = [
    Column { name: "pass", always: true, news: News::Good, count: |t| t.pass },
    Column { name: "fail", always: true, news: News::Bad, count: |t| t.fail },
    Column { name: "crash", always: false, news: News::Bad, count: |t| t.crash },
    Column { name: "broken", always: false, news: News::Bad, count: |t| t.broken },
    Column { name: "unproven", always: false, news: News::Bad, count: |t| t.unproven },
    Column { name: "known", always: false, news: News::Neither, count: |t| t.known },
    Column { name: "unsupported", always: true, news: News::Neither, count: |t| t.unsupported },
    Column { name: "not run", always: true, news: News::Neither, count: |t| t.not_run },
    Column { name: "staged", always: false, news: News::Neither, count: |t| t.staged },
];

impl Column {
    fn width(&self) -> usize {
        (self.name.len() + 2).max(7)
    }

    fn cell(&self, totals: &Totals, style: Style) -> String {
        let count = (self.count)(totals);
        let cell = format!("{count:>0$}", self.width());
        match self.news {
            News::Good => style.good(&cell),
            News::Bad if count > 0 => style.bad(&cell),
            _ => cell,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Report;
    use super::super::tests::failing;
    use super::*;
    use crate::live::outcome::{Finding, Note, Verdict};

    fn text(findings: Vec<Finding>) -> String {
        let took = Duration::from_millis(3_499);
        let report = Report { findings, target: "one".into(), took, ..failing() };
        render(&Document::of(&report), Style::plain())
    }

    #[test]
    fn a_failure_names_clause_sentence_expectation_and_replay() {
        let finding = Finding {
            notes: vec![Note("effect", "nobody reads it".into())],
            replay: "sealwire check --only frame/verbatim.big --seed 00".into(),
            ..Finding::new(
                "frame/verbatim.big".into(),
                "frame/verbatim".into(),
                Verdict::failed("the packet", "another"),
            )
        };
        let text = text(vec![finding]);
        assert!(text.starts_with("FAIL frame/verbatim.big [MUST]  A relay MUST hand on"), "{text}");
        assert!(text.contains("spec/04-frame.md:"), "{text}");
        assert!(text.contains("     expected  the packet\n     actual    another\n     effect    nobody reads it\n"), "{text}");
        assert!(text.contains("     replay    sealwire check --only frame/verbatim.big"), "{text}");
        assert!(
            text.ends_with("one: does not conform · 3.4 s · seed 00000000000000ff\n"),
            "{text}"
        );
    }

    #[test]
    fn what_does_not_count_is_grouped_by_its_reason_and_many_are_counted() {
        let finding = |number: usize, verdict: Verdict| {
            Finding::new(format!("frame/mask-{number:04}"), "frame/mask".into(), verdict)
        };
        let mut findings = vec![finding(1, Verdict::Unproven("accepts all".into()))];
        let absent = || Verdict::Unsupported("frame.mask".into());
        findings.extend((2..9).map(|number| finding(number, absent())));
        let text = text(findings);
        assert!(text.contains("unproven: accepts all\n         frame/mask-0001\n"), "{text}");
        assert!(text.contains("unsupported: frame.mask\n         7 cases\n"), "{text}");
        assert!(text.contains("one: does not conform"), "{text}");
    }

    #[test]
    fn an_empty_run_is_no_success() {
        assert!(text(vec![]).contains("one: nothing ran"));
    }

    #[test]
    fn a_run_that_was_interrupted_says_how_far_it_came() {
        let report = Report { complete: false, findings: failing().findings, ..failing() };
        let text = render(&Document::of(&report), Style::plain());
        assert!(text.contains("not finished · 3 of 4 cases judged"), "{text}");
    }
}
