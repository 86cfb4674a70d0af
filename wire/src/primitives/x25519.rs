//! X25519: the function of RFC 7748, and the stricter rule for keys that are imported.
//!
//! The function takes every 32 bytes and refuses one result, zero. The import check P1 refuses
//! every second encoding of a secret's public half: the header and the id are made of its bytes.
//!
//! Clauses: `primitives/x25519-*`.

use super::{KEY, Secret};
use crate::Clause;
use curve25519_dalek::{montgomery::MontgomeryPoint, traits::IsIdentity};
use x25519_dalek::{PublicKey, StaticSecret};

/// X25519 of RFC 7748, 32 bytes each, raw output.
///
/// # Errors
/// [`Clause::PrimitivesX25519Contributory`] if the result is all zero.
pub fn x25519(secret: &Secret<KEY>, public: &[u8; KEY]) -> Result<Secret<KEY>, Clause> {
    agree(&StaticSecret::from(*secret.expose()), public)
}

fn agree(secret: &StaticSecret, public: &[u8; KEY]) -> Result<Secret<KEY>, Clause> {
    let shared = secret.diffie_hellman(&PublicKey::from(*public));
    if shared.was_contributory() {
        Ok(Secret::new(shared.to_bytes()))
    } else {
        Err(Clause::PrimitivesX25519Contributory)
    }
}

/// The private half, with its public half computed from it and never taken from elsewhere.
pub(crate) struct X25519Secret {
    secret: StaticSecret,
    public: X25519Public,
}

impl X25519Secret {
    pub(crate) fn from_seed(seed: &Secret<KEY>) -> Self {
        let secret = StaticSecret::from(*seed.expose());
        let public = X25519Public(PublicKey::from(&secret).to_bytes());
        Self { secret, public }
    }

    pub(crate) const fn public(&self) -> &X25519Public {
        &self.public
    }

    /// The shared secret with a key that may not have passed P1 yet.
    pub(crate) fn agree(&self, public: &[u8; KEY]) -> Result<Secret<KEY>, Clause> {
        agree(&self.secret, public)
    }
}

/// An X25519 public key that passed P1: canonical, on the curve, of prime order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct X25519Public([u8; KEY]);

impl X25519Public {
    /// Imports 32 bytes by P1. One scalar multiplication.
    ///
    /// # Errors
    /// The first clause broken of `primitives/x25519-high-bit`, `-canonical`,
    /// `identity/zero-id`, `primitives/x25519-on-curve`, `-order`.
    pub fn import(bytes: [u8; KEY]) -> Result<Self, Clause> {
        X25519Candidate::screen(bytes)?.prove()
    }

    /// The 32 bytes, as sent.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; KEY] {
        &self.0
    }
}

/// A key that passed the parts of P1 that cost nothing. A relay screens first and proves only
/// after the hello opened, so that a stranger's bytes buy no scalar multiplication.
pub(crate) struct X25519Candidate([u8; KEY]);

impl X25519Candidate {
    pub(crate) fn screen(bytes: [u8; KEY]) -> Result<Self, Clause> {
        let [first, middle @ .., last] = bytes;
        if last & 0x80 != 0 {
            return Err(Clause::PrimitivesX25519HighBit);
        }
        // p = 2^255 - 19, little endian: ed ff … ff 7f.
        if last == 0x7f && middle == [0xff; 30] && first >= 0xed {
            return Err(Clause::PrimitivesX25519Canonical);
        }
        if bytes.starts_with(&[0; 8]) {
            return Err(Clause::IdentityZeroId);
        }
        Ok(Self(bytes))
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; KEY] {
        &self.0
    }

    pub(crate) fn prove(self) -> Result<X25519Public, Clause> {
        let point = MontgomeryPoint(self.0).to_edwards(0).ok_or(Clause::PrimitivesX25519OnCurve)?;
        if point.is_torsion_free() && !point.is_identity() {
            Ok(X25519Public(self.0))
        } else {
            Err(Clause::PrimitivesX25519Order)
        }
    }
}
