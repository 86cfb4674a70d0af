//! No operation allocates: each public one runs under an allocator that counts, with what it
//! accepts and with what it refuses.

// A refused machine comes back in the error.
#![allow(clippy::result_large_err)]

use sealwire::{
    Clause,
    frame::{Downlink, HEADER, MAX_FROM_RELAY, RouteKeys, Uplink, address_from, address_to},
    handshake::{
        Admitted, AwaitHello, AwaitReply, ClientLink, HELLO, Hello, RelayLink, Reply, hello,
    },
    identity::{
        Identity, Invite, MAX_INVITE, MAX_NICKNAME, MAX_SCRATCH, Nickname, PublicIdentity,
        safety_number, seed,
    },
    packet::{self, Inner, PairKey},
    primitives::{
        Context, Ed25519Public, FreshNonce, NonceBytes, Secret, X25519Public, aead_open, aead_seal,
        mask, sign, x25519,
    },
    relay::{ErrorCode, FromRelay, Keys, ToRelay},
};
use std::hint::black_box;

/// Longer than any stack buffer that a dependency might switch away from.
const LONG: usize = 65_536;

/// What `operation` returns, if it allocated nothing.
fn free<T>(what: &str, operation: impl FnOnce() -> T) -> T {
    let mut result = None;
    let seen = allocation_counter::measure(|| result = Some(black_box(operation())));
    assert_eq!((seen.count_total, seen.bytes_total), (0, 0), "{what} allocates");
    result.expect("it ran")
}

fn nonce() -> FreshNonce {
    FreshNonce::from_random([9; 24])
}

fn identity(byte: u8) -> Identity {
    Identity::from_seeds(&Secret::new([byte; 32]), &Secret::new([byte; 32])).unwrap()
}

/// A hello of `client` that `relay` admitted, each step of it measured.
fn greet(client: &Identity, relay: &Identity) -> (AwaitReply, Admitted) {
    let mut message = [0; HELLO];
    let await_reply =
        free("hello", || hello(&mut message, client, relay.public(), nonce())).unwrap();
    match free("AwaitHello::receive", || AwaitHello::new(relay).receive(&mut message)) {
        Ok(Hello::Admitted(admitted)) => (await_reply, admitted),
        other => panic!("{other:?}"),
    }
}

/// Both ends of a session, each step of it measured.
fn session(client: &Identity, relay: &Identity) -> (ClientLink, RelayLink) {
    let (await_reply, admitted) = greet(client, relay);
    let link = free("into_link", || admitted.into_link());
    let mut frame = [0; 256];
    let ok = FromRelay::HandshakeOk;
    let length = free("OK", || link.seal_event(&mut frame, relay, nonce(), &ok)).unwrap();
    match free("AwaitReply::receive", || await_reply.receive(&mut frame[..length])) {
        Ok(Reply::Session(session)) => (session, link),
        other => panic!("{other:?}"),
    }
}

#[test]
#[should_panic(expected = "a box allocates")]
fn the_check_itself_sees_one_byte() {
    free("a box", || Box::new(1_u8));
}

#[test]
fn primitives() {
    let secret = Secret::new([7; 32]);
    let public = *identity(1).public();
    let shared = free("x25519", || x25519(&secret, public.x25519())).unwrap();
    free("x25519, refused", || x25519(&secret, &[0; 32])).unwrap_err();
    assert!(free("Secret, equal", || shared == Secret::new(*shared.expose())));
    free("seed", || seed(&[7; 32])).unwrap();
    free("seed, refused", || seed(&[7; 31])).unwrap_err();

    let message = vec![5; LONG];
    let (key, signature) = free("sign", || sign(&secret, &message));
    let key = free("Ed25519Public::import", || Ed25519Public::import(key)).unwrap();
    free("verify", || key.verify(&message, &signature)).unwrap();
    free("verify, refused", || key.verify(&message[1..], &signature)).unwrap_err();
    free("X25519Public::import", || X25519Public::import(*public.x25519())).unwrap();
    for refused in [[0; 32], [0xff; 32], [2; 32]] {
        free("PublicIdentity::import, refused", || PublicIdentity::import(refused, refused))
            .unwrap_err();
        free("Ed25519Public::import, refused", || Ed25519Public::import(refused)).unwrap_err();
    }

    let mut sealed = message.clone();
    let tag = free("aead_seal", || aead_seal(&shared, nonce(), &mut sealed)).unwrap();
    sealed.extend(tag);
    let received = NonceBytes([9; 24]);
    let wrong = NonceBytes([8; 24]);
    free("aead_open, refused", || aead_open(&shared, &wrong, &mut sealed).is_err());
    free("aead_open", || aead_open(&shared, &received, &mut sealed).is_ok());

    free("mask", || mask(&shared, &received));
    let mut out = vec![0; LONG];
    for context in Context::ALL {
        assert_eq!(free("Context::parse", || Context::parse(context.name())), Ok(context));
        free("derive", || context.derive(&message, &mut out));
        free("derive_key", || context.derive_key(&shared));
    }
}

