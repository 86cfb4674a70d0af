//! Chapter 4, frame: headers, masks and lengths.

use super::super::case::{Case, Draft, case};
use super::numbered;
use crate::model::frame::{FRAME_MAX, FRAME_MAX_FROM_RELAY, Routes, downlink, route_keys, uplink};
use crate::model::handshake::reply_ok;
use crate::model::identity::{Keys, RELAY_ID};
use crate::model::packet::{pair_key, seal};
use crate::model::people::{alice, bob, relay};
use crate::model::primitives::{keystream, x25519};
use crate::model::relay::{SUBSCRIBE, command_frame};

const TOO_SHORT: &str = "frame/too-short";
const RELAY_HEADER: &str = "frame/relay-header";

pub(super) fn cases() -> Vec<Case> {
    let headers = [headers_to(), headers_from(), masks(), relay_headers()].concat();
    [headers, opaque(), short(), long(), sending()].concat()
}

fn routes(client: Keys) -> Routes {
    route_keys(x25519(client.x_seed, relay().public().x).expect("honest keys"))
}

/// Alice's TEXT to Bob: the packet of the known answers.
fn packet() -> Vec<u8> {
    let key = pair_key(alice().x_seed, bob().public().x).expect("honest keys");
    let body = [&[0x11; 16][..], b"hello"].concat();
    seal(key, alice().ed_seed, core::array::from_fn(|i| i as u8), 7, 0x20, &body)
}

/// The same as Alice sends it.
fn frame_to_bob() -> Vec<u8> {
    uplink(routes(alice()).c2s, bob().id(), &packet())
}

fn reading_up(clause: &str, number: usize, comment: &str, frame: &[u8]) -> Draft {
    case(&numbered(clause, number), "frame.uplink", comment)
        .bytes("c2s", &routes(alice()).c2s)
        .bytes("frame", frame)
}

fn reading_down(clause: &str, number: usize, comment: &str, frame: &[u8]) -> Draft {
    case(&numbered(clause, number), "frame.downlink", comment)
        .bytes("s2c", &routes(bob()).s2c)
        .bytes("frame", frame)
}

fn headers_to() -> Vec<Case> {
    let clause = "frame/header-to";
    let subscribe = command_frame(&alice(), relay().public().x, [5; 24], 0, SUBSCRIBE, b"");
    let shortest = seal([7; 32], alice().ed_seed, [6; 24], 0, 0x30, b"");
    vec![
        reading_up(clause, 1, "Alice to Bob", &frame_to_bob()).accepted(),
        reading_up(
            clause,
            2,
            "Alice to the relay: an id of zero",
            &subscribe.expect("honest keys"),
        )
        .accepted(),
        reading_up(
            clause,
            3,
            "Alice to the id of ones",
            &uplink(routes(alice()).c2s, [0xff; 8], &packet()),
        )
        .accepted(),
        reading_up(clause, 4, "a packet without its header is too short for a frame", &shortest)
            .refused(TOO_SHORT),
    ]
}

fn forwarding(clause: &str, number: usize, comment: &str, to: Keys, frame: &[u8]) -> Draft {
    case(&numbered(clause, number), "frame.forward", comment)
        .bytes("c2s", &routes(alice()).c2s)
        .bytes("s2c", &routes(to).s2c)
        .bytes("from", &alice().id())
        .bytes("frame", frame)
}

fn headers_from() -> Vec<Case> {
    let clause = "frame/header-from";
    let reply = reply_ok(&relay(), alice().public().x, [2; 24]).expect("honest keys");
    let under_c2s = uplink(routes(alice()).c2s, RELAY_ID, &reply[8..]);
    let to_self = uplink(routes(alice()).c2s, alice().id(), &packet());
    vec![
        forwarding(clause, 1, "Alice's frame as Bob gets it", bob(), &frame_to_bob()).accepted(),
        forwarding(clause, 2, "Alice's frame to herself", alice(), &to_self).accepted(),
        reading_down(
            clause,
            3,
            "what Bob reads from it",
            &downlink(routes(bob()).s2c, alice().id(), &packet()),
        )
        .accepted(),
        relays_own(clause, 4, "masked under the key of the other direction", &under_c2s)
            .effect("a client's own frames could be sent back to it as the relay's")
            .refused(RELAY_HEADER),
    ]
}

fn mask(number: usize, comment: &str, key: [u8; 32], nonce: [u8; 24]) -> Draft {
    case(&numbered("frame/mask", number), "frame.mask", comment)
        .bytes("key", &key)
        .bytes("nonce", &nonce)
}

