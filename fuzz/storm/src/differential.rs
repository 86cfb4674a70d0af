//! The crate `sealwire` against the model of the suite: the same verdict and the same bytes for
//! every input of every operation, and nothing of what is refused.
//!
//! The input chooses a vector, and what to change in it.

/// Crate and model.
pub fn check(input: &[u8]) {
    sealwire_conformance::storm::differential(input);
}