#[test]
fn identities_and_invites() {
    let seeds = (Secret::new([1; 32]), Secret::new([2; 32]));
    let own = free("from_seeds", || Identity::from_seeds(&seeds.0, &seeds.1)).unwrap();
    let other = identity(3);
    let public = own.public();
    free("import", || PublicIdentity::import(*public.x25519(), *public.ed25519())).unwrap();
    free("safety_number", || safety_number(public, other.public()));

    let nickname = "n".repeat(MAX_NICKNAME);
    let invite = Invite { peer: *public, nickname: Nickname(&nickname) };
    let mut code = [0; MAX_INVITE];
    let code = free("encode", || invite.encode(&mut code)).unwrap();
    free("encode, short buffer", || invite.encode(&mut [0; 9]).is_err());
    let longer = nickname.clone() + "n";
    let long = Invite { peer: *public, nickname: Nickname(&longer) };
    free("encode, long nickname", || long.encode(&mut [0; 9]).is_err());

    let mut scratch = [0; MAX_SCRATCH];
    for text in [code.to_owned(), format!(" https://host/?x=1&peer={code}#y\n")] {
        assert_eq!(free("decode", || Invite::decode(&text, &mut scratch)), Ok(invite));
    }
    for text in [
        "",
        "K1",
        "K0!",
        "K0AAAA",
        "https://host/?x=1",
        &code[..code.len() - 1],
        &format!("K0{}", "A".repeat(2_000)),
        &format!("K0{}", "_".repeat(120)),
    ] {
        free("decode, refused", || Invite::decode(text, &mut scratch)).unwrap_err();
    }
}

#[test]
fn packets_and_frames() {
    let (own, other) = (identity(1), identity(2));
    let pair = free("between", || PairKey::between(&own, other.public())).unwrap();
    let back = PairKey::between(&other, own.public()).unwrap();
    for size in [0, 64, LONG] {
        let body = vec![0x5a; size];
        let inner = Inner { message_id: 1, command: 0x20, body: &body };
        let mut frame = vec![0; HEADER + packet::MIN + size];
        let packet = &mut frame[HEADER..];
        free("seal", || packet::seal(packet, &pair, &own, nonce(), &inner)).unwrap();
        free("seal, short buffer", || {
            packet::seal(&mut packet[1..], &pair, &own, nonce(), &inner).is_err()
        });
        packet::seal(packet, &pair, &own, nonce(), &inner).unwrap();

        let keys = free("RouteKeys", || RouteKeys::derive(&Secret::new([3; 32])));
        free("address_to", || address_to(&mut frame, &keys, other.id())).unwrap();
        free("Uplink", || Uplink::parse(&frame).map(|frame| frame.to(&keys))).unwrap();
        free("address_from", || address_from(&mut frame, &keys, own.id())).unwrap();
        free("Downlink", || Downlink::parse(&frame).map(|frame| frame.from(&keys))).unwrap();

        let packet = &mut frame[HEADER..];
        for (what, position, clause) in [
            ("open, wrong signature", packet.len() - 1, Clause::PacketSignature),
            ("open, wrong text", 24, Clause::PacketSignature),
        ] {
            packet[position] ^= 1;
            assert_eq!(free(what, || packet::open(packet, &back).err()), Some(clause));
            packet[position] ^= 1;
        }
        free("open", || packet::open(packet, &back).is_ok());
        free("open, short", || packet::open(&mut packet[..packet::MIN - 1], &back).is_err());
    }
    for length in [0, MAX_FROM_RELAY + 1] {
        let frame = vec![0; length];
        free("Uplink, refused", || Uplink::parse(&frame).is_err());
        free("Downlink, refused", || Downlink::parse(&frame).is_err());
    }
}

/// Signed by the right one, sealed for nobody here.
#[test]
fn a_packet_that_is_sealed_for_another() {
    let (own, other) = (identity(1), identity(2));
    let back = PairKey::between(&other, own.public()).unwrap();
    let stray = PairKey::between(&own, own.public()).unwrap();
    let mut packet = [0; packet::MIN];
    let inner = Inner { message_id: 1, command: 0x20, body: &[] };
    packet::seal(&mut packet, &stray, &own, nonce(), &inner).unwrap();
    let refused = free("open, wrong seal", || packet::open(&mut packet, &back).err());
    assert_eq!(refused, Some(Clause::PacketAuthentic));
}

