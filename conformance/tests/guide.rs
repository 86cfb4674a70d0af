//! The adapter that stands in `spec/testing.md` is run as a reader would run it.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use serde_json::Value;

/// The one Python block of the guide, written to a file.
fn adapter() -> tempfile::NamedTempFile {
    let guide = sealwire_spec::get("spec/testing.md").expect("the guide");
    let (_, rest) = guide.split_once("```python\n").expect("a Python block");
    let (program, rest) = rest.split_once("```\n").expect("its end");
    assert!(!rest.contains("```python"), "one adapter, not two");
    let file = tempfile::Builder::new().suffix(".py").tempfile().expect("a file");
    std::fs::write(file.path(), program).expect("written");
    file
}

fn judge(options: &[&str]) -> Output {
    let adapter = adapter();
    let mut sealwire = Command::new(env!("CARGO_BIN_EXE_sealwire"));
    sealwire.arg("adapter").args(options).args(["--", "python3"]).arg(adapter.path());
    let output = sealwire.output().expect("the suite starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("cannot start"), "this test needs python3: {said}");
    output
}

#[test]
fn the_lines_of_the_guides_adapter_are_sound() {
    let output = judge(&["--check"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Every case of the seven operations passes, and no other case is claimed.
#[test]
fn the_guides_adapter_passes_what_it_says_it_does() {
    let output = judge(&["--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let cases = report["cases"].as_array().expect("cases").iter();
    let passed = cases.filter(|case| case["verdict"] == "pass").map(|case| case["id"].clone());
    let passed: BTreeSet<String> = passed.map(|id| id.to_string()).collect();
    assert_eq!(passed, of_its_operations());
}

/// The cases of the operations of chapter 4, and of the commands of chapter 6.
fn of_its_operations() -> BTreeSet<String> {
    let cases = sealwire_vectors::FILES.iter().flat_map(|(_, text)| {
        let file: Value = serde_json::from_str(text).expect("a vector file");
        file["cases"].as_array().cloned().unwrap_or_default()
    });
    let its_own = |case: &Value| {
        let op = case["op"].as_str().unwrap_or_default();
        op.starts_with("frame.") || op == "relay.command"
    };
    cases.filter(its_own).map(|case| case["id"].to_string()).collect()
}
