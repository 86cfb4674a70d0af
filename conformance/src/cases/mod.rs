//! The live cases, one file a row of the grid.

mod client;
mod frame;
mod handshake;
mod relay;

use crate::live::case::Case;
use crate::live::meeting::Meeting;
use crate::live::trial::Trial;

/// Whether this is the id of a case.
pub(crate) fn exists(id: &str) -> bool {
    relay().map(|case| case.id).chain(client().map(|case| case.id)).any(|known| known == id)
}

/// All cases for a relay, in the order of the specification.
pub(crate) fn relay() -> impl Iterator<Item = &'static Case<Trial>> {
    frame::CASES.into_iter().chain(handshake::CASES).chain(relay::CASES).flatten()
}

/// All cases for a client, in the order of the specification.
pub(crate) fn client() -> impl Iterator<Item = &'static Case<Meeting>> {
    client::all()
}
