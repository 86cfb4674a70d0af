//! Chapter 4: frames and header masks. Each is one binary WebSocket message.
//!
//! ```text
//! client → relay   (to   XOR mask(K_c2s, nonce))(8) ‖ packet
//! relay → client   (from XOR mask(K_s2c, nonce))(8) ‖ the same packet, bit for bit
//! offset           0                                 8 nonce(24)   32 …
//! ```
//!
//! Clauses: `frame/*`.

use crate::{
    Clause,
    identity::PeerId,
    packet,
    primitives::{Context, KEY, MASK, NONCE, NonceBytes, SIGNATURE, Secret, TAG, mask},
    reader::Reader,
};

/// Bytes of the masked header.
pub const HEADER: usize = MASK;
/// The shortest frame a relay forwards, 112 bytes; it looks no further.
pub const MIN: usize = HEADER + NONCE + TAG + SIGNATURE;
/// The largest frame a client sends or a relay builds, 1 MiB.
pub const MAX: usize = 1_048_576;
/// The largest frame a client accepts: relays may add 56 bytes to an introduction and 8 more.
pub const MAX_FROM_RELAY: usize = 1_048_640;
/// The largest message before the hello is accepted.
pub const MAX_BEFORE_HELLO: usize = 4_096;
/// Bytes of a frame with an empty body, 115.
pub const COMMAND_OVERHEAD: usize = HEADER + packet::MIN;

/// The two keys that hide headers between one client and its relay.
#[derive(Debug)]
pub struct RouteKeys {
    c2s: Secret<KEY>,
    s2c: Secret<KEY>,
}

impl RouteKeys {
    /// From `S = X25519(client, relay)`.
    #[must_use]
    pub fn derive(shared: &Secret<KEY>) -> Self {
        Self::new(Context::RouteC2s.derive_key(shared), Context::RouteS2c.derive_key(shared))
    }

    /// From both keys, client to relay and relay to client.
    #[must_use]
    pub const fn new(c2s: Secret<KEY>, s2c: Secret<KEY>) -> Self {
        Self { c2s, s2c }
    }

    fn mask_to(&self, id: PeerId, nonce: &NonceBytes) -> [u8; HEADER] {
        xor(id.0, mask(&self.c2s, nonce))
    }

    fn mask_from(&self, id: PeerId, nonce: &NonceBytes) -> [u8; HEADER] {
        xor(id.0, mask(&self.s2c, nonce))
    }
}

fn xor(mut id: [u8; HEADER], mask: [u8; HEADER]) -> [u8; HEADER] {
    id.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    id
}

/// A frame cut at its fixed offsets.
#[derive(Clone, Copy, Debug)]
struct Parts<'a> {
    header: [u8; HEADER],
    nonce: NonceBytes,
    packet: &'a [u8],
}

impl<'a> Parts<'a> {
    fn parse(frame: &'a [u8], max: usize, too_long: Clause) -> Result<Self, Clause> {
        if frame.len() > max {
            return Err(too_long);
        }
        if frame.len() < MIN {
            return Err(Clause::FrameTooShort);
        }
        let (header, packet) = frame.split_first_chunk().ok_or(Clause::FrameTooShort)?;
        let nonce = Reader::new(packet).array().ok_or(Clause::FrameTooShort)?;
        Ok(Self { header: *header, nonce: NonceBytes(*nonce), packet })
    }
}

/// A frame from a client, as its relay sees it.
#[derive(Clone, Copy, Debug)]
pub struct Uplink<'a>(Parts<'a>);

impl<'a> Uplink<'a> {
    /// Judges the length and nothing else: the packet is not looked into.
    ///
    /// # Errors
    /// [`Clause::FrameTooLong`], [`Clause::FrameTooShort`].
    pub fn parse(frame: &'a [u8]) -> Result<Self, Clause> {
        Parts::parse(frame, MAX, Clause::FrameTooLong).map(Self)
    }

    /// For whom it is; [`PeerId::RELAY`] for a command.
    #[must_use]
    pub fn to(&self, keys: &RouteKeys) -> PeerId {
        PeerId(keys.mask_to(PeerId(self.0.header), &self.0.nonce))
    }

    /// The packet's nonce.
    #[must_use]
    pub const fn nonce(&self) -> NonceBytes {
        self.0.nonce
    }

    /// Everything after the header.
    #[must_use]
    pub const fn packet(&self) -> &'a [u8] {
        self.0.packet
    }
}

/// A frame from a relay, as its client sees it.
#[derive(Clone, Copy, Debug)]
pub struct Downlink<'a>(Parts<'a>);

impl<'a> Downlink<'a> {
    /// Judges the length.
    ///
    /// # Errors
    /// [`Clause::FrameClientLimit`], [`Clause::FrameTooShort`].
    pub fn parse(frame: &'a [u8]) -> Result<Self, Clause> {
        Parts::parse(frame, MAX_FROM_RELAY, Clause::FrameClientLimit).map(Self)
    }

