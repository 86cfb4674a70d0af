//! Ed25519: keys by S1 a b, signing, signatures by S1 c.

use super::super::super::case::{Case, Draft, case};
use super::{bytes, key, numbered};
use crate::model::forge::{
    mixed_order_ed25519, multiple_of_base, second_encodings_ed25519, signature_of_identity_r,
    signature_of_mixed_order, signature_of_mixed_r, signature_of_second_r, signature_plus_order,
    signature_prehashed, signature_with, small_order_ed25519,
};
use crate::model::people::{alice, bob, relay};
use crate::model::primitives::{GROUP_ORDER, ed25519_public, sign};

const KEY_ENCODING: &str = "primitives/ed25519-key-encoding";
const KEY_ORDER: &str = "primitives/ed25519-key-order";
const SIGN: &str = "primitives/ed25519-sign";
const SIGNATURE: &str = "primitives/ed25519-signature";
const MESSAGE: &[u8] = b"what is signed";

pub(super) fn cases() -> Vec<Case> {
    [key_encoding(), key_order(), signing(), scalars(), points(), tampered()].concat()
}

fn import(clause: &str, number: usize, comment: &str, key: &[u8]) -> Draft {
    case(&numbered(clause, number), "primitives.import-ed25519", comment).bytes("key", key)
}

fn key_encoding() -> Vec<Case> {
    let of = |number, comment, key: &[u8]| import(KEY_ENCODING, number, comment, key);
    let mut no_point = [0; 32];
    no_point[0] = 2;
    let mut cases = vec![of(1, "the relay's key", &relay().public().ed).accepted()];
    cases.extend(second_encodings_ed25519().into_iter().zip(2..).map(|(key, number)| {
        of(number, "a second encoding of a point of small order", &key)
            .effect("two byte strings for one key: comparisons of keys fail")
            .flag("non-canonical")
            .refused(KEY_ENCODING)
    }));
    cases.extend([
        of(8, "y = 2 belongs to no point", &no_point).refused(KEY_ENCODING),
        of(9, "one byte short", &relay().public().ed[..31]).flag("boundary").refused(KEY_ENCODING),
        of(10, "one byte long", &[&relay().public().ed[..], &[0]].concat())
            .flag("boundary")
            .refused(KEY_ENCODING),
    ]);
    cases
}

fn key_order() -> Vec<Case> {
    let of = |number, comment, key: &[u8]| import(KEY_ORDER, number, comment, key);
    let mut cases = vec![of(1, "Alice's key", &alice().public().ed).accepted()];
    cases.extend(small_order_ed25519().into_iter().zip(2..).map(|(key, number)| {
        of(number, "a point of small order", &key)
            .effect("one signature that is valid for every message")
            .flag("low-order")
            .refused(KEY_ORDER)
    }));
    let (message, signature) = signature_of_mixed_order(alice().ed_seed);
    let mixed = mixed_order_ed25519(alice().ed_seed);
    let identity = small_order_ed25519()[0];
    cases.extend([
        of(10, "Alice's key with a part of order 8 added", &mixed)
            .effect("verifiers with and without cofactor disagree about its signatures")
            .refused(KEY_ORDER),
        verify(&numbered(KEY_ORDER, 11), "the equation holds, the key is of mixed order", mixed)
            .bytes("message", &message)
            .bytes("signature", &signature)
            .refused(KEY_ORDER),
        verify(&numbered(KEY_ORDER, 12), "the signature that fits every message", identity)
            .bytes("message", MESSAGE)
            .bytes("signature", &[&identity[..], &[0; 32]].concat())
            .effect("anyone signs anything under this key")
            .refused(KEY_ORDER),
    ]);
    cases
}

fn verify(id: &str, comment: &str, key: [u8; 32]) -> Draft {
    case(id, "primitives.verify", comment).bytes("key", &key)
}

