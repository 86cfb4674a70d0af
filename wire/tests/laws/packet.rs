//! Chapter 3.

use super::{Flip, HEADER, bytes, flips, identities, lengths, nonces, sealed};
use proptest::prelude::*;
use sealwire::{
    BufferTooSmall, Clause,
    identity::Identity,
    packet::{Inner, PairKey, open, seal},
    primitives::{FreshNonce, NonceBytes, Secret, aead_seal, sign, x25519},
};

/// The shortest packet, by the chapter.
const MIN: usize = 107;

fn pair(own: &Identity, other: &Identity) -> PairKey {
    PairKey::between(own, other.public()).unwrap()
}

/// The clause, after a check that the packet is untouched.
fn refusal(packet: &[u8], key: &PairKey) -> Option<Clause> {
    let mut buffer = packet.to_vec();
    let clause = open(&mut buffer, key).err();
    assert_eq!(buffer, packet);
    clause
}

proptest! {
    /// [packet/key], [packet/nonce-any], [packet/message-id]: one key both ways, and whatever nonce
    /// and message id say, the packet opens.
    #[test]
    fn packets_open_to_what_was_sealed(
        (own, other) in (identities(), identities()),
        nonce in nonces(),
        message_id: u16,
        command: u8,
        body in bytes(300),
    ) {
        let inner = Inner { message_id, command, body: &body };
        let mut out = vec![0xaa; MIN + body.len()];
        prop_assert_eq!(seal(&mut out, &pair(&own, &other), &own, nonce, &inner), Ok(out.len()));
        prop_assert_eq!(open(&mut out, &pair(&other, &own)), Ok(inner));
    }

    /// [packet/layout], [packet/key], [packet/signed-range]: the same bytes, made of the primitives
    /// by the formulas of the chapter.
    #[test]
    fn a_packet_is_what_the_chapter_says(
        seeds: [[u8; 32]; 2],
        other in identities(),
        nonce: [u8; 24],
        message_id: u16,
        command: u8,
        body in bytes(100),
    ) {
        let [x, ed] = seeds.map(Secret::new);
        let mut expected = message_id.to_le_bytes().to_vec();
        expected.push(command);
        expected.extend(&body);
        let shared = x25519(&x, other.public().x25519()).unwrap();
        let tag = aead_seal(&shared, FreshNonce::from_random(nonce), &mut expected).unwrap();
        expected.splice(0..0, nonce);
        expected.extend(tag);
        let (_, signature) = sign(&ed, &expected);
        expected.extend(signature);

        let own = Identity::from_seeds(&x, &ed).unwrap();
        let inner = Inner { message_id, command, body: &body };
        let mut out = vec![0xaa; MIN + body.len()];
        let nonce = FreshNonce::from_random(nonce);
        seal(&mut out, &pair(&own, &other), &own, nonce, &inner).unwrap();
        prop_assert_eq!(out, expected);
    }

    /// [packet/signature], [packet/no-release]
    #[test]
    fn any_changed_bit_of_a_packet_is_refused_and_kept(
        (own, other) in (identities(), identities()),
        body in bytes(64),
        flip in flips(),
    ) {
        let mut packet = sealed(&own, &pair(&own, &other), 0x20, &body).split_off(HEADER);
        Flip::apply(flip, &mut packet);
        prop_assert_eq!(refusal(&packet, &pair(&other, &own)), Some(Clause::PacketSignature));
    }

    /// [packet/too-short], [packet/signature]: the length alone decides which.
    #[test]
    fn whatever_is_no_packet_is_refused_and_kept(
        (own, other) in (identities(), identities()),
        length in lengths(&[MIN], 300),
        byte: u8,
    ) {
        let clause = if length < MIN { Clause::PacketTooShort } else { Clause::PacketSignature };
        prop_assert_eq!(refusal(&vec![byte; length], &pair(&own, &other)), Some(clause));
    }

    /// [packet/too-short], [packet/signature]: every part of a packet, and every packet with a tail.
    #[test]
    fn a_packet_of_another_length_is_refused(
        (own, other) in (identities(), identities()),
        body in bytes(40),
        length in 0..200_usize,
    ) {
        let mut packet = sealed(&own, &pair(&own, &other), 0x20, &body).split_off(HEADER);
        prop_assume!(length != packet.len());
        packet.resize(length, 0);
        let clause = if length < MIN { Clause::PacketTooShort } else { Clause::PacketSignature };
        prop_assert_eq!(refusal(&packet, &pair(&other, &own)), Some(clause));
    }

    /// [packet/authentic], [packet/verify-first], [packet/signature]: a seal for somebody else is
    /// noticed only behind the right signature.
    #[test]
    fn the_signature_is_judged_before_the_seal(
        (own, other, third) in (identities(), identities(), identities()),
        body in bytes(64),
        (signed, meant) in any::<(bool, bool)>(),
    ) {
        let signer = if signed { &own } else { &third };
        let key = if meant { pair(&own, &other) } else { pair(&own, &third) };
        let packet = sealed(signer, &key, 0x20, &body).split_off(HEADER);
        let clause = match (signed, meant) {
            (true, true) => None,
            (true, false) => Some(Clause::PacketAuthentic),
            (false, _) => Some(Clause::PacketSignature),
        };
        if clause.is_some() {
            prop_assert_eq!(refusal(&packet, &pair(&other, &own)), clause);
        } else {
            prop_assert!(open(&mut packet.clone(), &pair(&other, &own)).is_ok());
        }
    }

    /// [packet/authentic], [packet/no-release]: who holds the signing key and not the pair key.
    #[test]
    fn any_changed_bit_under_a_right_signature_is_refused_and_kept(
        (x, ed) in any::<([u8; 32], [u8; 32])>(),
        other in identities(),
        body in bytes(64),
        flip in flips(),
    ) {
        let (x, ed) = (Secret::new(x), Secret::new(ed));
        let own = Identity::from_seeds(&x, &ed).unwrap();
        let mut packet = sealed(&own, &pair(&own, &other), 0x20, &body).split_off(HEADER);
        packet.truncate(packet.len() - 64);
        flip.apply(&mut packet);
        let (_, signature) = sign(&ed, &packet);
        packet.extend(signature);
        prop_assert_eq!(refusal(&packet, &pair(&other, &own)), Some(Clause::PacketAuthentic));
    }

    /// [packet/reflection]
    #[test]
    fn an_own_packet_that_comes_back_is_refused(
        (own, other) in (identities(), identities()),
        body in bytes(64),
    ) {
        let key = pair(&own, &other);
        let packet = sealed(&own, &key, 0x20, &body).split_off(HEADER);
        prop_assert_eq!(refusal(&packet, &key), Some(Clause::PacketSignature));
    }

    /// A buffer is filled from its front, and what is behind stays; a short one is told the length.
    #[test]
    fn a_packet_takes_its_room_and_no_more(
        (own, other) in (identities(), identities()),
        body in bytes(20),
        room in 0..200_usize,
    ) {
        let mut out = vec![0xaa; room];
        let inner = Inner { message_id: 0, command: 0, body: &body };
        let nonce = FreshNonce::from_random([9; 24]);
        let needed = MIN + body.len();
        let sealed = seal(&mut out, &pair(&own, &other), &own, nonce, &inner);
        if room < needed {
            prop_assert_eq!(sealed, Err(BufferTooSmall { needed }));
        } else {
            prop_assert_eq!(sealed, Ok(needed));
            prop_assert!(out[needed..].iter().all(|byte| *byte == 0xaa));
            prop_assert_eq!(open(&mut out[..needed], &pair(&other, &own)), Ok(inner));
        }
    }

    /// [packet/nonce-any]: the nonce of a packet stands at its front, as it was given.
    #[test]
    fn the_nonce_is_sent_as_it_is(own in identities(), nonce: [u8; 24]) {
        let mut out = [0; MIN];
        let inner = Inner { message_id: 0, command: 0, body: &[] };
        let fresh = FreshNonce::from_random(nonce);
        seal(&mut out, &pair(&own, &own), &own, fresh, &inner).unwrap();
        prop_assert_eq!(NonceBytes(*out.first_chunk().unwrap()), NonceBytes(nonce));
    }
}
