//! Texts, acknowledgements, what is offline, who is here.

use super::*;
use crate::message::{DELIVERY_ACK, TEXT};
use sealwire::relay::{ErrorCode, Keys};

/// Sends one text to Bob; its uuid and nonce.
fn sent(world: &mut World, text: &str) -> ([u8; 16], NonceBytes) {
    let actions = world.send(BOB, text);
    let [frame] = frames(&actions)[..] else { panic!("{actions:?}") };
    let (uuid, nonce, got) = world.text_to(&identity(BOB), frame);
    assert_eq!(got, text);
    (uuid, nonce)
}

fn texts(world: &World, actions: &[Action]) -> Vec<String> {
    frames(actions).iter().map(|frame| world.text_to(&identity(BOB), frame).2).collect()
}

fn offline(nonce: NonceBytes) -> FromRelay<'static> {
    FromRelay::Error(ErrorCode::RecipientOffline { target: identity(BOB).id(), nonce })
}

#[test]
fn a_text_is_shown_once_and_acknowledged_each_time() {
    let mut world = World::ready();
    let bob = identity(BOB);
    let body = text_body(&[5; 16], "one\ntwo");
    let first = world.peer_says(&bob, TEXT, &body);
    let [Event::Message { peer, name, uuid, text }] = events(&first)[..] else {
        panic!("{first:?}")
    };
    assert_eq!((peer.0, name.as_str(), uuid.0), (key(BOB), "Bob", [5; 16]));
    assert_eq!(text, "one\ntwo");
    assert_eq!(world.acknowledged(&bob, frames(&first)[0]), [5; 16]);

    let again = world.peer_says(&bob, TEXT, &body);
    assert!(events(&again).is_empty());
    assert_eq!(world.acknowledged(&bob, frames(&again)[0]), [5; 16]);

    world.contact(&identity(CAROL), "Carol");
    let other = world.peer_says(&identity(CAROL), TEXT, &body);
    assert_eq!(events(&other).len(), 1, "the same uuid of another peer is another message");
}

#[test]
fn only_the_recipient_can_acknowledge() {
    let mut world = World::ready();
    world.contact(&identity(CAROL), "Carol");
    let (uuid, _) = sent(&mut world, "hello");
    let forged = world.peer_says(&identity(CAROL), DELIVERY_ACK, &uuid);
    assert!(events(&forged).is_empty());
    let actions = world.peer_says(&identity(BOB), DELIVERY_ACK, &uuid);
    let delivered = Event::Delivered {
        peer: Hex(key(BOB)),
        uuid: Hex(uuid),
        reference: Some("ref of hello".into()),
    };
    assert_eq!(events(&actions), [&delivered]);
    assert!(events(&world.peer_says(&identity(BOB), DELIVERY_ACK, &uuid)).is_empty());
}

#[test]
fn what_is_not_acknowledged_goes_out_again_in_each_session_in_order() {
    let mut world = World::ready();
    let uuids = ["a", "b", "c"].map(|text| sent(&mut world, text).0);
    world.peer_says(&identity(BOB), DELIVERY_ACK, &uuids[1]);
    world.input(Input::Closed("gone".into()));
    world.send(BOB, "d");
    let actions = world.connect();
    assert_eq!(texts(&world, &actions), ["a", "c", "d"]);
    let again = world.text_to(&identity(BOB), frames(&actions)[0]);
    assert_eq!(again.0, uuids[0]);
}

#[test]
fn recipient_offline_is_matched_by_nonce_and_the_text_waits_for_presence() {
    let mut world = World::ready();
    let (_, first) = sent(&mut world, "a");
    let (uuid, second) = sent(&mut world, "b");
    assert!(events(&world.relay_says(&offline(NonceBytes([9; 24])))).is_empty());
    let elsewhere = ErrorCode::RecipientOffline { target: identity(CAROL).id(), nonce: second };
    assert!(events(&world.relay_says(&FromRelay::Error(elsewhere))).is_empty());

    let actions = world.relay_says(&offline(second));
    let [Event::Undeliverable { uuid: failed, reference, .. }] = events(&actions)[..] else {
        panic!("{actions:?}")
    };
    assert_eq!((failed.0, reference.as_deref()), (uuid, Some("ref of b")));
    assert_eq!(world.asked(frames(&actions)[0]), subscribe_bob());
    assert!(frames(&world.relay_says(&offline(first))).is_empty(), "watched already");

    let actions = world.relay_says(&FromRelay::PeerOnline(Keys::new(&[key(BOB), key(BOB)])));
    assert_eq!(events(&actions), [&Event::Presence { peer: Hex(key(BOB)), online: true }]);
    assert_eq!(texts(&world, &actions), ["a", "b"]);
    assert!(events(&world.relay_says(&offline(second))).is_empty(), "that frame is history");
}

