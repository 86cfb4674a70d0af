//! Faults of chapter 5.

use super::{Fault, forgiving, right};
use crate::model::handshake::{HANDSHAKE_OK, HELLO, VERSION, hello_parts, relay_frame};
use crate::model::identity::{Keys, Public};
use crate::twins::hello::{self, Check};
use crate::vectors::{Answer, Input, Stop, Written};

/// What this fault makes of `op`.
pub(super) fn deviation(fault: Fault, op: &str, input: &Input) -> Option<Answer> {
    Some(match (fault, op) {
        (Fault::HelloVersionFirst, "handshake.hello") => version_first(input),
        (Fault::HelloExactly172 | Fault::HelloFilled, "handshake.accept") => {
            resized(fault, op, input)
        }
        (Fault::HelloVerifiedFirst, "handshake.accept") => {
            let other = || Err(Stop::Refused("handshake/hello-signature"));
            forgiving(op, input, fault.row().clause, other)
        }
        (
            Fault::ClientKeyUnchecked
            | Fault::HelloCommandUnchecked
            | Fault::SigningKeyUnchecked
            | Fault::HelloSignatureUnchecked
            | Fault::VersionUnchecked,
            "handshake.accept",
        ) => accepted(fault, input),
        (Fault::ReplyWithoutVersion, "handshake.reply") => without_version(input),
        (Fault::ReplyCommandUnchecked | Fault::IdInUseForOk, "handshake.read-reply") => {
            forgiving(op, input, fault.row().clause, || {
                Written::new().value("version", VERSION).answer()
            })
        }
        (Fault::ReplyVersionExact, "handshake.read-reply") => version_exact(op, input),
        _ => return None,
    })
}

fn version_first(input: &Input) -> Answer {
    let keys = Keys::from_seeds(input.array("x25519_seed")?, input.array("ed25519_seed")?);
    let mut parts = hello_parts(&keys, input.array("relay_x25519")?, input.array("nonce")?)?;
    parts.inner[3..].rotate_right(1);
    Written::new().bytes("hello", &parts.bytes()).answer()
}

fn resized(fault: Fault, op: &str, input: &Input) -> Answer {
    let mut hello = input.bytes("hello")?;
    match fault {
        Fault::HelloExactly172 if hello.len() > HELLO => {
            return Err(Stop::Refused("handshake/hello-trailing"));
        }
        Fault::HelloFilled => hello.resize(hello.len().max(HELLO), 0),
        _ => {}
    }
    right(op, &input.with("hello", hex::encode(hello)))
}

fn accepted(fault: Fault, input: &Input) -> Answer {
    let relay =
        Keys::from_seeds(input.array("relay_x25519_seed")?, input.array("relay_ed25519_seed")?);
    let check = match fault {
        Fault::ClientKeyUnchecked => Some(Check::ClientKey),
        Fault::HelloCommandUnchecked => Some(Check::Command),
        Fault::SigningKeyUnchecked => Some(Check::SigningKey),
        Fault::HelloSignatureUnchecked => Some(Check::Signature),
        _ => None,
    };
    let hello = hello::open(|one| check == Some(one), &relay, &input.bytes("hello")?)?;
    if hello.version != VERSION && fault != Fault::VersionUnchecked {
        return Err(Stop::Refused("handshake/version"));
    }
    let Public { x, ed } = hello.peer;
    Written::new().bytes("x25519", &x).bytes("ed25519", &ed).bytes("id", &x[..8]).answer()
}

fn without_version(input: &Input) -> Answer {
    let relay =
        Keys::from_seeds(input.array("relay_x25519_seed")?, input.array("relay_ed25519_seed")?);
    let (client, nonce) = (input.array("x25519")?, input.array("nonce")?);
    let reply = relay_frame(&relay, client, nonce, HANDSHAKE_OK, &[])?;
    Written::new().bytes("reply", &reply).answer()
}

/// An accepted reply has 116 bytes without any behind its version.
fn version_exact(op: &str, input: &Input) -> Answer {
    let output = right(op, input)?;
    if input.bytes("reply")?.len() > 116 {
        return Err(Stop::Refused("handshake/reply-version"));
    }
    Ok(output)
}
