//! XChaCha20-Poly1305 without associated data, and the registered derivations.

use super::super::super::case::{Case, Draft, case};
use super::numbered;
use crate::model::people::{alice, bob, relay};
use crate::model::primitives::{
    ROUTE_C2S, ROUTE_S2C, SAFETY_NUMBER, aead_seal, aead_seal_with, x25519,
};

const AEAD: &str = "primitives/aead";
const CONTEXT: &str = "primitives/context";
const NONCE: [u8; 24] = *b"twenty-four bytes, once.";
const TEXT: &[u8] = b"plaintext of twenty-five.";

pub(super) fn cases() -> Vec<Case> {
    [seal(), open(), tampered(), derive()].concat()
}

/// `S` of Alice and the relay.
fn shared() -> [u8; 32] {
    x25519(alice().x_seed, relay().public().x).expect("honest keys")
}

fn sealing(number: usize, verb: &str, comment: &str) -> Draft {
    case(&numbered(AEAD, number), verb, comment).bytes("key", &shared()).bytes("nonce", &NONCE)
}

fn sealed() -> Vec<u8> {
    aead_seal(shared(), NONCE, TEXT)
}

fn seal() -> Vec<Case> {
    let of = |number, comment, plaintext: &[u8]| {
        sealing(number, "primitives.aead-seal", comment).bytes("plaintext", plaintext).accepted()
    };
    vec![
        of(1, "a short text", TEXT),
        of(2, "nothing: the tag alone", b""),
        of(3, "one block of ChaCha20", &[0x5a; 64]),
        of(4, "one byte more than a block", &[0x5a; 65]),
    ]
}

fn opening(number: usize, comment: &str) -> Draft {
    sealing(number, "primitives.aead-open", comment)
}

fn open() -> Vec<Case> {
    let bound = aead_seal_with(shared(), NONCE, &alice().public().x, TEXT);
    let (text, tag) = (&sealed()[..TEXT.len()], &sealed()[TEXT.len()..]);
    let other_key = x25519(bob().x_seed, relay().public().x).expect("honest keys");
    vec![
        opening(5, "a short text").bytes("sealed", &sealed()).accepted(),
        opening(6, "nothing: the tag alone")
            .bytes("sealed", &aead_seal(shared(), NONCE, b""))
            .accepted(),
        opening(7, "associated data was added: this protocol has none")
            .bytes("sealed", &bound)
            .refused(AEAD),
        opening(8, "the tag in front").bytes("sealed", &[tag, text].concat()).refused(AEAD),
        opening(9, "sealed under another key")
            .bytes("sealed", &aead_seal(other_key, NONCE, TEXT))
            .refused(AEAD),
        opening(10, "a tag of zeros")
            .bytes("sealed", &[text, &[0; 16]].concat())
            .effect("whoever compares no tag reads what nobody wrote")
            .refused(AEAD),
    ]
}

fn tampered() -> Vec<Case> {
    let (sealed, text) = (sealed(), TEXT.len());
    let open = "primitives.aead-open";
    let nonce_sweep = case(&numbered(AEAD, 13), open, "every bit of the nonce flipped")
        .bytes("key", &shared())
        .bytes("sealed", &sealed)
        .sweep("nonce", "bit-flip", &NONCE, 0..192);
    let over = |number, comment, kind, range| {
        opening(number, comment).sweep("sealed", kind, &sealed, range).flag("tampered")
    };
    vec![
        over(11, "every bit of the ciphertext flipped", "bit-flip", 0..text * 8).refused(AEAD),
        over(12, "every bit of the tag flipped", "bit-flip", text * 8..sealed.len() * 8)
            .refused(AEAD),
        nonce_sweep.flag("tampered").refused(AEAD),
        over(14, "shorter than a tag", "truncate", 0..16)
            .effect("an implementation that subtracts 16 first reads out of bounds")
            .refused(AEAD),
        over(15, "every truncation that leaves a tag's length", "truncate", 16..sealed.len())
            .refused(AEAD),
        over(16, "bytes after the tag", "extend", 1..18).refused(AEAD),
    ]
}

fn derive() -> Vec<Case> {
    let of = |number, comment, context: &str, length: usize| {
        case(&numbered(CONTEXT, number), "primitives.derive", comment)
            .value("context", context)
            .bytes("material", &shared())
            .value("length", length)
    };
    let wrong = |number, comment, context: &str| {
        of(number, comment, context, 32)
            .effect("no header of this implementation is read by anybody else")
            .refused(CONTEXT)
    };
    vec![
        of(1, "the key of headers from client to relay", ROUTE_C2S, 32).accepted(),
        of(2, "the key of headers from relay to client", ROUTE_S2C, 32).accepted(),
        of(3, "extended output: sixty bytes", SAFETY_NUMBER, 60).accepted(),
        of(4, "the first 32 bytes of the extended output are the key", ROUTE_C2S, 64).accepted(),
        wrong(5, "one character less", &ROUTE_C2S[..ROUTE_C2S.len() - 1]),
        wrong(6, "one character more", &format!("{ROUTE_C2S} ")),
        wrong(7, "a terminating zero", &format!("{ROUTE_C2S}\0")),
        wrong(8, "a character of another script that looks the same", &ROUTE_C2S.replace('o', "о")),
        wrong(9, "capitals", &ROUTE_S2C.to_uppercase()),
        wrong(10, "another version's number", &ROUTE_S2C.replace("v2", "v3")),
        wrong(11, "nothing", ""),
    ]
}
