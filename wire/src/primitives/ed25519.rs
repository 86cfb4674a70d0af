//! Ed25519: deterministic signatures of RFC 8032, and the one set of keys and signatures that is
//! accepted (S1).
//!
//! Clauses: `primitives/ed25519-*`.

use super::{KEY, Secret};
use crate::Clause;
use core::fmt;
use curve25519_dalek::{edwards::CompressedEdwardsY, traits::IsIdentity};
use ed25519_dalek::{
    Sha512, Signature, Verifier as _, VerifyingKey,
    hazmat::{ExpandedSecretKey, raw_sign},
};

/// Bytes of a signature.
pub const SIGNATURE: usize = 64;

/// The identity, encoded: the one `R` of small order that the equation can hold for. It compares
/// `R` with the canonical bytes of `S·B - k·A`, which lies in the subgroup of prime order as `B` and
/// every imported `A` do. So `R` need not be decompressed, a tenth of the whole check.
const IDENTITY: [u8; KEY] = {
    let mut bytes = [0; KEY];
    bytes[0] = 1;
    bytes
};

/// Signs `message` with the key of a 32-byte RFC 8032 seed: public key and signature.
///
/// There is no way to pass a public key: a wrong one would leak the private half.
#[must_use]
pub fn sign(seed: &Secret<KEY>, message: &[u8]) -> ([u8; KEY], [u8; SIGNATURE]) {
    let signer = Signer::from_seed(seed);
    (*signer.public().as_bytes(), signer.sign(message))
}

/// The private half as signing needs it, so that the seed is hashed once and not for every
/// signature; with its public half computed from it.
pub(crate) struct Signer {
    key: ExpandedSecretKey,
    public: Ed25519Public,
}

impl Signer {
    pub(crate) fn from_seed(seed: &Secret<KEY>) -> Self {
        let key = ExpandedSecretKey::from(seed.expose());
        let public = Ed25519Public(VerifyingKey::from(&key));
        Self { key, public }
    }

    pub(crate) const fn public(&self) -> &Ed25519Public {
        &self.public
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE] {
        raw_sign::<Sha512>(&self.key, message, &self.public.0).to_bytes()
    }
}

/// An Ed25519 public key that passed the key part of S1: canonical, of prime order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ed25519Public(VerifyingKey);

impl Ed25519Public {
    /// Imports 32 bytes by S1. One scalar multiplication.
    ///
    /// # Errors
    /// [`Clause::PrimitivesEd25519KeyEncoding`] if the bytes are no canonical point,
    /// [`Clause::PrimitivesEd25519KeyOrder`] if the point has a torsion part or is the identity.
    pub fn import(bytes: [u8; KEY]) -> Result<Self, Clause> {
        let compressed = CompressedEdwardsY(bytes);
        let point = compressed.decompress().ok_or(Clause::PrimitivesEd25519KeyEncoding)?;
        if point.compress() != compressed {
            return Err(Clause::PrimitivesEd25519KeyEncoding);
        }
        if !point.is_torsion_free() || point.is_identity() {
            return Err(Clause::PrimitivesEd25519KeyOrder);
        }
        Ok(Self(VerifyingKey::from(point)))
    }

    /// Verifies by S1: `R` canonical and not of small order, `S < ℓ`, cofactorless equation.
    ///
    /// # Errors
    /// [`Clause::PrimitivesEd25519Signature`], whatever the cause.
    pub fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE]) -> Result<(), Clause> {
        if signature.starts_with(&IDENTITY) {
            return Err(Clause::PrimitivesEd25519Signature);
        }
        self.0
            .verify(message, &Signature::from_bytes(signature))
            .map_err(|_| Clause::PrimitivesEd25519Signature)
    }

    /// The 32 bytes, as sent.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; KEY] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Ed25519Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ed25519Public").field(self.as_bytes()).finish()
    }
}
