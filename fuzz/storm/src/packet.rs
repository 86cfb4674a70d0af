//! Row 3: a packet is opened if its sender sealed it, and is left as it was if not.
//!
//! The input is a packet of a stranger's; then what a known sender seals, to which one byte
//! happens; then what the sender signs without having sealed it.

use crate::support::{CLIENT_ED25519, PARTIES, draw, nonce, refusal, tampered};
use arbitrary::Unstructured;
use sealwire::{
    Clause,
    packet::{self, Inner, MIN, PairKey},
    primitives::{SIGNATURE, Secret, sign},
};
use std::sync::LazyLock;

/// The pair key as the sender holds it, and as the receiver does.
static KEYS: LazyLock<[PairKey; 2]> = LazyLock::new(|| {
    let parties = &*PARTIES;
    let key = PairKey::between(&parties.client, parties.peer.public());
    let back = PairKey::between(&parties.peer, parties.client.public());
    [key, back].map(|key| key.expect("imported keys agree"))
});

/// Row 3, packet.
pub fn check(input: &[u8]) {
    let clause = refusal(input, |packet| packet::open(packet, &KEYS[1]).map(drop));
    let short = input.len() < MIN;
    assert_eq!(clause, if short { Clause::PacketTooShort } else { Clause::PacketSignature });
    sealed(input);
    signed_only(input);
}

fn sealed(input: &[u8]) {
    let [key, back] = &*KEYS;
    let mut choices = Unstructured::new(input);
    let inner = Inner { message_id: draw(&mut choices), command: draw(&mut choices), body: input };
    let mut packet = vec![0xaa; MIN + input.len() + 1];
    let fresh = nonce(draw(&mut choices));
    let length = packet::seal(&mut packet, key, &PARTIES.client, fresh, &inner);
    assert_eq!(length, Ok(MIN + input.len()));
    assert_eq!(packet.pop(), Some(0xaa), "written behind the packet");

    let changed = tampered(&packet, &mut choices);
    let clause = refusal(&changed, |packet| packet::open(packet, back).map(drop));
    assert_eq!(clause, Clause::PacketSignature, "the signature is judged first");
    refusal(&packet, |packet| packet::open(packet, key).map(drop));
    assert_eq!(packet::open(&mut packet, back), Ok(inner));
}

/// The signature holds, the seal does not.
fn signed_only(input: &[u8]) {
    let (_, signature) = sign(&Secret::new(CLIENT_ED25519), input);
    let packet = [input, &signature].concat();
    let clause = refusal(&packet, |packet| packet::open(packet, &KEYS[1]).map(drop));
    let short = input.len() < MIN - SIGNATURE;
    assert_eq!(clause, if short { Clause::PacketTooShort } else { Clause::PacketAuthentic });
}
