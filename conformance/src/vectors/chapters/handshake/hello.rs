//! The hello, as a client builds it and as a relay judges it. Every negative is sealed and signed
//! again, so that only the rule it names is broken.

use super::super::super::case::{Case, Draft, case};
use super::numbered;
use crate::model::forge::{
    high_bit_twin, key_with_prefix, low_order_x25519, mixed_order_ed25519,
    second_encodings_ed25519, signature_plus_order, small_order_ed25519, torsion_siblings,
};
use crate::model::handshake::{HelloParts, hello_inner, hello_parts};
use crate::model::identity::Keys;
use crate::model::packet::signed;
use crate::model::people::{alice, bob, mallory, relay};
use crate::model::primitives::{FIELD_PRIME, aead_seal_with, sign, x25519_raw};
use crate::model::relay::{SUBSCRIBE, command_frame};

const LAYOUT: &str = "handshake/hello-layout";
const BEFORE: &str = "frame/before-hello";
const TRAILING: &str = "handshake/hello-trailing";
const TOO_SHORT: &str = "handshake/too-short";
const CLIENT_KEY: &str = "handshake/client-key";
const SEAL: &str = "handshake/hello-seal";
const COMMAND: &str = "handshake/hello-command";
const SIGNING_KEY: &str = "handshake/signing-key";
const SIGNATURE: &str = "handshake/hello-signature";
const VERSION: &str = "handshake/version";
const NONCE: [u8; 24] = [1; 24];

pub(super) fn cases() -> Vec<Case> {
    let client = [layout(), trailing(), lengths()].concat();
    let keys = [client_keys(), aliases(), two_faults(), seals()].concat();
    let keys = [keys, commands(), signing_keys()].concat();
    [client, keys, signatures(), versions()].concat()
}

fn parts() -> HelloParts {
    hello_parts(&alice(), relay().public().x, NONCE).expect("honest keys")
}

fn hello() -> Vec<u8> {
    parts().bytes()
}

/// A hello of Alice with other bytes under the seal.
fn with_inner(inner: Vec<u8>) -> Vec<u8> {
    HelloParts { inner, ..parts() }.bytes()
}

/// A hello that `keys` build, asking with `x` in clear under the secret that the relay derives.
fn with_key(x: [u8; 32]) -> Vec<u8> {
    HelloParts { x, shared: x25519_raw(relay().x_seed, x), ..parts() }.bytes()
}

fn building(number: usize, comment: &str, keys: Keys, to: [u8; 32], nonce: [u8; 24]) -> Draft {
    case(&numbered(LAYOUT, number), "handshake.hello", comment)
        .bytes("x25519_seed", &keys.x_seed)
        .bytes("ed25519_seed", &keys.ed_seed)
        .bytes("relay_x25519", &to)
        .bytes("nonce", &nonce)
}

fn at_relay(clause: &str, number: usize, comment: &str) -> Draft {
    case(&numbered(clause, number), "handshake.accept", comment)
        .bytes("relay_x25519_seed", &relay().x_seed)
        .bytes("relay_ed25519_seed", &relay().ed_seed)
}

fn accept(clause: &str, number: usize, comment: &str, hello: &[u8]) -> Draft {
    at_relay(clause, number, comment).bytes("hello", hello)
}

fn layout() -> Vec<Case> {
    let relay_x = relay().public().x;
    let clock = [&1_763_700_000u64.to_le_bytes()[..], &[0x7c; 16]].concat();
    let moved = [&hello()[32..56], &hello()[..32], &hello()[56..]].concat();
    let shifted = [&hello()[..32], &[1], &hello()[32..]].concat();
    let sibling = torsion_siblings(relay_x).expect("an honest key")[2];
    vec![
        building(1, "Alice, nonce of ones", alice(), relay_x, NONCE).accepted(),
        building(
            2,
            "Bob, nonce that begins with a clock",
            bob(),
            relay_x,
            clock.try_into().expect("24 bytes"),
        )
        .accepted(),
        accept(LAYOUT, 3, "Alice's hello at the relay", &hello()).accepted(),
        building(4, "a relay key that is an alias", alice(), sibling, NONCE)
            .refused("primitives/x25519-order"),
        building(5, "a relay key of zeros", alice(), [0; 32], NONCE)
            .effect("the hello is sealed under a key that everyone knows")
            .refused("identity/zero-id"),
        accept(LAYOUT, 6, "the nonce in front: what is read as the key is none", &moved)
            .refused("primitives/x25519-high-bit"),
        accept(LAYOUT, 7, "a byte inserted before the nonce", &shifted).refused(SEAL),
    ]
}

