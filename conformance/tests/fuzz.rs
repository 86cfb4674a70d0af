//! `sealwire fuzz` from outside: the reference does nothing otherwise, one fault is found, shrunk and
//! told as a case that shows it, and a seed replays the run.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const SEALWIRE: &str = env!("CARGO_BIN_EXE_sealwire");
const REFERENCE: [&str; 3] = [SEALWIRE, "reference-client", "adapter"];
const SEED: &str = "5ea1000000000005";

/// Runs `sealwire fuzz OPTIONS -- COMMAND`.
fn fuzz(options: &[&str], command: &[&str]) -> Output {
    let mut sealwire = Command::new(SEALWIRE);
    sealwire.arg("fuzz").args(options).arg("--").args(command);
    sealwire.output().expect("the suite starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a run found, as JSON.
fn found(output: &Output) -> Vec<Value> {
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report in JSON");
    report["found"].as_array().expect("a list").clone()
}

/// The adapter of the guide, `right` replaced by `wrong`.
fn guide_with(folder: &Path, right: &str, wrong: &str) -> PathBuf {
    let guide = sealwire_spec::get("spec/testing.md").expect("the guide");
    let (_, code) = guide.split_once("```python\n").expect("its adapter");
    let (code, _) = code.split_once("```").expect("the end of it");
    assert!(code.contains(right), "{right}");
    let path = folder.join("frames.py");
    std::fs::write(&path, code.replacen(right, wrong, 1)).expect("a file");
    path
}

#[test]
fn the_reference_does_nothing_otherwise() {
    let output = fuzz(&["--runs", "250", "--seed", SEED], &REFERENCE);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("nothing differs"), "{}", text(&output.stdout));
}

#[test]
fn one_fault_is_found_and_its_case_fails_there_and_passes_on_the_reference() {
    for (right, wrong, op) in [
        ("block(key, 0, nonce", "block(key, 1, nonce", "frame.mask"),
        ("len(frame) >= 112", "len(frame) >= 115", "frame.uplink"),
        ("len(body) <= 8 + 1024", "len(body) <= 1024", "relay/introduce"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let adapter = guide_with(folder.path(), right, wrong);
        let (adapter, out) = (adapter.to_string_lossy(), folder.path().join("found.json"));
        let (command, out) = (["python3", &*adapter], out.to_string_lossy());
        let options = ["--runs", "250", "--seed", SEED, "--only", op, "--format", "json"];
        let output = fuzz(&[&options[..], &["--out", &out]].concat(), &command);
        assert_eq!(output.status.code(), Some(1), "{wrong}: {}", text(&output.stderr));
        let cases = found(&output);
        assert!((1..=6).contains(&cases.len()), "{wrong}: {cases:#?}");
        let again = ["--again", &*out, "--format", "json"];
        let there = fuzz(&again, &command);
        assert_eq!(there.status.code(), Some(1), "{wrong}");
        assert_eq!(found(&there).len(), cases.len(), "each case fails there");
        let reference = fuzz(&again, &REFERENCE);
        assert_eq!(reference.status.code(), Some(0), "{wrong}: {}", text(&reference.stdout));
        let same = fuzz(&options, &command);
        assert_eq!(found(&same), cases, "{wrong}: the same seed, another run");
    }
}

#[test]
fn what_ends_or_waits_is_a_difference_too() {
    for (wrong, done) in [
        ("if request[\"input\"].get(\"command\") == 0x48: sys.exit(7)", "ended with exit status"),
        ("if request[\"input\"].get(\"command\") == 0x48: sys.stdin.read()", "no answer within"),
        ("if request[\"input\"].get(\"command\") == 0x48: print(\"what?\")", "no answer that can"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let right = "    if request[\"type\"] == \"run\":\n";
        let adapter = guide_with(folder.path(), right, &format!("{right}        {wrong}\n"));
        let options = ["--runs", "120", "--seed", SEED, "--only", "relay.command", "--timeout"];
        let options = [&options[..], &["1s", "--format", "json"]].concat();
        let output = fuzz(&options, &["python3", &adapter.to_string_lossy()]);
        assert_eq!(output.status.code(), Some(1), "{wrong}: {}", text(&output.stderr));
        let said = found(&output);
        let all = said.iter().all(|found| found["done"].as_str().unwrap_or("").contains(done));
        assert!(all && !said.is_empty(), "{wrong}: {said:#?}");
    }
}

#[test]
fn what_cannot_run_has_exit_codes_of_its_own() {
    let code = |options: &[&str], command: &[&str]| fuzz(options, command).status.code();
    assert_eq!(code(&[], &["/no/such/adapter"]), Some(3));
    assert_eq!(code(&[], &[]), Some(2));
    assert_eq!(code(&["--only", "nothing/like-this"], &REFERENCE), Some(2));
    assert_eq!(code(&["--again", "/no/such/file"], &REFERENCE), Some(2));
    assert_eq!(code(&["--time", "0s"], &REFERENCE), Some(2));
}
