//! Chapter 4 on the wire: forwarding, size, fragments, text, WebSocket.

mod forwarding;
mod fragments;
mod size;
mod text;
mod websocket;

use crate::live::case::Case;
use crate::live::trial::Trial;

/// The cases of this row, file by file.
pub(crate) const CASES: [&[Case<Trial>]; 7] = {
    let [framing, control, segments] = websocket::CASES;
    let [forwarding, fragments] = [forwarding::CASES, fragments::CASES];
    [forwarding, size::CASES, fragments, text::CASES, framing, control, segments]
};
