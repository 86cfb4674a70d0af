//! libsodium, through its C functions.
#![expect(unsafe_code, reason = "the functions of a C library")]

use crate::{Curves, ROUTE_KEY, Tools, identity};
use libsodium_sys as sodium;
use std::ptr::{null, null_mut};

/// Keys of one party towards another.
pub struct Libsodium {
    seed: [u8; 32],
    other_agreement: [u8; 32],
    signing: [u8; 64],
    other: [u8; 32],
    shared: [u8; 32],
}

fn length(bytes: &[u8]) -> u64 {
    bytes.len() as u64
}

fn keypair(seed: &[u8; 32]) -> [u8; 64] {
    let (mut public, mut secret) = ([0; 32], [0; 64]);
    // SAFETY: writes 32 and 64 bytes, reads 32.
    let code = unsafe {
        sodium::crypto_sign_seed_keypair(public.as_mut_ptr(), secret.as_mut_ptr(), seed.as_ptr())
    };
    assert_eq!(code, 0);
    secret
}

fn sign(secret: &[u8; 64], message: &[u8]) -> [u8; 64] {
    let mut signature = [0; 64];
    // SAFETY: writes 64 bytes and no length; reads the message and a key of 64 bytes.
    let code = unsafe {
        sodium::crypto_sign_detached(
            signature.as_mut_ptr(),
            null_mut(),
            message.as_ptr(),
            length(message),
            secret.as_ptr(),
        )
    };
    assert_eq!(code, 0);
    signature
}

impl Curves for Libsodium {
    const NAME: &'static str = "libsodium";

    fn between(own: u8, other: u8) -> Self {
        // SAFETY: may be called any number of times, from any thread.
        assert!(unsafe { sodium::sodium_init() } >= 0);
        let seed = [own; 32];
        let other = identity(other);
        let signing = keypair(&seed);
        let (other_agreement, other) = (*other.public().x25519(), *other.public().ed25519());
        let mut tools = Self { seed, other_agreement, signing, other, shared: [0; 32] };
        tools.shared = tools.agree();
        tools
    }

    fn agree(&self) -> [u8; 32] {
        let mut shared = [0; 32];
        // SAFETY: writes 32 bytes, reads 32 and 32.
        let code = unsafe {
            sodium::crypto_scalarmult_curve25519(
                shared.as_mut_ptr(),
                self.seed.as_ptr(),
                self.other_agreement.as_ptr(),
            )
        };
        assert_eq!(code, 0);
        shared
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        sign(&self.signing, message)
    }

    fn sign_from_seed(&self, message: &[u8]) -> [u8; 64] {
        sign(&keypair(&self.seed), message)
    }

    fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        // SAFETY: reads 64 bytes, the message, 32 bytes.
        let code = unsafe {
            sodium::crypto_sign_verify_detached(
                signature.as_ptr(),
                message.as_ptr(),
                length(message),
                self.other.as_ptr(),
            )
        };
        code == 0
    }
}

impl Tools for Libsodium {
    fn encrypt(&self, nonce: &[u8; 24], text: &mut [u8]) -> [u8; 16] {
        let mut tag = [0; 16];
        // SAFETY: writes as many bytes as it reads, over them, which libsodium permits, and a tag
        // of 16 bytes; reads nonce and key of 24 and 32; no associated data.
        let code = unsafe {
            sodium::crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
                text.as_mut_ptr(),
                tag.as_mut_ptr(),
                null_mut(),
                text.as_ptr(),
                length(text),
                null(),
                0,
                null(),
                nonce.as_ptr(),
                self.shared.as_ptr(),
            )
        };
        assert_eq!(code, 0);
        tag
    }

    fn decrypt(&self, nonce: &[u8; 24], text: &mut [u8], tag: &[u8; 16]) -> bool {
        // SAFETY: as for `encrypt`, with the tag read.
        let code = unsafe {
            sodium::crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
                text.as_mut_ptr(),
                null_mut(),
                text.as_ptr(),
                length(text),
                tag.as_ptr(),
                null(),
                0,
                nonce.as_ptr(),
                self.shared.as_ptr(),
            )
        };
        code == 0
    }

    fn mask(&self, nonce: &[u8; 24]) -> [u8; 8] {
        let mut mask = [0; 8];
        // SAFETY: writes 8 bytes, reads a nonce of 12, of which there are 24, and a key of 32.
        let code = unsafe {
            sodium::crypto_stream_chacha20_ietf(
                mask.as_mut_ptr(),
                length(&mask),
                nonce.as_ptr(),
                ROUTE_KEY.as_ptr(),
            )
        };
        assert_eq!(code, 0);
        mask
    }

    fn import_ed25519(&self, key: &[u8; 32]) -> bool {
        // SAFETY: reads 32 bytes.
        unsafe { sodium::crypto_core_ed25519_is_valid_point(key.as_ptr()) == 1 }
    }
}
