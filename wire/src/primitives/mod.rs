//! Chapter 1: what is meant by each primitive, and what is refused.
//!
//! | use | primitive | here |
//! |---|---|---|
//! | key agreement | X25519, RFC 7748 | [`x25519`], [`X25519Public`] (import check P1) |
//! | signature | Ed25519, RFC 8032 | [`sign`], [`Ed25519Public`] (import and signature check S1) |
//! | sealing | XChaCha20-Poly1305 | [`aead_seal`], [`aead_open`] |
//! | derivation | BLAKE3 `derive_key` | [`Context`] |
//! | header hiding | ChaCha20, RFC 8439 | [`mask`] |
//!
//! Clauses: `primitives/*`.

mod aead;
mod derive;
mod ed25519;
mod nonce;
mod secret;
mod x25519;

pub(crate) use aead::aead_seal_again;
pub use aead::{TAG, aead_open, aead_seal};
pub use derive::{Context, MASK, mask};
pub(crate) use ed25519::Signer;
pub use ed25519::{Ed25519Public, SIGNATURE, sign};
pub use nonce::{FreshNonce, NONCE, NonceBytes};
pub use secret::Secret;
pub(crate) use x25519::{X25519Candidate, X25519Secret};
pub use x25519::{X25519Public, x25519};

/// Bytes of a public key, X25519 and Ed25519 alike.
pub const KEY: usize = 32;

#[cfg(test)]
mod tests;
