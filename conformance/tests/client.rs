//! `sealwire client` as its users run it: the reference client stands in for a foreign one.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

const SEALWIRE: &str = env!("CARGO_BIN_EXE_sealwire");
const REFERENCE: [&str; 3] = [SEALWIRE, "reference-client", "bridge"];

/// What `sealwire client OPTIONS -- COMMAND` says.
fn client(options: &[&str], command: &[&str]) -> Output {
    let all = ["client", "--format", "json"].iter().chain(options).chain(&["--"]).chain(command);
    Command::new(SEALWIRE).args(all).output().expect("the suite runs")
}

/// The report, and the cases in it.
fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("a JSON document")
}

fn cases(report: &Value) -> &[Value] {
    report["cases"].as_array().expect("cases")
}

#[test]
fn a_command_that_runs_the_reference_client_conforms() {
    let begun = Instant::now();
    let output = client(&[], &REFERENCE);
    let report = report(&output);
    for case in cases(&report) {
        let skipped = case["verdict"] == "not run" && case["detail"].to_string().contains("--slow");
        assert!(skipped || case["verdict"] == "pass", "{case}");
    }
    assert_eq!(output.status.code(), Some(0));
    let ran = report["totals"]["pass"].as_u64().expect("a number");
    assert!(ran >= 60 && report["totals"]["not_run"] == 4, "{}", report["totals"]);
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
}

#[test]
fn a_command_that_ends_at_once_fails_each_case_with_its_last_words() {
    let script = "echo first >&2; echo 'no such module' >&2; exit 7";
    let output = client(&["--only", "packet/*"], &["sh", "-c", script]);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(cases(&report).len() > 10);
    for case in cases(&report) {
        let detail = case["detail"].as_str().expect("a text");
        assert_eq!(case["verdict"], "crash", "{case}");
        assert!(detail.contains("exit status: 7") && detail.contains("no such module"), "{case}");
    }
}

#[test]
fn what_cannot_be_judged_is_no_fault_of_the_client() {
    let missing = client(&[], &["no-such-command-anywhere"]);
    assert_eq!(missing.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no-such-command-anywhere"));
    assert_eq!(client(&["--only", "no-such-case"], &REFERENCE).status.code(), Some(4));
}

#[test]
fn a_failure_prints_the_command_that_replays_it_alone() {
    let script = "cat >/dev/null; exit 0 # it's $HOME";
    let options = ["--only", "nonce-any", "--patience", "1", "--seed", "0000000000000001"];
    let report = report(&client(&options, &["sh", "-c", script]));
    for case in cases(&report) {
        let replay = case["replay"].as_str().expect("a command");
        let words = replay.strip_prefix("sealwire ").expect("the suite's own command");
        let line = format!("exec \"$0\" {words}");
        let again = Command::new("sh").args(["-c", &line, SEALWIRE]).output().expect("a shell");
        let said = String::from_utf8_lossy(&again.stdout);
        assert_eq!(again.status.code(), Some(1), "{said}");
        assert!(said.contains(replay), "{said}");
        assert_eq!(said.matches("     replay").count(), 1, "{said}");
        assert!(said.contains("seed 0000000000000001"), "{said}");
    }
    assert_eq!(cases(&report).len(), 2);
}

#[test]
fn a_client_that_starts_every_other_time_is_flaky() {
    let directory = tempfile::tempdir().expect("a directory");
    let mark = directory.path().join("mark");
    let script = format!(
        "if mkdir '{0}' 2>/dev/null; then exec {1}; else rmdir '{0}'; exit 1; fi",
        mark.display(),
        REFERENCE.map(|word| format!("'{word}'")).join(" ")
    );
    let options = ["--only", "packet/message-id.every-kind", "--repeat", "4"];
    let output = client(&options, &["sh", "-c", &script]);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(1));
    let [case] = cases(&report) else { panic!("{report}") };
    assert_eq!(case["verdict"], "flaky", "{case}");
    let detail = case["detail"].as_str().expect("a text");
    assert!(detail.contains(" of 4; else crash: exit status: 1"), "{detail}");
}

/// What a client was told, and the texts it showed, in a run with this seed.
fn told_and_shown(seed: &str) -> (String, Vec<String>) {
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str| directory.path().join(name);
    let (told, shown) = (file("told"), file("shown"));
    // Unlike `tee`, this ends with the client.
    let hand_on = "while IFS= read -r l; do printf '%s\\n' \"$l\"; printf '%s\\n' \"$l\" >&3; \
                   case $l in *quit*) break; esac; done";
    let script = format!(
        "{hand_on} 3>'{}' | {} | tee '{}'",
        told.display(),
        REFERENCE.map(|word| format!("'{word}'")).join(" "),
        shown.display()
    );
    let options = ["--only", "packet/message-id.every-kind", "--seed", seed];
    let output = client(&options, &["sh", "-c", &script]);
    assert_eq!(output.status.code(), Some(0), "{}", report(&output));
    let read = |path| std::fs::read_to_string(path).expect("written by tee");
    let (told, shown) = (read(told), read(shown));
    let texts = shown.lines().filter(|line| line.contains("\"message\""));
    let texts = texts.map(str::to_owned).collect();
    (told, texts)
}

#[test]
fn a_seed_decides_what_a_client_is_told_and_sent() {
    let first = told_and_shown("0000000000000001");
    assert!(first.0.lines().count() >= 3 && first.1.len() >= 6, "{first:?}");
    assert_eq!(first, told_and_shown("0000000000000001"));
    assert_ne!(first, told_and_shown("0000000000000002"));
}