/// RFC 8032, section 7.1: seed, message, and which test it is.
fn rfc_8032() -> [([u8; 32], Vec<u8>, &'static str); 4] {
    let abc = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
               2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
    [
        (
            key("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
            Vec::new(),
            "RFC 8032, section 7.1, test 1: no message",
        ),
        (
            key("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
            bytes("72"),
            "RFC 8032, section 7.1, test 2: one byte",
        ),
        (
            key("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"),
            bytes("af82"),
            "RFC 8032, section 7.1, test 3: two bytes",
        ),
        (
            key("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42"),
            bytes(abc),
            "RFC 8032, section 7.1, test SHA(abc)",
        ),
    ]
}

fn signing() -> Vec<Case> {
    let seed = alice().ed_seed;
    let by_alice = |number, comment| verify(&numbered(SIGN, number), comment, alice().public().ed);
    let foreign = signature_with(seed, 7, multiple_of_base(7), bob().public().ed, MESSAGE);
    let mut cases: Vec<Case> = rfc_8032()
        .into_iter()
        .zip(1..)
        .map(|((seed, message, comment), number)| {
            case(&numbered(SIGN, number), "primitives.sign", comment)
                .bytes("seed", &seed)
                .bytes("message", &message)
                .accepted()
        })
        .collect();
    cases.extend([
        by_alice(5, "Ed25519ph, the prehashed kind, is another signature")
            .bytes("message", MESSAGE)
            .bytes("signature", &signature_prehashed(seed, MESSAGE))
            .refused(SIGNATURE),
        by_alice(6, "computed with Bob's public half in the hash")
            .bytes("message", MESSAGE)
            .bytes("signature", &foreign)
            .effect("a signer that is handed the public half gives its secret away")
            .refused(SIGNATURE),
    ]);
    cases
}

fn by_alice(number: usize, comment: &str) -> Draft {
    verify(&numbered(SIGNATURE, number), comment, alice().public().ed).bytes("message", MESSAGE)
}

fn honest() -> [u8; 64] {
    sign(alice().ed_seed, MESSAGE)
}

fn scalars() -> Vec<Case> {
    let with_s = |s: [u8; 32]| [&honest()[..32], &s].concat();
    let mut last = GROUP_ORDER;
    last[0] -= 1;
    let mut top_bits = honest();
    top_bits[63] |= 0xe0;
    let malleable = "anyone makes a second valid signature from the first";
    let plus = |n| signature_plus_order(honest(), n);
    vec![
        by_alice(1, "as Alice signed").bytes("signature", &honest()).accepted(),
        by_alice(2, "S + l").bytes("signature", &plus(1)).effect(malleable).refused(SIGNATURE),
        by_alice(3, "S + 2l").bytes("signature", &plus(2)).effect(malleable).refused(SIGNATURE),
        by_alice(4, "S with its three top bits set")
            .bytes("signature", &top_bits)
            .effect(malleable)
            .refused(SIGNATURE),
        by_alice(5, "S = l").bytes("signature", &with_s(GROUP_ORDER)).refused(SIGNATURE),
        by_alice(6, "S = l - 1: in range, wrong by the equation")
            .bytes("signature", &with_s(last))
            .refused(SIGNATURE),
        by_alice(7, "S = 0: in range, wrong by the equation")
            .bytes("signature", &with_s([0; 32]))
            .refused(SIGNATURE),
    ]
}

fn points() -> Vec<Case> {
    let seed = alice().ed_seed;
    vec![
        by_alice(8, "R is the identity and the equation holds")
            .bytes("signature", &signature_of_identity_r(seed, MESSAGE))
            .flag("low-order")
            .refused(SIGNATURE),
        by_alice(9, "R is the identity, encoded as y = p + 1")
            .bytes("signature", &signature_of_second_r(seed, MESSAGE))
            .flag("non-canonical")
            .refused(SIGNATURE),
        by_alice(10, "R has a part of order 8: only the equation with cofactor holds")
            .bytes("signature", &signature_of_mixed_r(seed, MESSAGE))
            .effect("single and batch verification disagree")
            .refused(SIGNATURE),
    ]
}

fn tampered() -> Vec<Case> {
    let long = [&honest()[..], &honest()].concat();
    let with_key = |number, comment, key| {
        verify(&numbered(SIGNATURE, number), comment, key).bytes("signature", &honest())
    };
    vec![
        by_alice(11, "every bit flipped, one at a time")
            .sweep("signature", "bit-flip", &honest(), 0..512)
            .flag("tampered")
            .refused(SIGNATURE),
        by_alice(12, "every shorter length")
            .sweep("signature", "truncate", &honest(), 0..64)
            .refused(SIGNATURE),
        by_alice(13, "one byte more").bytes("signature", &long[..65]).refused(SIGNATURE),
        by_alice(14, "twice in a row").bytes("signature", &long).refused(SIGNATURE),
        with_key(15, "over another message", alice().public().ed)
            .bytes("message", b"what is sIgned")
            .flag("tampered")
            .refused(SIGNATURE),
        with_key(16, "under Bob's key", bob().public().ed)
            .bytes("message", MESSAGE)
            .refused(SIGNATURE),
        by_alice(17, "64 bytes of nothing").bytes("signature", &[0; 64]).refused(SIGNATURE),
        with_key(18, "the empty message is a message", ed25519_public(alice().ed_seed))
            .bytes("message", b"")
            .refused(SIGNATURE),
    ]
}