fn masks() -> Vec<Case> {
    let Routes { c2s, s2c } = routes(alice());
    let counting: [u8; 24] = core::array::from_fn(|i| i as u8);
    let (mut tail, mut head) = (counting, counting);
    tail[12..].fill(0xee);
    head[11] ^= 1;
    vec![
        mask(1, "Alice to relay", c2s, counting).accepted(),
        mask(2, "relay to Alice: another mask", s2c, counting).accepted(),
        mask(3, "bytes 12..24 of the nonce have no influence", c2s, tail)
            .effect("headers decode for some frames only")
            .accepted(),
        mask(4, "byte 11 has", c2s, head).accepted(),
        mask(5, "a nonce of zeros", c2s, [0; 24]).accepted(),
        mask(6, "zeros throughout: RFC 8439, appendix A.1, first vector", [0; 32], [0; 24])
            .accepted(),
        wrong_mask(7, "the mask taken from bytes 12..24 of the nonce", |key, nonce| {
            keystream(key, last(nonce), 8)
        }),
        wrong_mask(8, "the mask taken from bytes 8..20 of the nonce", |key, nonce| {
            keystream(key, nonce[8..20].try_into().expect("12 bytes"), 8)
        }),
        wrong_mask(9, "the mask taken from the second block: counter 1", |key, nonce| {
            keystream(key, first(nonce), 72)[64..].to_vec()
        }),
        wrong_mask(10, "the mask taken from bytes 8..16 of the keystream", |key, nonce| {
            keystream(key, first(nonce), 16)[8..].to_vec()
        }),
        wrong_mask(11, "no mask at all", |_, _| vec![0; 8]),
    ]
}

fn first(nonce: [u8; 24]) -> [u8; 12] {
    nonce[..12].try_into().expect("12 bytes")
}

fn last(nonce: [u8; 24]) -> [u8; 12] {
    nonce[12..].try_into().expect("12 bytes")
}

/// A relay's own frame to Alice whose header is zero under another mask.
fn wrong_mask(number: usize, comment: &str, mask: fn([u8; 32], [u8; 24]) -> Vec<u8>) -> Case {
    let nonce: [u8; 24] = core::array::from_fn(|i| 0x30 + i as u8);
    let reply = reply_ok(&relay(), alice().public().x, nonce).expect("honest keys");
    let frame = [mask(routes(alice()).s2c, nonce), reply[8..].to_vec()].concat();
    relays_own("frame/mask", number, comment, &frame)
        .effect("headers decode for some frames only")
        .refused(RELAY_HEADER)
}

/// Alice asks whether a frame is the relay's own.
fn relays_own(clause: &str, number: usize, comment: &str, frame: &[u8]) -> Draft {
    case(&numbered(clause, number), "frame.relay-header", comment)
        .bytes("s2c", &routes(alice()).s2c)
        .bytes("frame", frame)
}

fn relay_headers() -> Vec<Case> {
    let of = |number, comment, frame: &[u8]| relays_own(RELAY_HEADER, number, comment, frame);
    let reply = reply_ok(&relay(), alice().public().x, [2; 24]).expect("honest keys");
    let from = |id| downlink(routes(alice()).s2c, id, &reply[8..]);
    let for_bob = downlink(routes(bob()).s2c, RELAY_ID, &reply[8..]);
    vec![
        of(1, "the relay's reply", &reply).accepted(),
        of(
            2,
            "the header alone decides: any packet behind it",
            &downlink(routes(alice()).s2c, RELAY_ID, &packet()),
        )
        .accepted(),
        of(3, "Bob's id", &from(bob().id())).refused(RELAY_HEADER),
        of(4, "one bit away from zero", &from([0, 0, 0, 0, 0, 0, 0, 0x80])).refused(RELAY_HEADER),
        of(5, "masked for Bob", &for_bob).refused(RELAY_HEADER),
        relays_own_sweep(6, "every bit of the header flipped", &reply),
        of(7, "the length is judged before the header", &from(bob().id())[..111])
            .flag("order")
            .refused(TOO_SHORT),
    ]
}

fn relays_own_sweep(number: usize, comment: &str, frame: &[u8]) -> Case {
    case(&numbered(RELAY_HEADER, number), "frame.relay-header", comment)
        .bytes("s2c", &routes(alice()).s2c)
        .sweep("frame", "bit-flip", frame, 0..64)
        .flag("tampered")
        .refused(RELAY_HEADER)
}

