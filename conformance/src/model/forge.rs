//! What a liar can compute: aliases of keys, points of small order, signatures that only a lax
//! verifier takes. No formula of the specification is here, only ways around it.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::montgomery::MontgomeryPoint;
use curve25519_dalek::scalar::{Scalar, clamp_integer};
use ed25519_dalek::{Digest, Sha512, SigningKey};

use super::array;
use super::primitives::{FIELD_PRIME, GROUP_ORDER, challenge, ed25519_public, x25519_point};

/// The seven keys u(P + T), T ≠ 0 of order dividing 8: other bytes, the same secret with every
/// clamped scalar. `None` if `key` is not on the curve.
pub(crate) fn torsion_siblings(key: [u8; 32]) -> Option<[[u8; 32]; 7]> {
    let point = MontgomeryPoint(key).to_edwards(0)?;
    Some(core::array::from_fn(|i| (point + EIGHT_TORSION[i + 1]).to_montgomery().to_bytes()))
}

/// The same u with bit 255 set: RFC 7748 ignores that bit, so the secret is the same.
pub(crate) fn high_bit_twin(key: [u8; 32]) -> [u8; 32] {
    let mut twin = key;
    twin[31] |= 0x80;
    twin
}

/// u + p for u < 19: the only other encoding below 2²⁵⁵.
pub(crate) fn non_canonical(u: u8) -> [u8; 32] {
    assert!(u < 19, "u + p must stay below 2^255");
    let mut key = FIELD_PRIME;
    key[0] += u;
    key
}

/// The encodings (bit 255 clear) that make every clamped scalar answer zero: the points of order
/// 1, 2, 4 and 8 of curve and twist, and the two that are not reduced.
pub(crate) fn low_order_x25519() -> [[u8; 32]; 7] {
    let of = |i: usize| EIGHT_TORSION[i].to_montgomery().to_bytes();
    let mut minus_one = FIELD_PRIME;
    minus_one[0] -= 1;
    let mut one = [0; 32];
    one[0] = 1;
    [[0; 32], one, of(1), of(3), minus_one, non_canonical(0), non_canonical(1)]
}

/// The first key of prime order that begins with `prefix` (at most 16 bytes), counting up behind it.
/// Nobody knows its secret; whoever holds the other secret can still agree with it.
pub(crate) fn key_with_prefix(prefix: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    key[..prefix.len()].copy_from_slice(prefix);
    (0..=u64::MAX)
        .map(|n| {
            key[16..24].copy_from_slice(&n.to_le_bytes());
            key
        })
        .find(|key| x25519_point(*key).is_ok())
        .expect("one key in sixteen is of prime order")
}

/// The eight Ed25519 keys of small order in their canonical encoding; the first is the identity.
pub(crate) fn small_order_ed25519() -> [[u8; 32]; 8] {
    EIGHT_TORSION.map(|point| point.compress().0)
}

/// The six encodings of Ed25519 keys of small order that are not canonical: y ≥ p, or x = 0 with
/// the sign bit set.
pub(crate) fn second_encodings_ed25519() -> [[u8; 32]; 6] {
    let sign = |mut bytes: [u8; 32]| {
        bytes[31] |= 0x80;
        bytes
    };
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = FIELD_PRIME;
    minus_one[0] -= 1;
    let (p, p_plus_one) = (non_canonical(0), non_canonical(1));
    [sign(one), sign(minus_one), p, sign(p), p_plus_one, sign(p_plus_one)]
}

/// `A + T`, the public key of `seed` with a part of order 8 added.
pub(crate) fn mixed_order_ed25519(seed: [u8; 32]) -> [u8; 32] {
    (point(ed25519_public(seed)) + EIGHT_TORSION[1]).compress().0
}

fn point(bytes: [u8; 32]) -> EdwardsPoint {
    CompressedEdwardsY(bytes).decompress().expect("the key of a seed is a point")
}

/// The secret scalar of an RFC 8032 seed, modulo ℓ.
fn secret_scalar(seed: [u8; 32]) -> Scalar {
    let hash: [u8; 64] = Sha512::digest(seed).into();
    Scalar::from_bytes_mod_order(clamp_integer(array(&hash, 0)))
}

/// `[r]B`, encoded.
pub(crate) fn multiple_of_base(r: u64) -> [u8; 32] {
    (Scalar::from(r) * ED25519_BASEPOINT_POINT).compress().0
}

/// `R ‖ r + H(R ‖ key ‖ message) · a`: a signature by whoever knows the scalar `a` of `seed`, with
/// any `R` that goes with `r` and under any `key`.
pub(crate) fn signature_with(
    seed: [u8; 32],
    r: u64,
    r_bytes: [u8; 32],
    key: [u8; 32],
    message: &[u8],
) -> [u8; 64] {
    let s = Scalar::from(r) + challenge(r_bytes, key, message) * secret_scalar(seed);
    array(&[r_bytes, s.to_bytes()].concat(), 0)
}

/// A message and its signature under `A + T` that every verifier accepts which does not look at
/// the order of the key: the challenge is a multiple of 8, so `[k]T` vanishes.
pub(crate) fn signature_of_mixed_order(seed: [u8; 32]) -> ([u8; 8], [u8; 64]) {
    let key = mixed_order_ed25519(seed);
    let r_bytes = multiple_of_base(7);
    let message = (0u64..)
        .map(u64::to_le_bytes)
        .find(|message| challenge(r_bytes, key, message).as_bytes()[0].is_multiple_of(8))
        .expect("one challenge in eight");
    (message, signature_with(seed, 7, r_bytes, key, &message))
}

/// A signature whose `R` has a part of order 8 that the cofactor would hide.
pub(crate) fn signature_of_mixed_r(seed: [u8; 32], message: &[u8]) -> [u8; 64] {
    let r_point = Scalar::from(7u64) * ED25519_BASEPOINT_POINT + EIGHT_TORSION[1];
    signature_with(seed, 7, r_point.compress().0, ed25519_public(seed), message)
}

/// A signature that satisfies the equation with the identity for `R`.
pub(crate) fn signature_of_identity_r(seed: [u8; 32], message: &[u8]) -> [u8; 64] {
    signature_with(seed, 0, small_order_ed25519()[0], ed25519_public(seed), message)
}

/// The same with the identity's other encoding, y = 1 + p.
pub(crate) fn signature_of_second_r(seed: [u8; 32], message: &[u8]) -> [u8; 64] {
    signature_with(seed, 0, non_canonical(1), ed25519_public(seed), message)
}

/// Ed25519ph with an empty context: the prehashed kind.
pub(crate) fn signature_prehashed(seed: [u8; 32], message: &[u8]) -> [u8; 64] {
    let hash = Sha512::new().chain_update(message);
    let signature = SigningKey::from_bytes(&seed).sign_prehashed(hash, None);
    signature.expect("an empty context is short enough").to_bytes()
}

/// `S + n·ℓ` in place of `S`: the same scalar, other bytes, as long as 256 bits hold it.
pub(crate) fn signature_plus_order(signature: [u8; 64], n: usize) -> [u8; 64] {
    let mut out = signature;
    for _ in 0..n {
        let mut carry = 0;
        for (byte, add) in out[32..].iter_mut().zip(GROUP_ORDER) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            *byte = sum as u8;
            carry = sum >> 8;
        }
        assert_eq!(carry, 0, "S + nℓ needs more than 256 bits");
    }
    out
}
