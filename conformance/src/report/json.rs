//! The report for programs: one JSON document.
//!
//! ```text
//! {"suite","target","seed","cases":[{"id","clause","level","verdict","staged","detail","notes","ms","replay"}],"totals"}
//! ```

use serde::Serialize;

use super::{Report, level};
use crate::catalogue::lock::is_staged;
use crate::live::outcome::{Note, Verdict};

#[derive(Serialize)]
struct Document<'a> {
    suite: &'a str,
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<&'a str>,
    cases: Vec<Case<'a>>,
    totals: Totals,
}

#[derive(Serialize)]
struct Case<'a> {
    id: &'a str,
    clause: &'a str,
    level: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attack: Option<&'a str>,
    verdict: &'a str,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    staged: bool,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Remark<'a>>,
    ms: u64,
    #[serde(skip_serializing_if = "str::is_empty")]
    replay: &'a str,
}

#[derive(Serialize)]
struct Remark<'a> {
    kind: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct Totals {
    pass: usize,
    fail: usize,
    crash: usize,
    unsupported: usize,
    unproven: usize,
    not_run: usize,
    broken: usize,
    staged: usize,
    ms: u128,
}

/// The document, with a line feed at its end.
pub(crate) fn render(report: &Report) -> String {
    let totals = report.totals();
    let document = Document {
        suite: concat!("sealwire ", env!("CARGO_PKG_VERSION")),
        target: &report.target,
        seed: report.seed.as_deref(),
        cases: report
            .findings
            .iter()
            .map(|finding| Case {
                id: &finding.id,
                clause: &finding.clause,
                level: level(&finding.clause),
                attack: finding.attack,
                verdict: finding.verdict.word(),
                staged: is_staged(&finding.id),
                detail: finding.verdict.detail(),
                notes: finding.notes.iter().map(|Note(kind, text)| Remark { kind, text }).collect(),
                ms: finding.ms,
                replay: if finding.verdict == Verdict::Pass { "" } else { &finding.replay },
            })
            .collect(),
        totals: Totals {
            pass: totals.pass,
            fail: totals.fail,
            crash: totals.crash,
            unsupported: totals.unsupported,
            unproven: totals.unproven,
            not_run: totals.not_run,
            broken: totals.broken,
            staged: totals.staged,
            ms: report.took.as_millis(),
        },
    };
    // Strings and numbers under fixed names always serialise.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}