    /// Whom it is from; [`PeerId::RELAY`] for an event of the relay.
    #[must_use]
    pub fn from(&self, keys: &RouteKeys) -> PeerId {
        PeerId(keys.mask_from(PeerId(self.0.header), &self.0.nonce))
    }

    /// The packet's nonce.
    #[must_use]
    pub const fn nonce(&self) -> NonceBytes {
        self.0.nonce
    }

    /// Everything after the header.
    #[must_use]
    pub const fn packet(&self) -> &'a [u8] {
        self.0.packet
    }
}

/// Writes the header of a frame from client to relay; its packet stands behind it already.
///
/// # Errors
/// [`Clause::FrameSendLimit`]; [`Clause::FrameTooShort`] for a frame without a whole packet. It is
/// then as it was.
pub fn address_to(frame: &mut [u8], keys: &RouteKeys, to: PeerId) -> Result<(), Clause> {
    write_header(frame, Clause::FrameSendLimit, |nonce| keys.mask_to(to, nonce))
}

/// Writes the header of a frame from relay to client over whatever stands there. With
/// [`Uplink::to`] this is all that forwarding is; `keys` are the recipient's.
///
/// # Errors
/// [`Clause::FrameRelayLimit`]; [`Clause::FrameTooShort`] for a frame without a whole packet. It is
/// then as it was.
pub fn address_from(frame: &mut [u8], keys: &RouteKeys, from: PeerId) -> Result<(), Clause> {
    write_header(frame, Clause::FrameRelayLimit, |nonce| keys.mask_from(from, nonce))
}

fn write_header(
    frame: &mut [u8],
    too_long: Clause,
    masked: impl FnOnce(&NonceBytes) -> [u8; HEADER],
) -> Result<(), Clause> {
    if frame.len() > MAX {
        return Err(too_long);
    }
    if frame.len() < MIN {
        return Err(Clause::FrameTooShort);
    }
    let (header, packet) = frame.split_first_chunk_mut().ok_or(Clause::FrameTooShort)?;
    let nonce = Reader::new(packet).array().ok_or(Clause::FrameTooShort)?;
    *header = masked(&NonceBytes(*nonce));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    fn keys(byte: u8) -> RouteKeys {
        RouteKeys::derive(&Secret::new([byte; KEY]))
    }

    #[test]
    fn a_header_comes_back_and_the_packet_stays() {
        let mut frame = vec![0x5a; MIN];
        let (alice, bob) = (PeerId([1; 8]), PeerId([2; 8]));
        address_to(&mut frame, &keys(1), bob).unwrap();
        assert_eq!(Uplink::parse(&frame).unwrap().to(&keys(1)), bob);
        address_from(&mut frame, &keys(2), alice).unwrap();
        let down = Downlink::parse(&frame).unwrap();
        assert_eq!(down.from(&keys(2)), alice);
        assert_eq!(down.packet(), [0x5a; MIN - HEADER]);
    }

    #[test]
    fn directions_have_masks_of_their_own() {
        let mut frame = vec![0; MIN];
        address_to(&mut frame, &keys(1), PeerId::RELAY).unwrap();
        assert!(Uplink::parse(&frame).unwrap().to(&keys(1)).is_relay());
        assert!(!Downlink::parse(&frame).unwrap().from(&keys(1)).is_relay());
    }

    #[test]
    fn lengths_are_judged_at_their_edges() {
        let frame = vec![0; MAX_FROM_RELAY + 1];
        let uplink = |length| Uplink::parse(&frame[..length]).map(|_| ());
        let downlink = |length| Downlink::parse(&frame[..length]).map(|_| ());
        assert_eq!(uplink(MIN - 1), Err(Clause::FrameTooShort));
        assert_eq!(uplink(MIN), Ok(()));
        assert_eq!(uplink(MAX), Ok(()));
        assert_eq!(uplink(MAX + 1), Err(Clause::FrameTooLong));
        assert_eq!(downlink(MIN - 1), Err(Clause::FrameTooShort));
        assert_eq!(downlink(MAX_FROM_RELAY), Ok(()));
        assert_eq!(downlink(MAX_FROM_RELAY + 1), Err(Clause::FrameClientLimit));
    }

    #[test]
    fn no_header_is_written_where_no_packet_is() {
        let mut frame = vec![0; MIN - 1];
        let refused = address_to(&mut frame, &keys(1), PeerId([1; 8]));
        assert_eq!((refused, frame), (Err(Clause::FrameTooShort), vec![0; MIN - 1]));
    }

    #[test]
    fn no_header_is_written_before_what_is_too_long() {
        let mut frame = vec![0; MAX + 1];
        let to = address_to(&mut frame, &keys(1), PeerId([1; 8]));
        let from = address_from(&mut frame, &keys(1), PeerId([1; 8]));
        assert_eq!((to, from), (Err(Clause::FrameSendLimit), Err(Clause::FrameRelayLimit)));
        assert!(frame.iter().all(|byte| *byte == 0));
        assert_eq!(address_to(&mut frame[..MAX], &keys(1), PeerId([1; 8])), Ok(()));
        assert_eq!(address_from(&mut frame[..MAX], &keys(1), PeerId([1; 8])), Ok(()));
    }
}
