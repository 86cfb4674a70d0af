use super::*;
use crate::{
    BufferTooSmall, Clause,
    frame::{COMMAND_OVERHEAD, MAX},
    handshake::{AwaitHello, Hello, Reply, hello},
    identity::PeerId,
    primitives::{NONCE, NonceBytes, Secret},
};
use std::{vec, vec::Vec};

fn identity(x: u8, ed: u8) -> Identity {
    Identity::from_seeds(&Secret::new([x; 32]), &Secret::new([ed; 32])).unwrap()
}

fn nonce(byte: u8) -> FreshNonce {
    FreshNonce::from_random([byte; NONCE])
}

/// Both ends of a session, by a whole handshake.
fn session(client: &Identity, relay: &Identity) -> (ClientLink, RelayLink) {
    let mut message = [0; 172];
    let await_reply = hello(&mut message, client, relay.public(), nonce(1)).unwrap();
    let Ok(Hello::Admitted(admitted)) = AwaitHello::new(relay).receive(&mut message) else {
        panic!()
    };
    let link = admitted.into_link();
    let mut ok = [0; 116];
    link.seal_event(&mut ok, relay, nonce(2), &FromRelay::HandshakeOk).unwrap();
    let Ok(Reply::Session(session)) = await_reply.receive(&mut ok) else { panic!() };
    (session, link)
}

const KEYS: [[u8; 32]; 2] = [[1; 32], [2; 32]];
const BOB: PeerId = PeerId([7; 8]);

#[test]
fn every_command_arrives_as_it_was_sealed() {
    let (client, relay) = (identity(1, 2), identity(3, 4));
    let (own, link) = session(&client, &relay);
    for command in [
        ToRelay::Subscribe(Keys::new(&KEYS)),
        ToRelay::Subscribe(Keys::new(&[])),
        ToRelay::Unsubscribe(Keys::new(&KEYS)),
        ToRelay::Introduce { target: BOB, nickname: b"Alice" },
        ToRelay::Wake { target: BOB, kind: None },
        ToRelay::Wake { target: BOB, kind: Some(1) },
        ToRelay::PushRegister { kind: 1, token: b"token" },
        ToRelay::PushRegister { kind: 0, token: b"" },
    ] {
        let mut frame = vec![0xaa; 300];
        let length = own.seal_command(&mut frame, &client, nonce(3), &command).unwrap();
        let inner = link.open_command(&mut frame[..length]).unwrap();
        assert_eq!(inner.body.len() + COMMAND_OVERHEAD, length);
        assert_eq!(ToRelay::parse(inner.command, inner.body), Ok(command));
    }
}

#[test]
fn every_event_arrives_as_it_was_sealed() {
    let (client, relay) = (identity(1, 2), identity(3, 4));
    let (own, link) = session(&client, &relay);
    let failed = ErrorCode::RecipientOffline { target: BOB, nonce: NonceBytes([5; NONCE]) };
    for event in [
        FromRelay::HandshakeOk,
        FromRelay::PeerOnline(Keys::new(&KEYS)),
        FromRelay::PeerOffline(Keys::new(&KEYS)),
        FromRelay::IntroFrom { peer: *client.public(), nickname: "Alice" },
        FromRelay::Wake { target: BOB, kind: None },
        FromRelay::Wake { target: BOB, kind: Some(1) },
        FromRelay::PushRegister { sender: BOB, kind: 2, token: b"{}" },
        FromRelay::ServerPing,
        FromRelay::Notice("text"),
        FromRelay::Error(ErrorCode::IdInUse),
        FromRelay::Error(ErrorCode::BadVersion { supported: 2 }),
        FromRelay::Error(failed),
        FromRelay::Error(ErrorCode::Unknown(9)),
    ] {
        let mut frame = vec![0xaa; 300];
        let length = link.seal_event(&mut frame, &relay, nonce(3), &event).unwrap();
        let inner = own.open_event(&mut frame[..length]).unwrap();
        assert_eq!(FromRelay::parse(inner.command, inner.body), Ok(event));
    }
}

#[test]
fn an_introduction_passes_its_nickname_on_unread() {
    let (client, relay) = (identity(1, 2), identity(3, 4));
    let (own, link) = session(&client, &relay);
    let mut frame = vec![0; 300];
    let from = *identity(5, 6).public();
    let length = link.seal_introduction(&mut frame, &relay, nonce(3), &from, &[0xff]).unwrap();
    let inner = own.open_event(&mut frame[..length]).unwrap();
    assert_eq!(FromRelay::parse(inner.command, inner.body), Err(Clause::RelayIntroFrom));
}

#[test]
fn bodies_are_judged_at_their_edges() {
    let refused = |command, length| ToRelay::parse(command, &vec![0; length]).err();
    for command in [SUBSCRIBE, UNSUBSCRIBE] {
        let verdicts = [0, 31, 32, 33].map(|length| refused(command, length));
        let list = Some(Clause::RelayKeyList);
        assert_eq!(verdicts, [None, list, None, list]);
    }
    assert_eq!(refused(INTRODUCE, 7), Some(Clause::RelayIntroduceLength));
    assert_eq!(refused(INTRODUCE, 8), None);
    assert_eq!(refused(INTRODUCE, 8 + MAX_INTRODUCE_NICKNAME), None);
    assert_eq!(
        refused(INTRODUCE, 9 + MAX_INTRODUCE_NICKNAME),
        Some(Clause::RelayIntroduceNickname)
    );
    assert_eq!(refused(WAKE, 7), Some(Clause::RelayWake));
    assert_eq!(refused(PUSH_REGISTER, 0), Some(Clause::RelayPushRegister));
    assert_eq!(refused(PUSH_REGISTER, 1 + MAX_TOKEN), None);
    assert_eq!(refused(PUSH_REGISTER, 2 + MAX_TOKEN), Some(Clause::RelayPushToken));
}

