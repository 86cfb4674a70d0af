//! A report in words.

use core::fmt::Write;

use super::check::{By, Report, Verdict};
use crate::live::outcome::Note;

/// Counts by chapter and runner, then every failure. `sentence` gives the text of a clause.
pub(crate) fn text(report: &Report, sentence: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{:<12}{:>12}{:>12}", "chapter", "model", "wire");
    for chapter in chapters(report) {
        let [model, wire] = By::ALL.map(|by| passed_of_ran(report, chapter, by));
        let _ = writeln!(out, "{chapter:<12}{model:>12}{wire:>12}");
    }
    for fault in &report.faults {
        let _ = writeln!(out, "\nFAIL {fault}");
    }
    for verdict in report.failures() {
        failure(&mut out, verdict, sentence(&verdict.clause));
    }
    out
}

fn chapters(report: &Report) -> Vec<&str> {
    let mut names: Vec<_> =
        report.verdicts.iter().map(|verdict| verdict.chapter.as_str()).collect();
    names.dedup();
    names
}

fn passed_of_ran(report: &Report, chapter: &str, by: By) -> String {
    let ran = report.verdicts.iter().filter(|v| v.chapter == chapter && v.by == by);
    let (passed, failed): (Vec<_>, Vec<_>) = ran.partition(|v| v.failure.is_none());
    format!("{} of {}", passed.len(), passed.len() + failed.len())
}

fn failure(out: &mut String, verdict: &Verdict, sentence: Option<String>) {
    let Some(failure) = &verdict.failure else { return };
    let _ = writeln!(out, "\nFAIL {} ({})", verdict.id, verdict.by.name());
    let _ = writeln!(out, "     clause    {}", verdict.clause);
    if let Some(sentence) = sentence {
        let _ = writeln!(out, "     says      {sentence}");
    }
    let _ = writeln!(out, "     expected  {}", failure.expected);
    let _ = writeln!(out, "     actual    {}", failure.actual);
    for Note(label, text) in &failure.notes {
        let _ = writeln!(out, "     {label:8}  {text}");
    }
}
