//! Chapter 6: commands to the relay, and events from it.
//!
//! ```text
//! command = a frame to id zero, packet under S signed by the client     client → relay
//! event   = a frame from id zero, packet under S signed by the relay    relay → client
//! ```
//!
//! [`ToRelay`] and [`FromRelay`] are the inners' commands and bodies; [`ClientLink`] and
//! [`RelayLink`] seal them. Clauses: `relay/*`.

mod from_relay;
mod keys;
mod to_relay;

pub use from_relay::{ErrorCode, FromRelay};
pub use keys::Keys;
pub use to_relay::{MAX_INTRODUCE_NICKNAME, MAX_TOKEN, ToRelay};

use crate::{
    BuildError,
    handshake::{ClientLink, RelayLink},
    identity::{Identity, PublicIdentity},
    primitives::FreshNonce,
};
use core::fmt;

const SUBSCRIBE: u8 = 0x40;
const UNSUBSCRIBE: u8 = 0x41;
const PEER_ONLINE: u8 = 0x42;
const PEER_OFFLINE: u8 = 0x43;
const INTRODUCE: u8 = 0x46;
const INTRO_FROM: u8 = 0x47;
const WAKE: u8 = 0x48;
const PUSH_REGISTER: u8 = 0x49;
const SERVER_PING: u8 = 0x4a;
const NOTICE: u8 = 0x88;
const ERROR_RECIPIENT_OFFLINE: u8 = 0x03;

/// A body in at most three pieces, sealed without being joined first.
type Body<'a> = [&'a [u8]; 3];

fn describe(f: &mut fmt::Formatter<'_>, name: &str, body: &Body<'_>) -> fmt::Result {
    let length = body.iter().fold(0_usize, |sum, part| sum.saturating_add(part.len()));
    write!(f, "{name}({length} bytes)")
}

impl ClientLink {
    /// Seals a command into `out`; returns the frame's length,
    /// [`COMMAND_OVERHEAD`](crate::frame::COMMAND_OVERHEAD) + body.
    ///
    /// # Errors
    /// The limit that the command breaks ([`Clause`](crate::Clause)); or `out` is too small.
    pub fn seal_command(
        &self,
        out: &mut [u8],
        identity: &Identity,
        nonce: FreshNonce,
        command: &ToRelay<'_>,
    ) -> Result<usize, BuildError> {
        command.check()?;
        self.seal_to_relay(out, identity, nonce, command.command(), &command.body())
    }
}

impl RelayLink {
    /// Seals an event into `out`; returns the frame's length,
    /// [`COMMAND_OVERHEAD`](crate::frame::COMMAND_OVERHEAD) + body.
    ///
    /// # Errors
    /// [`Clause::FrameRelayLimit`](crate::Clause::FrameRelayLimit); or `out` is too small.
    pub fn seal_event(
        &self,
        out: &mut [u8],
        relay: &Identity,
        nonce: FreshNonce,
        event: &FromRelay<'_>,
    ) -> Result<usize, BuildError> {
        self.seal_to_client(out, relay, nonce, event.command(), &event.body())
    }

    /// Seals an INTRO_FROM whose nickname is passed on as it came: a relay does not read it.
    /// `from` is the introducing session's own identity (`[relay/introduce]`).
    ///
    /// # Errors
    /// [`Clause::FrameRelayLimit`](crate::Clause::FrameRelayLimit); or `out` is too small.
    pub fn seal_introduction(
        &self,
        out: &mut [u8],
        relay: &Identity,
        nonce: FreshNonce,
        from: &PublicIdentity,
        nickname: &[u8],
    ) -> Result<usize, BuildError> {
        let body: Body<'_> = [from.x25519(), from.ed25519(), nickname];
        self.seal_to_client(out, relay, nonce, INTRO_FROM, &body)
    }
}

#[cfg(test)]
mod tests;
