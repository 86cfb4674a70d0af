//! Chapter 3: the sealed packet.
//!
//! ```text
//! packet = nonce(24) ‖ AEAD(inner) ‖ signature(64)        AEAD key = X25519(a, b), raw
//! inner  = message_id u16 LE ‖ command u8 ‖ body
//! signature over nonce ‖ AEAD(inner), nothing else
//! ```
//!
//! A receiver judges length, signature, seal, in this order. Clauses: `packet/*`.

use crate::{
    BufferTooSmall, Clause,
    identity::{Identity, PublicIdentity},
    primitives::{
        FreshNonce, KEY, NONCE, NonceBytes, SIGNATURE, Secret, TAG, aead_open, aead_seal_again,
    },
    reader::{Reader, Writer},
};
use core::fmt;

/// Bytes of message id and command.
const INNER_HEAD: usize = 3;
/// Bytes that sealing adds to an inner.
pub const OVERHEAD: usize = NONCE + TAG + SIGNATURE;
/// The shortest packet that can carry an inner, 107 bytes.
pub const MIN: usize = OVERHEAD + INNER_HEAD;

/// The AEAD key of two parties and the other's pinned keys: derived once, kept, the same both ways.
/// Sealing and opening take it, so that neither ever repeats the X25519, and no packet is opened
/// under one party's seal and another's signature.
#[derive(Debug)]
pub struct PairKey {
    secret: Secret<KEY>,
    other: PublicIdentity,
}

impl PairKey {
    /// `X25519(own, other)`.
    ///
    /// # Errors
    /// [`Clause::PrimitivesX25519Contributory`], never for a key that passed P1.
    pub fn between(own: &Identity, other: &PublicIdentity) -> Result<Self, Clause> {
        Ok(Self::from_shared(own.agreement().agree(other.x25519())?, *other))
    }

    pub(crate) const fn from_shared(secret: Secret<KEY>, other: PublicIdentity) -> Self {
        Self { secret, other }
    }

    /// The other party.
    #[must_use]
    pub const fn other(&self) -> &PublicIdentity {
        &self.other
    }
}

/// What a packet carries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Inner<'a> {
    /// The sender's own affair; receivers ignore it (`[packet/message-id]`).
    pub message_id: u16,
    /// What the body is.
    pub command: u8,
    /// The rest, unread.
    pub body: &'a [u8],
}

impl fmt::Debug for Inner<'_> {
    /// Says how long the plaintext is, and nothing of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inner {{ command: {:#04x}, body: {} bytes }}", self.command, self.body.len())
    }
}

/// Verifies, then decrypts in place, and returns what the packet carries. `key` is that of the
/// party that the frame's header names.
///
/// # Errors
/// [`Clause::PacketTooShort`], [`Clause::PacketSignature`], [`Clause::PacketAuthentic`], the first
/// broken. `packet` is then as it was: nothing of a refused packet is released.
pub fn open<'a>(packet: &'a mut [u8], key: &PairKey) -> Result<Inner<'a>, Clause> {
    if packet.len() < MIN {
        return Err(Clause::PacketTooShort);
    }
    let (signed, signature) =
        packet.split_last_chunk_mut::<SIGNATURE>().ok_or(Clause::PacketTooShort)?;
    key.other.signing_key().verify(signed, signature).map_err(|_| Clause::PacketSignature)?;
    let (nonce, sealed) = signed.split_first_chunk_mut::<NONCE>().ok_or(Clause::PacketTooShort)?;
    let inner =
        aead_open(&key.secret, &NonceBytes(*nonce), sealed).map_err(|_| Clause::PacketAuthentic)?;
    parse_inner(inner).ok_or(Clause::PacketTooShort)
}

/// Seals a packet that [`open`] has opened as it was: what it carried is refused after all.
pub(crate) fn close(packet: &mut [u8], key: &PairKey) {
    let Some((signed, _)) = packet.split_last_chunk_mut::<SIGNATURE>() else { return };
    let Some((nonce, sealed)) = signed.split_first_chunk_mut::<NONCE>() else { return };
    let Some((inner, tag)) = sealed.split_last_chunk_mut::<TAG>() else { return };
    if let Ok(again) = aead_seal_again(&key.secret, &NonceBytes(*nonce), inner) {
        *tag = again;
    }
}

pub(crate) fn parse_inner(inner: &[u8]) -> Option<Inner<'_>> {
    let mut reader = Reader::new(inner);
    let message_id = u16::from_le_bytes(*reader.array()?);
    let command = reader.byte()?;
    Some(Inner { message_id, command, body: reader.rest() })
}

/// Seals `inner` into `out`; returns the length, [`OVERHEAD`] + 3 + body.
///
/// # Errors
/// [`BufferTooSmall`]; `out` then holds nothing to be used.
pub fn seal(
    out: &mut [u8],
    key: &PairKey,
    signer: &Identity,
    nonce: FreshNonce,
    inner: &Inner<'_>,
) -> Result<usize, BufferTooSmall> {
    seal_parts(out, key, signer, nonce, inner.message_id, inner.command, &[inner.body])
}

