//! Row 2: an imported key is the only form of itself, and seeds make what imports.
//!
//! The input is two public keys, X25519 ‖ Ed25519; then the same 64 bytes are two seeds.

use crate::support::{PARTIES, draw, nonce, party};
use arbitrary::Unstructured;
use sealwire::{
    Clause,
    identity::{PublicIdentity, safety_number, seed},
    packet::{self, Inner, MIN, PairKey},
    primitives::{Ed25519Public, KEY, X25519Public},
};

/// Row 2, identity.
pub fn check(input: &[u8]) {
    assert_eq!(seed(input).is_ok(), input.len() == KEY);
    let mut halves = Unstructured::new(input);
    let (x25519, ed25519) = (draw(&mut halves), draw(&mut halves));
    public(x25519, ed25519);
    own(x25519, ed25519);
}

fn public(x25519: [u8; KEY], ed25519: [u8; KEY]) {
    let parts = (X25519Public::import(x25519), Ed25519Public::import(ed25519));
    let whole = PublicIdentity::import(x25519, ed25519);
    let first = parts.0.map(drop).and(parts.1.map(drop));
    assert_eq!(whole.map(drop), first, "the first clause of both");
    if parts.0.is_ok() {
        only_form(x25519, |bytes| X25519Public::import(bytes).map(drop));
        assert!(x25519[..8] != [0; 8], "the relay's own id");
    }
    if parts.1.is_ok() {
        // The sign is a bit of its own here: set, it is another key.
        only_form(ed25519, |bytes| match Ed25519Public::import(bytes) {
            Ok(key) if key.as_bytes() != &ed25519 => Err(Clause::PrimitivesEd25519KeyEncoding),
            other => other.map(drop),
        });
    }
    let Ok(peer) = whole else { return };
    assert_eq!((peer.x25519(), peer.ed25519()), (&x25519, &ed25519));
    assert_eq!(peer.id().0, x25519[..8]);
    let own = PARTIES.client.public();
    assert_eq!(safety_number(own, &peer), safety_number(&peer, own));
    PairKey::between(&PARTIES.client, &peer).expect("imported keys agree");
}

/// Neither with another top bit nor with the modulus added does an imported key import again.
fn only_form(key: [u8; KEY], import: impl Fn([u8; KEY]) -> Result<(), Clause>) {
    let mut top = key;
    top[KEY - 1] ^= 0x80;
    assert!(import(top).is_err(), "two forms of one key");
    // 2^255 - 19 can be added to what is below 19 alone.
    if key[0] < 19 && key[1..] == [0; KEY - 1] {
        let mut larger = [0xff; KEY];
        (larger[0], larger[KEY - 1]) = (key[0] + 0xed, 0x7f);
        assert!(import(larger).is_err(), "a key that is not reduced");
    }
}

fn own(x25519: [u8; KEY], ed25519: [u8; KEY]) {
    let own = party(x25519, ed25519);
    let public = *own.public();
    assert_eq!(PublicIdentity::import(*public.x25519(), *public.ed25519()), Ok(public));
    let number = safety_number(&public, PARTIES.peer.public()).to_string();
    let groups: Vec<_> = number.split(' ').collect();
    assert!(groups.len() == 12 && groups.iter().all(|group| group.len() == 5), "{number}");

    let key = PairKey::between(&own, PARTIES.peer.public()).expect("imported keys agree");
    let back = PairKey::between(&PARTIES.peer, &public).expect("imported keys agree");
    let inner = Inner { message_id: 0, command: 0, body: &[] };
    let mut packet = [0; MIN];
    packet::seal(&mut packet, &key, &own, nonce(5), &inner).expect("the buffer fits");
    assert_eq!(packet::open(&mut packet, &back), Ok(inner), "both agree on one key");
}
