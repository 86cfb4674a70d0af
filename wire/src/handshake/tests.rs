use super::*;
use crate::{
    Clause,
    frame::{MAX_BEFORE_HELLO, address_to},
    identity::{Identity, PeerId},
    packet::{PairKey, seal_parts},
    primitives::{FreshNonce, NONCE, Secret},
};
use curve25519_dalek::{
    constants::EIGHT_TORSION, edwards::CompressedEdwardsY, montgomery::MontgomeryPoint,
};
use std::{vec, vec::Vec};

fn identity(x: u8, ed: u8) -> Identity {
    Identity::from_seeds(&Secret::new([x; 32]), &Secret::new([ed; 32])).unwrap()
}

fn nonce(byte: u8) -> FreshNonce {
    FreshNonce::from_random([byte; NONCE])
}

fn start(client: &Identity, relay: &Identity) -> (AwaitReply, [u8; HELLO]) {
    let mut message = [0xaa; HELLO];
    let await_reply = hello(&mut message, client, relay.public(), nonce(1)).unwrap();
    (await_reply, message)
}

fn admitted(relay: &Identity, message: &mut [u8]) -> Admitted {
    match AwaitHello::new(relay).receive(message) {
        Ok(Hello::Admitted(admitted)) => admitted,
        other => panic!("{other:?}"),
    }
}

/// The clause, after a check that the message is untouched.
fn refusal(relay: &Identity, message: &[u8]) -> Clause {
    let mut buffer = message.to_vec();
    let (_, clause) = AwaitHello::new(relay).receive(&mut buffer).unwrap_err();
    assert_eq!(buffer, message);
    clause
}

fn reply(link: &RelayLink, relay: &Identity, command: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![0; 115 + body.len()];
    let length = link.seal_to_client(&mut out, relay, nonce(2), command, &[body]);
    assert_eq!(length, Ok(out.len()));
    out
}

#[test]
fn both_sides_reach_the_same_link() {
    let (client, relay) = (identity(1, 2), identity(3, 4));
    let (await_reply, mut message) = start(&client, &relay);
    let before = message;
    let admitted = admitted(&relay, &mut message);
    assert_eq!(message, before);
    assert_eq!(admitted.peer(), client.public());
    assert_eq!(admitted.mark()[..24], message[32..56]);
    assert_eq!(admitted.mark()[24..], message[92..108]);

    let link = admitted.into_link();
    let mut ok = reply(&link, &relay, HANDSHAKE_OK, &[VERSION]);
    assert_eq!(ok.len(), 116);
    let Ok(Reply::Session(session)) = await_reply.receive(&mut ok) else { panic!() };
    assert_eq!(session.relay(), relay.public());
}

#[test]
fn every_truncation_and_every_flipped_bit_of_a_hello_is_refused() {
    let relay = identity(3, 4);
    let (_, message) = start(&identity(1, 2), &relay);
    for length in 0..HELLO {
        assert_eq!(refusal(&relay, &message[..length]), Clause::HandshakeTooShort);
    }
    for bit in 0..HELLO * 8 {
        let mut flipped = message;
        flipped[bit / 8] ^= 1 << (bit % 8);
        let expected = match bit / 8 {
            0..32 => continue,
            32..108 => Clause::HandshakeHelloSeal,
            _ => Clause::HandshakeHelloSignature,
        };
        assert_eq!(refusal(&relay, &flipped), expected);
    }
    for bit in 0..256 {
        let mut flipped = message;
        flipped[bit / 8] ^= 1 << (bit % 8);
        // A key of its own, or none: which clause depends on where the bits happen to lie.
        refusal(&relay, &flipped);
    }
}

#[test]
fn a_key_of_small_order_is_named_before_its_zero_secret() {
    let relay = identity(3, 4);
    let (_, mut message) = start(&identity(1, 2), &relay);
    let order_8 = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800";
    message[..32].copy_from_slice(&hex::decode(order_8).unwrap());
    assert_eq!(refusal(&relay, &message), Clause::PrimitivesX25519Order);
}

