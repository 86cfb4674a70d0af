//! Faults of chapter 4.

use super::{Fault, forgiving, right};
use crate::model::frame::{FRAME_MAX, downlink, masked, route_keys, uplink};
use crate::model::identity::RELAY_ID;
use crate::model::packet::{PACKET_MIN, seal};
use crate::model::primitives::{keystream, x25519};
use crate::vectors::{Answer, Input, Stop, Written};

/// What this fault makes of `op`.
pub(super) fn deviation(fault: Fault, op: &str, input: &Input) -> Option<Answer> {
    Some(match (fault, op) {
        (Fault::HeaderReversed, "frame.uplink") => reversed(op, input),
        (Fault::ForwardsAsIs, "frame.forward") => as_is(op, input),
        (Fault::MaskFromTail | Fault::MaskCounterOne, "frame.mask") => other_mask(fault, input),
        (Fault::AnyHeaderIsRelay, "frame.relay-header") => {
            forgiving(op, input, fault.row().clause, || Written::new().answer())
        }
        (Fault::ClientLimitLow, "frame.downlink") => {
            shorter(op, input, FRAME_MAX, "frame/client-limit")
        }
        (Fault::Frame115, "frame.uplink" | "frame.downlink")
        | (Fault::JudgesOpaque, "frame.forward") => longer(op, input, 8 + PACKET_MIN),
        (Fault::SendsOneMore, "frame.send") => sent(op, input),
        (Fault::RelayBuildsLonger, "relay.frame") => built(op, input),
        (Fault::FrameOneMore, "frame.uplink") => one_more(op, input),
        _ => return None,
    })
}

fn reversed(op: &str, input: &Input) -> Answer {
    right(op, input)?;
    let (frame, c2s) = (input.bytes("frame")?, input.array("c2s")?);
    let mut to = header(c2s, &frame);
    to.reverse();
    Written::new().bytes("to", &to).answer()
}

/// The id in front of a frame that is long enough.
fn header(key: [u8; 32], frame: &[u8]) -> [u8; 8] {
    let (id, nonce) = (core::array::from_fn(|i| frame[i]), core::array::from_fn(|i| frame[8 + i]));
    masked(key, nonce, id)
}

fn as_is(op: &str, input: &Input) -> Answer {
    let mut output = right(op, input)?;
    let untouched = Written::new().bytes("frame", &input.bytes("frame")?).members();
    output.extend(untouched);
    Ok(output)
}

fn other_mask(fault: Fault, input: &Input) -> Answer {
    let (key, nonce): (_, [u8; 24]) = (input.array("key")?, input.array("nonce")?);
    let mask = match fault {
        Fault::MaskFromTail => keystream(key, core::array::from_fn(|i| nonce[12 + i]), 8),
        // A block of ChaCha20 is 64 bytes.
        _ => keystream(key, core::array::from_fn(|i| nonce[i]), 72).split_off(64),
    };
    Written::new().bytes("mask", &mask).answer()
}

/// Refuses what is longer than `most`.
fn shorter(op: &str, input: &Input, most: usize, clause: &'static str) -> Answer {
    if input.bytes("frame")?.len() > most {
        return Err(Stop::Refused(clause));
    }
    right(op, input)
}

/// Refuses what is shorter than `least`.
fn longer(op: &str, input: &Input, least: usize) -> Answer {
    if input.bytes("frame")?.len() < least {
        return Err(Stop::Refused("frame/too-short"));
    }
    right(op, input)
}

fn sent(op: &str, input: &Input) -> Answer {
    forgiving(op, input, "frame/send-limit", || {
        let frame = uplink(input.array("c2s")?, input.array("to")?, &input.bytes("packet")?);
        Written::new().bytes("frame", &frame).answer()
    })
}

/// The relay's own frame without its limit: under the keys of the case, the body as it is.
fn built(op: &str, input: &Input) -> Answer {
    forgiving(op, input, "frame/relay-limit", || {
        let shared = x25519(input.array("relay_x25519_seed")?, input.array("x25519")?)?;
        let (nonce, seed) = (input.array("nonce")?, input.array("relay_ed25519_seed")?);
        let packet = seal(shared, seed, nonce, 0, input.number("command")?, &input.bytes("body")?);
        let frame = downlink(route_keys(shared).s2c, RELAY_ID, &packet);
        Written::new().bytes("frame", &frame).answer()
    })
}

fn one_more(op: &str, input: &Input) -> Answer {
    let (frame, c2s) = (input.bytes("frame")?, input.array("c2s")?);
    if frame.len() != FRAME_MAX + 1 {
        return right(op, input);
    }
    Written::new().bytes("to", &header(c2s, &frame)).answer()
}
