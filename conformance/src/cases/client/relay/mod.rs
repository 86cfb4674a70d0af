//! Chapter 6 as a client lives it: what its relay tells it, and what only pretends to.

mod events;
mod introductions;
mod presence;
mod privilege;

use crate::live::case::Case;
use crate::live::meeting::Meeting;

/// The cases of this row, file by file.
pub(crate) const CASES: [&[Case<Meeting>]; 4] =
    [privilege::CASES, events::CASES, presence::CASES, introductions::CASES];
