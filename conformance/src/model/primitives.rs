//! Chapter 1, primitives: X25519 with its import check, Ed25519 with its strict verdict,
//! XChaCha20-Poly1305, the ChaCha20 mask, BLAKE3 with the registered contexts.
//!
//! ```text
//! P1  bit 255 clear · u < p · first eight bytes not all zero · on the curve · prime order
//! S1  A canonical · A of prime order · R canonical, not small · S < ℓ · [S]B = R + [k]A
//! ```
//!
//! Clauses: every `primitives/*`, and `identity/zero-id` where P1 has it.

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::montgomery::MontgomeryPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use ed25519_dalek::{Digest, Sha512, Signer, SigningKey};

use super::{Judged, array};

/// Context of the key that masks headers from client to relay.
pub(crate) const ROUTE_C2S: &str = "ws.lleo.me v2 route c2s";
/// Context of the key that masks headers from relay to client.
pub(crate) const ROUTE_S2C: &str = "ws.lleo.me v2 route s2c";
/// Context of the safety number.
pub(crate) const SAFETY_NUMBER: &str = "sealwire 2026-11-21 v2 safety-number";

/// p = 2²⁵⁵ − 19, little-endian.
pub(crate) const FIELD_PRIME: [u8; 32] = {
    let mut p = [0xff; 32];
    p[0] = 0xed;
    p[31] = 0x7f;
    p
};

/// ℓ = 2²⁵² + 27742317777372353535851937790883648493, little-endian.
pub(crate) const GROUP_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The function of RFC 7748, section 5: it takes every 32 bytes.
pub(crate) fn x25519_raw(secret: [u8; 32], public: [u8; 32]) -> [u8; 32] {
    x25519_dalek::x25519(secret, public)
}

/// `X25519(secret, public)`, refused if it is all zero.
pub(crate) fn x25519(secret: [u8; 32], public: [u8; 32]) -> Judged<[u8; 32]> {
    match x25519_raw(secret, public) {
        shared if shared == [0; 32] => Err("primitives/x25519-contributory"),
        shared => Ok(shared),
    }
}

/// `X25519(seed, 9)`.
pub(crate) fn x25519_public(seed: [u8; 32]) -> [u8; 32] {
    x25519_raw(seed, x25519_dalek::X25519_BASEPOINT_BYTES)
}

/// P1: a received X25519 public key, as sent, or the first of its rules that is broken.
pub(crate) fn import_x25519(key: [u8; 32]) -> Judged<[u8; 32]> {
    x25519_point(screen_x25519(key)?)
}

/// P1 a b c: what costs no multiplication.
pub(crate) fn screen_x25519(key: [u8; 32]) -> Judged<[u8; 32]> {
    if key[31] & 0x80 != 0 {
        return Err("primitives/x25519-high-bit");
    }
    if !below(&key, &FIELD_PRIME) {
        return Err("primitives/x25519-canonical");
    }
    if key[..8] == [0; 8] {
        return Err("identity/zero-id");
    }
    Ok(key)
}

/// P1 d e: a point of the curve, of prime order.
pub(crate) fn x25519_point(key: [u8; 32]) -> Judged<[u8; 32]> {
    let point = MontgomeryPoint(key).to_edwards(0).ok_or("primitives/x25519-on-curve")?;
    if point.is_identity() || !point.is_torsion_free() {
        return Err("primitives/x25519-order");
    }
    Ok(key)
}

