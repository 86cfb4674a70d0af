//! XChaCha20-Poly1305 in place: `ciphertext ‖ tag(16)`, no associated data.
//!
//! Clauses: `primitives/aead`.

use super::{FreshNonce, KEY, NonceBytes, Secret};
use crate::Clause;
use chacha20poly1305::{KeyInit, Tag, XChaCha20Poly1305, aead::AeadInOut};

/// Bytes of the tag at the end.
pub const TAG: usize = 16;

fn cipher(key: &Secret<KEY>) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.expose().into())
}

/// Decrypts `ciphertext ‖ tag` in place and returns the plaintext, the first `len - 16` bytes.
///
/// # Errors
/// [`Clause::PrimitivesAead`] for a wrong key, nonce, tag or length alike; `sealed` is then as it
/// was, because the tag is compared before a byte is decrypted.
pub fn aead_open<'a>(
    key: &Secret<KEY>,
    nonce: &NonceBytes,
    sealed: &'a mut [u8],
) -> Result<&'a mut [u8], Clause> {
    let (text, tag) = sealed.split_last_chunk_mut::<TAG>().ok_or(Clause::PrimitivesAead)?;
    cipher(key)
        .decrypt_inout_detached((&nonce.0).into(), &[], (&mut *text).into(), &Tag::from(*tag))
        .map_err(|_| Clause::PrimitivesAead)?;
    Ok(text)
}

/// Encrypts `text` in place and returns its tag. The nonce is spent: no received one can be used.
///
/// # Errors
/// [`Clause::PrimitivesAead`] for a text of 256 GiB or more; `text` is then as it was.
pub fn aead_seal(
    key: &Secret<KEY>,
    nonce: FreshNonce,
    text: &mut [u8],
) -> Result<[u8; TAG], Clause> {
    aead_seal_again(key, &NonceBytes(nonce.into_bytes()), text)
}

/// [`aead_seal`] for a nonce that has to be written beside the ciphertext, or that sealed this very
/// text before.
pub(crate) fn aead_seal_again(
    key: &Secret<KEY>,
    nonce: &NonceBytes,
    text: &mut [u8],
) -> Result<[u8; TAG], Clause> {
    cipher(key)
        .encrypt_inout_detached((&nonce.0).into(), &[], text.into())
        .map(Into::into)
        .map_err(|_| Clause::PrimitivesAead)
}
