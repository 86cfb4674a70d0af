//! What both ends of a handshake keep: the other's keys, the pair key, the route keys.
//!
//! Commands and events, the verbs of a link, are added by chapter 6. Clauses:
//! `frame/relay-header`, `frame/header-to`, `packet/*`.

use crate::{
    BufferTooSmall, BuildError, Clause,
    frame::{Downlink, HEADER, RouteKeys, Uplink, address_from, address_to},
    identity::{Identity, PeerId, PublicIdentity},
    packet::{self, Inner, PairKey},
    primitives::{FreshNonce, KEY, Secret},
};

#[derive(Debug)]
pub(super) struct Link {
    pair: PairKey,
    routes: RouteKeys,
}

impl Link {
    pub(super) fn new(other: PublicIdentity, shared: Secret<KEY>) -> Self {
        let routes = RouteKeys::derive(&shared);
        Self { pair: PairKey::from_shared(shared, other), routes }
    }

    pub(super) const fn pair(&self) -> &PairKey {
        &self.pair
    }

    /// The packet, then the header that `address` writes in front of it: the relay's id.
    fn seal(
        &self,
        out: &mut [u8],
        own: &Identity,
        nonce: FreshNonce,
        command: u8,
        body: &[&[u8]],
        address: fn(&mut [u8], &RouteKeys, PeerId) -> Result<(), Clause>,
    ) -> Result<usize, BuildError> {
        let packet = out.get_mut(HEADER..).unwrap_or_default();
        let sealed = packet::seal_parts(packet, &self.pair, own, nonce, 0, command, body);
        let longer = |length: usize| length.saturating_add(HEADER);
        let short = |packet: BufferTooSmall| BufferTooSmall { needed: longer(packet.needed) };
        let length = longer(sealed.map_err(short)?);
        let frame = out.get_mut(..length).ok_or(BufferTooSmall { needed: length })?;
        address(frame, &self.routes, PeerId::RELAY)?;
        Ok(length)
    }

    fn open<'a>(&self, frame: &'a mut [u8]) -> Result<Inner<'a>, Clause> {
        let packet = frame.get_mut(HEADER..).unwrap_or_default();
        packet::open(packet, &self.pair)
    }
}

/// A client's side of an accepted handshake.
#[derive(Debug)]
pub struct ClientLink(pub(super) Link);

impl ClientLink {
    /// The relay, as it was pinned.
    #[must_use]
    pub const fn relay(&self) -> &PublicIdentity {
        self.0.pair.other()
    }

    /// The keys that mask and unmask headers.
    #[must_use]
    pub const fn routes(&self) -> &RouteKeys {
        &self.0.routes
    }

    /// Opens a frame of the relay's own, in place. Frames of peers are opened with the peer's
    /// pair key instead; [`Downlink::from`] tells which it is.
    ///
    /// # Errors
    /// [`Clause::FrameClientLimit`], [`Clause::FrameTooShort`], [`Clause::FrameRelayHeader`], then
    /// those of [`packet::open`]. `frame` is then as it was.
    pub fn open_event<'a>(&self, frame: &'a mut [u8]) -> Result<Inner<'a>, Clause> {
        if !Downlink::parse(frame)?.from(&self.0.routes).is_relay() {
            return Err(Clause::FrameRelayHeader);
        }
        self.0.open(frame)
    }

    /// Undoes [`Self::open_event`].
    pub(super) fn close_event(&self, frame: &mut [u8]) {
        packet::close(frame.get_mut(HEADER..).unwrap_or_default(), &self.0.pair);
    }

    pub(crate) fn seal_to_relay(
        &self,
        out: &mut [u8],
        own: &Identity,
        nonce: FreshNonce,
        command: u8,
        body: &[&[u8]],
    ) -> Result<usize, BuildError> {
        self.0.seal(out, own, nonce, command, body, address_to)
    }
}

/// A relay's side of an accepted hello.
#[derive(Debug)]
pub struct RelayLink(pub(super) Link);

impl RelayLink {
    /// The client, as its hello proved.
    #[must_use]
    pub const fn peer(&self) -> &PublicIdentity {
        self.0.pair.other()
    }

    /// The keys that mask and unmask headers.
    #[must_use]
    pub const fn routes(&self) -> &RouteKeys {
        &self.0.routes
    }

    /// Opens a command, in place: a frame whose [`Uplink::to`] is the relay.
    ///
    /// # Errors
    /// [`Clause::FrameTooLong`], [`Clause::FrameTooShort`], [`Clause::FrameHeaderTo`] for a frame
    /// to somebody else, then those of [`packet::open`]. `frame` is then as it was.
    pub fn open_command<'a>(&self, frame: &'a mut [u8]) -> Result<Inner<'a>, Clause> {
        if !Uplink::parse(frame)?.to(&self.0.routes).is_relay() {
            return Err(Clause::FrameHeaderTo);
        }
        self.0.open(frame)
    }

    pub(crate) fn seal_to_client(
        &self,
        out: &mut [u8],
        relay: &Identity,
        nonce: FreshNonce,
        command: u8,
        body: &[&[u8]],
    ) -> Result<usize, BuildError> {
        self.0.seal(out, relay, nonce, command, body, address_from)
    }
}
