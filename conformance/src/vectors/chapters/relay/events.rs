//! Events: what a relay builds, and what a client reads from a frame of the relay's own.

use super::super::super::case::{Case, Draft, case};
use super::{event, numbered};
use crate::model::forge::{
    high_bit_twin, key_with_prefix, second_encodings_ed25519, small_order_ed25519, torsion_siblings,
};
use crate::model::frame::{FRAME_MAX, downlink, route_keys};
use crate::model::handshake::{ERROR, HANDSHAKE_OK, relay_frame};
use crate::model::identity::{Public, RELAY_ID};
use crate::model::packet::{PACKET_MIN, seal};
use crate::model::people::{alice, bob, mallory, relay};
use crate::model::primitives::x25519;
use crate::model::relay::{
    INTRO_FROM, INTRODUCE, NOTICE, PEER_OFFLINE, PEER_ONLINE, PUSH_REGISTER, PUSH_TOKEN_MAX,
    SERVER_PING, SUBSCRIBE, WAKE, command_frame, intro_from_body, recipient_offline_body,
};

const SIGNED: &str = "relay/relay-signed";
const OFFLINE: &str = "relay/recipient-offline";
const FAILED: &str = "relay/error";
const INTRODUCED: &str = "relay/intro-from";
const KEY_LIST: &str = "relay/key-list";
const UNKNOWN: &str = "relay/event-unknown";
const NONCE: [u8; 24] = [3; 24];

pub(super) fn cases() -> Vec<Case> {
    let frames = [offline(), building(), signed()].concat();
    [frames, presence(), introductions(), pushes(), errors(), texts(), unknown()].concat()
}

/// The nonce 00 01 … 17 of the frame that found nobody.
fn failed_nonce() -> [u8; 24] {
    core::array::from_fn(|i| i as u8)
}

fn offline() -> Vec<Case> {
    let body = recipient_offline_body(bob().id(), failed_nonce());
    let of = |number, comment, body: &[u8]| event(OFFLINE, number, comment, ERROR, body);
    vec![
        build(OFFLINE, 1, "Alice's frame found no Bob", alice().public().x, ERROR, &body)
            .accepted(),
        of(2, "what Alice reads", &body).accepted(),
        of(3, "bytes after the nonce are ignored", &[&body[..], &[0xee; 8]].concat()).accepted(),
        case(&numbered(OFFLINE, 4), "relay.event", "every shorter detail")
            .value("command", ERROR)
            .sweep("body", "truncate", &body, 1..33)
            .effect("a nonce read past the end of the frame")
            .refused(FAILED),
    ]
}

/// The relay builds an event to the client with the key `to`.
fn build(
    clause: &str,
    number: usize,
    comment: &str,
    to: [u8; 32],
    command: u8,
    body: &[u8],
) -> Draft {
    case(&numbered(clause, number), "relay.frame", comment)
        .bytes("relay_x25519_seed", &relay().x_seed)
        .bytes("relay_ed25519_seed", &relay().ed_seed)
        .bytes("x25519", &to)
        .bytes("nonce", &NONCE)
        .value("command", command)
        .bytes("body", body)
}

fn building() -> Vec<Case> {
    let (limit, x) = ("frame/relay-limit", alice().public().x);
    let sibling = torsion_siblings(x).expect("an honest key")[0];
    let to = |number, comment, x: [u8; 32]| build(SIGNED, number, comment, x, SERVER_PING, b"");
    let long = vec![b'n'; FRAME_MAX - 8 - PACKET_MIN + 1];
    vec![
        to(7, "to a torsion sibling of Alice's key", sibling).refused("primitives/x25519-order"),
        to(8, "to the key of zeros", [0; 32]).refused("identity/zero-id"),
        build(limit, 1, "a NOTICE of eight bytes: 123", x, NOTICE, b"Good-bye").accepted(),
        build(limit, 2, "a NOTICE that makes 1,048,577 bytes", x, NOTICE, &long)
            .flag("boundary")
            .refused(limit),
    ]
}

fn open(number: usize, comment: &str) -> Draft {
    case(&numbered(SIGNED, number), "relay.open", comment)
        .bytes("x25519_seed", &alice().x_seed)
        .bytes("relay_x25519", &relay().public().x)
        .bytes("relay_ed25519", &relay().public().ed)
}

