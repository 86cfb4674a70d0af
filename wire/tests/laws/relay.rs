//! Chapter 6.

use super::{HEADER, bytes, fixed, flips, identities, ids, lengths, nonce, sealed, session};
use proptest::{collection::vec, option, prelude::*, sample::select};
use sealwire::{
    BufferTooSmall, Clause,
    frame::{COMMAND_OVERHEAD, address_from, address_to},
    identity::PeerId,
    packet::PairKey,
    primitives::NonceBytes,
    relay::{ErrorCode, FromRelay, Keys, ToRelay},
};

/// The commands of the table that a client sends to a relay in a session.
const TO_RELAY: [u8; 5] = [0x40, 0x41, 0x46, 0x48, 0x49];
/// Those that go the other way only, and the one that is for the first message only.
const OTHER_WAY: [u8; 8] = [0x01, 0x02, 0x42, 0x43, 0x47, 0x4a, 0x88, 0xff];
/// The events of the table.
const FROM_RELAY: [u8; 9] = [0x02, 0x42, 0x43, 0x47, 0x48, 0x49, 0x4a, 0x88, 0xff];

/// Steps 2 to 5 of the table "At the relay".
fn at_relay(command: u8, length: usize) -> Option<Clause> {
    let form = |broken: bool, clause| broken.then_some(clause);
    match command {
        _ if OTHER_WAY.contains(&command) => Some(Clause::RelayDirection),
        0x40 | 0x41 => form(!length.is_multiple_of(32), Clause::RelayKeyList),
        0x46 => form(length < 8, Clause::RelayIntroduceLength)
            .or(form(length > 8 + 1_024, Clause::RelayIntroduceNickname)),
        0x48 => form(length < 8, Clause::RelayWake),
        0x49 => form(length < 1, Clause::RelayPushRegister)
            .or(form(length > 1 + 4_096, Clause::RelayPushToken)),
        _ => Some(Clause::RelayUnknownCommand),
    }
}

/// Steps 3 and 4 of the table "At the client", for a body of `length` bytes that begins with `first`
/// and is not UTF-8.
fn at_client(command: u8, length: usize, first: u8) -> Option<Clause> {
    let form = |broken: bool, clause| broken.then_some(clause);
    match command {
        0x02 => form(length < 1 || first != 2, Clause::HandshakeReplyVersion),
        0x42 | 0x43 => form(!length.is_multiple_of(32), Clause::RelayKeyList),
        0x47 => form(length != 64, Clause::RelayIntroFrom),
        0x48 => form(length < 8, Clause::RelayWake),
        0x49 => form(length < 9, Clause::RelayPushRegister),
        0x4a => None,
        0x88 => form(length > 0, Clause::RelayNotice),
        0xff => {
            let least = match first {
                2 => 2,
                3 => 33,
                _ => 1,
            };
            form(length < least, Clause::RelayError)
        }
        _ => Some(Clause::RelayEventUnknown),
    }
}

fn keys() -> impl Strategy<Value = Vec<[u8; 32]>> {
    vec(any::<[u8; 32]>(), 0..40)
}

