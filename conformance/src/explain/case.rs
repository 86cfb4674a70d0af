//! The page of a case: clause, stimulus, bytes, expectation, mistakes, and how to run it.

use super::clause::{mistakes, sentence};
use super::members::{self, Side};
use crate::catalogue::{Entry, Way};
use crate::clauses;
use crate::live::case::Needs;
use crate::report::Page;
use crate::vectors::{Case, Expect};

/// Everything about one case.
pub(super) fn write(page: &mut Page, entry: &Entry) {
    page.line(&format!("{} [{}]", entry.id, entry.level()));
    page.gap();
    let stimulus = if entry.vector.is_some() { "case" } else { "stimulus" };
    page.labelled(stimulus, &entry.about);
    if let Some(effect) = entry.vector.as_ref().and_then(|case| case.effect.as_ref()) {
        page.labelled("effect", effect);
    }
    if let Some(clause) = clauses::find(&entry.clause) {
        sentence(page, clause);
    }
    if let Some(case) = &entry.vector {
        bytes(page, case);
    }
    mistakes(page, &entry.clause);
    if let Some(Expect::Reject(refused)) = entry.vector.as_ref().map(|case| &case.expect)
        && *refused != entry.clause
    {
        mistakes(page, refused);
    }
    page.gap();
    run(page, entry);
}

/// Inputs, steps and the one right outcome.
pub(super) fn bytes(page: &mut Page, case: &Case) {
    page.gap();
    page.line(&format!("input of {}", case.op));
    members::write(page, case, &case.input, Side::Input);
    if !case.steps.is_empty() {
        page.gap();
        page.line("intermediate values, as far as the operation comes");
        members::write(page, case, &case.steps, Side::Output);
    }
    page.gap();
    match &case.expect {
        Expect::Ok(output) if output.is_empty() => page.line("expected   accepted; no output"),
        Expect::Ok(output) => {
            page.line("expected output");
            members::write(page, case, output, Side::Output);
        }
        Expect::Reject(refused) => refusal(page, refused, case.clause()),
    }
}

/// The first clause broken, and its sentence unless that stands above.
fn refusal(page: &mut Page, refused: &str, exercised: &str) {
    let class = clauses::class(refused).unwrap_or_default();
    page.labelled("expected", &format!("refused by [{refused}], class {class}"));
    if let Some(clause) = clauses::find(refused).filter(|clause| clause.id != exercised) {
        page.labelled("", &clause.sentence);
        page.labelled("", &format!("{}:{}", clause.file, clause.line));
    }
}

/// The commands that run it, and what they need.
fn run(page: &mut Page, entry: &Entry) {
    page.labelled("run", &format!("sealwire check --only {}", entry.id));
    match entry.way {
        Way::Relay if entry.needs != Needs::Started => {
            page.labelled("", &format!("sealwire relay --url … --only {}", entry.id));
        }
        Way::Client => page.labelled("", &format!("sealwire client --only {} -- CMD", entry.id)),
        Way::Vector => page.labelled("", &format!("sealwire adapter --only {} -- CMD", entry.id)),
        Way::Relay => {}
    }
    if let Some((_, what)) = entry.needs.told() {
        page.labelled("needs", what);
    }
}
