//! The report for programs: one JSON document.
//!
//! ```text
//! {"suite","target","seed","cases":[{"id","clause","level","verdict","detail","ms","replay"}],"totals"}
//! ```

use serde::Serialize;

use crate::live::outcome::Verdict;

use super::{Report, level};

#[derive(Serialize)]
struct Document<'a> {
    suite: &'a str,
    target: &'a str,
    seed: &'a str,
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
    detail: String,
    ms: u64,
    #[serde(skip_serializing_if = "str::is_empty")]
    replay: &'a str,
}

#[derive(Serialize)]
struct Totals {
    pass: usize,
    fail: usize,
    unsupported: usize,
    not_run: usize,
    broken: usize,
    ms: u128,
}

/// The document, with a line feed at its end.
pub(crate) fn render(report: &Report) -> String {
    let totals = report.totals();
    let document = Document {
        suite: concat!("sealwire ", env!("CARGO_PKG_VERSION")),
        target: &report.target,
        seed: &report.seed,
        cases: report
            .findings
            .iter()
            .map(|finding| Case {
                id: &finding.id,
                clause: &finding.clause,
                level: level(&finding.clause),
                attack: finding.attack,
                verdict: finding.verdict.word(),
                detail: finding.verdict.detail(),
                ms: finding.ms,
                replay: if finding.verdict == Verdict::Pass { "" } else { &finding.replay },
            })
            .collect(),
        totals: Totals {
            pass: totals.pass,
            fail: totals.fail,
            unsupported: totals.unsupported,
            not_run: totals.not_run,
            broken: totals.broken,
            ms: report.took.as_millis(),
        },
    };
    // Strings and numbers under fixed names always serialise.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}
