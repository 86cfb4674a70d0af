//! Strings that break code: keys that a lax check takes, numbers beside a limit, pieces of text.

use std::sync::LazyLock;

use crate::model::forge;
use crate::model::identity::Keys;
use crate::model::people::{alice, bob, mallory, relay};
use crate::model::primitives::{FIELD_PRIME, GROUP_ORDER};

/// Lengths beside those that the chapters name.
pub(crate) const LENGTHS: [usize; 54] = [
    0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 36, 40, 63, 64, 65, 66, 72, 79, 80, 88, 95,
    96, 97, 104, 106, 107, 108, 111, 112, 113, 115, 127, 128, 129, 171, 172, 173, 174, 1_023,
    1_024, 1_025, 1_032, 1_033, 1_088, 1_089, 4_095, 4_096, 4_097, 4_098,
];

/// Lengths beside the limits of frames, with and without their header.
pub(crate) const LONG_LENGTHS: [usize; 8] =
    [1_048_567, 1_048_568, 1_048_569, 1_048_575, 1_048_576, 1_048_577, 1_048_640, 1_048_641];

/// Numbers beside the ends of their range, and the commands of chapters 5 and 6.
pub(crate) const NUMBERS: [u64; 30] = [
    0, 1, 2, 3, 7, 8, 31, 32, 33, 0x20, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49,
    0x4a, 0x4b, 127, 128, 0x88, 254, 255, 256, 32_768, 65_535,
];

/// Pieces that trimmers, splitters, decoders and counters of characters treat in their own ways.
pub(crate) const PIECES: [&str; 36] = [
    "",
    " ",
    "\t",
    "\n",
    "\r",
    "\x0b",
    "\x0c",
    "\0",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{feff}",
    "\u{2028}",
    "\u{3000}",
    "\u{241f}",
    "\u{241f}mailbox",
    "K0",
    "k0",
    "K0K0",
    "https://",
    "x://",
    "://",
    "#",
    "?",
    "&",
    "=",
    "?peer=",
    "#peer=",
    "&peer=",
    "peer=",
    ";",
    "%4b",
    "+",
    "-",
    "é",
    "\u{1f411}",
];

/// The parties whose seeds everybody knows: those of the vectors, and some more.
pub(crate) static PEOPLE: LazyLock<Vec<Keys>> = LazyLock::new(|| {
    let more = (1..=8).map(|n| Keys::from_seeds([n; 32], [n; 32]));
    [alice(), bob(), relay(), mallory()].into_iter().chain(more).collect()
});

/// The seed of the Ed25519 key `public`, if it is one of [`PEOPLE`].
pub(crate) fn seed_of(public: &[u8]) -> Option<[u8; 32]> {
    static PUBLIC: LazyLock<Vec<([u8; 32], [u8; 32])>> =
        LazyLock::new(|| PEOPLE.iter().map(|keys| (keys.public().ed, keys.ed_seed)).collect());
    PUBLIC.iter().find(|(known, _)| known == public).map(|(_, seed)| *seed)
}

/// Keys, and strings of 32 bytes that are none, with what they are.
pub(crate) static KEYS: LazyLock<Vec<(&str, [u8; 32])>> = LazyLock::new(|| {
    let mut keys = vec![
        ("zeros", [0; 32]),
        ("ones", [0xff; 32]),
        ("the field prime", FIELD_PRIME),
        ("the group order", GROUP_ORDER),
        ("a key with the id of the relay", forge::key_with_prefix(&[0; 8])),
        ("a key that begins with seven zeros", forge::key_with_prefix(&[0, 0, 0, 0, 0, 0, 0, 1])),
    ];
    keys.extend(forge::low_order_x25519().map(|key| ("an X25519 key of small order", key)));
    keys.extend((0..19).map(|u| ("u + p", forge::non_canonical(u))));
    keys.extend(forge::small_order_ed25519().map(|key| ("an Ed25519 key of small order", key)));
    let second = "another encoding of an Ed25519 key of small order";
    keys.extend(forge::second_encodings_ed25519().map(|key| (second, key)));
    for party in PEOPLE.iter() {
        let public = party.public();
        keys.push(("somebody's X25519 key", public.x));
        keys.push(("somebody's Ed25519 key", public.ed));
        keys.push(("somebody's X25519 key with bit 255", forge::high_bit_twin(public.x)));
        let siblings = forge::torsion_siblings(public.x).into_iter().flatten();
        keys.extend(siblings.map(|key| ("somebody's X25519 key and a point of small order", key)));
        let mixed = forge::mixed_order_ed25519(party.ed_seed);
        keys.push(("somebody's Ed25519 key and a point of small order", mixed));
    }
    keys
});

/// A signature that a lax verifier takes, or that only looks like one, by the owner of `seed` over
/// `message`. The kinds are [`FORGERIES`].
pub(crate) fn forged(kind: usize, seed: [u8; 32], honest: [u8; 64], message: &[u8]) -> [u8; 64] {
    match kind {
        0 => forge::signature_of_mixed_r(seed, message),
        1 => forge::signature_of_identity_r(seed, message),
        2 => forge::signature_of_second_r(seed, message),
        3 => forge::signature_prehashed(seed, message),
        n => forge::signature_plus_order(honest, n - 3),
    }
}

/// What [`forged`] makes, by its number.
pub(crate) const FORGERIES: [&str; 8] = [
    "an R with a part of small order",
    "the identity for R",
    "another encoding of the identity for R",
    "a prehashed signature",
    "S + ℓ",
    "S + 2ℓ",
    "S + 3ℓ",
    "S + 4ℓ",
];
