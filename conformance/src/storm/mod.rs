//! The storm: inputs that no vector has, grown from the vectors, and judged by the model.
//!
//! | file | what |
//! |---|---|
//! | `grounds` | the inputs of the vectors, from which all others grow |
//! | `known` | keys, lengths, numbers and texts that break code |
//! | `seals`, `places` | what lies below a seal; where in it a change is made |
//! | `change`, `trial` | one change; one input with some of them |
//! | `hunt`, `kind`, `shrink`, `telling` | an adapter, what it does otherwise, the smallest such input |
//! | `corpus` | seeds for other fuzzers |
//!
//! What is public here is the door of the fuzz targets, and of nobody else: each function takes
//! arbitrary bytes, and panics where a law is broken.

mod change;
mod corpus;
mod grounds;
mod hunt;
mod kind;
mod known;
mod places;
mod seals;
mod shrink;
mod telling;
#[cfg(test)]
mod tests;
mod trial;

use std::sync::LazyLock;

use serde_json::Value;

use crate::adapter::{Answer, Schema};
use crate::vectors::{self, Input, Steps, Stop};
pub(crate) use corpus::corpus;
pub(crate) use hunt::fuzz;
use trial::Trial;

/// The crate and the model give the same verdict and the same bytes for every input of every
/// operation, and the crate hands nothing out that it refuses.
///
/// # Panics
/// They do not; the message is the vector that shows it.
pub fn differential(input: &[u8]) {
    let Some(case) = Trial::of(input, |_| true).and_then(|trial| trial.case()) else { return };
    let members = Input::each(&case.input).unwrap_or_default();
    for members in members {
        let answer = vectors::by_wire(&case.op, &members, &mut Steps::default());
        if let Some(failure) = vectors::compared(&case.op, &case.expect, &answer) {
            panic!(
                "expected {}, the crate: {}\n{:#}",
                failure.expected,
                failure.actual,
                case.to_json()
            );
        }
    }
}

/// A line from an adapter is read or refused; what is read satisfies the schema, and is the same
/// when it is written and read again. The same bytes as a line to the adapter of the reference
/// client are answered by a line that the suite can read, or are no line of the protocol.
///
/// # Panics
/// One of these does not hold.
pub fn adapter_line(input: &[u8]) {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::read().expect("it is checked in"));
    let Ok(line) = core::str::from_utf8(input) else { return };
    let value = serde_json::from_str::<Value>(line);
    if let Ok(value) = &value {
        for op in ["frame.mask", "packet.open", "relay.event"] {
            let Ok(read) = SCHEMA.answer(op, value.clone()) else { continue };
            let seq = value["seq"].clone();
            let written = read.line(&seq);
            assert_eq!(SCHEMA.answer(op, written.clone()).as_ref(), Ok(&read), "{written}");
        }
        let _ = SCHEMA.hello(value.clone());
    }
    let Ok(Some(answer)) = sealwire_client::adapter::answer(line) else { return };
    let answer: Value = serde_json::from_str(&answer).expect("an answer is JSON");
    if answer["type"] == "hello" {
        SCHEMA.hello(answer).expect("the hello is one of the protocol");
        return;
    }
    let op = value.ok().and_then(|line| Some(line["op"].as_str()?.to_owned())).unwrap_or_default();
    match SCHEMA.answer(&op, answer) {
        Ok(Answer::Reject { released, .. }) => assert_eq!(released, "", "a refusal hands out"),
        Ok(_) => {}
        Err(fault) => panic!("the answer breaks the schema at {fault}"),
    }
}

/// A vector file is read or refused, and what the schema accepts is read: the file, and the inputs of
/// its cases, unless they are longer than any line may be.
///
/// # Panics
/// One of these does not hold.
pub fn vector_file(input: &[u8]) {
    let Ok(text) = core::str::from_utf8(input) else { return };
    let read = vectors::read(text);
    for case in read.iter().flatten() {
        let _: Result<Vec<Input>, Stop> = Input::each(&case.input);
    }
    let faults = vectors::schema_faults(text);
    assert!(read.is_ok() || !faults.is_empty(), "the schema accepts what is not read: {read:?}");
}