fn signed() -> Vec<Case> {
    let online = relay_frame(&relay(), alice().public().x, NONCE, PEER_ONLINE, &bob().public().x);
    let online = online.expect("honest keys");
    let shared = x25519(alice().x_seed, relay().public().x).expect("honest keys");
    let s2c = route_keys(shared).s2c;
    let forged = seal(shared, mallory().ed_seed, NONCE, 0, PEER_ONLINE, &bob().public().x);
    let own = command_frame(&alice(), relay().public().x, NONCE, 0, SUBSCRIBE, &bob().public().x);
    let own = own.expect("honest keys");
    vec![
        open(1, "PEER_ONLINE as the relay sent it").bytes("frame", &online).accepted(),
        open(2, "under the right secret, signed by Mallory")
            .bytes("frame", &downlink(s2c, RELAY_ID, &forged))
            .effect("whoever learns a client's secret forges presence and introductions")
            .refused("packet/signature"),
        open(3, "Alice's own command with a header of the relay")
            .bytes("frame", &downlink(s2c, RELAY_ID, &own[8..]))
            .effect("a client obeys its own commands")
            .flag("reflection")
            .refused("packet/signature"),
        open(4, "Alice's own command as she sent it")
            .bytes("frame", &own)
            .flag("reflection")
            .refused("frame/relay-header"),
        open(5, "the relay's frame under Bob's id")
            .bytes("frame", &downlink(s2c, bob().id(), &online[8..]))
            .refused("frame/relay-header"),
        open(6, "every bit flipped that has no part in the header")
            .sweep("frame", "bit-flip", &online, 20 * 8..online.len() * 8)
            .flag("tampered")
            .refused("packet/signature"),
        case(&numbered(SIGNED, 9), "relay.open", "an Ed25519 key of small order is pinned")
            .bytes("x25519_seed", &alice().x_seed)
            .bytes("relay_x25519", &relay().public().x)
            .bytes("relay_ed25519", &small_order_ed25519()[1])
            .bytes("frame", &online)
            .refused("primitives/ed25519-key-order"),
    ]
}

fn presence() -> Vec<Case> {
    let (online, offline) = ("relay/presence-online", "relay/presence-offline");
    let keys = [alice().public().x, bob().public().x].concat();
    let strange = [[0; 32], high_bit_twin(alice().public().x), [0xff; 32]].concat();
    let both = [(online, PEER_ONLINE), (offline, PEER_OFFLINE)];
    let of = |(clause, command): (&str, u8)| {
        vec![
            event(clause, 1, "one key", command, &keys[..32]).accepted(),
            event(clause, 2, "two keys", command, &keys).accepted(),
            event(clause, 3, "33 bytes", command, &keys[..33]).flag("boundary").refused(KEY_LIST),
            event(clause, 4, "keys that nobody would import are kept", command, &strange)
                .accepted(),
        ]
    };
    let mut cases: Vec<Case> = both.into_iter().flat_map(of).collect();
    cases.push(
        case(&numbered(KEY_LIST, 6), "relay.event", "every length between no key and one")
            .value("command", PEER_OFFLINE)
            .sweep("body", "truncate", &keys, 1..32)
            .refused(KEY_LIST),
    );
    cases.push(event(KEY_LIST, 7, "an empty list", PEER_ONLINE, b"").accepted());
    cases
}

fn introductions() -> Vec<Case> {
    let of = |number, comment, peer: Public, nickname: &[u8]| {
        event(INTRODUCED, number, comment, INTRO_FROM, &intro_from_body(&peer, nickname))
    };
    let alice = alice().public();
    let with_x = |x| Public { x, ..alice };
    let with_ed = |ed| Public { ed, ..alice };
    let sibling = torsion_siblings(alice.x).expect("an honest key")[5];
    let order = "primitives/x25519-order";
    vec![
        of(1, "Alice, a person", alice, "Alice␟person".as_bytes()).accepted(),
        of(2, "no nickname: 64 bytes", alice, b"").flag("boundary").accepted(),
        of(3, "1,025 bytes of nickname: the client sets no limit", alice, &[b'n'; 1025]).accepted(),
        case(&numbered(INTRODUCED, 4), "relay.event", "every shorter length")
            .value("command", INTRO_FROM)
            .sweep("body", "truncate", &alice.bytes(), 0..64)
            .refused(INTRODUCED),
        of(5, "a nickname that is not UTF-8", alice, &[b'A', 0xff]).refused(INTRODUCED),
        of(6, "a torsion sibling of Alice's key", with_x(sibling), b"Mallory")
            .effect("an unknown key share: Alice's messages shown as Mallory's")
            .flag("alias")
            .refused(order),
        of(7, "Alice's key with bit 255 set", with_x(high_bit_twin(alice.x)), b"Mallory")
            .flag("alias")
            .refused("primitives/x25519-high-bit"),
        of(8, "an id of zero", with_x(key_with_prefix(&[0; 8])), b"the relay")
            .refused("identity/zero-id"),
        of(9, "an Ed25519 key of small order", with_ed(small_order_ed25519()[3]), b"")
            .effect("one signature is valid for every message of this contact")
            .refused("primitives/ed25519-key-order"),
        of(10, "a second encoding of an Ed25519 key", with_ed(second_encodings_ed25519()[5]), b"")
            .refused("primitives/ed25519-key-encoding"),
        of(11, "the nickname is judged before the keys", with_x(sibling), &[0xff])
            .flag("order")
            .refused(INTRODUCED),
        of(12, "a byte order mark in front is a character", alice, "\u{feff}Alice".as_bytes())
            .accepted(),
    ]
}

