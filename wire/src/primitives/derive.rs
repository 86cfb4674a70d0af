//! Keys from secrets: BLAKE3 `derive_key` under the three contexts of the format; and the header
//! mask.
//!
//! ```text
//! K_c2s = derive_key("ws.lleo.me v2 route c2s", S)
//! K_s2c = derive_key("ws.lleo.me v2 route s2c", S)
//! mask(K, nonce) = ChaCha20(K, nonce[0..12], counter 0)[0..8]
//! ```
//!
//! Clauses: `primitives/context`, `frame/mask`.

use super::{KEY, NonceBytes, Secret};
use crate::Clause;
use chacha20::{ChaCha20, KeyIvInit, cipher::StreamCipher};
use zeroize::Zeroize;

/// Bytes of a header mask.
pub const MASK: usize = 8;

/// The contexts of `derive_key`. The strings are literals of the format: an implementation that
/// changes one speaks to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// Masks headers from client to relay.
    RouteC2s,
    /// Masks headers from relay to client.
    RouteS2c,
    /// Digits that two people compare.
    SafetyNumber,
}

impl Context {
    /// Every context there is.
    pub const ALL: [Self; 3] = [Self::RouteC2s, Self::RouteS2c, Self::SafetyNumber];

    /// The exact string.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RouteC2s => "ws.lleo.me v2 route c2s",
            Self::RouteS2c => "ws.lleo.me v2 route s2c",
            Self::SafetyNumber => "sealwire 2026-11-21 v2 safety-number",
        }
    }

    /// The context of that name.
    ///
    /// # Errors
    /// [`Clause::PrimitivesContext`] for every other string.
    pub fn parse(name: &str) -> Result<Self, Clause> {
        Self::ALL.into_iter().find(|c| c.name() == name).ok_or(Clause::PrimitivesContext)
    }

    /// Fills `out` from the secret `material` (BLAKE3 `derive_key`, extended output).
    pub fn derive(self, material: &[u8], out: &mut [u8]) {
        let mut hasher = blake3::Hasher::new_derive_key(self.name());
        hasher.update(material);
        let mut output = hasher.finalize_xof();
        output.fill(out);
        hasher.zeroize();
        output.zeroize();
    }

    /// A derived key of 32 bytes.
    #[must_use]
    pub fn derive_key(self, material: &Secret<KEY>) -> Secret<KEY> {
        let mut key = Secret::new([0; KEY]);
        self.derive(material.expose(), key.expose_mut());
        key
    }
}

/// The eight bytes that hide a header. Bytes 12..24 of the nonce have no part in them.
#[must_use]
pub fn mask(key: &Secret<KEY>, nonce: &NonceBytes) -> [u8; MASK] {
    let [iv @ .., _, _, _, _, _, _, _, _, _, _, _, _] = nonce.0;
    let mut keystream = [0; MASK];
    ChaCha20::new(key.expose().into(), &iv.into()).apply_keystream(&mut keystream);
    keystream
}