#[test]
fn a_refused_reply_hands_the_machine_back() {
    let (client, relay) = (identity(1, 2), identity(3, 4));
    let (await_reply, mut message) = start(&client, &relay);
    let link = admitted(&relay, &mut message).into_link();
    let cases: [(u8, &[u8], Clause); 5] = [
        (HANDSHAKE_OK, &[3], Clause::HandshakeReplyVersion),
        (HANDSHAKE_OK, &[], Clause::HandshakeReplyVersion),
        (0x42, &[], Clause::HandshakeReplyCommand),
        (ERROR, &[ERROR_BAD_VERSION], Clause::RelayError),
        (ERROR, &[9], Clause::RelayError),
    ];
    let mut machine = await_reply;
    for (command, body, expected) in cases {
        let sealed = reply(&link, &relay, command, body);
        let mut received = sealed.clone();
        let (back, clause) = machine.receive(&mut received).unwrap_err();
        assert_eq!((clause, received), (expected, sealed));
        machine = back;
    }
    // The client holds the same key, and cannot speak for the relay.
    let mut forged = reply(&link, &client, HANDSHAKE_OK, &[VERSION]);
    let (machine, clause) = machine.receive(&mut forged).unwrap_err();
    assert_eq!(clause, Clause::PacketSignature);
    let mut genuine = reply(&link, &relay, HANDSHAKE_OK, &[VERSION, 0xee]);
    assert!(matches!(machine.receive(&mut genuine), Ok(Reply::Session(_))));
}

#[test]
fn errors_in_the_reply_are_told_apart() {
    let (client, relay) = (identity(1, 2), identity(3, 4));
    let receive = |body: &[u8]| {
        let (await_reply, mut message) = start(&client, &relay);
        let link = admitted(&relay, &mut message).into_link();
        await_reply.receive(&mut reply(&link, &relay, ERROR, body))
    };
    assert!(matches!(receive(&[ERROR_ID_IN_USE]), Ok(Reply::IdInUse)));
    assert!(matches!(receive(&[ERROR_BAD_VERSION, 7]), Ok(Reply::BadVersion { supported: 7 })));
}

/// A hello of `client` with an inner of our choice, sealed and signed as it should be.
fn sealed_hello(client: &Identity, relay: &Identity, command: u8, body: &[u8]) -> Vec<u8> {
    let key = PairKey::between(client, relay.public()).unwrap();
    let mut out = vec![0; 32 + 107 + body.len()];
    out[..32].copy_from_slice(client.public().x25519());
    seal_parts(&mut out[32..], &key, client, nonce(1), 0, command, &[body]).unwrap();
    out
}

fn body(ed25519: &[u8; 32], version: u8, trailing: &[u8]) -> Vec<u8> {
    [&ed25519[..], &[version], trailing].concat()
}

#[test]
fn each_single_fault_of_a_hello_has_its_clause() {
    let (client, relay, other) = (identity(1, 2), identity(3, 4), identity(5, 6));
    let own = client.public().ed25519();
    let good = sealed_hello(&client, &relay, HANDSHAKE_REQUEST, &body(own, VERSION, &[]));
    admitted(&relay, &mut good.clone());

    let command = sealed_hello(&client, &relay, 0x40, &body(own, VERSION, &[]));
    assert_eq!(refusal(&relay, &command), Clause::HandshakeHelloCommand);
    let foreign = body(other.public().ed25519(), VERSION, &[]);
    let foreign = sealed_hello(&client, &relay, HANDSHAKE_REQUEST, &foreign);
    assert_eq!(refusal(&relay, &foreign), Clause::HandshakeHelloSignature);
    assert_eq!(refusal(&other, &good), Clause::HandshakeHelloSeal);

    let mixed = CompressedEdwardsY(*own).decompress().unwrap() + EIGHT_TORSION[1];
    let mixed = body(mixed.compress().as_bytes(), VERSION, &[]);
    let mixed = sealed_hello(&client, &relay, HANDSHAKE_REQUEST, &mixed);
    assert_eq!(refusal(&relay, &mixed), Clause::PrimitivesEd25519KeyOrder);

    for version in [0, 1, 3, 255] {
        let body = body(own, version, &[]);
        let mut hello = sealed_hello(&client, &relay, HANDSHAKE_REQUEST, &body);
        let outcome = AwaitHello::new(&relay).receive(&mut hello);
        assert!(matches!(outcome, Ok(Hello::WrongVersion(_))));
    }
}