fn trailing() -> Vec<Case> {
    let with = |count: usize| with_inner([parts().inner, vec![0xa5; count]].concat());
    let behind = [hello(), vec![0]].concat();
    let twice = [hello(), hello()].concat();
    vec![
        accept(TRAILING, 1, "one byte after the version", &with(1)).accepted(),
        accept(TRAILING, 2, "64 bytes after the version", &with(64)).accepted(),
        accept(TRAILING, 3, "4,096 bytes in all, as much as fits before the hello", &with(3924))
            .flag("boundary")
            .accepted(),
        accept(TRAILING, 4, "a byte behind the signature", &behind).refused(SEAL),
        accept(TRAILING, 5, "the hello twice in one message", &twice).refused(SEAL),
        accept(BEFORE, 1, "4,095 bytes in all", &with(3923)).accepted(),
        accept(BEFORE, 2, "4,097 bytes, rightly sealed and signed", &with(3925))
            .effect("whoever is not authenticated yet chooses what a relay buffers")
            .flag("boundary")
            .refused(BEFORE),
        accept(BEFORE, 3, "the length is judged before the key", &vec![0xff; 4097])
            .flag("order")
            .refused(BEFORE),
    ]
}

fn lengths() -> Vec<Case> {
    let inner = parts().inner;
    vec![
        accept(TOO_SHORT, 1, "172 bytes", &hello()).flag("boundary").accepted(),
        at_relay(TOO_SHORT, 2, "every truncation")
            .sweep("hello", "truncate", &hello(), 0..172)
            .flag("tampered")
            .refused(TOO_SHORT),
        accept(
            TOO_SHORT,
            3,
            "171 bytes, rightly sealed and signed, no version",
            &with_inner(inner[..35].to_vec()),
        )
        .flag("boundary")
        .refused(TOO_SHORT),
        accept(TOO_SHORT, 4, "136 bytes, nothing under the seal", &with_inner(Vec::new()))
            .effect("a gate at 136 bytes lets through what is then read past its end")
            .refused(TOO_SHORT),
    ]
}

fn client_keys() -> Vec<Case> {
    let refused = |number, comment, x: [u8; 32], clause| {
        accept(CLIENT_KEY, number, comment, &with_key(x)).flag("re-sealed").refused(clause)
    };
    let (mut two, mut one) = ([0; 32], [0; 32]);
    (two[0], one[0]) = (2, 1);
    let as_relay = |number, comment, x: [u8; 32]| {
        accept(CLIENT_KEY, number, comment, &with_key(x))
            .effect("a client is registered as the relay itself")
            .flag("re-sealed")
            .refused("identity/zero-id")
    };
    let order = "primitives/x25519-order";
    let [.., order_8, _, _, _, _] = low_order_x25519();
    vec![
        accept(CLIENT_KEY, 1, "Alice's key", &hello()).accepted(),
        as_relay(2, "the key of zeros, sealed under the secret of zeros", [0; 32]),
        as_relay(
            3,
            "a key of prime order whose first eight bytes are zero",
            key_with_prefix(&[0; 8]),
        ),
        refused(4, "u = 1, of order 4", one, order),
        refused(5, "a point of order 8", order_8, order),
        refused(6, "u = 2, a point of the twist", two, "primitives/x25519-on-curve"),
        refused(7, "u = p", FIELD_PRIME, "primitives/x25519-canonical"),
        accept(CLIENT_KEY, 8, "garbage behind a bad key: the key is judged first", &with_garbage())
            .flag("order")
            .refused("primitives/x25519-high-bit"),
    ]
}

fn with_garbage() -> Vec<u8> {
    [vec![0xff; 32], vec![0x5a; 140]].concat()
}

