//! AWS-LC, through its own crate: X25519 and Ed25519. It has no XChaCha20, so it makes no packets.

use crate::{Curves, identity};
use aws_lc_rs::{
    agreement::{PrivateKey, UnparsedPublicKey, X25519, agree},
    signature::{ED25519, Ed25519KeyPair, ParsedPublicKey},
};

/// Keys of one party towards another.
pub struct AwsLc {
    seed: [u8; 32],
    agreement: PrivateKey,
    other_agreement: UnparsedPublicKey<[u8; 32]>,
    signing: Ed25519KeyPair,
    other: ParsedPublicKey,
}

impl Curves for AwsLc {
    const NAME: &'static str = "aws-lc";

    fn between(own: u8, other: u8) -> Self {
        let seed = [own; 32];
        let other = identity(other);
        Self {
            seed,
            agreement: PrivateKey::from_private_key(&X25519, &seed).expect("a fixed seed"),
            other_agreement: UnparsedPublicKey::new(&X25519, *other.public().x25519()),
            signing: Ed25519KeyPair::from_seed_unchecked(&seed).expect("a fixed seed"),
            other: ParsedPublicKey::new(&ED25519, other.public().ed25519()).expect("a fixed key"),
        }
    }

    fn agree(&self) -> [u8; 32] {
        agree(&self.agreement, self.other_agreement, (), |shared| shared.try_into().map_err(|_| ()))
            .expect("a fixed key")
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).as_ref().try_into().expect("64 bytes")
    }

    fn sign_from_seed(&self, message: &[u8]) -> [u8; 64] {
        let signing = Ed25519KeyPair::from_seed_unchecked(&self.seed).expect("a fixed seed");
        signing.sign(message).as_ref().try_into().expect("64 bytes")
    }

    fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.other.verify_sig(message, signature).is_ok()
    }
}
