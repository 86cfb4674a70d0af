//! Chapter 3, packet: the seal and everything that breaks it.

use super::super::case::{Case, Draft, case};
use super::numbered;
use crate::model::forge::{
    low_order_x25519, signature_plus_order, small_order_ed25519, torsion_siblings,
};
use crate::model::identity::{Keys, Public};
use crate::model::packet::{pair_key, seal, seal_inner, signed};
use crate::model::people::{alice, bob, mallory};
use crate::model::primitives::{ROUTE_C2S, aead_seal, aead_seal_with, derive, sign};

const TOO_SHORT: &str = "packet/too-short";
const SIGNATURE: &str = "packet/signature";
const AUTHENTIC: &str = "packet/authentic";

pub(super) fn cases() -> Vec<Case> {
    let head = [layout(), key(), imports(), nonces(), ranges()].concat();
    [head, lengths(), signatures(), seals(), order(), ids()].concat()
}

/// The TEXT of the known answers: a uuid and `hello`.
const TEXT: u8 = 0x20;

fn body() -> Vec<u8> {
    [&[0x11; 16][..], b"hello"].concat()
}

/// The bytes 00 01 … 17.
fn counting() -> [u8; 24] {
    core::array::from_fn(|i| i as u8)
}

fn pair() -> [u8; 32] {
    pair_key(alice().x_seed, bob().public().x).expect("honest keys")
}

/// Alice's TEXT to Bob.
fn packet() -> Vec<u8> {
    seal(pair(), alice().ed_seed, counting(), 7, TEXT, &body())
}

/// Alice seals something to the key `peer`.
fn sealing_to(clause: &str, number: usize, comment: &str, peer: [u8; 32]) -> Draft {
    let Keys { x_seed, ed_seed } = alice();
    case(&numbered(clause, number), "packet.seal", comment)
        .bytes("x25519_seed", &x_seed)
        .bytes("ed25519_seed", &ed_seed)
        .bytes("peer_x25519", &peer)
        .bytes("nonce", &counting())
}

fn sealing(number: usize, comment: &str, message_id: u16, command: u8, body: &[u8]) -> Case {
    sealing_to("packet/layout", number, comment, bob().public().x)
        .value("message_id", message_id)
        .value("command", command)
        .bytes("body", body)
        .accepted()
}

/// `by` opens what should be of `from`.
fn opening(clause: &str, number: usize, comment: &str, by: Keys, from: Keys) -> Draft {
    case(&numbered(clause, number), "packet.open", comment)
        .bytes("x25519_seed", &by.x_seed)
        .bytes("peer_x25519", &from.public().x)
        .bytes("peer_ed25519", &from.public().ed)
}

/// Bob opens what should be of Alice.
fn by_bob(clause: &str, number: usize, comment: &str, packet: &[u8]) -> Draft {
    opening(clause, number, comment, bob(), alice()).bytes("packet", packet)
}

fn layout() -> Vec<Case> {
    let packet = packet();
    let (range, signature) = packet.split_at(packet.len() - 64);
    let clause = "packet/layout";
    vec![
        sealing(1, "Alice to Bob: TEXT with message id 7", 7, TEXT, &body()),
        sealing(2, "an empty body: the shortest packet", 0, 0x30, b""),
        sealing(3, "the greatest message id, the greatest command", 0xffff, 0xff, &[0x5a; 700]),
        by_bob(clause, 4, "as Alice sealed it", &packet).accepted(),
        by_bob(clause, 5, "the signature in front", &[signature, range].concat())
            .refused(SIGNATURE),
        by_bob(
            clause,
            6,
            "the nonce behind the tag",
            &[&range[24..], &range[..24], signature].concat(),
        )
        .refused(SIGNATURE),
    ]
}

fn key() -> Vec<Case> {
    let clause = "packet/key";
    let hashed = derive(ROUTE_C2S, &pair(), 32).expect("registered").try_into().expect("32 bytes");
    let to_mallory = pair_key(alice().x_seed, mallory().public().x).expect("honest keys");
    let under = |key| seal(key, alice().ed_seed, counting(), 7, TEXT, &body());
    let answer = seal(pair(), bob().ed_seed, [9; 24], 1, TEXT, &body());
    vec![
        by_bob(clause, 1, "Alice's packet", &packet()).accepted(),
        opening(clause, 2, "Bob's answer: the same key", alice(), bob())
            .bytes("packet", &answer)
            .accepted(),
        by_bob(clause, 3, "sealed under a derived key instead of the raw secret", &under(hashed))
            .effect("no other implementation reads its packets")
            .refused(AUTHENTIC),
        by_bob(clause, 4, "sealed for somebody else", &under(to_mallory)).refused(AUTHENTIC),
    ]
}

