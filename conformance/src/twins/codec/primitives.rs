//! Faults of chapter 1.

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};

use super::{Fault, forgiving, right};
use crate::model::{forge, primitives as p};
use crate::vectors::{Answer, Input, Stop, Written};

/// What this fault makes of `op`.
pub(super) fn deviation(fault: Fault, op: &str, input: &Input) -> Option<Answer> {
    Some(match (fault, op) {
        (Fault::ZeroSecret, "primitives.x25519") => raw_secret(input),
        (Fault::HighBitIgnored, "primitives.import-x25519") => high_bit_ignored(op, input),
        (Fault::KeyReduced, "primitives.import-x25519") => reduced(op, input),
        (Fault::TwistTaken | Fault::TorsionUnchecked, "primitives.import-x25519")
        | (Fault::SecondEncodings | Fault::MixedOrder, "primitives.import-ed25519") => {
            forgiving(op, input, fault.row().clause, || as_sent(input))
        }
        (Fault::SignsPrehash, "primitives.sign") => prehashed(input),
        (
            Fault::VerifyNotStrict | Fault::VerifyCofactored | Fault::ScalarReduced,
            "primitives.verify",
        ) => verified(fault, input),
        (Fault::AssociatedData | Fault::TagFirst, "primitives.aead-seal") => sealed(fault, input),
        (Fault::AnyContext | Fault::ContextTerminated, "primitives.derive") => {
            derived(fault, input)
        }
        _ => return None,
    })
}

/// The key of an import, whatever it is.
fn as_sent(input: &Input) -> Answer {
    Written::new().bytes("key", &input.bytes("key")?).answer()
}

fn raw_secret(input: &Input) -> Answer {
    let raw = p::x25519_raw(input.array("secret")?, input.array("public")?);
    Written::new().bytes("shared", &raw).answer()
}

fn high_bit_ignored(op: &str, input: &Input) -> Answer {
    let mut key: [u8; 32] = input.array("key")?;
    key[31] &= 0x7f;
    right(op, &input.with("key", hex::encode(key)))?;
    as_sent(input)
}

fn reduced(op: &str, input: &Input) -> Answer {
    forgiving(op, input, "primitives/x25519-canonical", || as_sent(input))
}

fn prehashed(input: &Input) -> Answer {
    let seed = input.array("seed")?;
    let signature = forge::signature_prehashed(seed, &input.bytes("message")?);
    Written::new().bytes("public", &p::ed25519_public(seed)).bytes("signature", &signature).answer()
}

/// The signature as a laxer verifier sees it, under an imported key.
fn verified(fault: Fault, input: &Input) -> Answer {
    let wrong = "primitives/ed25519-signature";
    let key = p::import_ed25519(input.array_or("key", "primitives/ed25519-key-encoding")?)?;
    let message = input.bytes("message")?;
    let signature: [u8; 64] = input.array_or("signature", wrong)?;
    let holds = match fault {
        Fault::VerifyNotStrict => VerifyingKey::from_bytes(&key)
            .and_then(|key| key.verify(&message, &Signature::from_bytes(&signature)))
            .is_ok(),
        Fault::VerifyCofactored => cofactored(key, &message, signature),
        _ => p::verify(key, &message, &with_reduced_scalar(signature)).is_ok(),
    };
    if holds { Written::new().answer() } else { Err(Stop::Refused(wrong)) }
}

/// `[8]([S]B − [k]A − R)` is the neutral element.
fn cofactored(key: [u8; 32], message: &[u8], signature: [u8; 64]) -> bool {
    let (r, s) = halves(signature);
    let point = |bytes| CompressedEdwardsY(bytes).decompress();
    let (Some(a), Some(r_point)) = (point(key), point(r)) else { return false };
    let Some(s) = Option::<Scalar>::from(Scalar::from_canonical_bytes(s)) else { return false };
    let rest: EdwardsPoint =
        s * ED25519_BASEPOINT_POINT - p::challenge(r, key, message) * a - r_point;
    rest.mul_by_cofactor().is_identity()
}

fn with_reduced_scalar(signature: [u8; 64]) -> Vec<u8> {
    let (r, s) = halves(signature);
    [r, Scalar::from_bytes_mod_order(s).to_bytes()].concat()
}

/// `R` and `S`.
fn halves(signature: [u8; 64]) -> ([u8; 32], [u8; 32]) {
    let half = |at: usize| core::array::from_fn(|i| signature[at + i]);
    (half(0), half(32))
}

fn sealed(fault: Fault, input: &Input) -> Answer {
    let (key, nonce) = (input.array("key")?, input.array("nonce")?);
    let plaintext = input.bytes("plaintext")?;
    let sealed = match fault {
        Fault::AssociatedData => p::aead_seal_with(key, nonce, &[2], &plaintext),
        _ => {
            let mut sealed = p::aead_seal(key, nonce, &plaintext);
            sealed.rotate_right(16);
            sealed
        }
    };
    Written::new().bytes("sealed", &sealed).answer()
}

fn derived(fault: Fault, input: &Input) -> Answer {
    let (context, length) = (input.text("context")?, input.number("length")?);
    let material = input.bytes("material")?;
    let key = if fault == Fault::AnyContext {
        p::derive_any(context, &material, length)
    } else {
        p::derive(context, &material, length)?;
        p::derive_any(&format!("{context}\0"), &material, length)
    };
    Written::new().bytes("key", &key).answer()
}
