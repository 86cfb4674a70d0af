//! Chapter 5: hello and reply, as two state machines that hand themselves back on refused input.
//!
//! ```text
//! hello = X25519 public(32) ‖ nonce(24) ‖ AEAD_S(00 00 ‖ 01 ‖ Ed25519 public(32) ‖ 02) ‖ signature(64)
//! reply = a frame of the relay's own, command 02 with body 02, or FF with an error
//!
//! client: hello() → AwaitReply ─ receive ─→ ClientLink
//! relay:  AwaitHello ─ receive ─→ Admitted → RelayLink, or Refusal
//! ```
//!
//! Clauses: `handshake/*`.

mod client;
mod link;
mod relay;

pub use client::{AwaitReply, Reply, hello};
pub use link::{ClientLink, RelayLink};
pub use relay::{Admitted, AwaitHello, Hello, MARK, Refusal};

use crate::{packet, primitives::KEY};

/// The version of the wire format, as hello and reply carry it.
pub const VERSION: u8 = 2;
/// Bytes of a hello without trailing bytes.
pub const HELLO: usize = KEY + packet::MIN + KEY + 1;

pub(crate) const HANDSHAKE_REQUEST: u8 = 0x01;
pub(crate) const HANDSHAKE_OK: u8 = 0x02;
pub(crate) const ERROR: u8 = 0xff;
pub(crate) const ERROR_ID_IN_USE: u8 = 0x01;
pub(crate) const ERROR_BAD_VERSION: u8 = 0x02;

#[cfg(test)]
mod tests;