/// Alice's own hello, bytes 32.. unchanged, under keys that give the same secret.
fn aliases() -> Vec<Case> {
    let alias = |number, comment, x: [u8; 32]| {
        let bytes = [&x[..], &hello()[32..]].concat();
        accept(CLIENT_KEY, number, comment, &bytes)
            .effect("whoever is on the path logs a client in under another id")
            .flag("alias")
    };
    let x = alice().public().x;
    let siblings = torsion_siblings(x).expect("an honest key");
    let mut cases: Vec<Case> = siblings
        .into_iter()
        .zip(9..)
        .map(|(sibling, number)| {
            alias(number, "a torsion sibling of Alice's key: seal and signature hold", sibling)
                .refused("primitives/x25519-order")
        })
        .collect();
    cases.push(
        alias(16, "Alice's key with bit 255 set: seal and signature hold", high_bit_twin(x))
            .refused("primitives/x25519-high-bit"),
    );
    cases
}

/// Which of two faults names the refusal: the halves of the import stand before and behind the
/// seal.
fn two_faults() -> Vec<Case> {
    let of =
        |number, comment, hello: Vec<u8>| accept(CLIENT_KEY, number, comment, &hello).flag("order");
    let garbage = |x: [u8; 32]| [&x[..], &[0x5a; 140]].concat();
    let (mut two, mut one, mut minus_one) = ([0; 32], [0; 32], FIELD_PRIME);
    (two[0], one[0], minus_one[0]) = (2, 1, 0xec);
    let sibling = torsion_siblings(alice().public().x).expect("an honest key")[1];
    let under = |inner| HelloParts { x: sibling, inner, ..parts() }.bytes();
    let (order, on_curve) = ("primitives/x25519-order", "primitives/x25519-on-curve");
    let mut command = parts().inner;
    command[2] = 2;
    vec![
        of(17, "a torsion sibling, and a seal that does not open", garbage(sibling)).refused(SEAL),
        of(18, "a key of the twist, and a seal that does not open", garbage(two)).refused(SEAL),
        of(19, "u = 1, a secret of zero: nothing to open with", garbage(one)).refused(order),
        of(20, "u = p - 1, a secret of zero, on the twist", garbage(minus_one)).refused(on_curve),
        of(21, "a torsion sibling, and command 02 under the seal", under(command)).refused(order),
        of(
            22,
            "a torsion sibling, and an Ed25519 key of small order",
            under(hello_inner(small_order_ed25519()[1], 2)),
        )
        .refused(order),
    ]
}

fn seals() -> Vec<Case> {
    let sweep = |number, comment, range| {
        at_relay(SEAL, number, comment)
            .sweep("hello", "bit-flip", &hello(), range)
            .flag("tampered")
            .refused(SEAL)
    };
    let for_bob = hello_parts(&alice(), bob().public().x, NONCE).expect("honest keys").bytes();
    let bound = aead_seal_with(parts().shared, NONCE, &parts().x, &parts().inner);
    let bound = [&parts().x[..], &signed(alice().ed_seed, NONCE, &bound)].concat();
    let wrong = HelloParts { shared: [0; 32], ..parts() }.bytes();
    vec![
        accept(SEAL, 1, "as Alice sealed it", &hello()).accepted(),
        sweep(2, "every bit of the nonce flipped", 32 * 8..56 * 8),
        sweep(3, "every bit of ciphertext and tag flipped", 56 * 8..108 * 8),
        accept(SEAL, 4, "sealed for another relay", &for_bob).refused(SEAL),
        accept(SEAL, 5, "the key bound as associated data, as version 2 should have", &bound)
            .refused(SEAL),
        accept(SEAL, 6, "sealed under a secret of zeros", &wrong).refused(SEAL),
    ]
}

