//! The model: chapters 1 to 6 a second time, straight from the specification.
//!
//! It imports primitives only and shares nothing with the crate it judges. One function is one
//! formula; bytes are plain arrays and `Vec`s; every rejection is the id of a clause. Both
//! directions are here, client and relay, and every builder has a variant that takes its parts
//! apart, so that a negative can be composed which breaks exactly one rule.

pub(crate) mod forge;
pub(crate) mod frame;
pub(crate) mod handshake;
pub(crate) mod identity;
pub(crate) mod message;
pub(crate) mod packet;
pub(crate) mod people;
pub(crate) mod primitives;
pub(crate) mod relay;

#[cfg(test)]
mod known_answers;

/// Why an input is refused: the id of the first clause broken in the receiver's written order.
pub(crate) type Reject = &'static str;

/// A value, or the clause that forbids it.
pub(crate) type Judged<T> = Result<T, Reject>;

/// The `N` bytes at `at`, which the caller has proven to be there.
fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}
