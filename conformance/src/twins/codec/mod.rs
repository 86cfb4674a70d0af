//! The codec twin: the operations of the vectors as the model does them, with one fault.
//!
//! A fault lives in the one operation where it shows; what it does otherwise is the model's. So a
//! twin differs from a right implementation by its fault and by nothing else.

mod frame;
mod handshake;
mod identity;
mod packet;
mod primitives;
mod relay;

pub(crate) use super::faults::codec::Fault;
use crate::clauses::chapter;
use crate::model::Reject;
use crate::vectors::{Answer, Input, Steps, Stop, by_model};

/// What the twin with this fault answers.
pub(crate) fn run(fault: Option<Fault>, op: &str, input: &Input) -> Answer {
    let deviation = fault.and_then(|fault| deviation(fault, op, input));
    deviation.unwrap_or_else(|| right(op, input))
}

/// What the fault makes of this operation, if it makes anything of it.
fn deviation(fault: Fault, op: &str, input: &Input) -> Option<Answer> {
    match chapter(fault.row().clause) {
        "primitives" => primitives::deviation(fault, op, input),
        "identity" => identity::deviation(fault, op, input),
        "packet" => packet::deviation(fault, op, input),
        "frame" => frame::deviation(fault, op, input),
        "handshake" => handshake::deviation(fault, op, input),
        _ => relay::deviation(fault, op, input),
    }
}

/// What the model answers.
fn right(op: &str, input: &Input) -> Answer {
    by_model::run(op, input, &mut Steps::default())
}

/// What the model answers; where it refuses by `clause`, what `instead` says.
fn forgiving(op: &str, input: &Input, clause: Reject, instead: impl FnOnce() -> Answer) -> Answer {
    match right(op, input) {
        Err(Stop::Refused(refused)) if refused == clause => instead(),
        answer => answer,
    }
}