fn commands() -> Vec<Case> {
    let with = |command: u8| {
        let mut inner = parts().inner;
        inner[2] = command;
        with_inner(inner)
    };
    let body = [alice().public().ed, bob().public().x].concat();
    let frame = command_frame(&alice(), relay().public().x, NONCE, 0, SUBSCRIBE, &body);
    let splice = [&alice().public().x[..], &frame.expect("honest keys")[8..]].concat();
    let mut numbered_inner = parts().inner;
    numbered_inner[..2].copy_from_slice(&[0x34, 0x12]);
    vec![
        accept(COMMAND, 1, "command 01", &hello()).accepted(),
        accept(COMMAND, 2, "command 00", &with(0)).refused(COMMAND),
        accept(COMMAND, 3, "the reply's command", &with(2)).refused(COMMAND),
        accept(COMMAND, 4, "a SUBSCRIBE to the relay, cut out of a session", &splice)
            .effect("a recorded command opens a session")
            .flag("splice")
            .refused(COMMAND),
        accept(COMMAND, 5, "the message id is ignored here too", &with_inner(numbered_inner))
            .accepted(),
        accept(
            COMMAND,
            6,
            "the command is judged before the Ed25519 key",
            &with_inner([&[0, 0, 2][..], &small_order_ed25519()[1], &[2]].concat()),
        )
        .flag("order")
        .refused(COMMAND),
    ]
}

fn signing_keys() -> Vec<Case> {
    let with = |ed: [u8; 32]| with_inner(hello_inner(ed, 2));
    let refused = |number, comment, ed, clause| {
        accept(SIGNING_KEY, number, comment, &with(ed)).flag("re-sealed").refused(clause)
    };
    let order = "primitives/ed25519-key-order";
    let encoding = "primitives/ed25519-key-encoding";
    let mut no_point = [0; 32];
    no_point[0] = 2;
    vec![
        accept(SIGNING_KEY, 1, "Alice's key", &hello()).accepted(),
        refused(2, "the identity", small_order_ed25519()[0], order),
        refused(3, "a point of order 8", small_order_ed25519()[1], order),
        refused(
            4,
            "Alice's key with a part of order 8",
            mixed_order_ed25519(alice().ed_seed),
            order,
        ),
        refused(5, "a second encoding of the identity", second_encodings_ed25519()[4], encoding),
        refused(6, "no point at all", no_point, encoding),
    ]
}

fn signatures() -> Vec<Case> {
    let hello = hello();
    let (range, signature) = hello.split_at(108);
    let plus = signature_plus_order(signature.try_into().expect("64 bytes"), 1);
    let with = |signature: [u8; 64]| [range, &signature].concat();
    let refused = |number, comment, hello: Vec<u8>| {
        accept(SIGNATURE, number, comment, &hello).refused(SIGNATURE)
    };
    vec![
        accept(SIGNATURE, 1, "as Alice signed", &hello).accepted(),
        at_relay(SIGNATURE, 2, "every bit of the signature flipped")
            .sweep("hello", "bit-flip", &hello, 108 * 8..172 * 8)
            .flag("tampered")
            .refused(SIGNATURE),
        refused(3, "over the X25519 key too", with(sign(alice().ed_seed, range))),
        refused(4, "over the ciphertext alone", with(sign(alice().ed_seed, &range[56..]))),
        accept(
            SIGNATURE,
            5,
            "Bob's key inside, Alice's signature",
            &with_inner(hello_inner(bob().public().ed, 2)),
        )
        .effect("anyone registers under a signing key that is not theirs")
        .refused(SIGNATURE),
        refused(6, "S + l", with(plus)),
        refused(7, "by Mallory", with(sign(mallory().ed_seed, &range[32..]))),
        refused(8, "zeros", with([0; 64])),
    ]
}

fn versions() -> Vec<Case> {
    let with = |version| with_inner(hello_inner(alice().public().ed, version));
    let refused = |number, comment, version| {
        accept(VERSION, number, comment, &with(version)).refused(VERSION)
    };
    let mut unsigned = with(3);
    unsigned[171] ^= 1;
    vec![
        accept(VERSION, 1, "version 2", &with(2)).accepted(),
        refused(2, "version 0", 0),
        refused(3, "version 1", 1),
        refused(4, "version 3", 3),
        refused(5, "version 255", 255),
        accept(VERSION, 6, "the signature is judged before the version", &unsigned)
            .effect("a relay answers strangers")
            .flag("order")
            .refused(SIGNATURE),
    ]
}