#[test]
fn a_long_wake_is_cut() {
    let parsed = ToRelay::parse(WAKE, &[7, 7, 7, 7, 7, 7, 7, 7, 1, 2, 3]);
    assert_eq!(parsed, Ok(ToRelay::Wake { target: BOB, kind: Some(1) }));
}

#[test]
fn events_are_no_commands_and_the_unknown_is_named() {
    let direction = (0..=255_u8)
        .filter(|command| ToRelay::parse(*command, &[]) == Err(Clause::RelayDirection))
        .collect::<Vec<_>>();
    assert_eq!(direction, [0x01, 0x02, 0x42, 0x43, 0x47, 0x4a, 0x88, 0xff]);
    assert_eq!(ToRelay::parse(0x50, &[]), Err(Clause::RelayUnknownCommand));
    assert_eq!(FromRelay::parse(SUBSCRIBE, &[]), Err(Clause::RelayEventUnknown));
}

#[test]
fn short_events_are_refused() {
    let refused = |command, length| FromRelay::parse(command, &vec![3; length]).err();
    assert_eq!(refused(0x02, 0), Some(Clause::HandshakeReplyVersion));
    assert_eq!(refused(INTRO_FROM, 63), Some(Clause::RelayIntroFrom));
    assert_eq!(refused(WAKE, 7), Some(Clause::RelayWake));
    assert_eq!(refused(PUSH_REGISTER, 8), Some(Clause::RelayPushRegister));
    assert_eq!(refused(0xff, 0), Some(Clause::RelayError));
    assert_eq!(refused(0xff, 32), Some(Clause::RelayError));
    assert_eq!(refused(0xff, 33), None);
    assert_eq!(FromRelay::parse(NOTICE, &[0xff]), Err(Clause::RelayNotice));
    for error in [&[2][..], &[3], &[3; 32]] {
        assert_eq!(FromRelay::parse(0xff, error), Err(Clause::RelayError));
    }
}

#[test]
fn a_session_of_another_version_is_none() {
    for version in [0, 1, 3, 255] {
        assert_eq!(FromRelay::parse(0x02, &[version]), Err(Clause::HandshakeReplyVersion));
    }
    assert_eq!(FromRelay::parse(0x02, &[2, 0xee]), Ok(FromRelay::HandshakeOk));
}

/// Both faults in one INTRO_FROM: the name is judged before the keys, which cost more.
#[test]
fn an_introduction_is_judged_from_its_name() {
    let bad_keys = [0; 64];
    let both = [&bad_keys[..], &[0xff]].concat();
    assert_eq!(FromRelay::parse(INTRO_FROM, &both), Err(Clause::RelayIntroFrom));
    let zero_id = Some(Clause::IdentityZeroId);
    assert_eq!(FromRelay::parse(INTRO_FROM, &bad_keys).err(), zero_id);
}

#[test]
fn frames_that_are_built_keep_the_largest_size() {
    let (client, relay) = (identity(1, 2), identity(3, 4));
    let (own, link) = session(&client, &relay);
    let mut out = vec![0; MAX + 32];
    let text = |length| std::string::String::from_utf8(vec![b'n'; length]).unwrap();
    let room = MAX - COMMAND_OVERHEAD;
    let mut notice =
        |length| link.seal_event(&mut out, &relay, nonce(3), &FromRelay::Notice(&text(length)));
    assert_eq!(notice(room), Ok(MAX));
    assert_eq!(notice(room + 1), Err(Clause::FrameRelayLimit.into()));

    let keys = vec![[1; 32]; room / 32 + 1];
    let mut subscribe = |count: usize| {
        let command = ToRelay::Subscribe(Keys::new(&keys[..count]));
        own.seal_command(&mut out, &client, nonce(3), &command)
    };
    assert!(subscribe(room / 32).is_ok());
    assert_eq!(subscribe(room / 32 + 1), Err(Clause::FrameSendLimit.into()));
}

#[test]
fn a_writer_keeps_the_limits_too() {
    let (client, relay) = (identity(1, 2), identity(3, 4));
    let (own, _) = session(&client, &relay);
    let long = [0; MAX_INTRODUCE_NICKNAME + 1];
    let command = ToRelay::Introduce { target: BOB, nickname: &long };
    let refused = own.seal_command(&mut [0; 2_000], &client, nonce(3), &command);
    assert_eq!(refused, Err(Clause::RelayIntroduceNickname.into()));
    let fits = ToRelay::Wake { target: BOB, kind: None };
    let short = BufferTooSmall { needed: COMMAND_OVERHEAD + 8 };
    let refused = own.seal_command(&mut [0; 122], &client, nonce(3), &fits);
    assert_eq!(refused, Err(short.into()));
}
