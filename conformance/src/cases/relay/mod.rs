//! Chapter 6 on the wire: commands, presence, introductions, notifier, slow readers, limits, ends.

mod commands;
mod delivery;
mod http;
mod idle;
mod introduce;
mod limits;
mod notifier;
mod presence;
mod replies;
mod slow;
mod subscribe;
mod trace;

use crate::live::case::Case;
use crate::live::trial::Trial;

/// The cases of this row, file by file.
pub(crate) const CASES: [&[Case<Trial>]; 12] = [
    commands::CASES,
    subscribe::CASES,
    presence::CASES,
    introduce::CASES,
    notifier::CASES,
    delivery::CASES,
    replies::CASES,
    slow::CASES,
    idle::CASES,
    limits::CASES,
    http::CASES,
    trace::CASES,
];
