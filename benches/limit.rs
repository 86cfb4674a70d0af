//! The limit: the crates that `sealwire` stands on, called bare, on keys prepared beforehand.

use crate::{Curves, ROUTE_KEY, Tools, identity};
use chacha20::{R20, hchacha};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, aead::AeadInOut};
use curve25519_dalek::{edwards::CompressedEdwardsY, montgomery::MontgomeryPoint};
use ed25519_dalek::{
    Signature, SigningKey, Verifier, VerifyingKey,
    hazmat::{ExpandedSecretKey, raw_sign},
};
use sha2::Sha512;
use x25519_dalek::{PublicKey, StaticSecret};

/// Keys of one party towards another.
pub struct Bare {
    seed: [u8; 32],
    agreement: StaticSecret,
    other_agreement: PublicKey,
    signing: ExpandedSecretKey,
    own: VerifyingKey,
    other: VerifyingKey,
    cipher: XChaCha20Poly1305,
}

impl Bare {
    /// The costly part of P1: the point, and a multiplication by the order.
    #[must_use]
    pub fn import_x25519(&self, key: &[u8; 32]) -> bool {
        MontgomeryPoint(*key).to_edwards(0).is_some_and(|point| point.is_torsion_free())
    }
}

impl Curves for Bare {
    const NAME: &'static str = "limit";

    fn between(own: u8, other: u8) -> Self {
        let seed = [own; 32];
        let other = identity(other);
        let agreement = StaticSecret::from(seed);
        let other_agreement = PublicKey::from(*other.public().x25519());
        let shared = agreement.diffie_hellman(&other_agreement);
        let verifying = VerifyingKey::from_bytes(other.public().ed25519()).expect("a fixed key");
        Self {
            seed,
            agreement,
            other_agreement,
            signing: ExpandedSecretKey::from(&seed),
            own: SigningKey::from_bytes(&seed).verifying_key(),
            other: verifying,
            cipher: XChaCha20Poly1305::new(shared.as_bytes().into()),
        }
    }

    fn agree(&self) -> [u8; 32] {
        self.agreement.diffie_hellman(&self.other_agreement).to_bytes()
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        raw_sign::<Sha512>(&self.signing, message, &self.own).to_bytes()
    }

    fn sign_from_seed(&self, message: &[u8]) -> [u8; 64] {
        let signing = ExpandedSecretKey::from(&self.seed);
        let own = VerifyingKey::from(&signing);
        raw_sign::<Sha512>(&signing, message, &own).to_bytes()
    }

    /// Not `verify_strict`, which decompresses R as well: for a key of prime order only the
    /// identity could be an R of small order.
    fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.other.verify(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl Tools for Bare {
    fn encrypt(&self, nonce: &[u8; 24], text: &mut [u8]) -> [u8; 16] {
        self.cipher.encrypt_inout_detached(nonce.into(), &[], text.into()).expect("short").into()
    }

    fn decrypt(&self, nonce: &[u8; 24], text: &mut [u8], tag: &[u8; 16]) -> bool {
        self.cipher.decrypt_inout_detached(nonce.into(), &[], text.into(), tag.into()).is_ok()
    }

    /// One block of the rounds alone, plus the two constants that a mask needs.
    fn mask(&self, nonce: &[u8; 24]) -> [u8; 8] {
        let mut input = [0; 16];
        input[4..].copy_from_slice(&nonce[..12]);
        let rounds = hchacha::<R20>(&ROUTE_KEY.into(), &input.into());
        let word = |at: usize, constant: u32| {
            let bytes = rounds[at..].first_chunk().expect("32 bytes");
            u32::from_le_bytes(*bytes).wrapping_add(constant).to_le_bytes()
        };
        let [first, second] = [word(0, 0x6170_7865), word(4, 0x3320_646e)];
        std::array::from_fn(|at| if at < 4 { first[at] } else { second[at - 4] })
    }

    fn import_ed25519(&self, key: &[u8; 32]) -> bool {
        CompressedEdwardsY(*key).decompress().is_some_and(|point| point.is_torsion_free())
    }
}
