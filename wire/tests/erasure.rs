//! What is dropped leaves no secret where it stood.
//!
//! To read a dropped value is undefined in the language, so this asks the kernel, which shows a
//! process its own memory as a file: Linux only. What operations leave on the stack is another
//! question, which `benches/residue.rs` answers.
#![cfg(target_os = "linux")]

use curve25519_dalek::scalar::{Scalar, clamp_integer};
use sealwire::{
    frame::RouteKeys,
    handshake::{Admitted, AwaitHello, AwaitReply, HELLO, Hello, Reply, hello},
    identity::Identity,
    packet::PairKey,
    primitives::{Context, FreshNonce, Secret, x25519},
    relay::FromRelay,
};
use sha2::{Digest, Sha512};
use std::{fs::File, hint::black_box, os::unix::fs::FileExt};

/// So many bytes of a secret in a row are a find: enough not to be there by chance.
const FRAGMENT: usize = 8;

/// Bytes without a pattern, different for each `first`.
fn seed(first: u8) -> [u8; 32] {
    std::array::from_fn(|i| (i as u8).wrapping_mul(37) ^ first)
}

fn identity(first: u8) -> Identity {
    let (x25519, ed25519) = (Secret::new(seed(first)), Secret::new(seed(first + 1)));
    Identity::from_seeds(&x25519, &ed25519).unwrap()
}

/// What signing keeps of a seed (RFC 8032, 5.1.6): the scalar, reduced, and the prefix.
fn expanded(seed: [u8; 32]) -> [[u8; 32]; 2] {
    let hash = Sha512::digest(seed);
    let (scalar, prefix) = hash.split_at(32);
    let scalar = clamp_integer(scalar.try_into().unwrap());
    [Scalar::from_bytes_mod_order(scalar).to_bytes(), prefix.try_into().unwrap()]
}

/// What stands in `place`, the part without elements too.
fn memory<T>(place: &Vec<T>) -> Vec<u8> {
    let mut bytes = vec![0; place.capacity() * size_of::<T>()];
    let address = black_box(place).as_ptr().addr() as u64;
    File::open("/proc/self/mem").unwrap().read_exact_at(&mut bytes, address).unwrap();
    bytes
}

/// How many fragments of `secret` stand in `bytes`.
fn fragments(bytes: &[u8], secret: &[u8]) -> usize {
    let found = |fragment| bytes.windows(FRAGMENT).any(|window| window == fragment);
    secret.windows(FRAGMENT).filter(|fragment| found(*fragment)).count()
}

/// Drops `value` in its place: each secret stood there whole, and nothing of it does.
fn assert_erased<T>(what: &str, value: T, secrets: &[&[u8; 32]]) {
    let mut place = Vec::with_capacity(1);
    place.push(value);
    let before = memory(&place);
    // Drops the element, and writes nothing over it.
    place.clear();
    let after = memory(&place);
    for secret in secrets {
        assert_eq!(fragments(&before, *secret), 32 - FRAGMENT + 1, "{what} does not hold it");
        assert_eq!(fragments(&after, *secret), 0, "{what} leaves a secret in memory");
    }
}

/// The secret that Alice and the relay share, and the two route keys.
fn session_secrets() -> [Secret<32>; 3] {
    let shared = x25519(&Secret::new(seed(1)), identity(3).public().x25519()).unwrap();
    let (c2s, s2c) = (Context::RouteC2s.derive_key(&shared), Context::RouteS2c.derive_key(&shared));
    [shared, c2s, s2c]
}

fn greet() -> (AwaitReply, Admitted) {
    let (alice, relay) = (identity(1), identity(3));
    let mut message = [0; HELLO];
    let nonce = FreshNonce::from_random([1; 24]);
    let await_reply = hello(&mut message, &alice, relay.public(), nonce).unwrap();
    match AwaitHello::new(&relay).receive(&mut message) {
        Ok(Hello::Admitted(admitted)) => (await_reply, admitted),
        other => panic!("{other:?}"),
    }
}

#[test]
fn keys() {
    assert_erased("Secret", Secret::new(seed(1)), &[&seed(1)]);
    let [scalar, prefix] = expanded(seed(2));
    assert_erased("Identity", identity(1), &[&seed(1), &scalar, &prefix]);
    let [shared, c2s, s2c] = session_secrets();
    let pair = PairKey::between(&identity(1), identity(3).public()).unwrap();
    assert_erased("PairKey", pair, &[shared.expose()]);
    assert_erased("RouteKeys", RouteKeys::derive(&shared), &[c2s.expose(), s2c.expose()]);
}

#[test]
fn handshakes_and_links() {
    let secrets = session_secrets();
    let secrets = secrets.each_ref().map(Secret::expose);
    let (await_reply, admitted) = greet();
    assert_erased("AwaitReply", await_reply, &secrets);
    assert_erased("Admitted", admitted, &secrets);
    assert_erased("Refusal", greet().1.refuse(), &secrets);
    assert_erased("RelayLink", greet().1.into_link(), &secrets);

    let (await_reply, admitted) = greet();
    let mut frame = [0; 256];
    let refused = await_reply.receive(&mut frame).unwrap_err();
    assert_erased("a refused machine", refused.0, &secrets);

    let (relay, nonce) = (identity(3), FreshNonce::from_random([2; 24]));
    let ok = FromRelay::HandshakeOk;
    let length = admitted.into_link().seal_event(&mut frame, &relay, nonce, &ok).unwrap();
    match greet().0.receive(&mut frame[..length]) {
        Ok(Reply::Session(session)) => assert_erased("ClientLink", session, &secrets),
        other => panic!("{other:?}"),
    }
}

#[test]
#[should_panic(expected = "an array leaves a secret in memory")]
fn the_check_itself_sees_what_stays() {
    assert_erased("an array", seed(1), &[&seed(1)]);
}
