//! The report for people: what failed, what did not run, a table by chapter.

use std::fmt::Write;

use super::style::Style;
use super::{Report, Totals, level};
use crate::catalogue::lock::is_staged;
use crate::clauses;
use crate::cli::Exit;
use crate::live::outcome::{Finding, Note, Verdict};

/// The whole report.
pub(crate) fn render(report: &Report, style: Style) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        out += &trouble(finding, style);
    }
    out += &grouped(report, style);
    out += &passed_with_notes(report, style);
    out += &table(report, style);
    let totals = report.totals();
    let verdict = match (totals.exit(), totals.pass) {
        (Exit::Conforms, _) => style.good("conforms"),
        (Exit::NothingRan, _) => style.bad("nothing ran"),
        (Exit::Broken, _) if totals.fail + totals.crash == 0 => style.bad("could not be judged"),
        _ => style.bad("does not conform"),
    };
    if totals.fail + totals.crash > 0 {
        out += "\nsealwire explain ID tells what a case is about and what usually goes wrong\n";
    }
    let seconds = report.took.as_secs_f64();
    let _ = write!(out, "\n{}: {verdict} · {seconds:.1} s", report.target);
    out += &report.seed.as_ref().map(|seed| format!(" · seed {seed}")).unwrap_or_default();
    out.push('\n');
    out
}

/// One failure as JUDGE's readers need it; empty for what passed or is told by its reason.
pub(crate) fn trouble(finding: &Finding, style: Style) -> String {
    let (expected, actual) = match &finding.verdict {
        Verdict::Pass | Verdict::NotRun(_) | Verdict::Unproven(_) | Verdict::Unsupported(_) => {
            return String::new();
        }
        Verdict::Fail { expected, actual } => (Some(expected), actual.clone()),
        other => (None, other.detail()),
    };
    let staged = if is_staged(&finding.id) { "STAGED " } else { "" };
    let word = format!("{staged}{}", finding.verdict.word().to_uppercase());
    let mut out = format!("{} {} [{}]", style.bad(&word), finding.id, level(&finding.clause));
    if let Some(clause) = clauses::find(&finding.clause) {
        let _ =
            write!(out, "  {}  {}:{}", first_sentence(&clause.sentence), clause.file, clause.line);
    }
    out.push('\n');
    let mut line = |label: &str, text: &str| {
        let _ = writeln!(out, "     {label:8}  {text}");
    };
    if let Some(expected) = expected {
        line("expected", expected);
    }
    line("actual", &actual);
    finding.notes.iter().for_each(|Note(label, text)| line(label, text));
    line("replay", &finding.replay);
    out.push('\n');
    out
}

/// Up to the first full stop, semicolon or colon that ends a thought.
fn first_sentence(paragraph: &str) -> &str {
    let end = [". ", "; ", ": "].iter().filter_map(|mark| paragraph.find(mark)).min();
    end.map_or(paragraph, |at| &paragraph[..at])
}

/// More cases than these are counted, not named.
const NAMED: usize = 40;
/// The same for what is unsupported: a whole operation is.
const NAMED_UNSUPPORTED: usize = 3;

/// What did not run or does not count: its reasons, each with the cases it holds for.
fn grouped(report: &Report, style: Style) -> String {
    let mut reasons: Vec<((&str, &str), Vec<&str>)> = Vec::new();
    for finding in &report.findings {
        let reason = match &finding.verdict {
            Verdict::NotRun(why) | Verdict::Unproven(why) | Verdict::Unsupported(why) => {
                (finding.verdict.word(), why.as_str())
            }
            _ => continue,
        };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, ids)) => ids.push(&finding.id),
            None => reasons.push((reason, vec![&finding.id])),
        }
    }
    let line = |((word, reason), ids): ((&str, &str), Vec<&str>)| {
        let most = if word == "unsupported" { NAMED_UNSUPPORTED } else { NAMED };
        let cases =
            if ids.len() > most { format!("{} cases", ids.len()) } else { ids.join("\n         ") };
        format!("{word}: {reason}\n         {}\n", style.faint(&cases))
    };
    reasons.into_iter().map(line).collect()
}