#[test]
fn presence_shows_changes_of_watched_keys_only() {
    let mut world = World::ready();
    let watch = |peers: &[u8]| Command::Subscribe {
        peers: peers.iter().map(|peer| Hex(key(*peer))).collect(),
        reference: None,
    };
    let actions = world.ask(watch(&[BOB]));
    assert_eq!(frames(&actions).len(), 1);
    assert!(world.ask(watch(&[BOB])).is_empty(), "watched already");
    let online = |peers: &'static [[u8; 32]]| FromRelay::PeerOnline(Keys::new(peers));
    let keys: &'static _ = Box::leak(Box::new([key(BOB), key(CAROL)]));
    assert_eq!(events(&world.relay_says(&online(keys))).len(), 1);
    assert!(events(&world.relay_says(&online(keys))).is_empty());
    let offline = FromRelay::PeerOffline(Keys::new(keys));
    let gone = Event::Presence { peer: Hex(key(BOB)), online: false };
    assert_eq!(events(&world.relay_says(&offline)), [&gone]);

    world.input(Input::Closed("gone".into()));
    let actions = world.connect();
    assert_eq!(world.asked(frames(&actions)[0]), subscribe_bob());
    assert_eq!(events(&world.relay_says(&offline)), [&gone], "a new session knows nothing yet");
}

#[test]
fn an_introduction_waits_for_a_session() {
    let mut world = World::new(Limits::default());
    world.contact(&identity(BOB), "Bob");
    let introduce =
        |name: &str| Command::Introduce { peer: Hex(key(BOB)), name: name.into(), reference: None };
    assert!(world.ask(introduce("Alice")).is_empty());
    let actions = world.connect();
    let introduction = [&identity(BOB).id().0[..], b"Alice"].concat();
    assert_eq!(world.asked(frames(&actions)[0]), (0x46, introduction));
    assert_eq!(frames(&world.ask(introduce("Alice"))).len(), 1);
    assert_eq!(codes(&world.ask(introduce(&"x".repeat(1_025)))), [Code::TooLong]);
    assert_eq!(frames(&world.ask(introduce(&"x".repeat(1_024)))).len(), 1);
}

#[test]
fn nobody_but_a_contact_is_written_to() {
    let mut world = World::ready();
    assert_eq!(codes(&world.send(CAROL, "x")), [Code::UnknownPeer]);
    // The id of a contact is not enough.
    let mut alias = key(BOB);
    alias[31] ^= 1;
    let text = "x".to_owned();
    let command = Command::Send { peer: Hex(alias), text, uuid: None, reference: None };
    assert_eq!(codes(&world.ask(command)), [Code::UnknownPeer]);
}

#[test]
fn the_outbox_has_an_end() {
    let limits = Limits { outbox_messages: 2, outbox_bytes: 10, ..Limits::default() };
    let mut world = World::new(limits);
    world.contact(&identity(BOB), "Bob");
    assert_eq!(codes(&world.send(BOB, "12345678901")), [Code::Full]);
    assert!(world.send(BOB, "12345").is_empty());
    assert_eq!(codes(&world.send(BOB, "123456")), [Code::Full]);
    assert!(world.send(BOB, "12345").is_empty());
    assert_eq!(codes(&world.send(BOB, "")), [Code::Full]);
    let actions = world.connect();
    let (uuid, _, _) = world.text_to(&identity(BOB), frames(&actions)[0]);
    world.peer_says(&identity(BOB), DELIVERY_ACK, &uuid);
    assert_eq!(frames(&world.send(BOB, "12345")).len(), 1, "there is room again");
}

#[test]
fn a_peer_in_debug_tells_no_text() {
    let mut world = World::ready();
    world.send(BOB, "between us");
    assert!(!format!("{:?}", world.peer).contains("between us"));
}

#[test]
fn a_uuid_of_the_callers_choice_is_used_and_not_twice() {
    let mut world = World::ready();
    let send = || Command::Send {
        peer: Hex(key(BOB)),
        text: "x".into(),
        uuid: Some(Hex([8; 16])),
        reference: None,
    };
    let actions = world.ask(send());
    assert_eq!(world.text_to(&identity(BOB), frames(&actions)[0]).0, [8; 16]);
    assert_eq!(codes(&world.ask(send())), [Code::Duplicate]);
}

#[test]
fn a_text_fills_a_frame_and_no_more() {
    let limits = Limits { outbox_bytes: 1 << 30, ..Limits::default() };
    let mut world = World::new(limits);
    world.connect();
    world.contact(&identity(BOB), "Bob");
    let actions = world.send(BOB, &"x".repeat(1_048_576 - 115 - 16));
    assert_eq!(frames(&actions)[0].len(), 1_048_576);
    assert_eq!(codes(&world.send(BOB, &"x".repeat(1_048_576 - 115 - 15))), [Code::TooLong]);
}

#[test]
fn notices_are_shown_and_server_pings_are_life() {
    let mut world = World::ready();
    let actions = world.relay_says(&FromRelay::Notice("maintenance\nat noon"));
    assert_eq!(events(&actions), [&Event::Notice { text: "maintenance\nat noon".into() }]);
    world.now += 59 * SECOND;
    assert!(world.relay_says(&FromRelay::ServerPing).is_empty());
    assert!(world.pass(59 * SECOND).is_empty());
}
