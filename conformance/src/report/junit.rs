//! JUnit XML: a suite of tests for each chapter.

use std::time::Duration;

use chrono::DateTime;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::document::{Case, Document, Word};
use super::style::Style;
use super::text::told;
use crate::clauses::CHAPTERS;

/// Where the cases stand that judge no clause: files and lines.
const OTHERS: &str = "suite";

/// The whole report.
pub(crate) fn render(document: &Document) -> Result<String, String> {
    let mut report = Report::new(format!("sealwire: {}", document.target));
    report.set_time(Duration::from_millis(document.ms));
    let started = DateTime::parse_from_rfc3339(&document.started).ok();
    for chapter in CHAPTERS.into_iter().map(Some).chain([None]) {
        let cases = document.of_chapter(chapter).map(|case| test_case(document, case));
        // Who reads tests only must not take a run that judged nobody for a good one.
        let run = document.unjudged().filter(|_| chapter.is_none()).map(|why| unjudged(&why));
        let cases: Vec<_> = cases.chain(run).collect();
        if cases.is_empty() {
            continue;
        }
        let mut suite = TestSuite::new(chapter.unwrap_or(OTHERS));
        suite.add_property(("suite", document.suite.as_str()));
        if let Some(seed) = &document.seed {
            suite.add_property(("seed", seed.as_str()));
        }
        if let Some(started) = started {
            suite.set_timestamp(started);
        }
        suite.set_time(cases.iter().filter_map(|case| case.time).sum());
        suite.add_test_cases(cases);
        report.add_test_suite(suite);
    }
    let text = report.to_string().map_err(|error| error.to_string())?;
    // The schema that build servers check by knows this sum in a suite only, not in their root.
    let sum: usize = report.test_suites.iter().map(|suite| suite.skipped).sum();
    Ok(text.replacen(&format!(" skipped=\"{sum}\""), "", 1))
}

/// The run itself, which failed as a run.
fn unjudged(why: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("nobody judged");
    status.set_message(why);
    let mut run = TestCase::new("the run itself", status);
    run.set_classname(OTHERS);
    run
}

fn test_case(document: &Document, case: &Case) -> TestCase {
    let failed = |kind| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_type(case.verdict.name());
        status.set_message(&case.detail);
        status.set_description(told(document, case, Style::plain()));
        status
    };
    let status = match case.verdict {
        Word::Pass => TestCaseStatus::success(),
        // What is staged is reported and not counted; what is known fails for a reason that is told.
        Word::Known | Word::NotRun | Word::Unsupported => skipped(case.verdict.name(), case),
        _ if case.staged => skipped("staged", case),
        Word::Broken => failed(NonSuccessKind::Error),
        Word::Fail | Word::Crash | Word::Flaky | Word::Unproven => failed(NonSuccessKind::Failure),
    };
    let mut test = TestCase::new(case.id.as_str(), status);
    test.set_classname(if case.clause.is_empty() { OTHERS } else { &case.clause });
    test.set_time(Duration::from_millis(case.ms));
    test
}

fn skipped(kind: &str, case: &Case) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_type(kind);
    status.set_message(format!("{kind}: {}", case.detail));
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::failing;

    #[test]
    fn failures_say_clause_sentence_and_replay_and_the_sums_are_right() {
        let text = render(&Document::of(&failing())).expect("XML");
        assert!(text.starts_with("<?xml"), "{text}");
        assert!(text.contains("tests=\"4\" failures=\"1\" errors=\"1\" time"), "{text}");
        assert!(text.contains("<testcase name=\"packet/layout-0001\" classname=\"packet/layout\""));
        assert!(text.contains("FAIL packet/layout-0001 [MUST]"), "{text}");
        assert!(text.contains("replay    sealwire adapter --only"), "{text}");
        assert!(text.contains("<skipped message=\"not run: slow"), "{text}");
    }

    #[test]
    fn what_a_hostile_peer_says_stays_text() {
        let mut document = Document::of(&failing());
        document.cases[0].detail = "]]><x a=\"\u{0}\u{1b}[31m".to_owned();
        let text = render(&document).expect("XML");
        assert!(!text.contains("<x a") && !text.contains('\u{1b}') && !text.contains('\u{0}'));
    }
}
