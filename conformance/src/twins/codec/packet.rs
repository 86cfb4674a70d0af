//! Faults of chapter 3.

use super::{Fault, forgiving, right};
use crate::model::packet::{Inner, PACKET_MIN, pair_key, seal_inner};
use crate::model::people::{alice, bob, relay};
use crate::model::primitives::{ROUTE_C2S, aead_open, derive_any, verify};
use crate::vectors::{Answer, Input, Stop, Written};

/// Seconds since 1970 that a clock of these years begins with, in its upper bytes.
const CLOCK: [u8; 5] = [0x69, 0, 0, 0, 0];

/// What this fault makes of `op`.
pub(super) fn deviation(fault: Fault, op: &str, input: &Input) -> Option<Answer> {
    Some(match (fault, op) {
        (Fault::SignatureFirst, "packet.seal") => signature_first(input),
        (Fault::SignatureFirst, _) | (_, "packet.seal") => return None,
        (Fault::TagUnchecked, "packet.open") => {
            forgiving(op, input, fault.row().clause, || Opened::empty().answer())
        }
        (Fault::MessageIdBigEndian, "packet.open") => big_endian(op, input),
        (Fault::MessageIdJudged, "packet.open") => not_zero(op, input),
        (Fault::LeavesPlaintext, "packet.open") => released(op, input),
        (_, "packet.open") => opened(fault, op, input),
        _ => return None,
    })
}

/// The members of an opened packet.
struct Opened(Inner);

impl Opened {
    fn empty() -> Self {
        Self(Inner { message_id: 0, command: 0, body: Vec::new() })
    }

    fn read(inner: &[u8]) -> Self {
        let byte = |at: usize| inner.get(at).copied().unwrap_or_default();
        Self(Inner {
            message_id: u16::from_le_bytes([byte(0), byte(1)]),
            command: byte(2),
            body: inner.get(3..).unwrap_or_default().to_vec(),
        })
    }

    fn answer(&self) -> Answer {
        Written::new()
            .value("message_id", self.0.message_id)
            .value("command", self.0.command)
            .bytes("body", &self.0.body)
            .answer()
    }
}

fn signature_first(input: &Input) -> Answer {
    let key = pair_key(input.array("x25519_seed")?, input.array("peer_x25519")?)?;
    let inner = Inner {
        message_id: input.number("message_id")?,
        command: input.number("command")?,
        body: input.bytes("body")?,
    };
    let (seed, nonce) = (input.array("ed25519_seed")?, input.array("nonce")?);
    let mut packet = seal_inner(key, seed, nonce, &inner.bytes());
    packet.rotate_right(64);
    Written::new().bytes("packet", &packet).answer()
}

fn big_endian(op: &str, input: &Input) -> Answer {
    let mut output = right(op, input)?;
    let id = output["message_id"].as_u64().and_then(|id| u16::try_from(id).ok());
    output.insert("message_id".into(), id.unwrap_or_default().swap_bytes().into());
    Ok(output)
}

fn not_zero(op: &str, input: &Input) -> Answer {
    let output = right(op, input)?;
    if output["message_id"] == 0 {
        return Err(Stop::Refused("packet/message-id"));
    }
    Ok(output)
}

/// Opens in place and forgets to put the ciphertext back: whoever called looks at the buffer.
fn released(op: &str, input: &Input) -> Answer {
    let (sent, key) = (input.bytes("packet")?, key(input)?);
    let mut buffer = sent.clone();
    let opened = sealed(&sent).and_then(|(nonce, sealed)| aead_open(key, nonce, sealed).ok());
    if let Some(inner) = opened {
        buffer[24..24 + inner.len()].copy_from_slice(&inner);
    }
    right(op, input).map_err(|stop| if buffer == sent { stop } else { unchanged_buffer() })
}

fn unchanged_buffer() -> Stop {
    Stop::Refused("packet/no-release")
}

fn key(input: &Input) -> Result<[u8; 32], Stop> {
    Ok(pair_key(input.array("x25519_seed")?, input.array("peer_x25519")?)?)
}

/// Nonce and sealed string of what may be a packet.
fn sealed(packet: &[u8]) -> Option<([u8; 24], &[u8])> {
    let end = packet.len().checked_sub(64)?;
    Some((*packet.first_chunk()?, packet.get(24..end)?))
}

/// Opens with one step left out, exchanged or changed.
fn opened(fault: Fault, op: &str, input: &Input) -> Answer {
    let packet = input.bytes("packet")?;
    let least = if fault == Fault::Packet104 { 104 } else { PACKET_MIN };
    let Some((nonce, sealed)) = sealed(&packet).filter(|_| packet.len() >= least) else {
        return right(op, input);
    };
    let key = match fault {
        Fault::KeyHashed => {
            let hashed = derive_any(ROUTE_C2S, &key(input)?, 32);
            hashed.try_into().map_err(|_| Stop::Refused("packet/key"))?
        }
        _ => key(input)?,
    };
    let inner = || aead_open(key, nonce, sealed).map_err(|_| Stop::Refused("packet/authentic"));
    if fault == Fault::DecryptsFirst {
        inner()?;
    }
    if fault == Fault::ClockExpected && nonce[3..8] != CLOCK {
        return Err(Stop::Refused("packet/nonce-any"));
    }
    let signed = signers(fault, input)?.into_iter().any(|ed| signature_holds(fault, ed, &packet));
    if !signed && fault != Fault::SignatureUnchecked {
        return Err(Stop::Refused("packet/signature"));
    }
    Opened::read(&inner()?).answer()
}

/// The keys under which a signature may hold.
fn signers(fault: Fault, input: &Input) -> Result<Vec<[u8; 32]>, Stop> {
    let mut keys = vec![input.array("peer_ed25519")?];
    if fault == Fault::AnyKnownKey {
        keys.extend([alice(), bob(), relay()].map(|keys| keys.public().ed));
    }
    Ok(keys)
}

fn signature_holds(fault: Fault, ed: [u8; 32], packet: &[u8]) -> bool {
    let (range, signature) = packet.split_at(packet.len() - 64);
    let range = if fault == Fault::SignsCiphertext { &range[24..] } else { range };
    verify(ed, range, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::primitives::{aead_seal, sign};

    /// A twin that signs the ciphertext alone reads what its like has written.
    #[test]
    fn the_signed_range_is_the_fault_and_nothing_else() {
        let (key, nonce) = ([7; 32], [9; 24]);
        let sealed = aead_seal(key, nonce, &[0, 0, 0x20]);
        let signature = sign(alice().ed_seed, &sealed);
        let packet = [&nonce[..], &sealed, &signature].concat();
        let ed = alice().public().ed;
        assert!(signature_holds(Fault::SignsCiphertext, ed, &packet));
        assert!(!signature_holds(Fault::DecryptsFirst, ed, &packet));
    }
}
