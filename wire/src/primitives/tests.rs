//! The refusals that belong to no published set; the sets themselves run in the suite.

use super::*;
use crate::Clause;
use std::{format, vec};

fn key(hex: &str) -> [u8; KEY] {
    hex::decode(hex).unwrap().try_into().unwrap()
}

/// 2^255 - 19, little endian.
const P: &str = "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";

#[test]
fn secrets_are_silent_and_equal_by_value() {
    let secret = Secret::new([7; 32]);
    assert_eq!(format!("{secret:?}"), "Secret(..)");
    assert_eq!(format!("{:?}", FreshNonce::from_random([7; 24])), "FreshNonce(..)");
    assert!(secret == Secret::new([7; 32]) && secret != Secret::new([8; 32]));
}

#[test]
fn p1_names_the_part_that_was_broken() {
    let honest = *X25519Secret::from_seed(&Secret::new([9; 32])).public().as_bytes();
    assert_eq!(X25519Public::import(honest).unwrap().as_bytes(), &honest);

    let mut twin = honest;
    twin[31] |= 0x80;
    assert_eq!(X25519Public::import(twin), Err(Clause::PrimitivesX25519HighBit));
    assert_eq!(X25519Public::import(key(P)), Err(Clause::PrimitivesX25519Canonical));
    assert_eq!(X25519Public::import([0; 32]), Err(Clause::IdentityZeroId));
    let mut two = [0; 32];
    two[0] = 2;
    assert_eq!(X25519Public::import(two), Err(Clause::PrimitivesX25519OnCurve));
    let order_8 = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800";
    assert_eq!(X25519Public::import(key(order_8)), Err(Clause::PrimitivesX25519Order));
}

#[test]
fn a_result_of_zero_is_refused() {
    let secret = Secret::new([9; 32]);
    for public in [[0; 32], key(P)] {
        assert_eq!(x25519(&secret, &public), Err(Clause::PrimitivesX25519Contributory));
    }
}

#[test]
fn s1_refuses_keys_of_small_order_and_second_encodings() {
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(Ed25519Public::import(identity), Err(Clause::PrimitivesEd25519KeyOrder));
    let mut identity_plus_p = key(P);
    identity_plus_p[0] = 0xee;
    assert_eq!(Ed25519Public::import(identity_plus_p), Err(Clause::PrimitivesEd25519KeyEncoding));
    let mut negative_zero = identity;
    negative_zero[31] = 0x80;
    assert_eq!(Ed25519Public::import(negative_zero), Err(Clause::PrimitivesEd25519KeyEncoding));
}

#[test]
fn a_signature_holds_for_its_message_alone() {
    let (public, signature) = sign(&Secret::new([5; 32]), b"message");
    let public = Ed25519Public::import(public).unwrap();
    assert_eq!(public.verify(b"message", &signature), Ok(()));
    assert_eq!(public.verify(b"massage", &signature), Err(Clause::PrimitivesEd25519Signature));
}

#[test]
fn a_refused_ciphertext_keeps_its_bytes() {
    let (secret, nonce) = (Secret::new([3; 32]), NonceBytes([4; 24]));
    let mut sealed = b"plaintext".to_vec();
    let tag = aead_seal(&secret, FreshNonce::from_random([4; 24]), &mut sealed).unwrap();
    sealed.extend(tag);
    for length in 0..sealed.len() {
        let mut cut = sealed[..length].to_vec();
        assert_eq!(aead_open(&secret, &nonce, &mut cut), Err(Clause::PrimitivesAead));
        assert_eq!(cut, sealed[..length]);
    }
    for bit in 0..sealed.len() * 8 {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let before = flipped.clone();
        assert_eq!(aead_open(&secret, &nonce, &mut flipped), Err(Clause::PrimitivesAead));
        assert_eq!(flipped, before);
    }
    assert_eq!(aead_open(&secret, &nonce, &mut sealed).unwrap(), b"plaintext");
}

#[test]
fn contexts_are_exact_and_none_begins_another() {
    for context in Context::ALL {
        assert_eq!(Context::parse(context.name()), Ok(context));
        let others = Context::ALL.into_iter().filter(|other| *other != context);
        assert!(others.into_iter().all(|other| !other.name().starts_with(context.name())));
    }
    for wrong in
        ["", "ws.lleo.me v2 route c2", "ws.lleo.me v2 route c2s\0", "WS.lleo.me v2 route c2s"]
    {
        assert_eq!(Context::parse(wrong), Err(Clause::PrimitivesContext));
    }
}

#[test]
fn the_tail_of_the_nonce_has_no_part_in_the_mask() {
    let secret = Secret::new([6; 32]);
    let masks: vec::Vec<_> = (0..24)
        .map(|changed| {
            let mut nonce = [0; 24];
            nonce[changed] = 1;
            mask(&secret, &NonceBytes(nonce)) == mask(&secret, &NonceBytes([0; 24]))
        })
        .collect();
    assert_eq!(masks[..12], [false; 12]);
    assert_eq!(masks[12..], [true; 12]);
}
