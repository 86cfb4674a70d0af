//! Row 1: agreement is symmetric, signatures and keys have one form, forged seals are refused.
//!
//! The input is two secrets, a public key, a signature and a message, in this order; short ones
//! are filled up with zeroes.

use crate::support::{draw, refusal, tampered};
use arbitrary::Unstructured;
use sealwire::{
    Clause,
    primitives::{
        Context, Ed25519Public, FreshNonce, KEY, NONCE, NonceBytes, SIGNATURE, Secret, TAG,
        X25519Public, aead_open, aead_seal, mask, sign, x25519,
    },
};

/// ℓ = 2^252 + 27742317777372353535851937790883648493, the order of the group, little endian.
const ORDER: [u8; KEY] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];
/// The base point of X25519.
const BASE: [u8; KEY] = {
    let mut base = [0; KEY];
    base[0] = 9;
    base
};

/// Row 1, primitives.
pub fn check(input: &[u8]) {
    let mut parts = Unstructured::new(input);
    let secrets: [[u8; KEY]; 2] = [draw(&mut parts), draw(&mut parts)];
    agreement(secrets, draw(&mut parts));
    let signature: [[u8; KEY]; 2] = [draw(&mut parts), draw(&mut parts)];
    let message = parts.peek_bytes(parts.len()).unwrap_or_default();
    signatures(secrets, signature, message, &mut Unstructured::new(message));
    seals(secrets, message, &mut Unstructured::new(input));
}

fn agreement(secrets: [[u8; KEY]; 2], public: [u8; KEY]) {
    let agree = |secret: [u8; KEY], public: &[u8; KEY]| x25519(&Secret::new(secret), public);
    let [a, b] = secrets.map(|secret| agree(secret, &BASE).expect("the base point has a large order"));
    let both = [agree(secrets[0], b.expose()), agree(secrets[1], a.expose())];
    assert!(both[0].is_ok() && both[0] == both[1], "agreement is symmetric");

    let with = agree(secrets[0], &public);
    let mut topped = public;
    topped[KEY - 1] ^= 0x80;
    assert!(with == agree(secrets[0], &topped), "the top bit of a coordinate is ignored");
    assert!(with.as_ref().is_ok_and(|shared| shared.expose() != &[0; KEY]) || with.is_err());
    assert!(with.is_ok() || X25519Public::import(public).is_err(), "an imported key agrees");
}

fn signatures(
    [seed, stranger]: [[u8; KEY]; 2],
    forged: [[u8; KEY]; 2],
    message: &[u8],
    choices: &mut Unstructured<'_>,
) {
    let (public, signature) = sign(&Secret::new(seed), message);
    assert_eq!((public, signature), sign(&Secret::new(seed), message), "signing is deterministic");
    let key = Ed25519Public::import(public).expect("a key of a seed imports");
    assert_eq!(key.verify(message, &signature), Ok(()));

    let forged: [u8; SIGNATURE] = forged.as_flattened().try_into().expect("two halves");
    let changed = tampered(&signature, choices).try_into().expect("of the same length");
    for other in [forged, changed, second_form(signature)] {
        assert_eq!(key.verify(message, &other), Err(Clause::PrimitivesEd25519Signature));
    }
    if let Ok(stranger) = Ed25519Public::import(stranger) {
        let taken = stranger.verify(message, &forged).is_ok();
        assert!(!taken || stranger.verify(message, &second_form(forged)).is_err());
    }
}

/// The same `R` with `S + ℓ`, which satisfies the same equation.
fn second_form(mut signature: [u8; SIGNATURE]) -> [u8; SIGNATURE] {
    let mut carry = 0;
    for (byte, order) in signature[KEY..].iter_mut().zip(ORDER) {
        carry += u16::from(*byte) + u16::from(order);
        *byte = carry as u8;
        carry >>= 8;
    }
    signature
}

fn seals([key, other]: [[u8; KEY]; 2], text: &[u8], choices: &mut Unstructured<'_>) {
    let (key, nonce): (_, [u8; NONCE]) = (Secret::new(key), draw(choices));
    let received = NonceBytes(nonce);
    refusal(text, |sealed| aead_open(&key, &received, sealed).map(drop));
    let mut sealed = text.to_vec();
    let tag = aead_seal(&key, FreshNonce::from_random(nonce), &mut sealed);
    sealed.extend(tag.expect("inputs are shorter than 256 GiB"));
    assert_eq!(sealed.len(), text.len() + TAG);
    refusal(&tampered(&sealed, choices), |sealed| aead_open(&key, &received, sealed).map(drop));
    if *key.expose() != other {
        let other = Secret::new(other);
        refusal(&sealed, |sealed| aead_open(&other, &received, sealed).map(drop));
    }
    assert!(aead_open(&key, &received, &mut sealed).is_ok_and(|opened| opened == text));

    let mut longer = nonce;
    longer[12..].fill(0);
    assert_eq!(mask(&key, &received), mask(&key, &NonceBytes(longer)), "twelve bytes make a mask");
    let mut bytes = [0; 2 * KEY];
    Context::RouteC2s.derive(key.expose(), &mut bytes);
    assert_eq!(Context::RouteC2s.derive_key(&key).expose(), &bytes[..KEY], "one stream");
    assert!(Context::RouteC2s.derive_key(&key) != Context::RouteS2c.derive_key(&key));
}