proptest! {
    /// [relay/subscribe-bytes], [relay/introduce-nickname], [relay/push-token]: keys and names are
    /// bytes; what is over a limit is not even sealed, and what is sealed arrives.
    #[test]
    fn commands_come_back(
        keys in keys(),
        target in ids(),
        kind in option::of(any::<u8>()),
        name in lengths(&[0, 1_024], 1_100),
        token in lengths(&[0, 4_096], 4_200),
        byte: u8,
    ) {
        let (client, relay) = (fixed(1), fixed(2));
        let (session, link) = session(&client, &relay);
        let (name, token) = (vec![byte; name], vec![byte; token]);
        for (command, body, limit) in [
            (ToRelay::Subscribe(Keys::new(&keys)), 32 * keys.len(), None),
            (ToRelay::Unsubscribe(Keys::new(&keys)), 32 * keys.len(), None),
            (
                ToRelay::Introduce { target, nickname: &name },
                8 + name.len(),
                (name.len() > 1_024).then_some(Clause::RelayIntroduceNickname),
            ),
            (ToRelay::Wake { target, kind }, 8 + kind.iter().len(), None),
            (
                ToRelay::PushRegister { kind: byte, token: &token },
                1 + token.len(),
                (token.len() > 4_096).then_some(Clause::RelayPushToken),
            ),
        ] {
            let mut frame = vec![0xaa; 5_000];
            let sealed = session.seal_command(&mut frame, &client, nonce(7), &command);
            let expected = limit.map_or(Ok(COMMAND_OVERHEAD + body), |clause| Err(clause.into()));
            prop_assert_eq!(sealed, expected);
            if let Ok(length) = sealed {
                let inner = link.open_command(&mut frame[..length]).unwrap();
                prop_assert_eq!(ToRelay::parse(inner.command, inner.body), Ok(command));
            }
        }
    }

    /// [relay/recipient-offline], [relay/server-ping], [relay/intro-from]: every event arrives as it
    /// was sealed.
    #[test]
    fn events_come_back(
        keys in keys(),
        peer in identities(),
        sender in ids(),
        failed: [u8; 24],
        code in 4..=255_u8,
        text in "\\PC{0,40}",
    ) {
        let (client, relay) = (fixed(1), fixed(2));
        let (session, link) = session(&client, &relay);
        let offline = ErrorCode::RecipientOffline { target: sender, nonce: NonceBytes(failed) };
        for event in [
            FromRelay::HandshakeOk,
            FromRelay::PeerOnline(Keys::new(&keys)),
            FromRelay::PeerOffline(Keys::new(&keys)),
            FromRelay::IntroFrom { peer: *peer.public(), nickname: &text },
            FromRelay::Wake { target: sender, kind: None },
            FromRelay::Wake { target: sender, kind: Some(code) },
            FromRelay::PushRegister { sender, kind: code, token: text.as_bytes() },
            FromRelay::ServerPing,
            FromRelay::Notice(&text),
            FromRelay::Error(ErrorCode::IdInUse),
            FromRelay::Error(ErrorCode::BadVersion { supported: code }),
            FromRelay::Error(offline),
            FromRelay::Error(ErrorCode::Unknown(code)),
        ] {
            let mut frame = vec![0xaa; 2_000];
            let length = link.seal_event(&mut frame, &relay, nonce(8), &event).unwrap();
            let inner = session.open_event(&mut frame[..length]).unwrap();
            prop_assert_eq!(inner.body.len() + COMMAND_OVERHEAD, length);
            prop_assert_eq!(FromRelay::parse(inner.command, inner.body), Ok(event));
        }
    }

    /// [relay/direction], [relay/unknown-command], [relay/key-list], [relay/introduce-length],
    /// [relay/introduce-nickname], [relay/wake], [relay/push-register], [relay/push-token]: command
    /// and length decide, in the order of the table; no byte of the body does.
    #[test]
    fn commands_are_judged_by_the_table(
        command in prop_oneof![3 => select(&TO_RELAY[..]), 1 => select(&OTHER_WAY[..]), 1 => any::<u8>()],
        length in lengths(&[0, 8, 32, 64, 8 + 1_024, 1 + 4_096], 4_200),
        byte: u8,
    ) {
        let body = vec![byte; length];
        let judged = ToRelay::parse(command, &body);
        prop_assert_eq!(judged.err(), at_relay(command, length));
        prop_assert!(judged.is_err() || TO_RELAY.contains(&command));
    }

    /// [relay/event-unknown], [handshake/reply-version], [relay/key-list], [relay/intro-from],
    /// [relay/wake], [relay/push-register], [relay/notice], [relay/error]: in the order of the table.
    #[test]
    fn events_are_judged_by_the_table(
        command in prop_oneof![4 => select(&FROM_RELAY[..]), 1 => any::<u8>()],
        length in lengths(&[0, 1, 8, 9, 32, 33, 64], 200),
        first in prop_oneof![0..5_u8, any::<u8>()],
    ) {
        let mut body = vec![0xff; length];
        body.iter_mut().take(1).for_each(|byte| *byte = first);
        let judged = FromRelay::parse(command, &body).err();
        if command == 0x47 && length == 64 {
            // Sixty-four bytes that are no keys.
            prop_assert_eq!(judged, Some(Clause::PrimitivesX25519HighBit));
        } else if command == 0x88 && length == 1 {
            prop_assert_eq!(judged.is_none(), first.is_ascii());
        } else {
            prop_assert_eq!(judged, at_client(command, length, first));
        }
    }

    /// [relay/error], [relay/server-ping], [relay/wake]: bytes behind what is named mean nothing.
    #[test]
    fn bytes_behind_a_detail_are_ignored(
        (target, kind, code) in (ids(), any::<u8>(), any::<u8>()),
        failed: [u8; 24],
        trailing in bytes(40),
    ) {
        let with = |body: &[&[u8]]| [body.concat(), trailing.clone()].concat();
        let offline = ErrorCode::RecipientOffline { target, nonce: NonceBytes(failed) };
        for (body, error) in [
            (with(&[&[1]]), ErrorCode::IdInUse),
            (with(&[&[2, kind]]), ErrorCode::BadVersion { supported: kind }),
            (with(&[&[3], &target.0, &failed]), offline),
        ] {
            prop_assert_eq!(FromRelay::parse(0xff, &body), Ok(FromRelay::Error(error)));
        }
        if code == 0 || code > 3 {
            let unknown = FromRelay::Error(ErrorCode::Unknown(code));
            let body = with(&[&[code]]);
            prop_assert_eq!(FromRelay::parse(0xff, &body), Ok(unknown));
        }
        prop_assert_eq!(FromRelay::parse(0x4a, &trailing), Ok(FromRelay::ServerPing));
        let wake = with(&[&target.0, &[kind]]);
        let kind = Some(kind);
        prop_assert_eq!(FromRelay::parse(0x48, &wake), Ok(FromRelay::Wake { target, kind }));
        prop_assert_eq!(ToRelay::parse(0x48, &wake), Ok(ToRelay::Wake { target, kind }));
    }

    /// [relay/error]: a code that asks for a detail is refused with less of it.
    #[test]
    fn a_detail_that_is_cut_short_is_refused(body: [u8; 33], length in 0..33_usize) {
        for (code, least) in [(1, 1), (2, 2), (3, 33), (4, 1)] {
            let mut body = body;
            body[0] = code;
            let judged = FromRelay::parse(0xff, &body[..length]);
            let expected = (length < least).then_some(Clause::RelayError);
            prop_assert_eq!(judged.err(), expected, "code {}", code);
        }
    }

    /// [relay/key-list]: a list is its keys, in their order, each as often as it stands there.
    #[test]
    fn a_list_is_its_keys(keys in keys(), more in bytes(31)) {
        let body = [keys.as_flattened(), &more].concat();
        match Keys::parse(&body) {
            Ok(list) => {
                prop_assert!(more.is_empty());
                prop_assert_eq!((list.as_slice(), list.as_bytes()), (&keys[..], &body[..]));
            }
            Err(clause) => {
                prop_assert!(!more.is_empty());
                prop_assert_eq!(clause, Clause::RelayKeyList);
            }
        }
    }

    /// [relay/introduce]: the keys are those of the session, the nickname the bytes that came;
    /// whether they are a name is judged by who reads it ([relay/intro-from]).
    #[test]
    fn an_introduction_passes_its_nickname_on_unread(peer in identities(), nickname in bytes(100)) {
        let (client, relay) = (fixed(1), fixed(2));
        let (session, link) = session(&client, &relay);
        let mut frame = vec![0xaa; 400];
        let from = peer.public();
        let sealed = link.seal_introduction(&mut frame, &relay, nonce(3), from, &nickname);
        let length = sealed.unwrap();
        let inner = session.open_event(&mut frame[..length]).unwrap();
        prop_assert_eq!(inner.body, [from.x25519(), from.ed25519(), &nickname[..]].concat());
        let expected = match std::str::from_utf8(&nickname) {
            Ok(nickname) => Ok(FromRelay::IntroFrom { peer: *from, nickname }),
            Err(_) => Err(Clause::RelayIntroFrom),
        };
        prop_assert_eq!(FromRelay::parse(inner.command, inner.body), expected);
    }

    /// [relay/command-authentic], [relay/relay-signed]: any changed bit of either is refused, and
    /// the frame is as it was.
    #[test]
    fn any_changed_bit_of_a_command_or_event_is_refused_and_kept(keys in keys(), flip in flips()) {
        let (client, relay) = (fixed(1), fixed(2));
        let (session, link) = session(&client, &relay);
        let mut command = vec![0; COMMAND_OVERHEAD + 32 * keys.len()];
        let mut event = command.clone();
        let keys = Keys::new(&keys);
        session.seal_command(&mut command, &client, nonce(3), &ToRelay::Subscribe(keys)).unwrap();
        link.seal_event(&mut event, &relay, nonce(4), &FromRelay::PeerOnline(keys)).unwrap();
        // Header, and the half of the nonce that masks it.
        let expected = |place, header| if place < 20 { header } else { Clause::PacketSignature };

        let place = flip.apply(&mut command);
        let before = command.clone();
        let opened = link.open_command(&mut command).err();
        prop_assert_eq!(opened, Some(expected(place, Clause::FrameHeaderTo)));
        prop_assert_eq!(command, before);

        let place = flip.apply(&mut event);
        let before = event.clone();
        let opened = session.open_event(&mut event).err();
        prop_assert_eq!(opened, Some(expected(place, Clause::FrameRelayHeader)));
        prop_assert_eq!(event, before);
    }

    /// [relay/command-authentic], [relay/relay-signed]: a command of another client, and a client's
    /// own command that comes back as an event.
    #[test]
    fn only_the_two_of_a_session_speak_in_it(other in identities(), command: u8, body in bytes(40)) {
        let (client, relay) = (fixed(1), fixed(2));
        let (session, link) = session(&client, &relay);
        let of_other = PairKey::between(&other, relay.public()).unwrap();
        let mut frame = sealed(&other, &of_other, command, &body);
        address_to(&mut frame, session.routes(), PeerId::RELAY).unwrap();
        prop_assert_eq!(link.open_command(&mut frame).err(), Some(Clause::PacketSignature));

        let own = PairKey::between(&client, relay.public()).unwrap();
        let mut frame = sealed(&client, &own, command, &body);
        address_to(&mut frame, session.routes(), PeerId::RELAY).unwrap();
        prop_assert!(link.open_command(&mut frame.clone()).is_ok());
        address_from(&mut frame, link.routes(), PeerId::RELAY).unwrap();
        prop_assert_eq!(session.open_event(&mut frame).err(), Some(Clause::PacketSignature));
    }

    /// A buffer that is too small is told the length, header included.
    #[test]
    fn a_command_takes_its_room(keys in keys(), room in 0..2_000_usize) {
        let (client, relay) = (fixed(1), fixed(2));
        let (session, _) = session(&client, &relay);
        let mut out = vec![0xaa; room];
        let needed = HEADER + 107 + 32 * keys.len();
        let subscribe = ToRelay::Subscribe(Keys::new(&keys));
        let sealed = session.seal_command(&mut out, &client, nonce(3), &subscribe);
        let expected = if room < needed { Err(BufferTooSmall { needed }.into()) } else { Ok(needed) };
        prop_assert_eq!(sealed, expected);
        prop_assert!(out.iter().skip(needed).all(|byte| *byte == 0xaa));
    }
}

