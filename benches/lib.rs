//! Set-up that the benchmarks share: two identities and bodies of the sizes that are measured.

use sealwire::{identity::Identity, primitives::Secret};

/// Body lengths in bytes: a word, a line, a paragraph, a piece of a file.
pub const SIZES: [usize; 4] = [64, 256, 1_024, 65_536];

/// A fixed identity; `byte` tells it from others.
///
/// # Panics
/// For a seed whose id is zero, which none of 256 is.
#[must_use]
pub fn identity(byte: u8) -> Identity {
    Identity::from_seeds(&Secret::new([byte; 32]), &Secret::new([byte; 32])).expect("fixed seeds")
}
