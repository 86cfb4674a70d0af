//! Row 3, packet: arbitrary bytes are refused and untouched; what is sealed opens; one changed
//! byte of it is refused. Cryptography is never switched off: the target seals its own input.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sealwire::{
    identity::Identity,
    packet::{self, Inner, PairKey},
    primitives::{FreshNonce, Secret},
};
use std::sync::LazyLock;

struct Pair {
    alice: Identity,
    key: PairKey,
    back: PairKey,
}

static PAIR: LazyLock<Pair> = LazyLock::new(|| {
    let identity = |byte| {
        Identity::from_seeds(&Secret::new([byte; 32]), &Secret::new([byte; 32])).expect("fixed")
    };
    let (alice, bob) = (identity(1), identity(2));
    let key = PairKey::between(&alice, bob.public()).expect("fixed");
    let back = PairKey::between(&bob, alice.public()).expect("fixed");
    Pair { alice, key, back }
});

fuzz_target!(|input: &[u8]| {
    let Pair { alice, key, back } = &*PAIR;

    let mut forged = input.to_vec();
    assert!(packet::open(&mut forged, back).is_err(), "bytes that nobody sealed opened");
    assert_eq!(forged, input, "a refused packet was changed");

    let [command, position, change, body @ ..] = input else { return };
    let inner = Inner { message_id: 0, command: *command, body };
    let mut sealed = vec![0; packet::MIN + body.len()];
    let nonce = FreshNonce::from_random([*position; 24]);
    packet::seal(&mut sealed, key, alice, nonce, &inner).expect("the buffer fits");

    let mut changed = sealed.clone();
    let position = usize::from(*position) * (sealed.len() - 1) / 255;
    changed[position] ^= change | 1;
    assert!(packet::open(&mut changed, back).is_err(), "a changed packet opened");
    assert_eq!(packet::open(&mut sealed, back), Ok(inner));
});
