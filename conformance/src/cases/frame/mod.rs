//! Chapter 4 on the wire: forwarding, size, fragments, text, WebSocket.

mod forwarding;
mod fragments;
mod size;
mod text;
mod websocket;

use crate::live::case::Case;
use crate::live::trial::Trial;

/// The cases of this row, file by file.
pub(crate) const CASES: [&[Case<Trial>]; 5] =
    [forwarding::CASES, size::CASES, fragments::CASES, text::CASES, websocket::CASES];