proptest! {
    // Megabytes are slow without optimisation.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 32))]

    /// [frame/send-limit], [frame/relay-limit]: a frame is built up to its limit, and one that is
    /// longer is refused.
    #[test]
    fn frames_are_built_up_to_the_limit(
        keys in (1_048_576 - 115) / 32..=(1_048_576_usize - 115) / 32 + 1,
        text in 1_048_576 - 116..=1_048_576_usize - 114,
    ) {
        let (client, relay) = (fixed(1), fixed(2));
        let (session, link) = session(&client, &relay);
        let mut frame = vec![0; 1_048_576 + 200];
        let expected = |length: usize, clause: Clause| {
            if length > 1_048_576 { Err(clause.into()) } else { Ok(length) }
        };
        let list = vec![[7; 32]; keys];
        let subscribe = ToRelay::Subscribe(Keys::new(&list));
        let sealed = session.seal_command(&mut frame, &client, nonce(3), &subscribe);
        prop_assert_eq!(sealed, expected(115 + 32 * keys, Clause::FrameSendLimit));
        let text = "n".repeat(text);
        let notice = FromRelay::Notice(&text);
        let sealed = link.seal_event(&mut frame, &relay, nonce(4), &notice);
        prop_assert_eq!(sealed, expected(115 + text.len(), Clause::FrameRelayLimit));
    }
}
