//! Commands: what a relay reads from a packet that was sent to id zero and opened.

use super::super::super::case::{Case, case};
use super::{command, numbered};
use crate::model::handshake::{ERROR, HANDSHAKE_OK, HANDSHAKE_REQUEST, hello_inner};
use crate::model::people::{alice, bob, mallory};
use crate::model::relay::{
    INTRO_FROM, INTRODUCE, INTRODUCE_NICKNAME_MAX, NOTICE, PEER_OFFLINE, PEER_ONLINE,
    PUSH_REGISTER, PUSH_TOKEN_MAX, SERVER_PING, SUBSCRIBE, UNSUBSCRIBE, WAKE, introduce_body,
    push_register_body, wake_body,
};

const UNKNOWN: &str = "relay/unknown-command";
const DIRECTION: &str = "relay/direction";
const KEY_LIST: &str = "relay/key-list";
const WAKING: &str = "relay/wake";
const REGISTER: &str = "relay/push-register";
const TOKEN: &str = "relay/push-token";
const NICKNAME: &str = "relay/introduce-nickname";
const INTRODUCE_LENGTH: &str = "relay/introduce-length";

pub(super) fn cases() -> Vec<Case> {
    [unknown(), directions(), lists(), introductions(), wakes(), pushes()].concat()
}

fn keys() -> Vec<u8> {
    [alice().public().x, bob().public().x, mallory().public().x].concat()
}

fn unknown() -> Vec<Case> {
    let dropped = |number, comment, byte: u8, body: &[u8]| {
        command(UNKNOWN, number, comment, byte, body).refused(UNKNOWN)
    };
    vec![
        command(UNKNOWN, 1, "a command of the table", SUBSCRIBE, b"").accepted(),
        dropped(2, "command 00", 0x00, b""),
        dropped(3, "a text: peer commands are not for the relay", 0x20, &keys()),
        dropped(4, "a gap in the table", 0x44, &keys()),
        dropped(5, "the unknown command is judged before its body", 0x50, &[1; 31]),
        dropped(6, "command FE", 0xfe, b""),
    ]
}

fn directions() -> Vec<Case> {
    let rebind = hello_inner(mallory().public().ed, 2)[3..].to_vec();
    let of_relay =
        [HANDSHAKE_OK, PEER_ONLINE, PEER_OFFLINE, INTRO_FROM, SERVER_PING, NOTICE, ERROR];
    let mut cases = vec![
        command(DIRECTION, 1, "a command of a client", UNSUBSCRIBE, b"").accepted(),
        command(DIRECTION, 2, "HANDSHAKE_REQUEST in a session", HANDSHAKE_REQUEST, &rebind)
            .effect("a session changes its signing key")
            .refused(DIRECTION),
    ];
    cases.extend(of_relay.into_iter().zip(3..).map(|(byte, number)| {
        command(DIRECTION, number, "a command that only a relay sends", byte, &keys())
            .effect("a client speaks to others as the relay")
            .refused(DIRECTION)
    }));
    cases.push(
        command(DIRECTION, 10, "the direction is judged before the body", PEER_ONLINE, &[1; 31])
            .flag("order")
            .refused(DIRECTION),
    );
    cases
}

/// More keys than a session may watch, and a byte too many.
fn many_and_a_byte() -> Vec<u8> {
    vec![0x5a; 4097 * 32 + 1]
}

fn lists() -> Vec<Case> {
    let subscribe =
        |number, comment, body: &[u8]| command("relay/subscribe", number, comment, SUBSCRIBE, body);
    let unsubscribe = |number, comment, body: &[u8]| {
        command("relay/unsubscribe", number, comment, UNSUBSCRIBE, body)
    };
    let sweep = |number, comment, byte: u8, kind, range| {
        case(&numbered(KEY_LIST, number), "relay.command", comment)
            .value("command", byte)
            .sweep("body", kind, &keys(), range)
            .refused(KEY_LIST)
    };
    let one = alice().public().x;
    let strange = [[0; 32], [0xff; 32]].concat();
    vec![
        subscribe(1, "three keys", &keys()).accepted(),
        subscribe(2, "no keys: an empty list is a list", b"").accepted(),
        subscribe(3, "a key twice: read as it stands", &[one, one].concat()).accepted(),
        subscribe(4, "keys are not imported: zeros and ones", &strange).accepted(),
        subscribe(5, "a key and a byte", &[&one[..], &[0]].concat()).refused(KEY_LIST),
        unsubscribe(1, "one key", &one).accepted(),
        unsubscribe(2, "no keys", b"").accepted(),
        unsubscribe(3, "31 bytes", &one[..31]).flag("boundary").refused(KEY_LIST),
        command(KEY_LIST, 1, "32 bytes", SUBSCRIBE, &one).flag("boundary").accepted(),
        command(KEY_LIST, 2, "31 bytes", SUBSCRIBE, &one[..31]).flag("boundary").refused(KEY_LIST),
        command(KEY_LIST, 3, "33 bytes", SUBSCRIBE, &keys()[..33])
            .flag("boundary")
            .refused(KEY_LIST),
        sweep(4, "every length between two and three keys", SUBSCRIBE, "truncate", 65..96),
        sweep(5, "every length behind three keys", UNSUBSCRIBE, "extend", 1..32),
        command(
            KEY_LIST,
            8,
            "4,097 keys and a byte: the form counts",
            SUBSCRIBE,
            &many_and_a_byte(),
        )
        .refused(KEY_LIST),
    ]
}

