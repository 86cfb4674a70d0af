//! Chapter 3 as a client lives it: packets that it opens, refuses and seals.

mod nonce;
mod opening;

use crate::live::case::Case;
use crate::live::meeting::Meeting;

/// The cases of this row, file by file.
pub(crate) const CASES: [&[Case<Meeting>]; 2] = [opening::CASES, nonce::CASES];
