//! The layouts of chapters 1 to 6, as their tables give them.

use super::Fixed;

/// Fields of fixed lengths at both ends, and the name of what lies between them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Object {
    pub(super) head: Fixed,
    pub(super) rest: &'static str,
    pub(super) tail: Fixed,
}

const NONCE: (&str, usize) = ("nonce", 24);
const SEALED: Fixed = &[("tag", 16), ("signature", 64)];

/// A sealed and signed message.
pub(super) const PACKET: Object = Object { head: &[NONCE], rest: "ciphertext", tail: SEALED };
/// A packet behind its address. The reply to a hello is one, too.
pub(super) const FRAME: Object =
    Object { head: &[("header", 8), NONCE], rest: "ciphertext", tail: SEALED };
const HELLO: Object =
    Object { head: &[("X25519 key", 32), NONCE], rest: "ciphertext", tail: SEALED };
const STRING: Object = Object { head: &[], rest: "ciphertext", tail: &[("tag", 16)] };
const SIGNATURE: Object = Object { head: &[("R", 32), ("S", 32)], rest: "too much", tail: &[] };
const INNER: Object =
    Object { head: &[("message id", 2), ("command", 1)], rest: "body", tail: &[] };
const HELLO_INNER: Object = Object {
    head: &[("message id", 2), ("command", 1), ("Ed25519 key", 32), ("version", 1)],
    rest: "ignored",
    tail: &[],
};
const INVITE: Object =
    Object { head: &[("X25519 key", 32), ("Ed25519 key", 32)], rest: "nickname", tail: &[] };
const MATERIAL: Object = Object {
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
