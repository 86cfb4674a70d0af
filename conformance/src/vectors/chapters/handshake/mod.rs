//! Chapter 5, handshake: hello and reply.

mod hello;
mod reply;

use super::super::case::Case;
use super::numbered;

pub(super) fn cases() -> Vec<Case> {
    [hello::cases(), reply::cases()].concat()
}