/// Seals a body that lies in pieces.
pub(crate) fn seal_parts(
    out: &mut [u8],
    key: &PairKey,
    signer: &Identity,
    nonce: FreshNonce,
    message_id: u16,
    command: u8,
    body: &[&[u8]],
) -> Result<usize, BufferTooSmall> {
    let needed = body.iter().fold(MIN, |sum, part| sum.saturating_add(part.len()));
    let short = BufferTooSmall { needed };
    let nonce = NonceBytes(nonce.into_bytes());

    let (signed, signature) = out
        .get_mut(..needed)
        .and_then(|packet| packet.split_last_chunk_mut::<SIGNATURE>())
        .ok_or(short)?;
    let (nonce_out, sealed) = signed.split_first_chunk_mut::<NONCE>().ok_or(short)?;
    let (inner, tag) = sealed.split_last_chunk_mut::<TAG>().ok_or(short)?;

    let mut writer = Writer::new(inner);
    writer.put(&message_id.to_le_bytes())?;
    writer.put(&[command])?;
    body.iter().try_for_each(|part| writer.put(part))?;
    *nonce_out = nonce.0;
    // Refused for 256 GiB only; then there was no room either.
    *tag = aead_seal_again(&key.secret, &nonce, inner).map_err(|_| short)?;
    *signature = signer.signer().sign(signed);
    Ok(needed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    /// Two parties, and the pair key as each holds it.
    fn pair() -> (Identity, Identity, PairKey, PairKey) {
        let seed = |byte| Secret::new([byte; KEY]);
        let a = Identity::from_seeds(&seed(1), &seed(2)).unwrap();
        let b = Identity::from_seeds(&seed(3), &seed(4)).unwrap();
        let key = PairKey::between(&a, b.public()).unwrap();
        let back = PairKey::between(&b, a.public()).unwrap();
        (a, b, key, back)
    }

    fn sealed(key: &PairKey, signer: &Identity, body: &[u8]) -> Vec<u8> {
        let mut out = vec![0xaa; MIN + body.len()];
        let inner = Inner { message_id: 7, command: 0x20, body };
        let length = seal(&mut out, key, signer, FreshNonce::from_random([9; NONCE]), &inner);
        assert_eq!(length, Ok(out.len()));
        out
    }

    /// The clause, after a check that the buffer is untouched.
    fn refusal(packet: &[u8], key: &PairKey) -> Clause {
        let mut buffer = packet.to_vec();
        let clause = open(&mut buffer, key).unwrap_err();
        assert_eq!(buffer, packet);
        clause
    }

    #[test]
    fn opens_to_what_was_sealed() {
        let (a, _, key, back) = pair();
        let mut packet = sealed(&key, &a, b"hello");
        let inner = open(&mut packet, &back).unwrap();
        assert_eq!(inner, Inner { message_id: 7, command: 0x20, body: b"hello" });
    }

    #[test]
    fn an_empty_body_makes_the_shortest_packet() {
        let (a, _, key, back) = pair();
        let mut packet = sealed(&key, &a, b"");
        assert_eq!(packet.len(), MIN);
        assert_eq!(refusal(&packet[..MIN - 1], &back), Clause::PacketTooShort);
        assert!(open(&mut packet, &back).is_ok());
    }

    #[test]
    fn every_truncation_and_extension_is_refused() {
        let (a, _, key, back) = pair();
        let packet = sealed(&key, &a, b"body");
        for length in 0..packet.len() {
            let expected =
                if length < MIN { Clause::PacketTooShort } else { Clause::PacketSignature };
            assert_eq!(refusal(&packet[..length], &back), expected);
        }
        let extended = [&packet[..], &[0]].concat();
        assert_eq!(refusal(&extended, &back), Clause::PacketSignature);
    }

    #[test]
    fn verifies_before_it_decrypts() {
        let (a, b, _, back) = pair();
        let other_seal = PairKey::between(&a, a.public()).unwrap();
        assert_eq!(refusal(&sealed(&other_seal, &a, b"body"), &back), Clause::PacketAuthentic);
        assert_eq!(refusal(&sealed(&other_seal, &b, b"body"), &back), Clause::PacketSignature);
    }

    #[test]
    fn a_reflected_packet_is_refused() {
        let (a, _, key, _) = pair();
        assert_eq!(refusal(&sealed(&key, &a, b"to b"), &key), Clause::PacketSignature);
    }

    #[test]
    fn debug_tells_no_plaintext() {
        let inner = Inner { message_id: 1, command: 0x20, body: b"plaintext" };
        assert_eq!(std::format!("{inner:?}"), "Inner { command: 0x20, body: 9 bytes }");
    }

    #[test]
    fn a_short_buffer_is_told_the_length() {
        let (a, _, key, _) = pair();
        let inner = Inner { message_id: 0, command: 0, body: b"four" };
        for length in 0..MIN + 4 {
            let mut out = vec![0; length];
            let refused = seal(&mut out, &key, &a, FreshNonce::from_random([0; NONCE]), &inner);
            assert_eq!(refused, Err(BufferTooSmall { needed: MIN + 4 }));
        }
    }
}