#[test]
fn a_refusal_says_why_and_nothing_else() {
    let (client, relay) = (identity(1, 2), identity(3, 4));
    let answer = |refusal: Refusal, length: usize, await_reply: AwaitReply| {
        let mut out = [0xaa; Refusal::MAX];
        assert_eq!(refusal.seal(&mut out, &relay, nonce(2)), Ok(length));
        await_reply.receive(&mut out[..length]).unwrap()
    };
    let (await_reply, mut message) = start(&client, &relay);
    let taken = admitted(&relay, &mut message).refuse();
    assert!(matches!(answer(taken, Refusal::MAX - 1, await_reply), Reply::IdInUse));

    let (await_reply, _) = start(&client, &relay);
    let own = body(client.public().ed25519(), 3, &[]);
    let mut hello = sealed_hello(&client, &relay, HANDSHAKE_REQUEST, &own);
    let Ok(Hello::WrongVersion(refusal)) = AwaitHello::new(&relay).receive(&mut hello) else {
        panic!()
    };
    let answer = answer(refusal, Refusal::MAX, await_reply);
    assert!(matches!(answer, Reply::BadVersion { supported: VERSION }));
}

/// The seven siblings of a key agree on the same secret, so the seal opens and the signature holds.
#[test]
fn a_sibling_of_an_honest_key_is_refused() {
    let (client, relay) = (identity(1, 2), identity(3, 4));
    let (_, message) = start(&client, &relay);
    let point = MontgomeryPoint(*client.public().x25519()).to_edwards(0).unwrap();
    for torsion in &EIGHT_TORSION[1..] {
        let mut shifted = message;
        shifted[..32].copy_from_slice((point + torsion).to_montgomery().as_bytes());
        assert_eq!(refusal(&relay, &shifted), Clause::PrimitivesX25519Order);
    }
}

#[test]
fn bytes_behind_the_version_are_ignored_up_to_the_limit() {
    let (client, relay) = (identity(1, 2), identity(3, 4));
    let hello = |trailing: usize| {
        let body = body(client.public().ed25519(), VERSION, &vec![0xee; trailing]);
        sealed_hello(&client, &relay, HANDSHAKE_REQUEST, &body)
    };
    admitted(&relay, &mut hello(1));
    let mut longest = hello(MAX_BEFORE_HELLO - HELLO);
    assert_eq!(longest.len(), MAX_BEFORE_HELLO);
    admitted(&relay, &mut longest);
    let longer = hello(MAX_BEFORE_HELLO - HELLO + 1);
    assert_eq!(refusal(&relay, &longer), Clause::FrameBeforeHello);
}

#[test]
fn a_header_decides_who_opens_a_frame() {
    let (client, relay) = (identity(1, 2), identity(3, 4));
    let (await_reply, mut message) = start(&client, &relay);
    let link = admitted(&relay, &mut message).into_link();
    let mut ok = reply(&link, &relay, HANDSHAKE_OK, &[VERSION]);
    ok[0] ^= 1;
    let (await_reply, clause) = await_reply.receive(&mut ok).unwrap_err();
    assert_eq!(clause, Clause::FrameRelayHeader);
    ok[0] ^= 1;
    let Ok(Reply::Session(session)) = await_reply.receive(&mut ok) else { panic!() };

    let mut command = vec![0; 115];
    session.seal_to_relay(&mut command, &client, nonce(3), 0x40, &[]).unwrap();
    address_to(&mut command, session.routes(), PeerId([7; 8])).unwrap();
    assert_eq!(link.open_command(&mut command), Err(Clause::FrameHeaderTo));
    address_to(&mut command, session.routes(), PeerId::RELAY).unwrap();
    assert!(link.open_command(&mut command).is_ok());
}