/// What only the notifier gets.
fn pushes() -> Vec<Case> {
    let (wake, register) = ("relay/wake", "relay/push-register");
    let (target, sender) = (bob().id(), alice().id());
    let call = [&target[..], &[1]].concat();
    let token = [&sender[..], &[1], b"token"].concat();
    let long = [&token[..9], &[b't'; PUSH_TOKEN_MAX + 1]].concat();
    vec![
        event(wake, 6, "for the notifier: 8 bytes", WAKE, &target).accepted(),
        event(wake, 7, "for the notifier: 9 bytes", WAKE, &call).accepted(),
        event(wake, 8, "for the notifier: 7 bytes", WAKE, &target[..7]).refused(wake),
        event(
            wake,
            9,
            "for the notifier: a byte behind the type",
            WAKE,
            &[&call[..], &[9]].concat(),
        )
        .accepted(),
        event(register, 5, "for the notifier: sender, kind, token", PUSH_REGISTER, &token)
            .accepted(),
        event(register, 6, "for the notifier: an empty token", PUSH_REGISTER, &token[..9])
            .accepted(),
        event(register, 7, "for the notifier: no kind", PUSH_REGISTER, &token[..8])
            .flag("boundary")
            .refused(register),
        event(register, 8, "for the notifier: a token of 4,097 bytes", PUSH_REGISTER, &long)
            .accepted(),
    ]
}

fn errors() -> Vec<Case> {
    let of = |number, comment, body: &[u8]| event(FAILED, number, comment, ERROR, body);
    vec![
        of(1, "01, id_in_use", &[1]).accepted(),
        of(2, "02, bad_version, and the version it speaks", &[2, 3]).accepted(),
        of(3, "bytes after the detail are ignored", &[2, 3, 9, 9]).accepted(),
        of(4, "a code of another time", &[0x7f, 1, 2, 3]).accepted(),
        of(5, "code 00", &[0]).accepted(),
        of(6, "no code", b"").refused(FAILED),
        of(7, "02 without a version", &[2]).refused(FAILED),
        of(8, "03 without a detail", &[3]).refused(FAILED),
        of(9, "03 with a target alone", &[&[3][..], &bob().id()].concat()).refused(FAILED),
        of(14, "02 that names version 2", &[2, 2]).accepted(),
    ]
}

fn texts() -> Vec<Case> {
    let notice =
        |number, comment, body: &[u8]| event("relay/notice", number, comment, NOTICE, body);
    let ping = |number, comment, body: &[u8]| {
        event("relay/server-ping", number, comment, SERVER_PING, body)
    };
    vec![
        notice(1, "a text", "Der Umzug beginnt um 12 Uhr ✉".as_bytes()).accepted(),
        notice(2, "no text", b"").accepted(),
        notice(3, "control bytes are text, and data", b"one\r\n{\"event\":\"two\"}\x1b[2J")
            .effect("a notice starts a record of its own in line-based output")
            .accepted(),
        notice(4, "not UTF-8", &[0xc3, 0x28]).refused("relay/notice"),
        notice(5, "a byte order mark in front is a character", "\u{feff}Text".as_bytes())
            .accepted(),
        notice(6, "a zero behind is a character", b"Text\0").accepted(),
        ping(1, "a sign of life", b"").accepted(),
        ping(2, "bytes in it say nothing", &[1, 2, 3]).accepted(),
        super::command("relay/server-ping", 3, "not from a client", SERVER_PING, b"")
            .refused("relay/direction"),
    ]
}

fn unknown() -> Vec<Case> {
    let of = |number, comment, command, body: &[u8]| event(UNKNOWN, number, comment, command, body);
    vec![
        of(1, "an event of the table", HANDSHAKE_OK, &[2]).accepted(),
        of(2, "a gap in the table", 0x44, b"").refused(UNKNOWN),
        of(3, "a command of a client", SUBSCRIBE, &bob().public().x).refused(UNKNOWN),
        of(4, "a text of a peer", 0x20, b"hello").refused(UNKNOWN),
        of(5, "the hello's command", 0x01, &[0; 33]).refused(UNKNOWN),
        of(6, "an introduction that was never turned round", INTRODUCE, &bob().id())
            .refused(UNKNOWN),
    ]
}
