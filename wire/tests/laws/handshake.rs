//! Chapter 5.

use super::{admitted, bytes, fixed, flips, greeted, identities, lengths, nonce, sealed};
use curve25519_dalek::{
    constants::EIGHT_TORSION, edwards::CompressedEdwardsY, montgomery::MontgomeryPoint,
};
use proptest::prelude::*;
use sealwire::{
    Clause,
    frame::{MIN, address_from},
    handshake::{AwaitHello, AwaitReply, Hello, MARK, Refusal, RelayLink, Reply, hello},
    identity::{Identity, PeerId},
    packet::{Inner, PairKey, seal},
    primitives::FreshNonce,
    relay::FromRelay,
};

// The numbers of the chapters, not those of the crate.
const HELLO: usize = 172;
const MAX_BEFORE_HELLO: usize = 4_096;
const REQUEST: u8 = 0x01;
const OK: u8 = 0x02;
const ERROR: u8 = 0xff;

/// A hello with an inner part of our choice, sealed and signed as it should be.
fn made(client: &Identity, relay: &Identity, command: u8, body: &[u8]) -> Vec<u8> {
    let key = PairKey::between(client, relay.public()).unwrap();
    let mut out = vec![0; HELLO - 33 + body.len()];
    out[..32].copy_from_slice(client.public().x25519());
    let inner = Inner { message_id: 0, command, body };
    seal(&mut out[32..], &key, client, nonce(1), &inner).unwrap();
    out
}

fn body(client: &Identity, version: u8, trailing: &[u8]) -> Vec<u8> {
    [&client.public().ed25519()[..], &[version], trailing].concat()
}

/// What becomes of a message, after a check that it is untouched.
fn received<'r>(
    machine: AwaitHello<'r>,
    message: &[u8],
) -> Result<Hello, (AwaitHello<'r>, Clause)> {
    let mut buffer = message.to_vec();
    let outcome = machine.receive(&mut buffer);
    assert_eq!(buffer, message);
    outcome
}

/// A frame of the relay's with a command and body of our choice.
fn says(link: &RelayLink, relay: &Identity, command: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = sealed(relay, &PairKey::between(relay, link.peer()).unwrap(), command, body);
    address_from(&mut frame, link.routes(), PeerId::RELAY).unwrap();
    frame
}

/// The clause, after a check that the message is untouched; and the machine.
fn refuse_reply(machine: AwaitReply, message: &[u8]) -> (AwaitReply, Clause) {
    let mut buffer = message.to_vec();
    let refused = machine.receive(&mut buffer).unwrap_err();
    assert_eq!(buffer, message);
    refused
}

/// What steps 5 to 7 of the client's table make of a reply.
#[derive(Debug, PartialEq)]
enum Verdict {
    Session,
    IdInUse,
    BadVersion(u8),
    Refused(Clause),
}

fn judged(command: u8, body: &[u8]) -> Verdict {
    match (command, body.first(), body.get(1)) {
        (OK, Some(2), _) => Verdict::Session,
        (OK, ..) => Verdict::Refused(Clause::HandshakeReplyVersion),
        (ERROR, Some(1), _) => Verdict::IdInUse,
        (ERROR, Some(2), Some(version)) => Verdict::BadVersion(*version),
        (ERROR, ..) => Verdict::Refused(Clause::RelayError),
        _ => Verdict::Refused(Clause::HandshakeReplyCommand),
    }
}

/// A sibling of an honest key: the same secret with everybody, another id.
fn sibling(x25519: &[u8; 32], n: usize) -> [u8; 32] {
    let point = MontgomeryPoint(*x25519).to_edwards(0).unwrap();
    (point + EIGHT_TORSION[1 + n]).to_montgomery().to_bytes()
}

