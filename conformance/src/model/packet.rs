//! Chapter 3, packet: the sealed packet.
//!
//! ```text
//! 0        24                        n-64      n
//! nonce    AEAD(inner) ‖ tag 16      signature      inner = message_id u16 LE ‖ cmd ‖ body
//! ```
//!
//! Clauses: every `packet/*` that a byte string can show.

use super::primitives::{aead_open, aead_seal, sign, verify, x25519};
use super::{Judged, array};

/// nonce 24 + inner 3 + tag 16 + signature 64.
pub(crate) const PACKET_MIN: usize = 107;

/// What a packet carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inner {
    /// The sender's choice, ignored by every receiver.
    pub(crate) message_id: u16,
    /// The command.
    pub(crate) command: u8,
    /// The rest.
    pub(crate) body: Vec<u8>,
}

impl Inner {
    /// `message_id u16 LE ‖ cmd ‖ body`.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        [&self.message_id.to_le_bytes()[..], &[self.command], &self.body].concat()
    }

    fn read(bytes: &[u8]) -> Self {
        Self {
            message_id: u16::from_le_bytes(array(bytes, 0)),
            command: bytes[2],
            body: bytes[3..].to_vec(),
        }
    }
}

/// The AEAD key of a pair: raw X25519, the same both ways.
pub(crate) fn pair_key(x_seed: [u8; 32], peer_x: [u8; 32]) -> Judged<[u8; 32]> {
    x25519(x_seed, peer_x)
}

/// The packet of an honest sender.
pub(crate) fn seal(
    key: [u8; 32],
    ed_seed: [u8; 32],
    nonce: [u8; 24],
    message_id: u16,
    command: u8,
    body: &[u8],
) -> Vec<u8> {
    let inner = Inner { message_id, command, body: body.to_vec() };
    seal_inner(key, ed_seed, nonce, &inner.bytes())
}

/// The packet of any inner bytes, down to none.
pub(crate) fn seal_inner(
    key: [u8; 32],
    ed_seed: [u8; 32],
    nonce: [u8; 24],
    inner: &[u8],
) -> Vec<u8> {
    signed(ed_seed, nonce, &aead_seal(key, nonce, inner))
}

/// `nonce ‖ sealed ‖ Ed25519(nonce ‖ sealed)`, whatever `sealed` is.
pub(crate) fn signed(ed_seed: [u8; 32], nonce: [u8; 24], sealed: &[u8]) -> Vec<u8> {
    let range = [&nonce[..], sealed].concat();
    let signature = sign(ed_seed, &range);
    [range, signature.to_vec()].concat()
}

/// The nonce of a packet that is long enough to have one.
pub(crate) fn nonce_of(packet: &[u8]) -> [u8; 24] {
    array(packet, 0)
}

/// What `packet` carries, if its signature is of `sender_ed` and it was sealed under `key`.
pub(crate) fn open(key: [u8; 32], sender_ed: [u8; 32], packet: &[u8]) -> Judged<Inner> {
    if packet.len() < PACKET_MIN {
        return Err("packet/too-short");
    }
    let (range, signature) = packet.split_at(packet.len() - 64);
    verify(sender_ed, range, signature).map_err(|_| "packet/signature")?;
    let inner = aead_open(key, nonce_of(packet), &range[24..]).map_err(|_| "packet/authentic")?;
    Ok(Inner::read(&inner))
}
