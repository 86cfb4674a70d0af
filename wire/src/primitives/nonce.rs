//! Two types for the same 24 bytes: one to seal with, once, and one that was received.
//!
//! Clauses: `packet/nonce-fresh`, `packet/nonce-any`.

use core::fmt;

/// Bytes of a nonce.
pub const NONCE: usize = 24;

/// A nonce to seal with. Neither `Clone` nor `Copy`: sealing consumes it, so that it is used once,
/// and no received nonce can become one by accident (`[packet/nonce-fresh]`).
pub struct FreshNonce([u8; NONCE]);

impl FreshNonce {
    /// From 24 bytes that the caller has just drawn from a cryptographic random source.
    #[must_use]
    pub const fn from_random(bytes: [u8; NONCE]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn into_bytes(self) -> [u8; NONCE] {
        self.0
    }
}

impl fmt::Debug for FreshNonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FreshNonce(..)")
    }
}

/// A nonce as it stands in a frame. Any value is accepted (`[packet/nonce-any]`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NonceBytes(pub [u8; NONCE]);
