//! Packets, frames and hellos put together from bare [`Tools`], with the same bytes as `sealwire`.
//!
//! Nothing is judged that a primitive does not judge itself: this is what remains when all
//! bookkeeping costs nothing.

use crate::{COMMAND, NONCE, Tools};

const HEADER: usize = 8;
const TAG: usize = 16;
const SIGNATURE: usize = 64;

/// Seals what stands in `packet` between nonce and tag; all of it is rewritten but the inner.
pub fn seal_in_place(tools: &impl Tools, packet: &mut [u8]) {
    let (signed, signature) = packet.split_at_mut(packet.len() - SIGNATURE);
    let (nonce, sealed) = signed.split_at_mut(NONCE.len());
    nonce.copy_from_slice(&NONCE);
    let (inner, tag) = sealed.split_at_mut(sealed.len() - TAG);
    tag.copy_from_slice(&tools.encrypt(&NONCE, inner));
    signature.copy_from_slice(&tools.sign(signed));
}

/// Writes the inner of a message with that body, then seals it.
pub fn seal(tools: &impl Tools, packet: &mut [u8], body: &[u8]) {
    let inner = &mut packet[NONCE.len()..];
    inner[..3].copy_from_slice(&[0, 0, COMMAND]);
    inner[3..][..body.len()].copy_from_slice(body);
    seal_in_place(tools, packet);
}

/// Verifies, then decrypts in place.
pub fn open(tools: &impl Tools, packet: &mut [u8]) -> bool {
    let (signed, signature) = packet.split_last_chunk_mut::<SIGNATURE>().expect("a packet");
    if !tools.verify(signed, signature) {
        return false;
    }
    let (nonce, sealed) = signed.split_first_chunk_mut().expect("a packet");
    let (inner, tag) = sealed.split_last_chunk_mut().expect("a packet");
    tools.decrypt(nonce, inner, tag)
}

/// Takes the sender's mask off a header and puts the recipient's on. Both have the same key here.
pub fn forward(tools: &impl Tools, frame: &mut [u8]) {
    for _ in 0..2 {
        let nonce = frame[HEADER..].first_chunk().expect("a frame");
        let mask = tools.mask(nonce);
        frame.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
}

/// The two keys that mask headers. BLAKE3 is of the same crate for all: no peer here has it.
#[must_use]
pub fn route_keys(shared: &[u8; 32]) -> [[u8; 32]; 2] {
    ["ws.lleo.me v2 route c2s", "ws.lleo.me v2 route s2c"]
        .map(|context| blake3::derive_key(context, shared))
}
