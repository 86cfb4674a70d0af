//! The storm in small: many inputs of one seed.

use super::*;
use crate::live::seed::Seed;

/// Bytes of one input.
const BYTES: usize = 512;

fn inputs(label: &str, count: usize) -> impl Iterator<Item = Vec<u8>> {
    let seed: Seed = "5ea1000000000005".parse().expect("16 digits");
    let mut random = seed.stream(label);
    (0..count).map(move |_| random.vec(BYTES))
}

#[test]
fn crate_and_model_agree() {
    inputs("differential", 600).for_each(|input| differential(&input));
}

/// Mutants that all die at the first check would find nothing.
#[test]
fn mutants_get_past_the_first_checks() {
    let mut met = std::collections::BTreeSet::new();
    let (mut accepted, mut cases) = (0, 0);
    for input in inputs("depth", 2_000) {
        let trial = Trial::of(&input, |_| true).expect("there are operations");
        let Some(case) = trial.case().filter(|_| !trial.mutations.is_empty()) else { continue };
        cases += 1;
        match &case.expect {
            vectors::Expect::Ok(_) => accepted += 1,
            vectors::Expect::Reject(clause) => _ = met.insert((case.op.clone(), clause.clone())),
        }
    }
    assert!(accepted * 5 > cases, "{accepted} of {cases} accepted");
    for (op, clause) in [
        ("packet.open", "packet/authentic"),
        ("packet.open", "packet/signature"),
        ("handshake.accept", "handshake/hello-command"),
        ("handshake.accept", "handshake/version"),
        ("handshake.accept", "handshake/hello-signature"),
        ("handshake.read-reply", "handshake/reply-command"),
        ("handshake.read-reply", "handshake/reply-version"),
        ("relay.open", "packet/authentic"),
        ("identity.invite-decode", "identity/invite-utf8"),
    ] {
        assert!(
            met.contains(&(op.to_owned(), clause.to_owned())),
            "{op} {clause} not met: {met:?}"
        );
    }
}

#[test]
fn lines_and_files_are_read_or_refused() {
    for (_, text) in sealwire_vectors::FILES {
        vector_file(text.as_bytes());
    }
    for line in [
        r#"{"type":"hello","protocol":1,"suite":"0.1.0"}"#,
        r#"{"type":"run","seq":1,"op":"frame.mask","input":{"key":"00","nonce":""}}"#,
        r#"{"type":"run","seq":1,"op":"primitives.derive","input":{"context":"ws.lleo.me v2 route c2s","length":18446744073709551615,"material":""}}"#,
        r#"{"type":"ok","seq":1,"output":{"mask":"00"},"steps":{}}"#,
        r#"{"type":"reject","seq":1,"class":"key"}"#,
        "[]",
        "",
    ] {
        adapter_line(line.as_bytes());
    }
}
