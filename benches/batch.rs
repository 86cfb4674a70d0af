//! Why signatures are not verified in batches: what a batch accepts, and what it would save.
//!
//! In each batch one signature of eight has an `R` with a torsion part, of order 8. S1 refuses it
//! alone; a batch multiplies it by a random number and accepts it if that is a multiple of 8. Who
//! gets the other answer depends on who else is in the batch, so two receivers of one packet
//! disagree about it.

use curve25519_dalek::{EdwardsPoint, Scalar, constants::EIGHT_TORSION};
use ed25519_dalek::{
    Signature, Verifier, VerifyingKey,
    hazmat::{ExpandedSecretKey, raw_sign},
    verify_batch,
};
use sealwire::primitives::Ed25519Public;
use sha2::{Digest, Sha512};
use std::{hint::black_box, time::Instant};

const BATCHES: usize = 400;
const EIGHT: usize = 8;

/// One signer, and eight messages with their signatures.
struct Batch {
    messages: Vec<Vec<u8>>,
    signatures: Vec<Signature>,
    keys: Vec<VerifyingKey>,
}

fn signer(seed: usize) -> (ExpandedSecretKey, VerifyingKey) {
    let seed: [u8; 64] = Sha512::digest(seed.to_le_bytes()).into();
    let secret = ExpandedSecretKey::from_bytes(&seed);
    let public = VerifyingKey::from(&secret);
    (secret, public)
}

fn genuine(number: usize) -> Batch {
    let (secret, public) = signer(number);
    let messages: Vec<_> = (0..EIGHT).map(|message| vec![message as u8; 256]).collect();
    let sign = |message: &Vec<u8>| raw_sign::<Sha512>(&secret, message, &public);
    Batch { signatures: messages.iter().map(sign).collect(), messages, keys: vec![public; EIGHT] }
}

/// A signature whose equation holds but for the torsion part of `R`. Only the key's owner can make
/// it.
fn with_torsion(secret: &ExpandedSecretKey, public: &VerifyingKey, message: &[u8]) -> Signature {
    let hash = |parts: &[&[u8]]| {
        let hasher = parts.iter().fold(Sha512::new(), |hasher, part| hasher.chain_update(part));
        Scalar::from_bytes_mod_order_wide(&hasher.finalize().into())
    };
    let r = hash(&[&secret.hash_prefix, message]);
    let point = (EdwardsPoint::mul_base(&r) + EIGHT_TORSION[1]).compress();
    let k = hash(&[point.as_bytes(), public.as_bytes(), message]);
    Signature::from_components(point.to_bytes(), (r + k * secret.scalar).to_bytes())
}

impl Batch {
    fn accepts(&self) -> bool {
        let messages: Vec<_> = self.messages.iter().map(Vec::as_slice).collect();
        verify_batch(&messages, &self.signatures, &self.keys).is_ok()
    }

    fn accepts_each(&self) -> bool {
        let mut all = self.keys.iter().zip(&self.messages).zip(&self.signatures);
        all.all(|((key, message), signature)| key.verify(message, signature).is_ok())
    }
}

/// Microseconds of the fastest of many runs.
fn time(work: impl Fn() -> bool) -> f64 {
    let run = |_| {
        let start = Instant::now();
        assert!(black_box(work()));
        start.elapsed().as_secs_f64() * 1e6
    };
    (0..200).map(run).fold(f64::INFINITY, f64::min)
}

fn main() {
    let mut accepted = 0;
    for number in 0..BATCHES {
        let mut batch = genuine(number);
        assert!(batch.accepts() && batch.accepts_each());
        let (secret, public) = signer(number);
        let (message, at) = (&batch.messages[number % EIGHT], number % EIGHT);
        let signature = with_torsion(&secret, &public, message);
        let key = Ed25519Public::import(public.to_bytes()).expect("a key of prime order");
        assert!(key.verify(message, &signature.to_bytes()).is_err(), "S1 accepts a torsion part");
        batch.signatures[at] = signature;
        accepted += usize::from(batch.accepts());
    }
    let batch = genuine(BATCHES);
    let (together, apart) = (time(|| batch.accepts()), time(|| batch.accepts_each()));
    println!("{accepted} of {BATCHES} batches of eight pass with a signature that S1 refuses.");
    println!(
        "Eight of 256 B take {together:.0} µs together and {apart:.0} µs one by one: {:.2} of the time.",
        together / apart
    );
}
