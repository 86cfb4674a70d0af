//! Laws that hold for every input: what is encoded parses to the same value, what parses encodes
//! to the same bytes, refused buffers are untouched, and nothing panics.

use proptest::{collection::vec, option, prelude::*};
use sealwire::{
    frame::{Downlink, HEADER, MIN, RouteKeys, Uplink, address_from, address_to},
    handshake::{AwaitHello, AwaitReply, Hello, RelayLink, Reply, hello},
    identity::{Identity, Invite, MAX_INVITE, MAX_SCRATCH, Nickname, PeerId, PublicIdentity},
    packet::{self, Inner, PairKey},
    primitives::{FreshNonce, NonceBytes, Secret},
    relay::{ErrorCode, FromRelay, Keys, ToRelay},
};

fn identities() -> impl Strategy<Value = Identity> {
    any::<([u8; 32], [u8; 32])>()
        .prop_map(|(x, ed)| Identity::from_seeds(&Secret::new(x), &Secret::new(ed)).unwrap())
}

fn nonces() -> impl Strategy<Value = FreshNonce> {
    any::<[u8; 24]>().prop_map(FreshNonce::from_random)
}

fn bytes(max: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=max)
}

fn ids() -> impl Strategy<Value = PeerId> {
    any::<[u8; 8]>().prop_map(PeerId)
}

