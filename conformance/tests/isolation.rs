//! `sealwire isolation` on the reference relay and on relays with a fault that a row is there for.
//! All rows on the reference relay take minutes: `.ci/long` has them.

use std::process::{Command, Output};

/// A row, on the relay that these arguments of the suite start.
fn isolation(row: &str, relay: &[&str]) -> Output {
    let sealwire = env!("CARGO_BIN_EXE_sealwire");
    let command = [&["isolation", "--only", row, "--", sealwire], relay].concat();
    Command::new(sealwire).args(command).output().expect("it runs")
}

#[test]
fn a_stalled_reader_harms_nobody_on_the_reference_relay() {
    let run = isolation("stalled-reader", &["reference-relay"]);
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("stalled-reader"), "{run:?}");
}

/// A row finds the twin of the relay with a fault out.
fn found_out(row: &str, fault: &str) {
    let run = isolation(row, &["twin-relay", "--fault", fault]);
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(said.contains("FAILS: "), "{said}");
}

#[test]
fn a_relay_on_which_one_slow_reader_blocks_all_is_found_out() {
    found_out("stalled-reader", "slow-blocks-all");
}

#[test]
fn a_relay_that_grants_a_hello_more_time_with_each_byte_is_found_out() {
    found_out("slow-hellos", "deadline-renewed");
}

#[test]
fn a_relay_that_answers_for_a_reader_who_is_merely_slow_is_found_out() {
    found_out("bulk", "refuses-for-waiting");
}
