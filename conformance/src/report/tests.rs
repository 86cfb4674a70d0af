use super::*;
use crate::layout::{Comparison, object};
use crate::live::outcome::{Note, Verdict};

/// A run in which one case passed, one failed with its bytes, one was broken and one did not run.
pub(crate) fn failing() -> Report {
    let case = |id: &str, verdict| {
        let clause = id.split(['.']).next().unwrap_or_default().trim_end_matches("-0001");
        Finding {
            replay: format!("sealwire adapter --only {id} -- ./adapter"),
            ms: 3,
            ..Finding::new(id.to_owned(), clause.to_owned(), verdict)
        }
    };
    let (expected, actual) = ([7; 128], [7; 127]);
    let layout = object("packet.seal", "packet");
    let compared = vec![Comparison::of("packet", layout, &expected, &actual)];
    let (expected, actual) = ("packet 0707".to_owned(), "another <packet>".to_owned());
    let mut failed = case("packet/layout-0001", Verdict::Fail { expected, actual, compared });
    failed.notes = vec![Note("differs", "packet: in signature".to_owned())];
    Report {
        kind: Kind::Adapter,
        target: "mine 0.3 (Go) <x>".to_owned(),
        level: None,
        seed: Some("00000000000000ff".to_owned()),
        started: DateTime::UNIX_EPOCH,
        findings: vec![
            case("packet/key-0001", Verdict::Pass),
            failed,
            case("frame/order.a", Verdict::Broken("no socket".to_owned())),
            case("relay/idle-ping.sent", Verdict::NotRun("slow: \"--slow\"".to_owned())),
        ],
        complete: true,
        stopped: None,
        took: Duration::from_millis(1_234),
    }
}

/// A run in which nothing but this happened.
fn run(verdicts: &[Verdict]) -> Report {
    let finding = |verdict: &Verdict| {
        Finding::new("frame/order.a".to_owned(), "frame/order".to_owned(), verdict.clone())
    };
    Report { findings: verdicts.iter().map(finding).collect(), ..failing() }
}

#[test]
fn what_is_staged_is_neither_passed_nor_failed() {
    let totals = Totals::counted([(Word::Pass, true), (Word::Fail, true)]);
    assert_eq!(totals, Totals { staged: 2, ..Totals::default() });
    assert_eq!(totals.exit(), Exit::NothingRan);
    assert_eq!(Totals::counted([(Word::Pass, true), (Word::Fail, false)]).exit(), Exit::Fails);
}

#[test]
fn the_worst_verdict_decides_the_exit_code() {
    let crash = Verdict::Crash("gone".into());
    let skipped = Verdict::NotRun("slow".into());
    let broken = Verdict::Broken("no socket".into());
    let unproven = Verdict::Unproven("accepts everything".into());
    let flaky = Verdict::Flaky { passed: 1, runs: 2, failure: "gone".into() };
    for (verdicts, exit, conclusion) in [
        (&[Verdict::Pass, skipped.clone()][..], Exit::Conforms, "conforms"),
        (&[Verdict::Pass, crash.clone()], Exit::Fails, "does not conform"),
        (&[Verdict::Pass, flaky], Exit::Fails, "does not conform"),
        (&[Verdict::Pass, unproven], Exit::Fails, "does not conform"),
        (&[crash, broken.clone()], Exit::Broken, "does not conform"),
        (&[Verdict::Pass, broken], Exit::Broken, "could not be judged"),
        (&[skipped], Exit::NothingRan, "nothing ran"),
        (&[], Exit::NothingRan, "nothing ran"),
    ] {
        let report = run(verdicts);
        assert_eq!((report.exit(), report.conclusion()), (exit, conclusion), "{verdicts:?}");
    }
}

#[test]
fn a_run_that_is_not_finished_has_judged_nobody() {
    let report = Report { complete: false, ..run(&[Verdict::Pass]) };
    assert_eq!((report.exit(), report.conclusion()), (Exit::Broken, "not finished"));
    let failed = Report { complete: false, ..run(&[Verdict::failed("a", "b")]) };
    assert_eq!(failed.conclusion(), "not finished", "nobody has been judged, whatever failed");
}

#[test]
fn every_form_holds_every_failure() {
    let document = Document::of(&failing());
    for form in Form::value_variants() {
        let text = form.render(&document, Style::plain()).expect("a report");
        assert!(text.contains("packet/layout-0001"), "{form:?}: {text}");
        assert!(text.contains("packet 0707"), "{form:?}");
    }
}

