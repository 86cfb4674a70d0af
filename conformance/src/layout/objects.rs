//! The layouts of chapters 1 to 6, as their tables give them.

use super::Fixed;
use crate::model::handshake::{BAD_VERSION, ERROR, HANDSHAKE_OK};
use crate::model::relay as r;

/// Fields of fixed lengths at both ends, and the name of what lies between them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Object {
    /// As the specification calls it.
    pub(crate) name: &'static str,
    pub(super) head: Fixed,
    pub(super) rest: &'static str,
    pub(super) tail: Fixed,
}

const NONCE: (&str, usize) = ("nonce", 24);
const SEALED: Fixed = &[("tag", 16), ("signature", 64)];

/// A sealed and signed message.
pub(super) const PACKET: Object =
    Object { name: "packet", head: &[NONCE], rest: "ciphertext", tail: SEALED };
/// A packet behind its address. The reply to a hello is one, too.
pub(super) const FRAME: Object =
    Object { name: "frame", head: &[("header", 8), NONCE], rest: "ciphertext", tail: SEALED };
const HELLO: Object =
    Object { name: "hello", head: &[("X25519 key", 32), NONCE], rest: "ciphertext", tail: SEALED };
const STRING: Object =
    Object { name: "sealed string", head: &[], rest: "ciphertext", tail: &[("tag", 16)] };
const SIGNATURE: Object =
    Object { name: "signature", head: &[("R", 32), ("S", 32)], rest: "too much", tail: &[] };
const INNER: Object = Object {
    name: "inner bytes",
    head: &[("message id", 2), ("command", 1)],
    rest: "body",
    tail: &[],
};
const HELLO_INNER: Object = Object {
    name: "inner bytes of a hello",
    head: &[("message id", 2), ("command", 1), ("Ed25519 key", 32), ("version", 1)],
    rest: "ignored",
    tail: &[],
};
const INVITE: Object = Object {
    name: "payload of an invite",
    head: &[("X25519 key", 32), ("Ed25519 key", 32)],
    rest: "nickname",
    tail: &[],
};
const MATERIAL: Object = Object {
    name: "material of a safety number",
    head: &[
        ("lower X25519 key", 32),
        ("lower Ed25519 key", 32),
        ("higher X25519 key", 32),
        ("higher Ed25519 key", 32),
    ],
    rest: "too much",
    tail: &[],
};

/// What the member of an operation is, if it is more than a key or a text: input, output or
/// intermediate value.
pub(crate) fn object(op: &str, member: &str) -> Option<&'static Object> {
    Some(match (op, member) {
        (_, "packet") => &PACKET,
        (_, "frame" | "reply") => &FRAME,
        (_, "hello") => &HELLO,
        (_, "sealed") | ("packet.seal", "ciphertext") => &STRING,
        (_, "signature") => &SIGNATURE,
        ("handshake.hello", "inner") => &HELLO_INNER,
        (_, "inner") => &INNER,
        ("identity.invite-encode" | "identity.invite-decode", "payload" | "invite") => &INVITE,
        ("identity.safety-number", "material") => &MATERIAL,
        _ => return None,
    })
}

const fn told(name: &'static str, head: Fixed, rest: &'static str) -> Object {
    Object { name, head, rest, tail: &[] }
}

/// The body of a command to a relay or of an event, which `from_relay` tells apart.
pub(crate) fn body(command: u8, from_relay: bool, bytes: &[u8]) -> Option<&'static Object> {
    Some(match command {
        r::SUBSCRIBE | r::UNSUBSCRIBE | r::PEER_ONLINE | r::PEER_OFFLINE => {
            const { &told("list of keys", &[], "keys") }
        }
        r::INTRODUCE => const { &told("INTRODUCE", &[("target", 8)], "nickname") },
        r::INTRO_FROM => const { &told("INTRO_FROM", INVITE.head, "nickname") },
        r::WAKE => const { &told("WAKE", &[("target", 8), ("type", 1)], "ignored") },
        r::PUSH_REGISTER if from_relay => {
            const { &told("PUSH_REGISTER", &[("sender", 8), ("kind", 1)], "token") }
        }
        r::PUSH_REGISTER => const { &told("PUSH_REGISTER", &[("kind", 1)], "token") },
        r::NOTICE => const { &told("NOTICE", &[], "text") },
        HANDSHAKE_OK => const { &told("HANDSHAKE_OK", &[("version", 1)], "ignored") },
        ERROR => match bytes.first() {
            Some(&BAD_VERSION) => {
                const { &told("ERROR", &[("code", 1), ("supported version", 1)], "ignored") }
            }
            Some(&r::RECIPIENT_OFFLINE) => {
                const { &told("ERROR", &[("code", 1), ("target", 8), NONCE], "ignored") }
            }
            _ => const { &told("ERROR", &[("code", 1)], "ignored") },
        },
        _ => return None,
    })
}
