//! Lists of X25519 public keys, as presence commands carry them.
//!
//! Clauses: `relay/key-list`, `relay/subscribe-bytes`.

use crate::{Clause, primitives::KEY};

/// N × 32 bytes, N ≥ 0. The keys are compared, never computed with, so they are not imported
/// (`[relay/subscribe-bytes]`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys<'a>(&'a [[u8; KEY]]);

impl<'a> Keys<'a> {
    /// Cuts a body into keys.
    ///
    /// # Errors
    /// [`Clause::RelayKeyList`] if its length is no multiple of 32.
    pub fn parse(body: &'a [u8]) -> Result<Self, Clause> {
        match body.as_chunks() {
            (keys, []) => Ok(Self(keys)),
            _ => Err(Clause::RelayKeyList),
        }
    }

    /// From keys that lie in a row.
    #[must_use]
    pub const fn new(keys: &'a [[u8; KEY]]) -> Self {
        Self(keys)
    }

    /// The keys, in the order in which they stand.
    #[must_use]
    pub const fn as_slice(&self) -> &'a [[u8; KEY]] {
        self.0
    }

    /// The body they make.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0.as_flattened()
    }
}
