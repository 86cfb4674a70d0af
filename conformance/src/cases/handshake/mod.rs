//! Chapter 5 on the wire: hello and reply, refusals, registration, an id that is taken, replay.

mod accepted;
mod deadline;
mod keys;
mod probe;
mod refused;
mod registration;
mod replay;
mod version;

use crate::live::case::Case;
use crate::live::trial::Trial;

/// The cases of this row, file by file.
pub(crate) const CASES: [&[Case<Trial>]; 8] = [
    accepted::CASES,
    refused::CASES,
    keys::CASES,
    version::CASES,
    deadline::CASES,
    registration::CASES,
    probe::CASES,
    replay::CASES,
];
