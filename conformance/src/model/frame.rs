//! Chapter 4, frame: routing frames, masks, limits.
//!
//! ```text
//! 0                        8            32
//! id XOR mask(K, nonce)    nonce 24 …   the rest of the packet
//! ```
//!
//! Clauses: every `frame/*` that a byte string can show.

use super::primitives::{ROUTE_C2S, ROUTE_S2C, derive, mask};
use super::{Judged, array};

/// header 8 + nonce 24 + tag 16 + signature 64.
pub(crate) const FRAME_MIN: usize = 112;
/// The largest frame a client may send and a relay may build.
pub(crate) const FRAME_MAX: usize = 1_048_576;
/// The largest frame a client accepts: an introduction may grow by 56 bytes on its way.
pub(crate) const FRAME_MAX_FROM_RELAY: usize = 1_048_640;
/// The largest message that a relay takes before it has accepted the hello.
pub(crate) const BEFORE_HELLO_MAX: usize = 4_096;

/// The two keys that mask headers between one client and the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Routes {
    /// Client to relay.
    pub(crate) c2s: [u8; 32],
    /// Relay to client.
    pub(crate) s2c: [u8; 32],
}

/// `derive_key(route c2s, S)` and `derive_key(route s2c, S)`.
pub(crate) fn route_keys(shared: [u8; 32]) -> Routes {
    let key = |context| array(&derive(context, &shared, 32).expect("registered"), 0);
    Routes { c2s: key(ROUTE_C2S), s2c: key(ROUTE_S2C) }
}

/// `id XOR mask(key, nonce)`; its own inverse.
pub(crate) fn masked(key: [u8; 32], nonce: [u8; 24], id: [u8; 8]) -> [u8; 8] {
    let mask = mask(key, nonce);
    core::array::from_fn(|i| id[i] ^ mask[i])
}

/// The header of `id` before `packet`, from either side.
fn addressed(key: [u8; 32], id: [u8; 8], packet: &[u8]) -> Vec<u8> {
    [&masked(key, array(packet, 0), id)[..], packet].concat()
}

/// The frame that a client sends: `to` is the recipient, or zero for the relay.
pub(crate) fn uplink(c2s: [u8; 32], to: [u8; 8], packet: &[u8]) -> Vec<u8> {
    addressed(c2s, to, packet)
}

/// The same, as a client that keeps the limits sends it.
pub(crate) fn send(c2s: [u8; 32], to: [u8; 8], packet: &[u8]) -> Judged<Vec<u8>> {
    if packet.len() + 8 > FRAME_MAX {
        return Err("frame/send-limit");
    }
    if packet.len() + 8 < FRAME_MIN {
        return Err("frame/too-short");
    }
    Ok(uplink(c2s, to, packet))
}

/// The frame that a client receives: `from` is the sender, or zero for the relay.
pub(crate) fn downlink(s2c: [u8; 32], from: [u8; 8], packet: &[u8]) -> Vec<u8> {
    addressed(s2c, from, packet)
}

/// The recipient and the packet, as the relay reads them.
pub(crate) fn read_uplink(c2s: [u8; 32], frame: &[u8]) -> Judged<([u8; 8], Vec<u8>)> {
    if frame.len() > FRAME_MAX {
        return Err("frame/too-long");
    }
    addressee(c2s, frame)
}

/// The sender and the packet, as the client reads them.
pub(crate) fn read_downlink(s2c: [u8; 32], frame: &[u8]) -> Judged<([u8; 8], Vec<u8>)> {
    if frame.len() > FRAME_MAX_FROM_RELAY {
        return Err("frame/client-limit");
    }
    addressee(s2c, frame)
}

fn addressee(key: [u8; 32], frame: &[u8]) -> Judged<([u8; 8], Vec<u8>)> {
    if frame.len() < FRAME_MIN {
        return Err("frame/too-short");
    }
    Ok((masked(key, array(frame, 8), array(frame, 0)), frame[8..].to_vec()))
}

/// What the relay does with a peer frame: the header changes, the packet does not.
pub(crate) fn forward(
    c2s: [u8; 32],
    s2c: [u8; 32],
    from: [u8; 8],
    frame: &[u8],
) -> Judged<([u8; 8], Vec<u8>)> {
    let (to, packet) = read_uplink(c2s, frame)?;
    Ok((to, downlink(s2c, from, &packet)))
}

/// The packet of a frame that is the relay's own.
pub(crate) fn relay_packet(s2c: [u8; 32], frame: &[u8]) -> Judged<Vec<u8>> {
    match read_downlink(s2c, frame)? {
        ([0, 0, 0, 0, 0, 0, 0, 0], packet) => Ok(packet),
        _ => Err("frame/relay-header"),
    }
}
