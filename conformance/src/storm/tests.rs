//! The storm in small: many inputs of one seed.

use super::*;
use crate::live::seed::Seed;
use crate::twins::codec;
use crate::twins::codec::Fault;

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

/// Some faults show in one input of a hundred thousand, most in one of a few hundred; those of the
/// vectors that are no mutants do not count.
#[test]
fn mutants_alone_meet_the_faults_of_most_codec_twins() {
    let mutants = inputs("twins", 1_500).filter_map(|input| {
        let trial = Trial::of(&input, |_| true)?;
        let case = trial.case()?;
        let input = Input::each(&case.input).ok()?.into_iter().next()?;
        (case.input != trial.ground.input).then_some((case, input))
    });
    let mutants: Vec<_> = mutants.collect();
    let escapes = |fault: &&Fault| {
        mutants.iter().all(|(case, input)| {
            let answer = codec::run(Some(**fault), &case.op, input);
            vectors::compared(&case.op, &case.expect, &answer).is_none()
        })
    };
    let escaped: Vec<_> = Fault::ALL.iter().filter(escapes).collect();
    assert!(escaped.len() * 3 < Fault::ALL.len(), "{} mutants: {escaped:?}", mutants.len());
}