#[test]
fn refused_hellos_and_replies() {
    let (client, relay, stranger) = (identity(1), identity(2), identity(3));
    let mut message = [0; HELLO];
    hello(&mut message, &client, relay.public(), nonce()).unwrap();
    // Its key, its seal, its signature.
    for (position, change) in [(31, 0x80), (60, 1), (HELLO - 1, 1)] {
        let mut message = message;
        message[position] ^= change;
        free("AwaitHello, refused", || AwaitHello::new(&relay).receive(&mut message).is_err());
    }
    for mut message in [vec![0; HELLO - 1], vec![0; 4_097]] {
        free("AwaitHello, refused", || AwaitHello::new(&relay).receive(&mut message).is_err());
    }
    free("AwaitHello, stranger", || AwaitHello::new(&stranger).receive(&mut message).is_err());

    let (await_reply, admitted) = greet(&client, &relay);
    let mut frame = [0; 256];
    let refused = free("AwaitReply, refused", || await_reply.receive(&mut frame));
    let Err((await_reply, _)) = refused else { panic!("zeros are no reply") };
    let refusal = free("refuse", || admitted.refuse());
    let length = free("Refusal::seal", || refusal.seal(&mut frame, &relay, nonce())).unwrap();
    let reply = free("AwaitReply, ID_IN_USE", || await_reply.receive(&mut frame[..length]));
    assert!(matches!(reply, Ok(Reply::IdInUse)));

    let (await_reply, admitted) = greet(&client, &relay);
    let event = FromRelay::ServerPing;
    let length = admitted.into_link().seal_event(&mut frame, &relay, nonce(), &event).unwrap();
    let refused = free("AwaitReply, event", || await_reply.receive(&mut frame[..length]));
    assert!(matches!(refused, Err((_, Clause::HandshakeReplyCommand))));
}

#[test]
fn commands() {
    let (client, relay) = (identity(1), identity(2));
    let (session, link) = session(&client, &relay);
    let (keys, target, bytes) = ([[4; 32]; 1_000], relay.id(), [0x61; 4_098]);
    let mut frame = vec![0; LONG];
    for command in [
        ToRelay::Subscribe(Keys::new(&keys)),
        ToRelay::Unsubscribe(Keys::new(&keys)),
        ToRelay::Introduce { target, nickname: &bytes[..9] },
        ToRelay::Wake { target, kind: Some(1) },
        ToRelay::PushRegister { kind: 1, token: &bytes[..4_096] },
    ] {
        let sealed =
            free("seal_command", || session.seal_command(&mut frame, &client, nonce(), &command));
        let inner = free("open_command", || link.open_command(&mut frame[..sealed.unwrap()]));
        let inner = inner.unwrap();
        assert_eq!(free("parse", || ToRelay::parse(inner.command, inner.body)), Ok(command));
    }
    // No list of keys, no id, no kind, too long, unknown, of the other direction.
    for (command, length) in [
        (0x40, 33),
        (0x46, 7),
        (0x46, 4_098),
        (0x48, 7),
        (0x49, 0),
        (0x49, 4_098),
        (0x99, 0),
        (1, 0),
    ] {
        free("parse, refused", || ToRelay::parse(command, &bytes[..length])).unwrap_err();
    }
    let long = ToRelay::PushRegister { kind: 1, token: &bytes };
    free("seal_command, refused", || session.seal_command(&mut frame, &client, nonce(), &long))
        .unwrap_err();
    free("open_command, refused", || link.open_command(&mut frame).is_err());
}

#[test]
fn events() {
    let (client, relay) = (identity(1), identity(2));
    let (session, link) = session(&client, &relay);
    let (keys, target, received) = ([[4; 32]; 1_000], relay.id(), NonceBytes([1; 24]));
    let mut frame = vec![0; LONG];
    for event in [
        FromRelay::HandshakeOk,
        FromRelay::PeerOnline(Keys::new(&keys)),
        FromRelay::PeerOffline(Keys::new(&keys)),
        FromRelay::IntroFrom { peer: *client.public(), nickname: "ann" },
        FromRelay::Wake { target, kind: None },
        FromRelay::PushRegister { sender: target, kind: 1, token: &[2; 300] },
        FromRelay::ServerPing,
        FromRelay::Notice("maintenance"),
        FromRelay::Error(ErrorCode::IdInUse),
        FromRelay::Error(ErrorCode::BadVersion { supported: 2 }),
        FromRelay::Error(ErrorCode::RecipientOffline { target, nonce: received }),
        FromRelay::Error(ErrorCode::Unknown(9)),
    ] {
        let sealed = free("seal_event", || link.seal_event(&mut frame, &relay, nonce(), &event));
        let inner = free("open_event", || session.open_event(&mut frame[..sealed.unwrap()]));
        let inner = inner.unwrap();
        assert_eq!(free("parse", || FromRelay::parse(inner.command, inner.body)), Ok(event));
    }
    free("seal_introduction", || {
        link.seal_introduction(&mut frame, &relay, nonce(), client.public(), b"ann")
    })
    .unwrap();
    free("seal_event, short buffer", || {
        link.seal_event(&mut [0; 9], &relay, nonce(), &FromRelay::ServerPing)
    })
    .unwrap_err();
    free("open_event, refused", || session.open_event(&mut frame).is_err());
    for command in [0x02, 0x42, 0x47, 0x48, 0x49, 0x88, 0x99, 0xff] {
        free("parse, refused", || FromRelay::parse(command, &[0xff; 3]).is_err());
    }
}
