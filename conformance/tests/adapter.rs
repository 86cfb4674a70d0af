//! `sealwire adapter` from outside: the reference passes, what knows nothing scores zero, and what
//! breaks the protocol is never taken for an implementation.

use std::process::{Command, Output};

use serde_json::Value;

const SEALWIRE: &str = env!("CARGO_BIN_EXE_sealwire");
const ODD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/adapters/odd.py");
const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/adapter.schema.json");

/// Runs `sealwire adapter OPTIONS -- COMMAND`.
fn judge(options: &[&str], command: &[&str]) -> Output {
    let mut sealwire = Command::new(SEALWIRE);
    sealwire.arg("adapter").args(options).arg("--").args(command);
    sealwire.output().expect("the suite starts")
}

/// The same for one of the odd adapters.
fn judge_odd(how: &str, options: &[&str]) -> Output {
    let output = judge(options, &["python3", ODD, how, SCHEMA]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("cannot start"), "this test needs python3: {said}");
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A total of a report in JSON; nothing if the run stopped before there was one.
fn total(output: &Output, name: &str) -> Option<u64> {
    let report: Value = serde_json::from_slice(&output.stdout).ok()?;
    report["totals"][name].as_u64()
}

/// Verdicts are counted, not totals: a staged case passes too, and is in no total but its own.
#[test]
fn the_reference_passes_everything() {
    let output = judge(&["--format", "json"], &[SEALWIRE, "reference-client", "adapter"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let cases: usize = sealwire_vectors::FILES.iter().map(|(_, text)| count(text)).sum();
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let judged = report["cases"].as_array().expect("cases").iter();
    assert_eq!(judged.filter(|case| case["verdict"] == "pass").count(), cases);
}

/// The cases of a vector file.
fn count(file: &str) -> usize {
    let file: Value = serde_json::from_str(file).expect("a vector file");
    file["cases"].as_array().map_or(0, Vec::len)
}

#[test]
fn the_lines_of_the_reference_are_sound() {
    let output = judge(&["--check"], &[SEALWIRE, "reference-client", "adapter"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).ends_with("every line can be judged\n"));
}

/// Accepts all, refuses all, echoes, is silent, crashes: none of it is an implementation.
#[test]
fn null_testees_score_zero() {
    for (how, code) in [
        ("accept-anything", 3),
        ("accept-all", 1),
        ("refuse-all", 1),
        ("echo", 1),
        ("silent", 1),
        ("crashing", 1),
    ] {
        let output = judge_odd(how, &["--format", "json", "--timeout", "200ms"]);
        assert_eq!(output.status.code(), Some(code), "{how}: {}", text(&output.stderr));
        assert_eq!(total(&output, "pass").unwrap_or(0), 0, "{how}: {}", text(&output.stdout));
    }
}

/// An adapter that fails at being one stops the run or breaks cases, and counts against nobody.
#[test]
fn a_broken_adapter_is_no_failure_of_what_it_stands_for() {
    for (how, said) in [
        ("no-hello", "its hello breaks the schema at /ops/0"),
        ("two-answers", "one answer for each run, in order"),
        ("fickle", "run twice, must be answered alike"),
        ("accept-anything", "must be answered unsupported"),
        ("wrong-seq", "where 3 is due"),
        ("not-json", "in fine, thanks"),
        ("not-text", "is not UTF-8"),
        ("endless-line", "a line on stdout has over"),
        ("wrong-class", "breaks the protocol: /class: "),
        ("failing", "adapter: out of order"),
    ] {
        let output = judge_odd(how, &["--format", "json", "--only", "frame/mask-"]);
        let all = text(&output.stderr) + &text(&output.stdout);
        assert_eq!(output.status.code(), Some(3), "{how}: {all}");
        assert!(all.contains(said), "{how}: {all}");
        let verdicts = ["pass", "fail", "crash"].map(|name| total(&output, name).unwrap_or(0));
        assert_eq!(verdicts, [0; 3], "{how}: {all}");
    }
}

#[test]
fn an_adapter_must_end_after_bye() {
    let output = judge_odd("no-goodbye", &["--only", "frame/mask-0001"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stdout).contains("still runs 2s after bye"), "{}", text(&output.stdout));
}

#[test]
fn a_crash_is_a_verdict_of_its_own_and_the_rest_is_not_run() {
    let output = judge_odd("crashing", &["--format", "json"]);
    let [crash, not_run] = ["crash", "not_run"].map(|name| total(&output, name).unwrap_or(0));
    assert!((14..=16).contains(&crash), "{crash}");
    assert!(not_run > 400, "{not_run}");
    assert!(text(&output.stdout).contains("stderr: \\\"no such thing\\\""));
}

#[test]
fn a_check_of_the_lines_names_operation_and_member() {
    let output = judge_odd("wrong-class", &["--check"]);
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stdout);
    let line =
        said.lines().find(|line| line.starts_with("frame.mask")).expect("a line for each op");
    assert!(line.contains("/class: \"broken\" is not one of"), "{line}");
}

#[test]
fn what_cannot_start_or_run_has_exit_codes_of_its_own() {
    let code = |options: &[&str], command: &[&str]| judge(options, command).status.code();
    assert_eq!(code(&[], &["/no/such/adapter"]), Some(3));
    assert_eq!(code(&[], &[]), Some(2));
    let reference = [SEALWIRE, "reference-client", "adapter"];
    assert_eq!(code(&["--only", "nothing/like-this"], &reference), Some(4));
    assert_eq!(code(&["--timeout", "0s"], &reference), Some(2));
}