/// Keys that nobody imports: sealed to, or opened by, before anything else is judged.
fn imports() -> Vec<Case> {
    let (x_order, ed_order) = ("primitives/x25519-order", "primitives/ed25519-key-order");
    let seal_to = |number, comment, peer: [u8; 32]| {
        sealing_to("packet/key", number, comment, peer)
            .value("message_id", 7)
            .value("command", TEXT)
            .bytes("body", &body())
    };
    let open_of = |number, comment, Public { x, ed }: Public, packet: &[u8]| {
        case(&numbered("packet/key", number), "packet.open", comment)
            .bytes("x25519_seed", &bob().x_seed)
            .bytes("peer_x25519", &x)
            .bytes("peer_ed25519", &ed)
            .bytes("packet", packet)
    };
    let from = alice().public();
    let x = torsion_siblings(from.x).expect("an honest key")[4];
    let ed = small_order_ed25519()[2];
    let packet = packet();
    vec![
        seal_to(5, "to a torsion sibling of Bob's key", sibling_of_bob()).refused(x_order),
        seal_to(6, "to a point of order 8: the import comes before the secret", order_8())
            .flag("order")
            .refused(x_order),
        open_of(7, "from a torsion sibling: the packet would open", Public { x, ..from }, &packet)
            .effect("Alice's words shown as another contact's")
            .flag("alias")
            .refused(x_order),
        open_of(8, "from a signer of small order", Public { ed, ..from }, &packet)
            .refused(ed_order),
        open_of(9, "both keys bad: X25519 is judged first", Public { x, ed }, &packet)
            .flag("order")
            .refused(x_order),
        open_of(10, "keys are judged before the packet", Public { x, ..from }, &packet[..106])
            .flag("order")
            .refused(x_order),
    ]
}

fn sibling_of_bob() -> [u8; 32] {
    torsion_siblings(bob().public().x).expect("an honest key")[0]
}

fn order_8() -> [u8; 32] {
    low_order_x25519()[3]
}

fn nonces() -> Vec<Case> {
    let clause = "packet/nonce-any";
    let clock = [&1_763_700_000u64.to_le_bytes()[..], &[0x7c; 16]].concat();
    let with = |nonce| seal(pair(), alice().ed_seed, nonce, 7, TEXT, &body());
    let any = |number, comment, nonce| by_bob(clause, number, comment, &with(nonce)).accepted();
    vec![
        any(1, "a clock in the first eight bytes", clock.try_into().expect("24 bytes")),
        any(2, "zeros", [0; 24]),
        any(3, "ones", [0xff; 24]),
        opening(clause, 4, "every bit of the nonce flipped", bob(), alice())
            .sweep("packet", "bit-flip", &packet(), 0..192)
            .flag("tampered")
            .refused(SIGNATURE),
    ]
}

fn ranges() -> Vec<Case> {
    let clause = "packet/signed-range";
    let packet = packet();
    let range = &packet[..packet.len() - 64];
    let over = |message: &[u8]| [range, &sign(alice().ed_seed, message)].concat();
    let with_header = [&bob().id()[..], range].concat();
    let with_key = [&alice().public().x[..], range].concat();
    let refused = |number, comment, packet: Vec<u8>| {
        by_bob(clause, number, comment, &packet).refused(SIGNATURE)
    };
    vec![
        by_bob(clause, 1, "over nonce, ciphertext and tag", &packet).accepted(),
        refused(2, "over ciphertext and tag only", over(&range[24..])),
        refused(3, "over nonce and ciphertext, without the tag", over(&range[..range.len() - 16])),
        refused(4, "over the recipient's id too", over(&with_header)),
        refused(5, "over the sender's key too", over(&with_key)),
    ]
}

fn lengths() -> Vec<Case> {
    let of_inner = |inner: &[u8]| seal_inner(pair(), alice().ed_seed, counting(), inner);
    let cut = |number, comment, range| {
        opening(TOO_SHORT, number, comment, bob(), alice())
            .sweep("packet", "truncate", &packet(), range)
            .flag("tampered")
    };
    let short = |number, comment, inner: &[u8]| {
        by_bob(TOO_SHORT, number, comment, &of_inner(inner)).flag("boundary").refused(TOO_SHORT)
    };
    vec![
        by_bob(TOO_SHORT, 1, "107 bytes: message id and command", &of_inner(&[0, 0, 0x30]))
            .flag("boundary")
            .accepted(),
        short(2, "106 bytes, rightly sealed and signed: no command", &[0, 0]),
        short(3, "105 bytes, rightly sealed and signed", &[0]),
        short(4, "104 bytes, rightly sealed and signed: no inner part at all", b""),
        cut(5, "every truncation below 107 bytes", 0..107)
            .effect("an implementation that cuts off 64 bytes first reads out of bounds")
            .refused(TOO_SHORT),
        cut(6, "every truncation from 107 bytes on", 107..128).refused(SIGNATURE),
        opening(TOO_SHORT, 7, "bytes behind the signature", bob(), alice())
            .sweep("packet", "extend", &packet(), 1..66)
            .refused(SIGNATURE),
    ]
}

