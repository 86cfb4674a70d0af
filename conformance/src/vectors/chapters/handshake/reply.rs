//! The reply, as a relay builds it and as a client judges it.

use super::super::super::case::{Case, Draft, case};
use super::numbered;
use crate::model::forge::{low_order_x25519, small_order_ed25519, torsion_siblings};
use crate::model::frame::{FRAME_MAX_FROM_RELAY, downlink, route_keys};
use crate::model::handshake::{
    BAD_VERSION, ERROR, HANDSHAKE_OK, ID_IN_USE, VERSION, relay_frame, reply_error, reply_ok,
};
use crate::model::identity::{Public, RELAY_ID};
use crate::model::packet::{seal, signed};
use crate::model::people::{alice, bob, mallory, relay};
use crate::model::primitives::x25519;

const LAYOUT: &str = "handshake/reply-layout";
const COMMAND: &str = "handshake/reply-command";
const BODY: &str = "handshake/reply-version";
const IN_USE: &str = "handshake/id-in-use";
const PACKET_SIGNATURE: &str = "packet/signature";
const NONCE: [u8; 24] = [2; 24];

pub(super) fn cases() -> Vec<Case> {
    [layout(), frames(), keys(), commands(), bodies(), read_later(), errors()].concat()
}

fn building(number: usize, comment: &str, to: [u8; 32]) -> Draft {
    case(&numbered(LAYOUT, number), "handshake.reply", comment)
        .bytes("relay_x25519_seed", &relay().x_seed)
        .bytes("relay_ed25519_seed", &relay().ed_seed)
        .bytes("x25519", &to)
        .bytes("nonce", &NONCE)
}

fn at_alice(clause: &str, number: usize, comment: &str) -> Draft {
    case(&numbered(clause, number), "handshake.read-reply", comment)
        .bytes("x25519_seed", &alice().x_seed)
        .bytes("relay_x25519", &relay().public().x)
        .bytes("relay_ed25519", &relay().public().ed)
}

fn read(clause: &str, number: usize, comment: &str, reply: &[u8]) -> Draft {
    at_alice(clause, number, comment).bytes("reply", reply)
}

fn ok() -> Vec<u8> {
    reply_ok(&relay(), alice().public().x, NONCE).expect("honest keys")
}

fn shared() -> [u8; 32] {
    x25519(alice().x_seed, relay().public().x).expect("honest keys")
}

/// HANDSHAKE_OK sealed under Alice's secret, signed by whoever has `ed_seed`.
fn by(ed_seed: [u8; 32]) -> Vec<u8> {
    let packet = seal(shared(), ed_seed, NONCE, 0, HANDSHAKE_OK, &[VERSION]);
    downlink(route_keys(shared()).s2c, RELAY_ID, &packet)
}

fn layout() -> Vec<Case> {
    let for_bob = reply_ok(&relay(), bob().public().x, NONCE).expect("honest keys");
    let resealed = downlink(route_keys(shared()).s2c, RELAY_ID, &for_bob[8..]);
    vec![
        building(1, "HANDSHAKE_OK to Alice", alice().public().x).accepted(),
        building(2, "HANDSHAKE_OK to Bob", bob().public().x).accepted(),
        read(LAYOUT, 3, "Alice reads it", &ok()).accepted(),
        read(LAYOUT, 4, "signed by Mallory", &by(mallory().ed_seed))
            .effect("whoever knows the client's secret plays the relay")
            .refused(PACKET_SIGNATURE),
        read(
            LAYOUT,
            5,
            "signed by the client itself: its own packet reflected",
            &by(alice().ed_seed),
        )
        .flag("reflection")
        .refused(PACKET_SIGNATURE),
        read(LAYOUT, 6, "Bob's reply under Alice's header", &resealed).refused("packet/authentic"),
        read(LAYOUT, 7, "Bob's reply", &for_bob).refused("frame/relay-header"),
    ]
}

fn frames() -> Vec<Case> {
    let sweep = |number, comment, kind, range| {
        at_alice(LAYOUT, number, comment).sweep("reply", kind, &ok(), range).flag("tampered")
    };
    let routes = route_keys(shared());
    let short = downlink(routes.s2c, RELAY_ID, &signed(relay().ed_seed, NONCE, &[0; 18]));
    vec![
        sweep(8, "every bit of the header flipped", "bit-flip", 0..64)
            .refused("frame/relay-header"),
        sweep(9, "every bit of ciphertext, tag and signature flipped", "bit-flip", 32 * 8..116 * 8)
            .refused(PACKET_SIGNATURE),
        sweep(10, "every truncation below a frame", "truncate", 0..112).refused("frame/too-short"),
        sweep(11, "every truncation below a packet", "truncate", 112..115)
            .refused("packet/too-short"),
        read(LAYOUT, 12, "a frame that the relay signed, its packet too short", &short)
            .flag("boundary")
            .refused("packet/too-short"),
        read(
            LAYOUT,
            13,
            "a header of the relay before too many bytes",
            &vec![0; FRAME_MAX_FROM_RELAY + 1],
        )
        .refused("frame/client-limit"),
    ]
}

