//! The cases for a client, one file or folder a row of the grid.

mod frame;
mod handshake;
mod packet;
mod relay;

use crate::live::case::Case;
use crate::live::meeting::Meeting;

/// The cases of every row, in the order of the specification.
pub(crate) fn all() -> impl Iterator<Item = &'static Case<Meeting>> {
    let rows = packet::CASES.into_iter().chain([frame::CASES]);
    rows.chain(handshake::CASES).chain(relay::CASES).flatten()
}