fn introductions() -> Vec<Case> {
    let introduce = |clause, number, comment, nickname: &[u8]| {
        command(clause, number, comment, INTRODUCE, &introduce_body(bob().id(), nickname))
    };
    let of = |number, comment, nickname: &[u8]| {
        introduce("relay/introduce", number, comment, nickname).accepted()
    };
    let limit = vec![b'n'; INTRODUCE_NICKNAME_MAX + 1];
    let forged = [&mallory().public().bytes()[..], b"Alice"].concat();
    vec![
        of(1, "a nickname with its contact type", "Alice␟person".as_bytes()),
        of(2, "no nickname", b""),
        introduce("relay/introduce", 3, "keys in the body are nickname, not keys", &forged)
            .effect("a client introduces somebody else under chosen keys")
            .accepted(),
        of(4, "the relay does not judge UTF-8", &[0xff, 0xfe]),
        command("relay/introduce", 5, "no whole target", INTRODUCE, &bob().id()[..7])
            .refused(INTRODUCE_LENGTH),
        introduce(NICKNAME, 1, "1,024 bytes", &limit[..INTRODUCE_NICKNAME_MAX])
            .flag("boundary")
            .accepted(),
        introduce(NICKNAME, 2, "1,025 bytes", &limit).flag("boundary").refused(NICKNAME),
        command(INTRODUCE_LENGTH, 1, "8 bytes", INTRODUCE, &bob().id()).flag("boundary").accepted(),
        case(&numbered(INTRODUCE_LENGTH, 2), "relay.command", "every shorter length")
            .value("command", INTRODUCE)
            .sweep("body", "truncate", &bob().id(), 0..8)
            .refused(INTRODUCE_LENGTH),
        command(
            INTRODUCE_LENGTH,
            3,
            "to the relay itself: read, and the target is absent",
            INTRODUCE,
            &[0; 8],
        )
        .accepted(),
    ]
}

fn wakes() -> Vec<Case> {
    let of = |number, comment, body: &[u8]| command(WAKING, number, comment, WAKE, body);
    let (message, call) = (wake_body(bob().id(), None), wake_body(bob().id(), Some(1)));
    vec![
        of(1, "8 bytes: the type is absent", &message).flag("boundary").accepted(),
        of(2, "9 bytes: a call", &call).flag("boundary").accepted(),
        of(3, "10 bytes: cut to 9", &[&call[..], &[9]].concat()).flag("boundary").accepted(),
        of(4, "an unknown type passes", &wake_body(bob().id(), Some(0xee))).accepted(),
        case(&numbered(WAKING, 5), "relay.command", "every shorter length")
            .value("command", WAKE)
            .sweep("body", "truncate", &message, 0..8)
            .refused(WAKING),
    ]
}

fn pushes() -> Vec<Case> {
    let register = |clause, number, comment, body: &[u8]| {
        command(clause, number, comment, PUSH_REGISTER, body)
    };
    let token = vec![b't'; PUSH_TOKEN_MAX + 1];
    let web_push = br#"{"endpoint":"https://example.org/p","keys":{}}"#;
    vec![
        register(REGISTER, 1, "a Web Push subscription", &push_register_body(2, web_push))
            .accepted(),
        register(REGISTER, 2, "kind 0 and no token: forget it", &push_register_body(0, b""))
            .accepted(),
        register(REGISTER, 3, "an unknown kind passes", &push_register_body(0x77, b"\r\n\0"))
            .accepted(),
        register(REGISTER, 4, "an empty body", b"").flag("boundary").refused(REGISTER),
        register(TOKEN, 1, "4,096 bytes", &push_register_body(1, &token[..PUSH_TOKEN_MAX]))
            .flag("boundary")
            .accepted(),
        register(TOKEN, 2, "4,097 bytes", &push_register_body(1, &token))
            .flag("boundary")
            .refused(TOKEN),
    ]
}