/// `a < b`, both little-endian.
fn below(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

/// S1 a b: a received Ed25519 public key, as sent, or the first of its rules that is broken.
pub(crate) fn import_ed25519(key: [u8; 32]) -> Judged<[u8; 32]> {
    let point = canonical(key).ok_or("primitives/ed25519-key-encoding")?;
    if point.is_identity() || !point.is_torsion_free() {
        return Err("primitives/ed25519-key-order");
    }
    Ok(key)
}

/// The point, if these bytes are its only encoding.
fn canonical(bytes: [u8; 32]) -> Option<EdwardsPoint> {
    CompressedEdwardsY(bytes).decompress().filter(|point| point.compress().0 == bytes)
}

/// The public half of an RFC 8032 seed.
pub(crate) fn ed25519_public(seed: [u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(&seed).verifying_key().to_bytes()
}

/// RFC 8032 pure Ed25519: deterministic, the public half recomputed from the seed.
pub(crate) fn sign(seed: [u8; 32], message: &[u8]) -> [u8; 64] {
    SigningKey::from_bytes(&seed).sign(message).to_bytes()
}

/// S1 whole: the key as at its import, then the signature over `message`.
pub(crate) fn verify(key: [u8; 32], message: &[u8], signature: &[u8]) -> Judged<()> {
    import_ed25519(key)?;
    let signature = signature.try_into().map_err(|_| "primitives/ed25519-signature")?;
    if equation(key, message, signature) { Ok(()) } else { Err("primitives/ed25519-signature") }
}

/// S1 c: R canonical and not of small order, S < ℓ, and `[S]B − [k]A = R` without the cofactor,
/// `k = SHA-512(R ‖ A ‖ message) mod ℓ`.
fn equation(key: [u8; 32], message: &[u8], signature: [u8; 64]) -> bool {
    let r_bytes: [u8; 32] = array(&signature, 0);
    let Some(a) = canonical(key) else { return false };
    let Some(r) = canonical(r_bytes).filter(|r| !r.is_small_order()) else { return false };
    let Some(s) = Option::<Scalar>::from(Scalar::from_canonical_bytes(array(&signature, 32)))
    else {
        return false;
    };
    s * ED25519_BASEPOINT_POINT - challenge(r_bytes, key, message) * a == r
}

/// `k = SHA-512(R ‖ A ‖ message) mod ℓ`.
pub(crate) fn challenge(r: [u8; 32], a: [u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new().chain_update(r).chain_update(a).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&hash.into())
}

/// XChaCha20-Poly1305 with the tag at the end and no associated data.
pub(crate) fn aead_seal(key: [u8; 32], nonce: [u8; 24], plaintext: &[u8]) -> Vec<u8> {
    aead_seal_with(key, nonce, &[], plaintext)
}

/// The same with associated data, which this protocol never uses.
pub(crate) fn aead_seal_with(
    key: [u8; 32],
    nonce: [u8; 24],
    aad: &[u8],
    plaintext: &[u8],
) -> Vec<u8> {
    XChaCha20Poly1305::new(&key.into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad })
        .expect("no message here reaches 256 GiB")
}

/// The plaintext; one clause for everything that is wrong with `sealed`.
pub(crate) fn aead_open(key: [u8; 32], nonce: [u8; 24], sealed: &[u8]) -> Judged<Vec<u8>> {
    XChaCha20Poly1305::new(&key.into())
        .decrypt(&XNonce::from(nonce), sealed)
        .map_err(|_| "primitives/aead")
}

/// The first `length` bytes of ChaCha20's keystream (IETF, 96-bit nonce, counter from 0).
pub(crate) fn keystream(key: [u8; 32], nonce: [u8; 12], length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    ChaCha20::new(&key.into(), &nonce.into()).apply_keystream(&mut out);
    out
}

/// `ChaCha20(key, nonce[0..12])[0..8]`.
pub(crate) fn mask(key: [u8; 32], nonce: [u8; 24]) -> [u8; 8] {
    array(&keystream(key, array(&nonce, 0), 8), 0)
}

/// BLAKE3 `derive_key` under one of the three registered contexts.
pub(crate) fn derive(context: &str, material: &[u8], length: usize) -> Judged<Vec<u8>> {
    if ![ROUTE_C2S, ROUTE_S2C, SAFETY_NUMBER].contains(&context) {
        return Err("primitives/context");
    }
    Ok(derive_any(context, material, length))
}

/// BLAKE3 `derive_key` under any context: for published vectors and for negatives.
pub(crate) fn derive_any(context: &str, material: &[u8], length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    blake3::Hasher::new_derive_key(context).update(material).finalize_xof().fill(&mut out);
    out
}
