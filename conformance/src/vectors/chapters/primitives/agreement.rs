//! X25519: the function, and what P1 lets pass for a public key.

use super::super::super::case::{Case, Draft, case};
use super::{key, numbered};
use crate::model::forge::{high_bit_twin, low_order_x25519, non_canonical, torsion_siblings};
use crate::model::people::{alice, bob, relay};
use crate::model::primitives::{FIELD_PRIME, import_x25519};

const OTHER_ID: &str = "one person passes under several ids: the secret stays the same";

pub(super) fn cases() -> Vec<Case> {
    [function(), low_order(), encoding(), curve(), order()].concat()
}

fn x25519(number: usize, comment: &str, secret: [u8; 32], public: [u8; 32]) -> Draft {
    case(&numbered("primitives/x25519-contributory", number), "primitives.x25519", comment)
        .bytes("secret", &secret)
        .bytes("public", &public)
}

fn function() -> Vec<Case> {
    let (a, r) = (alice(), relay());
    vec![
        x25519(1, "Alice's seed and the relay's key", a.x_seed, r.public().x).accepted(),
        x25519(2, "the relay's seed and Alice's key: the same secret", r.x_seed, a.public().x)
            .accepted(),
        x25519(
            3,
            "RFC 7748, section 5.2, first vector",
            key("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
            key("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
        )
        .accepted(),
        x25519(
            4,
            "RFC 7748, section 5.2, second vector: the function ignores bit 255 of the key",
            key("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
            key("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"),
        )
        .accepted(),
        x25519(
            5,
            "RFC 7748, section 6.1",
            key("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
            key("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
        )
        .accepted(),
        x25519(6, "a secret of zeros is clamped, not refused", [0; 32], r.public().x).accepted(),
        x25519(7, "a secret of ones is clamped", [0xff; 32], r.public().x).accepted(),
    ]
}

fn low_order() -> Vec<Case> {
    let points = low_order_x25519();
    let all = points.into_iter().chain(points.map(high_bit_twin));
    all.zip(8..)
        .map(|(point, number)| {
            x25519(number, "a point of small order makes every secret zero", alice().x_seed, point)
                .effect("the key of every frame is known to everyone")
                .flag("low-order")
                .refused("primitives/x25519-contributory")
        })
        .collect()
}

fn import(clause: &str, number: usize, comment: &str, key: [u8; 32]) -> Draft {
    case(&numbered(clause, number), "primitives.import-x25519", comment).bytes("key", &key)
}

fn encoding() -> Vec<Case> {
    let high_bit =
        |number, comment, key| import("primitives/x25519-high-bit", number, comment, key);
    let canonical =
        |number, comment, key| import("primitives/x25519-canonical", number, comment, key);
    let alias = |draft: Draft| draft.effect(OTHER_ID).flag("alias");
    let bit = "primitives/x25519-high-bit";
    let below = "primitives/x25519-canonical";
    let mut base = [0; 32];
    base[0] = 9;
    vec![
        high_bit(1, "Alice's key", alice().public().x).accepted(),
        alias(high_bit(2, "Alice's key with bit 255 set", high_bit_twin(alice().public().x)))
            .refused(bit),
        high_bit(3, "bit 255 is judged before u < p", [0xff; 32]).flag("order").refused(bit),
        high_bit(4, "bit 255 is judged before the order of the point", high_bit_twin([0; 32]))
            .flag("order")
            .refused(bit),
        canonical(1, "u = 9, the base point", base).accepted(),
        canonical(2, "the greatest u below p that is imported", greatest_key())
            .flag("boundary")
            .accepted(),
        alias(canonical(3, "u = 9 + p, the base point's other encoding", non_canonical(9)))
            .refused(below),
        canonical(4, "u = p", FIELD_PRIME).flag("boundary").refused(below),
        canonical(5, "u = p + 1, of small order too", non_canonical(1))
            .flag("order")
            .refused(below),
        canonical(6, "u = 2^255 - 1, the greatest of all", non_canonical(18))
            .flag("boundary")
            .refused(below),
        canonical(7, "u = 0 is below p, and its id is the relay's", [0; 32])
            .flag("low-order")
            .refused("identity/zero-id"),
    ]
}

/// Counting down from p − 1: the first key that passes P1.
fn greatest_key() -> [u8; 32] {
    let mut key = FIELD_PRIME;
    while import_x25519(key).is_err() {
        key[0] -= 1;
    }
    key
}

fn curve() -> Vec<Case> {
    let clause = "primitives/x25519-on-curve";
    let of = |number, comment, key| import(clause, number, comment, key);
    let twist = "the secret leaks modulo the small factors of the twist's order";
    let (mut two, mut minus_one) = ([0; 32], FIELD_PRIME);
    two[0] = 2;
    minus_one[0] -= 1;
    let mut near_alice = alice().public().x;
    while import_x25519(near_alice) != Err(clause) {
        near_alice[8] = near_alice[8].wrapping_add(1);
    }
    vec![
        of(1, "the relay's key", relay().public().x).accepted(),
        of(2, "u = 2 is a point of the twist", two).effect(twist).refused(clause),
        of(3, "u = p - 1, of order 4 on the twist, not on the curve", minus_one)
            .flag("low-order")
            .refused(clause),
        of(4, "a key of the twist with Alice's id", near_alice)
            .effect("a key that nobody made, with somebody's id")
            .refused(clause),
    ]
}

fn order() -> Vec<Case> {
    let clause = "primitives/x25519-order";
    let of = |number, comment, key| import(clause, number, comment, key);
    let siblings = torsion_siblings(alice().public().x).expect("an honest key");
    let mut cases = vec![of(1, "Bob's key", bob().public().x).accepted()];
    cases.extend(siblings.into_iter().zip(2..).map(|(sibling, number)| {
        of(number, "a torsion sibling of Alice's key: the same secret, another id", sibling)
            .effect(OTHER_ID)
            .flag("alias")
            .refused(clause)
    }));
    let [_, order_4, order_8, other_order_8, ..] = low_order_x25519();
    cases.extend([order_4, order_8, other_order_8].into_iter().zip(9..).map(|(point, number)| {
        of(number, "a point of order 4 or 8", point)
            .effect("every secret with it is zero")
            .flag("low-order")
            .refused(clause)
    }));
    cases
}
