//! Chapter 2, identity: seeds, ids, safety numbers. Invites have a file of their own.

mod invite;

use super::super::case::{Case, Draft, case};
use super::numbered;
use crate::model::forge::{
    high_bit_twin, key_with_prefix, mixed_order_ed25519, small_order_ed25519, torsion_siblings,
};
use crate::model::identity::{Keys, Public};
use crate::model::people::{alice, bob, mallory, relay};
use crate::model::primitives::x25519_point;

const ZERO_ID: &str = "identity/zero-id";
const X_ORDER: &str = "primitives/x25519-order";
const ED_ORDER: &str = "primitives/ed25519-key-order";

pub(super) fn cases() -> Vec<Case> {
    [seeds(), ids(), zero_ids(), invite::cases(), safety_numbers()].concat()
}

fn seeds() -> Vec<Case> {
    let clause = "identity/seeds";
    let of = |number, comment, x: &[u8], ed: &[u8]| {
        case(&numbered(clause, number), "identity.from-seeds", comment)
            .bytes("x25519_seed", x)
            .bytes("ed25519_seed", ed)
    };
    let Keys { x_seed: x, ed_seed: ed } = alice();
    let of_keys = |number, comment, keys: Keys| of(number, comment, &keys.x_seed, &keys.ed_seed);
    vec![
        of_keys(1, "Alice", alice()).accepted(),
        of_keys(2, "Bob", bob()).accepted(),
        of_keys(3, "the relay", relay()).accepted(),
        of(4, "an unclamped X25519 seed is used as it is", &[0xff; 32], &ed).accepted(),
        of(5, "an X25519 seed of 31 bytes", &x[..31], &ed).flag("boundary").refused(clause),
        of(6, "an X25519 seed of 33 bytes", &[&x[..], &[0]].concat(), &ed)
            .flag("boundary")
            .refused(clause),
        of(7, "an Ed25519 seed of 31 bytes", &x, &ed[..31]).flag("boundary").refused(clause),
        of(8, "an Ed25519 seed with its public key behind it", &x, &[ed, ed].concat())
            .effect("a stored public half is trusted, and two signatures give the secret away")
            .refused(clause),
        of(9, "no seed", b"", b"").refused(clause),
    ]
}

/// The operation `verb` on a public identity.
fn public(id: &str, verb: &str, comment: &str, x: [u8; 32], ed: [u8; 32]) -> Draft {
    case(id, verb, comment).bytes("x25519", &x).bytes("ed25519", &ed)
}

fn import(clause: &str, number: usize, comment: &str, x: [u8; 32], ed: [u8; 32]) -> Draft {
    public(&numbered(clause, number), "identity.import", comment, x, ed)
}

fn ids() -> Vec<Case> {
    let of = |number, comment, x, ed| import("identity/id", number, comment, x, ed);
    let Public { x, ed } = alice().public();
    let sibling = torsion_siblings(x).expect("an honest key")[3];
    let short = |number, comment, x: [u8; 32]| {
        case(&numbered("identity/id", number), "identity.import", comment)
            .bytes("x25519", &x)
            .bytes("ed25519", &ed[..31])
    };
    let other_id = "the relay files one person under two ids";
    vec![
        of(1, "Alice: the first eight bytes of her X25519 key", x, ed).accepted(),
        of(2, "her key with bit 255 set", high_bit_twin(x), ed)
            .effect(other_id)
            .flag("alias")
            .refused("primitives/x25519-high-bit"),
        of(3, "a torsion sibling of her key", sibling, ed)
            .effect(other_id)
            .flag("alias")
            .refused(X_ORDER),
        of(4, "an Ed25519 key of small order", x, small_order_ed25519()[2]).refused(ED_ORDER),
        of(5, "both keys bad: X25519 is judged first", sibling, small_order_ed25519()[0])
            .flag("order")
            .refused(X_ORDER),
        of(6, "an Ed25519 key of mixed order", x, mixed_order_ed25519(alice().ed_seed))
            .refused(ED_ORDER),
        short(7, "an Ed25519 key of 31 bytes", x).refused("primitives/ed25519-key-encoding"),
        short(8, "the same behind a bad X25519 key, which is judged first", sibling)
            .flag("order")
            .refused(X_ORDER),
    ]
}

fn zero_ids() -> Vec<Case> {
    let of = |number, comment, x| import(ZERO_ID, number, comment, x, mallory().public().ed);
    let is_relay = "a client is registered as the relay";
    let mut on_twist = key_with_prefix(&[0; 8]);
    while x25519_point(on_twist) != Err("primitives/x25519-on-curve") {
        on_twist[8] += 1;
    }
    vec![
        of(1, "the first seven bytes are zero, the eighth is not", key_with_prefix(&SEVEN))
            .flag("boundary")
            .accepted(),
        of(2, "a key of prime order whose first eight bytes are zero", key_with_prefix(&[0; 8]))
            .effect(is_relay)
            .refused(ZERO_ID),
        of(3, "the key of zeros: the relay's id under a secret that everyone knows", [0; 32])
            .effect(is_relay)
            .flag("low-order")
            .refused(ZERO_ID),
        of(4, "the id is judged before the curve", on_twist).flag("order").refused(ZERO_ID),
        of(5, "bit 255 is judged before the id", high_bit_twin([0; 32]))
            .flag("order")
            .refused("primitives/x25519-high-bit"),
    ]
}

/// As near to the relay's id as an importable key may come.
const SEVEN: [u8; 8] = [0, 0, 0, 0, 0, 0, 0, 1];

fn safety_numbers() -> Vec<Case> {
    let of = |number, comment, a: Public, b: Public| {
        case(&numbered("identity/safety-number", number), "identity.safety-number", comment)
            .bytes("x25519_a", &a.x)
            .bytes("ed25519_a", &a.ed)
            .bytes("x25519_b", &b.x)
            .bytes("ed25519_b", &b.ed)
    };
    let (a, b, relay) = (alice().public(), bob().public(), relay().public());
    let sibling = torsion_siblings(b.x).expect("an honest key")[0];
    let bad = Public { x: sibling, ..b };
    vec![
        of(1, "Alice and Bob", a, b).accepted(),
        of(2, "Bob and Alice: the same digits", b, a).accepted(),
        of(3, "Alice and herself", a, a).accepted(),
        of(4, "Alice and somebody with Bob's X25519 key", a, Public { ed: a.ed, ..b })
            .effect("a number over half of the keys vouches for the other half")
            .accepted(),
        of(5, "a torsion sibling of Bob's key", a, Public { x: sibling, ..b }).refused(X_ORDER),
        of(6, "an Ed25519 key of small order", a, Public { ed: small_order_ed25519()[1], ..b })
            .refused(ED_ORDER),
        of(7, "a torsion sibling in the first place", Public { x: sibling, ..b }, a)
            .refused(X_ORDER),
        of(8, "both bad: the first is judged first", Public { x: high_bit_twin(a.x), ..a }, bad)
            .flag("order")
            .refused("primitives/x25519-high-bit"),
        of(9, "the X25519 keys decide the order, unsigned: 49 is before 8f", relay, b).accepted(),
        of(10, "the same X25519 key twice: the Ed25519 keys decide", a, Public { ed: b.ed, ..a })
            .accepted(),
    ]
}