/// What every form says of a case with this verdict: text, JUnit, SARIF, exit code.
#[test]
fn every_form_says_the_same_of_every_verdict() {
    type Said = (&'static str, &'static str, &'static str, u8);
    let known = crate::known::Listed {
        reason: "why".to_owned(),
        issue: "#1".to_owned(),
        expires: chrono::NaiveDate::MAX,
    };
    let flaky = Verdict::Flaky { passed: 1, runs: 2, failure: "x".to_owned() };
    let table: [(Verdict, Said); 9] = [
        (Verdict::Pass, ("", "", "", 0)),
        (Verdict::failed("a", "b"), ("FAIL", "<failure", "fail/error", 1)),
        (Verdict::Crash("x".into()), ("CRASH", "<failure", "fail/error", 1)),
        (flaky, ("FLAKY", "<failure", "fail/error", 1)),
        (Verdict::Unproven("x".into()), ("unproven: x", "<failure", "fail/error", 1)),
        (Verdict::Broken("x".into()), ("BROKEN", "<error", "open/none", 3)),
        (Verdict::NotRun("x".into()), ("not run: x", "<skipped", "", 4)),
        (Verdict::Unsupported("x".into()), ("unsupported: x", "<skipped", "", 4)),
        (
            Verdict::Known { listed: known, failure: "fail: x".into() },
            ("known: fail: x", "<skipped", "fail/error/external", 0),
        ),
    ];
    for (verdict, (text, junit, sarif, exit)) in table {
        let mut document = Document::of(&run(std::slice::from_ref(&verdict)));
        assert_eq!(document.exit, exit, "{verdict:?}");
        assert_eq!(sarif_of(&document), sarif, "{verdict:?}");
        let said = |form: Form, document: &Document| {
            form.render(document, Style::plain()).expect("a report")
        };
        let (in_text, in_junit) = (said(Form::Text, &document), said(Form::Junit, &document));
        assert!(in_text.contains(text), "{verdict:?}: {in_text}");
        let case = in_junit.split("<testcase name=\"frame/order.a\"").nth(1).expect("a test case");
        let case = case.split("</testcase>").next().unwrap_or_default();
        let elements: Vec<_> =
            ["<failure", "<error", "<skipped"].into_iter().filter(|e| case.contains(e)).collect();
        let plain = case.split("/>").next().is_some_and(|head| !head.contains('>'));
        let elements = if plain { Vec::new() } else { elements };
        assert_eq!(elements.concat(), junit, "{verdict:?}: {case}");
        // A staged case is reported the same and weighs nothing.
        document.cases[0].staged = true;
        let weight = sarif_of(&document);
        assert!(
            !weight.contains("/error") || weight.ends_with("external"),
            "{verdict:?}: {weight}"
        );
        assert!(!said(Form::Junit, &document).contains("<failure"), "{verdict:?}");
    }
}

/// Kind, level and suppression of the only result; nothing if there is none.
fn sarif_of(document: &Document) -> String {
    let log: serde_json::Value = serde_json::from_str(&sarif::render(document)).expect("JSON");
    let result = &log["runs"][0]["results"][0];
    let parts = [&result["kind"], &result["level"], &result["suppressions"][0]["kind"]];
    parts.into_iter().filter_map(|part| part.as_str()).collect::<Vec<_>>().join("/")
}

#[test]
fn a_run_that_judged_nobody_is_no_good_run_in_any_form() {
    let cut = Report { complete: false, ..run(&[Verdict::Pass]) };
    let stopped = Report { stopped: Some("no socket".to_owned()), ..cut.clone() };
    for (report, said) in [
        (cut, "the run has not come to its end"),
        (stopped, "the suite could not go on: no socket"),
        (run(&[Verdict::NotRun("slow".into())]), "no case that counts has run"),
    ] {
        let document = Document::of(&report);
        assert_ne!(document.exit, 0);
        for form in [Form::Junit, Form::Sarif, Form::Html] {
            let text = form.render(&document, Style::plain()).expect("a report");
            assert!(text.contains(said), "{form:?}: {text}");
        }
        let log: serde_json::Value = serde_json::from_str(&sarif::render(&document)).expect("JSON");
        let invocation = &log["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"] == true, document.complete, "{said}");
    }
}