/// A hello under way, and the relay's side of it.
fn handshake(client: &Identity, relay: &Identity) -> (AwaitReply, RelayLink) {
    let mut message = [0; 172];
    let nonce = FreshNonce::from_random([1; 24]);
    let await_reply = hello(&mut message, client, relay.public(), nonce).unwrap();
    match AwaitHello::new(relay).receive(&mut message) {
        Ok(Hello::Admitted(admitted)) => (await_reply, admitted.into_link()),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn packets_open_to_what_was_sealed(
        own in identities(),
        other in identities(),
        nonce in nonces(),
        message_id: u16,
        command: u8,
        body in bytes(300),
    ) {
        let inner = Inner { message_id, command, body: &body };
        let mut out = vec![0xaa; packet::MIN + body.len()];
        let key = PairKey::between(&own, other.public()).unwrap();
        packet::seal(&mut out, &key, &own, nonce, &inner).unwrap();
        let back = PairKey::between(&other, own.public()).unwrap();
        prop_assert_eq!(packet::open(&mut out, &back), Ok(inner));
    }

    #[test]
    fn a_changed_packet_is_refused_and_kept(
        own in identities(),
        nonce in nonces(),
        body in bytes(64),
        position: prop::sample::Index,
        change in 1..=255_u8,
    ) {
        let key = PairKey::between(&own, own.public()).unwrap();
        let inner = Inner { message_id: 0, command: 0, body: &body };
        let mut packet = vec![0; packet::MIN + body.len()];
        packet::seal(&mut packet, &key, &own, nonce, &inner).unwrap();
        let position = position.index(packet.len());
        packet[position] ^= change;
        let before = packet.clone();
        prop_assert!(packet::open(&mut packet, &key).is_err());
        prop_assert_eq!(packet, before);
    }

    #[test]
    fn headers_come_back(
        mut frame in vec(any::<u8>(), MIN..300),
        shared: [u8; 32],
        id in ids(),
    ) {
        let keys = RouteKeys::derive(&Secret::new(shared));
        let packet = frame[HEADER..].to_vec();
        address_to(&mut frame, &keys, id).unwrap();
        prop_assert_eq!(Uplink::parse(&frame).unwrap().to(&keys), id);
        address_from(&mut frame, &keys, id).unwrap();
        prop_assert_eq!(Downlink::parse(&frame).unwrap().from(&keys), id);
        prop_assert_eq!(&frame[HEADER..], &packet);
    }

    #[test]
    fn invites_come_back(own in identities(), nickname in "\\PC{0,16}") {
        let invite = Invite { peer: *own.public(), nickname: Nickname(&nickname) };
        let mut out = [0; MAX_INVITE];
        let code = invite.encode(&mut out).unwrap().to_owned();
        let mut scratch = [0; MAX_SCRATCH];
        let read = Invite::decode(&code, &mut scratch).unwrap();
        prop_assert_eq!(read, invite);
        let mut again = [0; MAX_INVITE];
        prop_assert_eq!(read.encode(&mut again).unwrap(), code);
    }

    /// One identity, one text: a code with one character changed is refused or means another.
    #[test]
    fn a_changed_invite_never_means_the_same(
        own in identities(),
        nickname in "\\PC{0,8}",
        position: prop::sample::Index,
        digit in "[-_A-Za-z0-9]",
    ) {
        let invite = Invite { peer: *own.public(), nickname: Nickname(&nickname) };
        let mut out = [0; MAX_INVITE];
        let mut code = invite.encode(&mut out).unwrap().to_owned();
        let position = position.index(code.len());
        prop_assume!(code[position..=position] != digit);
        code.replace_range(position..=position, &digit);
        let mut scratch = [0; MAX_SCRATCH];
        prop_assert_ne!(Invite::decode(&code, &mut scratch), Ok(invite));
    }

    #[test]
    fn commands_come_back(
        keys in vec(any::<[u8; 32]>(), 0..4),
        target in ids(),
        kind in option::of(any::<u8>()),
        data in bytes(1_024),
    ) {
        let (client, relay) = (fixed(1), fixed(2));
        let (await_reply, link) = handshake(&client, &relay);
        let session = accept(await_reply, &link, &relay);
        for command in [
            ToRelay::Subscribe(Keys::new(&keys)),
            ToRelay::Unsubscribe(Keys::new(&keys)),
            ToRelay::Introduce { target, nickname: &data },
            ToRelay::Wake { target, kind },
            ToRelay::PushRegister { kind: kind.unwrap_or(0), token: &data },
        ] {
            let mut frame = vec![0; 1_200];
            let nonce = FreshNonce::from_random([7; 24]);
            let length = session.seal_command(&mut frame, &client, nonce, &command).unwrap();
            let inner = link.open_command(&mut frame[..length]).unwrap();
            prop_assert_eq!(ToRelay::parse(inner.command, inner.body), Ok(command));
        }
    }

    #[test]
    fn events_come_back(
        keys in vec(any::<[u8; 32]>(), 0..4),
        sender in ids(),
        nonce: [u8; 24],
        code in 4..=255_u8,
        text in "\\PC{0,40}",
    ) {
        let (client, relay) = (fixed(1), fixed(2));
        let (await_reply, link) = handshake(&client, &relay);
        let session = accept(await_reply, &link, &relay);
        let failed = ErrorCode::RecipientOffline { target: sender, nonce: NonceBytes(nonce) };
        for event in [
            FromRelay::PeerOnline(Keys::new(&keys)),
            FromRelay::PeerOffline(Keys::new(&keys)),
            FromRelay::IntroFrom { peer: *client.public(), nickname: &text },
            FromRelay::Wake { target: sender, kind: Some(code) },
            FromRelay::PushRegister { sender, kind: code, token: text.as_bytes() },
            FromRelay::ServerPing,
            FromRelay::Notice(&text),
            FromRelay::Error(failed),
            FromRelay::Error(ErrorCode::Unknown(code)),
        ] {
            let mut frame = vec![0; 600];
            let length = link
                .seal_event(&mut frame, &relay, FreshNonce::from_random(nonce), &event)
                .unwrap();
            let inner = session.open_event(&mut frame[..length]).unwrap();
            prop_assert_eq!(FromRelay::parse(inner.command, inner.body), Ok(event));
        }
    }

    #[test]
    fn no_input_panics(input in bytes(400), text in "\\PC{0,80}", command: u8) {
        let (client, relay) = (fixed(1), fixed(2));
        let key = PairKey::between(&client, relay.public()).unwrap();
        let refused = |parse: &mut dyn FnMut(&mut [u8])| {
            let mut buffer = input.clone();
            parse(&mut buffer);
            buffer
        };
        // None of these can be genuine, so every buffer has to come back as it was.
        let opened = refused(&mut |b| {
            assert!(packet::open(b, &key).is_err());
        });
        let welcomed =
            refused(&mut |b| assert!(AwaitHello::new(&relay).receive(b).is_err()));
        let replied = refused(&mut |b| {
            assert!(handshake(&client, &relay).0.receive(b).is_err());
        });
        prop_assert_eq!([&opened, &welcomed, &replied], [&input; 3]);

        let _ = Uplink::parse(&input);
        let _ = Downlink::parse(&input);
        let _ = ToRelay::parse(command, &input);
        let _ = FromRelay::parse(command, &input);
        let _ = Invite::decode(&text, &mut [0; MAX_SCRATCH]);
        if let Some((x, ed)) = input.split_first_chunk().zip(input.last_chunk()) {
            let _ = PublicIdentity::import(*x.0, *ed);
        }
    }
}

fn fixed(byte: u8) -> Identity {
    Identity::from_seeds(&Secret::new([byte; 32]), &Secret::new([byte; 32])).unwrap()
}

fn accept(
    await_reply: AwaitReply,
    link: &RelayLink,
    relay: &Identity,
) -> sealwire::handshake::ClientLink {
    let mut ok = [0; 116];
    let nonce = FreshNonce::from_random([2; 24]);
    link.seal_event(&mut ok, relay, nonce, &FromRelay::HandshakeOk).unwrap();
    match await_reply.receive(&mut ok) {
        Ok(Reply::Session(session)) => session,
        other => panic!("{other:?}"),
    }
}
