//! The report for people: what failed, what did not run, a table by chapter.

use std::fmt::Write;

use super::style::Style;
use super::{Report, Totals, level};
use crate::clauses;
use crate::live::outcome::{Finding, Verdict};

/// The whole report.
pub(crate) fn render(report: &Report, style: Style) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        out += &trouble(finding, style);
    }
    out += &not_run(report, style);
    out += &table(report, style);
    let totals = report.totals();
    let verdict = match (totals.fail + totals.broken, totals.pass) {
        (0, 0) => style.bad("nothing ran"),
        (0, _) => style.good("conforms"),
        _ => style.bad("does not conform"),
    };
    let seconds = report.took.as_secs_f64();
    let _ = writeln!(out, "\n{}: {verdict} · {seconds:.1} s · seed {}", report.target, report.seed);
    out
}

/// One failure as JUDGE's readers need it; empty for what passed or did not run.
pub(crate) fn trouble(finding: &Finding, style: Style) -> String {
    let (expected, actual) = match &finding.verdict {
        Verdict::Pass | Verdict::NotRun(_) => return String::new(),
        Verdict::Fail { expected, actual } => (Some(expected), actual.clone()),
        other => (None, other.detail()),
    };
    let word = finding.verdict.word().to_uppercase();
    let mut out = format!("{} {} [{}]", style.bad(&word), finding.id, level(&finding.clause));
    if let Some(clause) = clauses::find(&finding.clause) {
        let _ =
            write!(out, "  {}  {}:{}", first_sentence(&clause.sentence), clause.file, clause.line);
    }
    out.push('\n');
    if let Some(expected) = expected {
        let _ = writeln!(out, "     expected  {expected}");
    }
    let _ = writeln!(out, "     actual    {actual}");
    let _ = writeln!(out, "     replay    {}\n", finding.replay);
    out
}

/// Up to the first full stop, semicolon or colon that ends a thought.
fn first_sentence(paragraph: &str) -> &str {
    let end = [". ", "; ", ": "].iter().filter_map(|mark| paragraph.find(mark)).min();
    end.map_or(paragraph, |at| &paragraph[..at])
}

/// What did not run, a line for each reason.
fn not_run(report: &Report, style: Style) -> String {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for finding in &report.findings {
        let Verdict::NotRun(reason) = &finding.verdict else { continue };
        match reasons.iter_mut().find(|(known, _)| known == reason) {
            Some((_, ids)) => ids.push(&finding.id),
            None => reasons.push((reason, vec![&finding.id])),
        }
    }
    let line = |(reason, ids): (&str, Vec<&str>)| {
        format!("not run: {reason}\n         {}\n", style.faint(&ids.join("\n         ")))
    };
    reasons.into_iter().map(line).collect()
}

/// The counts by chapter.
fn table(report: &Report, style: Style) -> String {
    let mut out = format!(
        "\n{:14}{:>7}{:>7}{:>13}{:>9}\n",
        "chapter", "pass", "fail", "unsupported", "not run"
    );
    let mut row = |name: &str, totals: Totals| {
        let fail = totals.fail + totals.broken;
        let failed = format!("{fail:>7}");
        let _ = writeln!(
            out,
            "{name:14}{}{}{:>13}{:>9}",
            style.good(&format!("{:>7}", totals.pass)),
            if fail == 0 { failed } else { style.bad(&failed) },
            totals.unsupported,
            totals.not_run
        );
    };
    for (number, (chapter, totals)) in report.by_chapter().into_iter().enumerate() {
        row(&format!("{} {chapter}", number + 1), totals);
    }
    row("all", report.totals());
    out
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
            ms: 3,
            replay: "sealwire check --only frame/verbatim.big --seed 00".into(),
        };
        let text = trouble(&finding, Style::plain());
        assert!(text.starts_with("FAIL frame/verbatim.big [MUST]  A relay MUST hand on"), "{text}");
        assert!(text.contains("spec/04-frame.md:"), "{text}");
        assert!(text.contains("     expected  the packet\n     actual    another\n"), "{text}");
        assert!(text.contains("     replay    sealwire check --only frame/verbatim.big"), "{text}");
    }

    #[test]
    fn an_empty_run_is_no_success() {
        let report = Report {
            target: "nobody".into(),
            seed: "00".into(),
            findings: vec![],
            took: Duration::ZERO,
        };
        assert!(render(&report, Style::plain()).contains("nobody: nothing ran"));
    }
}
