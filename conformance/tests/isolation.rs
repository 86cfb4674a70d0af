//! `sealwire isolation` on a relay that keeps one slow reader from all others, and on one that does
//! not. The other rows take minutes: `.ci/run` and `.ci/long` have them.

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

#[test]
fn a_relay_on_which_one_slow_reader_blocks_all_is_found_out() {
    let run = isolation("stalled-reader", &["twin-relay", "--fault", "slow-blocks-all"]);
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(said.contains("FAILS: "), "{said}");
}
