//! Chapter 2: keys, ids, invites, safety numbers.
//!
//! ```text
//! identity = X25519 seed(32), Ed25519 seed(32), independent
//! public   = X25519 public(32), Ed25519 public(32)
//! id       = X25519 public[0..8]
//! ```
//!
//! Clauses: `identity/*`. Wherever identity matters whole keys are compared: [`PublicIdentity`]
//! is `Eq` over both (`[identity/full-key]`); an id only says where a frame goes.

mod invite;
mod safety_number;

pub use invite::{Invite, MAX_INVITE, MAX_NICKNAME, MAX_NICKNAME_READ, MAX_SCRATCH, Nickname};
pub use safety_number::{SafetyNumber, safety_number};

use crate::{
    Clause,
    primitives::{Ed25519Public, KEY, Secret, Signer, X25519Public, X25519Secret},
};
use core::fmt;

/// Bytes of an id.
pub const ID: usize = 8;

/// Where a frame goes or comes from: eight bytes, the first of an X25519 public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerId(pub [u8; ID]);

impl PeerId {
    /// Eight zero bytes: the relay itself.
    pub const RELAY: Self = Self([0; ID]);

    /// Whether this names the relay.
    #[must_use]
    pub fn is_relay(&self) -> bool {
        *self == Self::RELAY
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The public halves of a party's two keys, both imported (P1 and S1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicIdentity {
    x25519: X25519Public,
    ed25519: Ed25519Public,
}

impl PublicIdentity {
    /// Imports two keys of 32 bytes. Two scalar multiplications.
    ///
    /// # Errors
    /// The first clause broken: those of [`X25519Public::import`], then those of
    /// [`Ed25519Public::import`].
    pub fn import(x25519: [u8; KEY], ed25519: [u8; KEY]) -> Result<Self, Clause> {
        Ok(Self::new(X25519Public::import(x25519)?, Ed25519Public::import(ed25519)?))
    }

    /// From two keys that are imported already.
    #[must_use]
    pub const fn new(x25519: X25519Public, ed25519: Ed25519Public) -> Self {
        Self { x25519, ed25519 }
    }

    /// The X25519 public key, as sent.
    #[must_use]
    pub const fn x25519(&self) -> &[u8; KEY] {
        self.x25519.as_bytes()
    }

    /// The Ed25519 public key, as sent.
    #[must_use]
    pub fn ed25519(&self) -> &[u8; KEY] {
        self.ed25519.as_bytes()
    }

    /// The key that verifies this party's packets.
    #[must_use]
    pub const fn signing_key(&self) -> &Ed25519Public {
        &self.ed25519
    }

    /// The id, `X25519 public[0..8]`. Never zero: P1 refuses such keys.
    #[must_use]
    pub const fn id(&self) -> PeerId {
        let [a, b, c, d, e, f, g, h, ..] = *self.x25519.as_bytes();
        PeerId([a, b, c, d, e, f, g, h])
    }
}

/// A seed from stored bytes.
///
/// # Errors
/// [`Clause::IdentitySeeds`] for any length but 32.
pub fn seed(bytes: &[u8]) -> Result<Secret<KEY>, Clause> {
    bytes.try_into().map(Secret::new).map_err(|_| Clause::IdentitySeeds)
}

/// A party that holds its private keys.
pub struct Identity {
    x25519: X25519Secret,
    signer: Signer,
    public: PublicIdentity,
}

impl Identity {
    /// From two independent seeds of 32 bytes. X25519 clamps by itself; the Ed25519 seed is that
    /// of RFC 8032. Public halves are always recomputed.
    ///
    /// # Errors
    /// [`Clause::IdentityZeroId`] in one of 2^64 cases: draw another seed.
    pub fn from_seeds(x25519: &Secret<KEY>, ed25519: &Secret<KEY>) -> Result<Self, Clause> {
        let x25519 = X25519Secret::from_seed(x25519);
        let signer = Signer::from_seed(ed25519);
        let public = PublicIdentity::new(*x25519.public(), *signer.public());
        if public.id().is_relay() {
            return Err(Clause::IdentityZeroId);
        }
        Ok(Self { x25519, signer, public })
    }

    /// The public halves.
    #[must_use]
    pub const fn public(&self) -> &PublicIdentity {
        &self.public
    }

    /// The own id.
    #[must_use]
    pub const fn id(&self) -> PeerId {
        self.public.id()
    }

    pub(crate) const fn agreement(&self) -> &X25519Secret {
        &self.x25519
    }

    pub(crate) const fn signer(&self) -> &Signer {
        &self.signer
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("id", &self.id()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