fn signatures() -> Vec<Case> {
    let packet = packet();
    let (range, signature) = packet.split_at(packet.len() - 64);
    let plus = signature_plus_order(signature.try_into().expect("64 bytes"), 1);
    let by_mallory = sign(mallory().ed_seed, range);
    vec![
        by_bob(SIGNATURE, 1, "as Alice signed", &packet).accepted(),
        opening(SIGNATURE, 2, "every bit of the signature flipped", bob(), alice())
            .sweep("packet", "bit-flip", &packet, 64 * 8..128 * 8)
            .flag("tampered")
            .refused(SIGNATURE),
        opening(SIGNATURE, 3, "every bit of ciphertext and tag flipped", bob(), alice())
            .sweep("packet", "bit-flip", &packet, 24 * 8..64 * 8)
            .flag("tampered")
            .refused(SIGNATURE),
        by_bob(SIGNATURE, 4, "S + l in the signature", &[range, &plus].concat())
            .effect("a second valid packet with the same content")
            .refused(SIGNATURE),
        by_bob(SIGNATURE, 5, "signed by Mallory", &[range, &by_mallory].concat())
            .effect("whoever knows the pair key of another speaks for them")
            .refused(SIGNATURE),
        by_bob(SIGNATURE, 6, "no signature: zeros", &[range, &[0; 64]].concat()).refused(SIGNATURE),
        opening(SIGNATURE, 7, "Alice's packet under Mallory's name", bob(), mallory())
            .bytes("packet", &packet)
            .effect("a message is filed under whom it is not from")
            .refused(SIGNATURE),
    ]
}

/// What is broken under a signature that holds.
fn seals() -> Vec<Case> {
    let inner = [&[7, 0, TEXT][..], &body()].concat();
    let sealed = aead_seal(pair(), counting(), &inner);
    let flipped = |at: usize| {
        let mut bytes = sealed.clone();
        bytes[at] ^= 1;
        bytes
    };
    let resigned = |sealed: &[u8]| signed(alice().ed_seed, counting(), sealed);
    let refused = |number, comment, sealed: &[u8]| {
        by_bob(AUTHENTIC, number, comment, &resigned(sealed)).flag("re-signed").refused(AUTHENTIC)
    };
    let bound = aead_seal_with(pair(), counting(), &bob().id(), &inner);
    let moved = signed(alice().ed_seed, [0x33; 24], &sealed);
    vec![
        by_bob(AUTHENTIC, 1, "as Alice sealed it, signed anew", &resigned(&sealed)).accepted(),
        refused(2, "first bit of the ciphertext flipped", &flipped(0)),
        refused(3, "last bit of the tag flipped", &flipped(sealed.len() - 1)),
        refused(4, "a byte cut off the tag", &sealed[..sealed.len() - 1]),
        refused(5, "a byte behind the tag", &[&sealed[..], &[0]].concat()),
        refused(6, "associated data was added", &bound),
        refused(7, "19 bytes of zeros for a sealed string", &[0; 19]),
        by_bob(AUTHENTIC, 8, "another nonce than it was sealed with", &moved)
            .flag("re-signed")
            .refused(AUTHENTIC),
    ]
}

fn order() -> Vec<Case> {
    let mut both = packet();
    let last = both.len() - 1;
    both[24] ^= 1;
    both[last] ^= 1;
    let (first, release) = ("packet/verify-first", "packet/no-release");
    let tag_broken = {
        let mut sealed = packet()[24..64].to_vec();
        sealed[39] ^= 0x80;
        signed(alice().ed_seed, counting(), &sealed)
    };
    let signature_broken = {
        let mut packet = packet();
        packet[70] ^= 1;
        packet
    };
    let own = packet();
    let answer = seal(pair(), bob().ed_seed, [9; 24], 1, TEXT, &body());
    vec![
        by_bob(first, 1, "both right", &packet()).accepted(),
        by_bob(first, 2, "signature and seal broken: the signature is judged first", &both)
            .effect("strangers feed the decryption")
            .flag("order")
            .refused(SIGNATURE),
        by_bob(release, 1, "a packet that opens", &packet()).accepted(),
        by_bob(release, 2, "the tag is wrong: the buffer stays as it was", &tag_broken)
            .effect("plaintext of a forged packet is released")
            .flag("re-signed")
            .refused(AUTHENTIC),
        by_bob(release, 3, "the signature is wrong: the buffer stays as it was", &signature_broken)
            .refused(SIGNATURE),
        opening("packet/reflection", 1, "Bob's own answer to Alice", alice(), bob())
            .bytes("packet", &answer)
            .accepted(),
        opening(
            "packet/reflection",
            2,
            "Alice's own packet comes back under Bob's id",
            alice(),
            bob(),
        )
        .bytes("packet", &own)
        .effect("a relay makes people read their own words as somebody else's")
        .refused(SIGNATURE),
    ]
}

fn ids() -> Vec<Case> {
    let clause = "packet/message-id";
    let with = |id| seal(pair(), alice().ed_seed, counting(), id, TEXT, &body());
    vec![
        by_bob(clause, 1, "zero", &with(0)).accepted(),
        by_bob(clause, 2, "the greatest", &with(u16::MAX)).accepted(),
        opening(clause, 3, "every bit of it flipped under the seal", bob(), alice())
            .sweep("packet", "bit-flip", &packet(), 24 * 8..26 * 8)
            .flag("tampered")
            .refused(SIGNATURE),
    ]
}
