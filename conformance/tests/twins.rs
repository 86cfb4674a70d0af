//! `sealwire twins` end to end, with a few twins: the whole matrix takes minutes.

use std::process::{Command, Output};

/// Runs it on the twins that `pattern` takes.
fn twins(pattern: &str) -> (Option<i32>, String) {
    let sealwire = env!("CARGO_BIN_EXE_sealwire");
    let run = Command::new(sealwire).args(["twins", "--only", pattern]).output();
    let Output { status, stdout, stderr } = run.expect("sealwire runs");
    let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    (status.code(), said)
}

#[test]
fn broken_twins_are_caught_by_cases_of_their_clause() {
    for twin in [
        "relay/header-untouched",
        "relay/takes-zero-key",
        "relay/takes-notifier-zero",
        "client/shows-unopened",
        "client/hello-grows",
    ] {
        let (code, said) = twins(twin);
        assert_eq!(said.lines().last(), Some("twins: 1 of 1 caught"), "{said}");
        assert_eq!(code, Some(0), "{said}");
    }
}

#[test]
fn the_codec_without_a_fault_is_accused_of_nothing() {
    let (code, said) = twins("codec/no-fault");
    assert!(said.contains("none of "), "{said}");
    let last = "twins: 1 of 1 without a fault accused of none";
    assert_eq!((code, said.lines().last()), (Some(0), Some(last)));
}

#[test]
fn lenient_twins_are_named_by_what_they_do_and_by_nothing_else() {
    let (code, said) = twins("/lenient");
    assert_eq!((code, said.lines().last()), (Some(0), Some("twins: 2 of 2 caught")), "{said}");
    for clause in ["frame/too-long", "handshake/probe", "relay/idle-ping", "handshake/reconnect"] {
        assert!(said.contains(&format!("\n        {clause} ")), "{clause}: {said}");
    }
}

#[test]
fn the_references_get_their_work_done_among_lenient_peers() {
    let (code, said) = twins("reference/among-lenient");
    assert!(said.contains("none of 9"), "{said}");
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_pattern_that_takes_nothing_is_an_error_of_its_own() {
    assert_eq!(twins("no/such-twin").0, Some(4));
}
