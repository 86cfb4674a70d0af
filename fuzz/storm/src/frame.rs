//! Row 4: a header says for whom a frame is and from whom it comes; the packet behind it stays.
//!
//! The input is a frame. One of at most four bytes names the length of a frame of zeroes instead,
//! so that the limits of a megabyte are met.

use crate::support::PARTIES;
use sealwire::{
    Clause,
    frame::{
        Downlink, HEADER, MAX, MAX_FROM_RELAY, MIN, RouteKeys, Uplink, address_from, address_to,
    },
    identity::PeerId,
    primitives::NONCE,
};

/// Row 4, frame.
pub fn check(input: &[u8]) {
    judge(input);
    if input.len() <= 4 {
        let length = input.iter().rev().fold(0, |length, byte| length << 8 | usize::from(*byte));
        judge(&vec![0; length % (MAX_FROM_RELAY + 64)]);
    }
}

fn judge(frame: &[u8]) {
    let (client, relay) = (PARTIES.session.routes(), PARTIES.link.routes());
    let verdict = |max: usize, too_long: Clause| match frame.len() {
        length if length > max => Err(too_long),
        length if length < MIN => Err(Clause::FrameTooShort),
        _ => Ok(()),
    };
    let up = Uplink::parse(frame);
    let down = Downlink::parse(frame);
    assert_eq!(up.map(drop), verdict(MAX, Clause::FrameTooLong));
    assert_eq!(down.map(drop), verdict(MAX_FROM_RELAY, Clause::FrameClientLimit));

    let id = frame.last_chunk().map_or(PeerId::RELAY, |id| PeerId(*id));
    let to = |frame: &mut [u8]| address_to(frame, client, id);
    let written = addressed(frame, verdict(MAX, Clause::FrameSendLimit), to);
    let read = |frame: &[u8]| Uplink::parse(frame).map(|up| up.to(relay));
    written.inspect(|frame| assert_eq!(read(frame), Ok(id)));
    let from = |frame: &mut [u8]| address_from(frame, relay, id);
    let written = addressed(frame, verdict(MAX, Clause::FrameRelayLimit), from);
    let read = |frame: &[u8]| Downlink::parse(frame).map(|down| down.from(client));
    written.inspect(|frame| assert_eq!(read(frame), Ok(id)));

    if let Ok(up) = up {
        forwarded(frame, &up, relay);
    }
}

/// The frame with its header written; untouched if that is refused.
fn addressed(
    frame: &[u8],
    verdict: Result<(), Clause>,
    address: impl Fn(&mut [u8]) -> Result<(), Clause>,
) -> Option<Vec<u8>> {
    let mut written = frame.to_vec();
    assert_eq!(address(&mut written), verdict);
    let kept = if verdict.is_ok() { HEADER } else { 0 };
    assert!(written[kept..] == frame[kept..], "more than the header was changed");
    verdict.is_ok().then_some(written)
}

/// What was read is written again to the same bytes, and every view is one of the same frame.
fn forwarded(frame: &[u8], up: &Uplink<'_>, relay: &RouteKeys) {
    assert!(up.packet() == &frame[HEADER..]);
    assert!(up.nonce().0 == frame[HEADER..HEADER + NONCE]);
    let down = Downlink::parse(frame).map(|down| down.from(relay));
    assert_ne!(down, Ok(up.to(relay)), "each direction has a mask of its own");
    let mut again = frame.to_vec();
    again[..HEADER].fill(0);
    assert_eq!(address_to(&mut again, relay, up.to(relay)), Ok(()));
    assert!(again == frame, "one header, one id");
}