/// Keys that nobody imports, on either side.
fn keys() -> Vec<Case> {
    let pinned = |number, comment, Public { x, ed }: Public, reply: &[u8]| {
        case(&numbered(LAYOUT, number), "handshake.read-reply", comment)
            .bytes("x25519_seed", &alice().x_seed)
            .bytes("relay_x25519", &x)
            .bytes("relay_ed25519", &ed)
            .bytes("reply", reply)
    };
    let (relay, order) = (relay().public(), "primitives/x25519-order");
    let x = torsion_siblings(relay.x).expect("an honest key")[2];
    let ed = small_order_ed25519()[3];
    let sibling = torsion_siblings(alice().public().x).expect("an honest key")[2];
    vec![
        building(14, "to a torsion sibling of Alice's key", sibling).refused(order),
        building(15, "to a point of order 8: the import comes before the secret", order_8())
            .flag("order")
            .refused(order),
        pinned(16, "a torsion sibling is pinned for the relay", Public { x, ..relay }, &ok())
            .refused(order),
        pinned(17, "an Ed25519 key of small order is pinned", Public { ed, ..relay }, &ok())
            .refused("primitives/ed25519-key-order"),
        pinned(18, "both: X25519 is judged first", Public { x, ed }, &ok())
            .flag("order")
            .refused(order),
        pinned(19, "keys are judged before the reply", Public { x, ..relay }, &ok()[..111])
            .flag("order")
            .refused(order),
    ]
}

fn order_8() -> [u8; 32] {
    low_order_x25519()[2]
}

fn event(command: u8, body: &[u8]) -> Vec<u8> {
    relay_frame(&relay(), alice().public().x, NONCE, command, body).expect("honest keys")
}

fn commands() -> Vec<Case> {
    let refused = |number, comment, command, body: &[u8]| {
        read(COMMAND, number, comment, &event(command, body)).refused(COMMAND)
    };
    vec![
        read(COMMAND, 1, "command 02", &ok()).accepted(),
        refused(2, "a presence event", 0x42, &[]),
        refused(3, "the hello's own command", 0x01, &[VERSION]),
        refused(4, "a text of a peer", 0x20, &[VERSION]),
        refused(5, "an event of life", 0x4a, &[]),
    ]
}

fn bodies() -> Vec<Case> {
    let of = |number, comment, body: &[u8]| read(BODY, number, comment, &event(HANDSHAKE_OK, body));
    vec![
        of(1, "version 2", &[2]).accepted(),
        of(2, "bytes after the version are ignored", &[2, 0xff, 0]).accepted(),
        of(3, "no version", &[]).refused(BODY),
        of(4, "version 1", &[1]).refused(BODY),
        of(5, "version 3", &[3])
            .effect("a client speaks a version that it does not know")
            .refused(BODY),
        of(6, "the version in second place", &[3, 2]).refused(BODY),
    ]
}

/// The same event in an open session.
fn read_later() -> Vec<Case> {
    let of = |number, comment, body: &[u8]| {
        case(&numbered(BODY, number), "relay.event", comment)
            .value("command", HANDSHAKE_OK)
            .bytes("body", body)
    };
    vec![
        of(7, "in a session: version 2 with bytes behind it", &[2, 0xff, 0]).accepted(),
        of(8, "in a session: version 3", &[3]).refused(BODY),
        of(9, "in a session: no version", &[]).refused(BODY),
    ]
}

fn errors() -> Vec<Case> {
    let error = |code, detail: &[u8]| {
        reply_error(&relay(), alice().public().x, NONCE, code, detail).expect("honest keys")
    };
    let malformed = |number, comment, body: &[u8]| {
        read("relay/error", number, comment, &event(ERROR, body)).refused("relay/error")
    };
    let mut forged = error(ID_IN_USE, &[]);
    let last = forged.len() - 1;
    forged[last] ^= 1;
    vec![
        read(IN_USE, 1, "the id is free: OK", &ok()).accepted(),
        read(IN_USE, 2, "ERROR 01", &error(ID_IN_USE, &[])).refused(IN_USE),
        read(IN_USE, 3, "ERROR 01 with bytes behind it", &error(ID_IN_USE, &[7, 7]))
            .refused(IN_USE),
        read(IN_USE, 4, "a forged ERROR 01", &forged)
            .effect("whoever is on the path makes a client alarm its user or give up")
            .refused(PACKET_SIGNATURE),
        read(
            "handshake/version",
            7,
            "ERROR 02: the relay speaks version 3",
            &error(BAD_VERSION, &[3]),
        )
        .refused("handshake/version"),
        read(
            "handshake/version",
            8,
            "ERROR 02 that names version 2, which the client spoke",
            &error(BAD_VERSION, &[VERSION]),
        )
        .refused("handshake/version"),
        malformed(10, "an ERROR without a code opens no session", &[]),
        malformed(11, "an ERROR 02 without a version opens no session", &[BAD_VERSION]),
        malformed(12, "an ERROR 03 has no place in a reply", &[&[3][..], &[0; 32]].concat()),
        malformed(13, "an unknown ERROR opens no session", &[0x7f]),
    ]
}