/// What passed, but not plainly: a line each.
fn passed_with_notes(report: &Report, style: Style) -> String {
    let passed = report.findings.iter().filter(|finding| finding.verdict == Verdict::Pass);
    let noted = passed.flat_map(|finding| finding.notes.iter().map(|note| (&finding.id, note)));
    noted
        .map(|(id, Note(label, text))| format!("pass by {label}: {text}  {}\n", style.faint(id)))
        .collect()
}

/// The counts by chapter.
fn table(report: &Report, style: Style) -> String {
    let all = report.totals();
    let columns: Vec<_> = COLUMNS.into_iter().filter(|c| c.always || (c.count)(&all) > 0).collect();
    let mut out = format!("\n{:14}", "chapter");
    out.extend(columns.iter().map(|column| format!("{:>1$}", column.name, column.width())));
    out.push('\n');
    let mut row = |name: &str, totals: Totals| {
        let _ = write!(out, "{name:14}");
        out.extend(columns.iter().map(|column| column.cell(&totals, style)));
        out.push('\n');
    };
    for (number, (chapter, totals)) in report.by_chapter().into_iter().enumerate() {
        row(&format!("{} {chapter}", number + 1), totals);
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

const COLUMNS: [Column; 8] = [
    Column { name: "pass", always: true, news: News::Good, count: |t| t.pass },
    Column { name: "fail", always: true, news: News::Bad, count: |t| t.fail },
    Column { name: "crash", always: false, news: News::Bad, count: |t| t.crash },
    Column { name: "broken", always: false, news: News::Bad, count: |t| t.broken },
    Column { name: "unproven", always: false, news: News::Bad, count: |t| t.unproven },
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

    use super::*;

    #[test]
    fn a_failure_names_clause_sentence_expectation_and_replay() {
        let finding = Finding {
            id: "frame/verbatim.big".into(),
            clause: "frame/verbatim".into(),
            attack: None,
            verdict: Verdict::Fail { expected: "the packet".into(), actual: "another".into() },
            notes: vec![Note("effect", "nobody reads it".into())],
            ms: 3,
            replay: "sealwire check --only frame/verbatim.big --seed 00".into(),
        };
        let text = trouble(&finding, Style::plain());
        assert!(text.starts_with("FAIL frame/verbatim.big [MUST]  A relay MUST hand on"), "{text}");
        assert!(text.contains("spec/04-frame.md:"), "{text}");
        assert!(text.contains("     expected  the packet\n     actual    another\n     effect    nobody reads it\n"), "{text}");
        assert!(text.contains("     replay    sealwire check --only frame/verbatim.big"), "{text}");
    }

    #[test]
    fn what_does_not_count_is_grouped_by_its_reason_and_many_are_counted() {
        let finding = |number: usize, verdict: Verdict| Finding {
            id: format!("frame/mask-{number:04}"),
            clause: "frame/mask".into(),
            attack: None,
            verdict,
            notes: vec![],
            ms: 0,
            replay: String::new(),
        };
        let mut findings = vec![finding(1, Verdict::Unproven("accepts all".into()))];
        let absent = || Verdict::Unsupported("frame.mask".into());
        findings.extend((2..9).map(|number| finding(number, absent())));
        let report = Report { target: "one".into(), seed: None, findings, took: Duration::ZERO };
        let text = render(&report, Style::plain());
        assert!(text.contains("unproven: accepts all\n         frame/mask-0001\n"), "{text}");
        assert!(text.contains("unsupported: frame.mask\n         7 cases\n"), "{text}");
        assert!(text.contains("one: does not conform"), "{text}");
    }

    #[test]
    fn an_empty_run_is_no_success() {
        let report =
            Report { target: "nobody".into(), seed: None, findings: vec![], took: Duration::ZERO };
        assert!(render(&report, Style::plain()).contains("nobody: nothing ran"));
    }
}
