//! Eight people who know each other's keys, and the relay among them.

use sealwire::{
    frame::RouteKeys,
    identity::{Identity, PublicIdentity},
    packet::PairKey,
    primitives::{Secret, x25519 as agree},
};
use std::sync::LazyLock;

pub(crate) const BOB: usize = 0;
pub(crate) const CAROL: usize = 1;
pub(crate) const DAVE: usize = 2;
pub(crate) const EVE: usize = 3;
/// Has Bob's X25519 key, and so his id, and an Ed25519 key of their own.
pub(crate) const TWIN: usize = 4;
/// Has Bob's Ed25519 key, and an X25519 key of their own.
pub(crate) const DOUBLE: usize = 5;
/// Whose client it is.
pub(crate) const ALICE: usize = 6;
pub(crate) const RELAY: usize = 7;

const SEEDS: [([u8; 32], [u8; 32]); 8] = [
    ([1; 32], [11; 32]),
    ([2; 32], [12; 32]),
    ([3; 32], [13; 32]),
    ([4; 32], [17; 32]),
    ([1; 32], [14; 32]),
    ([7; 32], [11; 32]),
    ([5; 32], [15; 32]),
    ([6; 32], [16; 32]),
];

static PEOPLE: LazyLock<[Identity; 8]> = LazyLock::new(|| std::array::from_fn(made));
/// Everybody's key with Alice.
static PAIRS: LazyLock<[PairKey; 8]> = LazyLock::new(|| {
    std::array::from_fn(|who| PairKey::between(identity(who), public(ALICE)).unwrap())
});
/// Alice's and the relay's.
static ROUTES: LazyLock<RouteKeys> = LazyLock::new(|| {
    RouteKeys::derive(&agree(&Secret::new(SEEDS[RELAY].0), public(ALICE).x25519()).unwrap())
});

pub(crate) fn made(who: usize) -> Identity {
    Identity::from_seeds(&Secret::new(SEEDS[who].0), &Secret::new(SEEDS[who].1)).unwrap()
}

pub(crate) fn identity(who: usize) -> &'static Identity {
    &PEOPLE[who]
}

pub(crate) fn public(who: usize) -> &'static PublicIdentity {
    identity(who).public()
}

pub(crate) fn pair(who: usize) -> &'static PairKey {
    &PAIRS[who]
}

pub(crate) fn routes() -> &'static RouteKeys {
    &ROUTES
}

pub(crate) fn x25519(who: usize) -> [u8; 32] {
    *public(who).x25519()
}

pub(crate) fn keys(who: usize) -> ([u8; 32], [u8; 32]) {
    (x25519(who), *public(who).ed25519())
}

/// Whose both keys these are.
pub(crate) fn whose(x25519: &[u8; 32], ed25519: &[u8; 32]) -> Option<usize> {
    (BOB..=RELAY).find(|who| keys(*who) == (*x25519, *ed25519))
}
