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
use chacha20::{R20, hchacha};
use zeroize::Zeroize;

/// Bytes of a header mask.
pub const MASK: usize = 8;
/// Bytes of ChaCha20's block counter, which is zero here, and of its nonce.
const COUNTER: usize = 4;
const IV: usize = 12;
/// The first two words of ChaCha20's state: "expand 3", little endian.
const CONSTANTS: [u32; 2] = [0x6170_7865, 0x3320_646e];

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
///
/// A block of ChaCha20 is what its rounds make of the initial state, plus that state (RFC 8439, 2.3).
/// HChaCha20 is the rounds alone, and the first words of the state are constants: so two words
/// cost one block, where the stream cipher would compute four side by side.
#[must_use]
pub fn mask(key: &Secret<KEY>, nonce: &NonceBytes) -> [u8; MASK] {
    let [iv @ .., _, _, _, _, _, _, _, _, _, _, _, _] = nonce.0;
    let mut input = [0; COUNTER + IV];
    let (_counter, place) = input.split_at_mut(COUNTER);
    place.copy_from_slice(&iv);
    let rounds = hchacha::<R20>(key.expose().into(), &input.into());
    let [a, b, c, d, e, f, g, h, ..] = rounds.0;
    let [first, second] = CONSTANTS;
    let [a, b, c, d] = u32::from_le_bytes([a, b, c, d]).wrapping_add(first).to_le_bytes();
    let [e, f, g, h] = u32::from_le_bytes([e, f, g, h]).wrapping_add(second).to_le_bytes();
    [a, b, c, d, e, f, g, h]
}
