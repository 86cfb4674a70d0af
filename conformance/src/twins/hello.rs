//! A hello as a relay opens it that leaves out one check: codec and relay twin share it.

use ed25519_dalek::{Signature, Verifier, VerifyingKey};

use crate::model::Judged;
use crate::model::handshake::{HANDSHAKE_REQUEST, HELLO, Hello};
use crate::model::identity::{Keys, Public};
use crate::model::primitives::{aead_open, import_ed25519, import_x25519, verify, x25519_raw};

/// A check that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// The import of the X25519 key.
    ClientKey,
    /// The command.
    Command,
    /// The import of the Ed25519 key.
    SigningKey,
    /// The signature.
    Signature,
}

/// The relay's order up to and with the signature, without what `omits` leaves out.
pub(super) fn open(omits: impl Fn(Check) -> bool, relay: &Keys, hello: &[u8]) -> Judged<Hello> {
    if hello.len() < HELLO {
        return Err("handshake/too-short");
    }
    let signature_at = hello.len() - 64;
    let (signed, signature) = (&hello[32..signature_at], &hello[signature_at..]);
    let mut x: [u8; 32] = core::array::from_fn(|i| hello[i]);
    if !omits(Check::ClientKey) {
        x = import_x25519(x)?;
    }
    let nonce = core::array::from_fn(|i| signed[i]);
    let shared = x25519_raw(relay.x_seed, x);
    let inner = aead_open(shared, nonce, &signed[24..]).map_err(|_| "handshake/hello-seal")?;
    if inner[2] != HANDSHAKE_REQUEST && !omits(Check::Command) {
        return Err("handshake/hello-command");
    }
    let mut ed: [u8; 32] = core::array::from_fn(|i| inner[3 + i]);
    if !omits(Check::SigningKey) {
        ed = import_ed25519(ed)?;
    }
    let holds = if omits(Check::SigningKey) { laxly_verified } else { strictly_verified };
    if !holds(ed, signed, signature) && !omits(Check::Signature) {
        return Err("handshake/hello-signature");
    }
    let tag = &signed[signed.len() - 16..];
    let mark = core::array::from_fn(|i| if i < 24 { nonce[i] } else { tag[i - 24] });
    Ok(Hello { peer: Public { x, ed }, version: inner[35], shared, mark })
}

/// S1.
fn strictly_verified(ed: [u8; 32], signed: &[u8], signature: &[u8]) -> bool {
    verify(ed, signed, signature).is_ok()
}

/// As a library verifies that is asked no more than it must be.
fn laxly_verified(ed: [u8; 32], signed: &[u8], signature: &[u8]) -> bool {
    let verified = |key: VerifyingKey| key.verify(signed, &Signature::from_slice(signature)?);
    VerifyingKey::from_bytes(&ed).and_then(verified).is_ok()
}