fn opaque() -> Vec<Case> {
    let of =
        |number, comment, frame: &[u8]| forwarding("frame/opaque", number, comment, bob(), frame);
    let garbage: Vec<u8> = (0..112u8).map(|i| i.wrapping_mul(37)).collect();
    let mut forged = frame_to_bob();
    forged[100] ^= 1;
    vec![
        of(1, "112 bytes of anything", &garbage).flag("boundary").accepted(),
        of(2, "112 zeros", &[0; 112]).flag("boundary").accepted(),
        of(3, "a broken signature is not the relay's affair", &forged).accepted(),
        of(4, "4,096 bytes, all of them the same", &[0x5a; 4096]).accepted(),
        of(5, "111 bytes have no room for a packet", &garbage[..111])
            .flag("boundary")
            .refused(TOO_SHORT),
    ]
}

fn short() -> Vec<Case> {
    let frame = frame_to_bob();
    let up = |number, comment| {
        case(&numbered(TOO_SHORT, number), "frame.uplink", comment)
            .bytes("c2s", &routes(alice()).c2s)
            .sweep("frame", "truncate", &frame, 0..112)
            .flag("tampered")
    };
    let down = |number, comment| {
        case(&numbered(TOO_SHORT, number), "frame.downlink", comment)
            .bytes("s2c", &routes(bob()).s2c)
            .sweep("frame", "truncate", &frame, 0..112)
            .flag("tampered")
    };
    vec![
        reading_up(TOO_SHORT, 1, "112 bytes", &frame[..112]).flag("boundary").accepted(),
        up(2, "every shorter length, at the relay").refused(TOO_SHORT),
        down(3, "every shorter length, at the client").refused(TOO_SHORT),
        reading_down(TOO_SHORT, 4, "112 bytes at the client", &frame[..112])
            .flag("boundary")
            .accepted(),
    ]
}

fn long() -> Vec<Case> {
    let (too_long, client_limit) = ("frame/too-long", "frame/client-limit");
    let long = vec![0x5a; FRAME_MAX_FROM_RELAY + 1];
    vec![
        reading_up(too_long, 1, "1,048,576 bytes", &long[..FRAME_MAX]).flag("boundary").accepted(),
        reading_up(too_long, 2, "1,048,577 bytes", &long[..FRAME_MAX + 1])
            .effect("whoever has no limit buffers what anyone announces")
            .flag("boundary")
            .refused(too_long),
        reading_down(
            client_limit,
            1,
            "1,048,577 bytes: version 2 permits a relay to send them",
            &long[..FRAME_MAX + 1],
        )
        .effect("a stranger's introduction disconnects a client again and again")
        .accepted(),
        reading_down(client_limit, 2, "1,048,640 bytes", &long[..FRAME_MAX_FROM_RELAY])
            .flag("boundary")
            .accepted(),
        reading_down(client_limit, 3, "1,048,641 bytes", &long)
            .flag("boundary")
            .refused(client_limit),
        forwarding(too_long, 3, "1,048,576 bytes go on", bob(), &long[..FRAME_MAX])
            .flag("boundary")
            .accepted(),
        forwarding(too_long, 4, "nothing of 1,048,577 bytes goes on", bob(), &long[..=FRAME_MAX])
            .flag("boundary")
            .refused(too_long),
    ]
}

/// Alice puts the header before a packet.
fn sending() -> Vec<Case> {
    let (to, limit) = ("frame/header-to", "frame/send-limit");
    let of = |clause, number, comment, id: [u8; 8], packet: &[u8]| {
        case(&numbered(clause, number), "frame.send", comment)
            .bytes("c2s", &routes(alice()).c2s)
            .bytes("to", &id)
            .bytes("packet", packet)
    };
    let largest = vec![0x5a; FRAME_MAX - RELAY_ID.len() + 1];
    vec![
        of(to, 5, "Alice builds her frame to Bob", bob().id(), &packet()).accepted(),
        of(to, 6, "and one to the relay", RELAY_ID, &packet()).accepted(),
        of(TOO_SHORT, 5, "no header before what is no packet", bob().id(), &packet()[..103])
            .flag("boundary")
            .refused(TOO_SHORT),
        of(limit, 1, "a frame of 1,048,576 bytes", bob().id(), &largest[1..])
            .flag("boundary")
            .accepted(),
        of(limit, 2, "a frame of 1,048,577 bytes", bob().id(), &largest)
            .effect("the relay closes the connection, and the rest of the conversation with it")
            .flag("boundary")
            .refused(limit),
    ]
}
