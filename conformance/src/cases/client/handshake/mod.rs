//! Chapter 5 as a client lives it: hello, reply, and when to come back.

mod hello;
mod reply;
mod returning;

use crate::live::case::Case;
use crate::live::meeting::Meeting;

/// The cases of this row, file by file.
pub(crate) const CASES: [&[Case<Meeting>]; 3] = [hello::CASES, reply::CASES, returning::CASES];
