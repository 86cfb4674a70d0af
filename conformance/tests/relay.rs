//! `sealwire relay` as its users run it, against a reference relay that is a stranger to the run.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const SEALWIRE: &str = env!("CARGO_BIN_EXE_sealwire");

/// A relay on a free port of loopback, which ends with this.
struct Relay {
    child: Child,
    listening: Value,
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Relay {
    /// A relay whose stderr is this file.
    fn start(log: &Path) -> Self {
        let mut child = Command::new(SEALWIRE)
            .args(["reference-relay", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(File::create(log).expect("a log"))
            .spawn()
            .expect("the relay starts");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("its first line");
        Self { child, listening: serde_json::from_str(&line).expect("JSON") }
    }

    /// What `sealwire relay OPTIONS` says of it.
    fn judged(&self, options: &[&str]) -> Output {
        let member = |name: &str| self.listening[name].as_str().expect("a text").to_owned();
        Command::new(SEALWIRE)
            .args(["relay", "--format", "json", "--url", &member("listening")])
            .args(["--x25519", &member("x25519"), "--ed25519", &member("ed25519")])
            .args(options)
            .output()
            .expect("the suite runs")
    }
}

/// The verdicts of a report, one for each case.
fn verdicts(output: &Output) -> Vec<String> {
    let report: Value = serde_json::from_slice(&output.stdout).expect("a JSON document");
    let cases = report["cases"].as_array().expect("cases");
    cases.iter().map(|case| case["verdict"].as_str().expect("a word").to_owned()).collect()
}

#[test]
fn a_seed_replays_against_a_relay_that_remembers_its_hellos() {
    let directory = tempfile::tempdir().expect("a directory");
    let relay = Relay::start(&directory.path().join("log"));
    let options = ["--only", "handshake/version", "--seed", "0000000000000001", "--repeat", "2"];
    let first = verdicts(&relay.judged(&options));
    assert!(!first.is_empty() && first.iter().all(|verdict| verdict == "pass"), "{first:?}");
    assert_eq!(first, verdicts(&relay.judged(&options)));
}

#[test]
fn what_a_relay_writes_is_searched_if_its_files_are_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let log = directory.path().join("log");
    let relay = Relay::start(&log);
    let only = ["--only", "relay/no-trace"];
    assert_eq!(verdicts(&relay.judged(&only)), ["not run"]);
    let named = |path: &Path| {
        relay.judged(&[&only[..], &["--log", path.to_str().expect("a path in UTF-8")]].concat())
    };
    assert_eq!(verdicts(&named(&log)), ["pass"]);
    assert_eq!(named(&directory.path().join("another")).status.code(), Some(2));
}
