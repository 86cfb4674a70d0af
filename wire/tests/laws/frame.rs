//! Chapter 4.

use super::{ids, lengths, secrets};
use proptest::{collection::vec, prelude::*};
use sealwire::{
    Clause,
    frame::{Downlink, HEADER, RouteKeys, Uplink, address_from, address_to},
    identity::PeerId,
    primitives::{Context, NonceBytes, mask},
};

// The numbers of the chapter, not those of the crate.
const MIN: usize = 112;
const MAX: usize = 1_048_576;
const MAX_FROM_RELAY: usize = 1_048_640;

fn frames() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), MIN..300)
}

fn xor(id: PeerId, mask: [u8; 8]) -> [u8; 8] {
    std::array::from_fn(|i| id.0[i] ^ mask[i])
}

/// What the table of sizes says to a length.
fn judged(length: usize, max: usize, too_long: Clause) -> Result<(), Clause> {
    match length {
        _ if length > max => Err(too_long),
        _ if length < MIN => Err(Clause::FrameTooShort),
        _ => Ok(()),
    }
}

proptest! {
    /// [frame/header-to], [frame/header-from]: eight bytes of mask over the id, and the id comes
    /// back; the packet stays.
    #[test]
    fn headers_are_masked_ids_and_come_back(
        mut frame in frames(),
        shared in secrets(),
        id in ids(),
    ) {
        let keys = RouteKeys::derive(&shared);
        let packet = frame[HEADER..].to_vec();
        let nonce = NonceBytes(*packet.first_chunk().unwrap());

        address_to(&mut frame, &keys, id).unwrap();
        let up = mask(&Context::RouteC2s.derive_key(&shared), &nonce);
        prop_assert_eq!(frame[..HEADER].to_vec(), xor(id, up));
        prop_assert_eq!(Uplink::parse(&frame).unwrap().to(&keys), id);

        address_from(&mut frame, &keys, id).unwrap();
        let down = mask(&Context::RouteS2c.derive_key(&shared), &nonce);
        prop_assert_eq!(frame[..HEADER].to_vec(), xor(id, down));
        prop_assert_eq!(Downlink::parse(&frame).unwrap().from(&keys), id);
        prop_assert_eq!(&frame[HEADER..], &packet);
    }

    /// [frame/verbatim], [frame/opaque]: whatever the bytes are and whoever the two
    /// are, the recipient gets the sender's packet bit for bit, under the sender's id.
    #[test]
    fn what_is_forwarded_is_the_packet_bit_for_bit(
        mut frame in frames(),
        (sender, recipient) in (secrets(), secrets()),
        (from, to) in (ids(), ids()),
    ) {
        let (sender, recipient) = (RouteKeys::derive(&sender), RouteKeys::derive(&recipient));
        let packet = frame[HEADER..].to_vec();
        address_to(&mut frame, &sender, to).unwrap();
        prop_assert_eq!(Uplink::parse(&frame).unwrap().to(&sender), to);
        address_from(&mut frame, &recipient, from).unwrap();
        let arrived = Downlink::parse(&frame).unwrap();
        prop_assert_eq!((arrived.from(&recipient), arrived.packet()), (from, &packet[..]));
        prop_assert_eq!(&arrived.nonce().0[..], &packet[..24]);
    }

    /// [frame/relay-header]: exactly a header that unmasks to zero is the relay's.
    #[test]
    fn eight_zero_bytes_are_the_relay_and_nothing_else(
        mut frame in frames(),
        shared in secrets(),
        id in ids(),
    ) {
        let keys = RouteKeys::derive(&shared);
        address_from(&mut frame, &keys, id).unwrap();
        let from = Downlink::parse(&frame).unwrap().from(&keys);
        prop_assert_eq!(from.is_relay(), id.0 == [0; 8]);
    }

    /// [frame/header-to]: one direction does not read the other's headers, nor one session another's.
    #[test]
    fn a_header_is_read_under_its_own_key_alone(
        mut frame in frames(),
        (shared, other) in (secrets(), secrets()),
        id in ids(),
    ) {
        prop_assume!(shared != other);
        let (keys, other) = (RouteKeys::derive(&shared), RouteKeys::derive(&other));
        address_to(&mut frame, &keys, id).unwrap();
        prop_assert_ne!(Downlink::parse(&frame).unwrap().from(&keys), id);
        prop_assert_ne!(Uplink::parse(&frame).unwrap().to(&other), id);
    }

    /// [frame/too-short], [frame/too-long], [frame/send-limit], [frame/relay-limit],
    /// [frame/client-limit]: the length decides, and a refused frame keeps its header.
    #[test]
    fn lengths_are_judged_by_the_table(
        length in lengths(&[MIN, MAX, MAX_FROM_RELAY], MAX_FROM_RELAY + 100),
        shared in secrets(),
        id in ids(),
    ) {
        let keys = RouteKeys::derive(&shared);
        let mut frame = vec![0; length];
        let up = Uplink::parse(&frame).map(|_| ());
        prop_assert_eq!(up, judged(length, MAX, Clause::FrameTooLong));
        let down = Downlink::parse(&frame).map(|_| ());
        prop_assert_eq!(down, judged(length, MAX_FROM_RELAY, Clause::FrameClientLimit));

        let sent = address_to(&mut frame, &keys, id);
        prop_assert_eq!(sent, judged(length, MAX, Clause::FrameSendLimit));
        prop_assert!(sent.is_ok() || frame == vec![0; length]);
        frame.fill(0);
        let built = address_from(&mut frame, &keys, id);
        prop_assert_eq!(built, judged(length, MAX, Clause::FrameRelayLimit));
        prop_assert!(built.is_ok() || frame == vec![0; length]);
    }
}