proptest! {
    /// [handshake/hello-layout], [handshake/reply-layout]: what a relay learns from a hello is
    /// who sent it, and the mark; and what it gives back, frames that the client reads.
    #[test]
    fn every_hello_is_admitted_and_both_ends_hold_the_same_keys(
        (client, relay) in (identities(), identities()),
        nonce: [u8; 24],
    ) {
        let mut message = [0xaa; HELLO];
        let fresh = FreshNonce::from_random(nonce);
        let await_reply = hello(&mut message, &client, relay.public(), fresh).unwrap();
        let before = message;
        let admitted = admitted(&relay, &mut message);
        prop_assert_eq!(message, before);
        prop_assert_eq!(&message[..32], client.public().x25519());
        prop_assert_eq!(&message[32..56], &nonce);
        prop_assert_eq!(admitted.peer(), client.public());
        let mark: [u8; MARK] = [&message[32..56], &message[92..108]].concat().try_into().unwrap();
        prop_assert_eq!(admitted.mark(), &mark);

        let link = admitted.into_link();
        let mut ok = [0; 116];
        link.seal_event(&mut ok, &relay, self::nonce(2), &FromRelay::HandshakeOk).unwrap();
        let Ok(Reply::Session(session)) = await_reply.receive(&mut ok) else { panic!() };
        prop_assert_eq!(session.relay(), relay.public());
    }

    /// [handshake/hello-layout]: 00 00, command 01, the Ed25519 key, version 02.
    #[test]
    fn a_hello_is_what_the_chapter_says((client, relay) in (identities(), identities())) {
        let mut message = [0; HELLO];
        hello(&mut message, &client, relay.public(), nonce(1)).unwrap();
        prop_assert_eq!(&message[..], &made(&client, &relay, REQUEST, &body(&client, 2, &[]))[..]);
    }

    /// [handshake/hello-trailing], [handshake/version], [frame/before-hello]: any version, any bytes
    /// behind it; only the version decides, and the length.
    #[test]
    fn bytes_behind_the_version_change_nothing(
        client in identities(),
        version in prop_oneof![Just(2), any::<u8>()],
        length in lengths(&[HELLO, MAX_BEFORE_HELLO], MAX_BEFORE_HELLO + 100),
        byte: u8,
    ) {
        let relay = fixed(2);
        let trailing = vec![byte; length.saturating_sub(HELLO)];
        let mut message = made(&client, &relay, REQUEST, &body(&client, version, &trailing));
        match AwaitHello::new(&relay).receive(&mut message) {
            Ok(Hello::Admitted(admitted)) => {
                prop_assert_eq!((version, admitted.peer()), (2, client.public()));
            }
            Ok(Hello::WrongVersion(_)) => prop_assert_ne!(version, 2),
            Err((_, clause)) => {
                prop_assert!(length > MAX_BEFORE_HELLO);
                prop_assert_eq!(clause, Clause::FrameBeforeHello);
            }
        }
    }

    /// [handshake/too-short], [frame/before-hello], [handshake/hello-seal]: noise of every length,
    /// behind an honest key.
    #[test]
    fn noise_is_refused_by_its_length_or_its_seal(
        client in identities(),
        length in lengths(&[0, HELLO, MAX_BEFORE_HELLO], MAX_BEFORE_HELLO + 100),
        byte: u8,
    ) {
        let relay = fixed(2);
        let mut message = vec![byte; length];
        let key = length.min(32);
        message[..key].copy_from_slice(&client.public().x25519()[..key]);
        let expected = match length {
            _ if length > MAX_BEFORE_HELLO => Clause::FrameBeforeHello,
            _ if length < HELLO => Clause::HandshakeTooShort,
            _ => Clause::HandshakeHelloSeal,
        };
        let (_, clause) = received(AwaitHello::new(&relay), &message).unwrap_err();
        prop_assert_eq!(clause, expected);
    }

    /// [handshake/hello-seal], [handshake/hello-signature], [handshake/client-key]: and the machine
    /// that refused takes the genuine one afterwards.
    #[test]
    fn any_changed_bit_of_a_hello_is_refused_and_kept(client in identities(), flip in flips()) {
        let relay = fixed(2);
        let mut message = [0; HELLO];
        hello(&mut message, &client, relay.public(), nonce(1)).unwrap();
        let mut changed = message;
        let place = flip.apply(&mut changed);
        let (machine, clause) = received(AwaitHello::new(&relay), &changed).unwrap_err();
        match place {
            // Another key, or none.
            0..32 => {}
            32..108 => prop_assert_eq!(clause, Clause::HandshakeHelloSeal),
            _ => prop_assert_eq!(clause, Clause::HandshakeHelloSignature),
        }
        prop_assert!(matches!(machine.receive(&mut message), Ok(Hello::Admitted(_))));
    }

    /// [handshake/client-key], [handshake/hello-seal], [handshake/hello-command],
    /// [handshake/signing-key], [handshake/hello-signature], [handshake/version]: any number of
    /// faults at once, and the first in the order of the table names the refusal.
    #[test]
    fn a_hello_is_refused_by_the_first_check_that_it_breaks(
        client in identities(),
        faults: [bool; 7],
        torsion in 0..7_usize,
        command in 2..=255_u8,
        version in 3..=255_u8,
    ) {
        let relay = fixed(2);
        let [high_bit, seal, order, other_command, mixed, signature, other_version] = faults;
        let mut inner = body(&client, if other_version { version } else { 2 }, &[]);
        if mixed {
            let own = CompressedEdwardsY(*client.public().ed25519()).decompress().unwrap();
            let mixed = own + EIGHT_TORSION[1 + torsion];
            inner[..32].copy_from_slice(mixed.compress().as_bytes());
        }
        let command = if other_command { command } else { REQUEST };
        let mut message = made(&client, &relay, command, &inner);
        if order {
            message[..32].copy_from_slice(&sibling(client.public().x25519(), torsion));
        }
        message[31] |= u8::from(high_bit) << 7;
        message[100] ^= u8::from(seal);
        message[171] ^= u8::from(signature);

        let clauses = [
            Clause::PrimitivesX25519HighBit,
            Clause::HandshakeHelloSeal,
            Clause::PrimitivesX25519Order,
            Clause::HandshakeHelloCommand,
            Clause::PrimitivesEd25519KeyOrder,
            Clause::HandshakeHelloSignature,
            Clause::HandshakeVersion,
        ];
        let first = clauses.iter().zip(faults).find(|(_, fault)| *fault).map(|(clause, _)| *clause);
        let found = match received(AwaitHello::new(&relay), &message) {
            Err((_, clause)) => Some(clause),
            Ok(Hello::WrongVersion(_)) => Some(Clause::HandshakeVersion),
            Ok(Hello::Admitted(_)) => None,
        };
        prop_assert_eq!(found, first);
    }

    /// [handshake/client-key]: a key of small order makes a secret of zero, with which nothing is
    /// opened; the import names the refusal.
    #[test]
    fn a_hello_under_a_key_of_small_order_is_refused_by_its_key(
        point in prop::sample::select(&EIGHT_TORSION[..]),
        rest in prop::collection::vec(any::<u8>(), 140..300),
    ) {
        let relay = fixed(2);
        let message = [&point.to_montgomery().to_bytes()[..], &rest].concat();
        let (_, clause) = received(AwaitHello::new(&relay), &message).unwrap_err();
        let expected = sealwire::primitives::X25519Public::import(point.to_montgomery().to_bytes());
        prop_assert_eq!(Err(clause), expected);
    }

    /// [handshake/reply-command], [handshake/reply-version], [relay/error], [packet/no-release]: any
    /// command and body of a genuine reply; bytes behind what is named are ignored.
    #[test]
    fn a_reply_is_judged_by_command_and_first_bytes(
        client in identities(),
        command in prop_oneof![Just(OK), Just(ERROR), any::<u8>()],
        first in prop_oneof![4 => (0..4_u8).prop_map(Some), 1 => Just(None)],
        trailing in bytes(40),
    ) {
        let relay = fixed(2);
        let (machine, link) = greeted(&client, &relay);
        let body: Vec<u8> = first.into_iter().chain(trailing).collect();
        let message = says(&link, &relay, command, &body);
        let mut received = message.clone();
        let verdict = match machine.receive(&mut received) {
            Ok(Reply::Session(_)) => Verdict::Session,
            Ok(Reply::IdInUse) => Verdict::IdInUse,
            Ok(Reply::BadVersion { supported }) => Verdict::BadVersion(supported),
            Err((_, clause)) => {
                prop_assert_eq!(received, message);
                Verdict::Refused(clause)
            }
        };
        prop_assert_eq!(verdict, judged(command, &body));
    }

    /// [handshake/reply-layout], [packet/no-release]: a machine that refused, whatever and however
    /// often, takes the genuine reply afterwards.
    #[test]
    fn a_machine_that_refused_is_as_it_was(
        client in identities(),
        noise in prop::collection::vec((any::<u8>(), any::<u8>(), flips()), 0..4),
    ) {
        let relay = fixed(2);
        let (mut machine, link) = greeted(&client, &relay);
        let genuine = says(&link, &relay, OK, &[2]);
        for (command, byte, flip) in noise {
            let mut changed = genuine.clone();
            let clause;
            let place = flip.apply(&mut changed);
            (machine, clause) = refuse_reply(machine, &changed);
            let expected = match place {
                ..8 => Clause::FrameRelayHeader,
                // The nonce of the mask, and under the signature.
                8..20 => Clause::FrameRelayHeader,
                _ => Clause::PacketSignature,
            };
            prop_assert_eq!(clause, expected);
            if let Verdict::Refused(expected) = judged(command, &[byte]) {
                let clause;
                (machine, clause) = refuse_reply(machine, &says(&link, &relay, command, &[byte]));
                prop_assert_eq!(clause, expected);
            }
            (machine, _) = refuse_reply(machine, &vec![byte; MIN + usize::from(command)]);
        }
        prop_assert!(matches!(machine.receive(&mut genuine.clone()), Ok(Reply::Session(_))));
    }

    /// [handshake/reply-layout]: the client holds the same pair key, and so does nobody else; only
    /// the relay's signature speaks for it.
    #[test]
    fn nobody_but_the_relay_replies((client, other) in (identities(), identities())) {
        let relay = fixed(2);
        let (mut machine, link) = greeted(&client, &relay);
        let of_client = PairKey::between(&client, relay.public()).unwrap();
        let of_other = PairKey::between(&other, client.public()).unwrap();
        for (signer, key) in [(&client, of_client), (&other, of_other)] {
            let mut forged = sealed(signer, &key, OK, &[2]);
            address_from(&mut forged, link.routes(), PeerId::RELAY).unwrap();
            let clause;
            (machine, clause) = refuse_reply(machine, &forged);
            prop_assert_eq!(clause, Clause::PacketSignature);
        }
    }

    /// [handshake/id-in-use], [handshake/version]: a refusal says its reason and opens no session.
    #[test]
    fn a_refusal_says_why(client in identities(), version in 3..=255_u8, taken: bool) {
        let relay = fixed(2);
        let (machine, _) = greeted(&client, &relay);
        let mut message = made(&client, &relay, REQUEST, &body(&client, if taken { 2 } else { version }, &[]));
        let refusal = match AwaitHello::new(&relay).receive(&mut message) {
            Ok(Hello::Admitted(admitted)) => admitted.refuse(),
            Ok(Hello::WrongVersion(refusal)) => refusal,
            Err((_, clause)) => panic!("{clause}"),
        };
        let mut out = [0xaa; Refusal::MAX];
        let length = refusal.seal(&mut out, &relay, nonce(2)).unwrap();
        match machine.receive(&mut out[..length]) {
            Ok(Reply::IdInUse) => prop_assert!(taken),
            Ok(Reply::BadVersion { supported }) => prop_assert_eq!((taken, supported), (false, 2)),
            other => prop_assert!(false, "{other:?}"),
        }
    }
}
