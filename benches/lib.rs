//! What the benchmarks share: parties, sizes, and those that do the same work.
//!
//! | contender | is |
//! |---|---|
//! | `ours` | the crate `sealwire`, as an implementation calls it |
//! | `limit` | [`Bare`]: the sum of the primitives that the operation cannot do without |
//! | `naive` | the crate again, with an X25519 for every message instead of a kept pair key |
//! | `libsodium`, `aws-lc` | the same bytes made by those libraries; feature `peers` |
//!
//! `limit` and `libsodium` are one composition, [`compose`], on two sets of [`Tools`]. Each
//! benchmark compares what its contenders make before it takes their time.

pub mod compose;
mod limit;
pub mod parties;
#[cfg(feature = "peers")]
pub mod peers;

pub use limit::Bare;

use sealwire::{identity::Identity, primitives::Secret};

/// Body lengths in bytes: a word, a line, a paragraph, a piece of a file.
pub const SIZES: [usize; 4] = [64, 256, 1_024, 65_536];
/// The nonce of everything that is sealed here, so that all contenders make the same bytes.
pub const NONCE: [u8; 24] = [9; 24];
/// The command byte of everything that is sealed here, a text to a peer.
pub const COMMAND: u8 = 0x20;
/// The key that masks headers.
pub const ROUTE_KEY: [u8; 32] = [7; 32];

/// A fixed identity; `byte` tells it from others.
///
/// # Panics
/// For a seed whose id is zero, which none of 256 is.
#[must_use]
pub fn identity(byte: u8) -> Identity {
    Identity::from_seeds(&Secret::new([byte; 32]), &Secret::new([byte; 32])).expect("fixed seeds")
}

/// The primitives that a library has or lacks, for one party who talks to another.
pub trait Curves {
    /// As the groups of results call it.
    const NAME: &'static str;

    /// The party whose two seeds are `[own; 32]`, with everything prepared that can be kept.
    fn between(own: u8, other: u8) -> Self;

    /// X25519 of the two.
    fn agree(&self) -> [u8; 32];

    /// Signs with the kept key.
    fn sign(&self, message: &[u8]) -> [u8; 64];

    /// Signs with a key that is made of its seed for this one message.
    fn sign_from_seed(&self, message: &[u8]) -> [u8; 64];

    /// Verifies a signature of the other's.
    fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool;
}

/// All that packet, frame and hello are made of.
pub trait Tools: Curves {
    /// Encrypts in place under the kept agreement; returns the tag.
    fn encrypt(&self, nonce: &[u8; 24], text: &mut [u8]) -> [u8; 16];

    /// Decrypts in place, if the tag is right.
    fn decrypt(&self, nonce: &[u8; 24], text: &mut [u8], tag: &[u8; 16]) -> bool;

    /// The header mask under [`ROUTE_KEY`].
    fn mask(&self, nonce: &[u8; 24]) -> [u8; 8];

    /// Whether 32 bytes are an Ed25519 key by S1.
    fn import_ed25519(&self, key: &[u8; 32]) -> bool;
}
