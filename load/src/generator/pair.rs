//! A pair: what has become of its frames.

use sealwire::frame::{HEADER, address_from, address_to};
use sealwire::handshake::ClientLink;
use sealwire::relay::{ErrorCode, FromRelay};

use super::fleet::Fleet;
use super::session::End;
use super::sheet::{Sheet, number};

/// What became of the frames of a pair.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Written whole.
    pub(crate) sent: u64,
    /// Arrived at their recipient.
    pub(crate) received: u64,
    /// Answered with recipient_offline.
    pub(crate) answered: u64,
    /// Arrived twice, late, changed, or from somebody else.
    pub(crate) astray: u64,
}

impl Tally {
    /// Sent, and not heard of since.
    pub(crate) const fn outstanding(&self) -> u64 {
        self.sent.saturating_sub(self.received + self.answered)
    }

    /// Received, and answered nevertheless.
    pub(crate) const fn twice(&self) -> u64 {
        (self.received + self.answered).saturating_sub(self.sent)
    }
}

/// Sessions `2 n` and `2 n + 1`: one sends to the other.
#[derive(Debug)]
pub(crate) struct Pair {
    /// Which of the two.
    pub(super) sender: usize,
    /// What the sender writes as header.
    pub(super) to: [u8; HEADER],
    /// What the recipient reads there.
    from: [u8; HEADER],
    /// The least number that may come next.
    next: u64,
    /// Bytes written of the frame after those that are sent.
    pub(super) partial: usize,
    /// There was no room for more.
    pub(super) full: bool,
    pub(crate) tally: Tally,
    /// The recipient does not read.
    pub(crate) stalled: bool,
    /// Either end is gone, and how.
    pub(crate) over: Option<End>,
}

impl Pair {
    /// `sender` sends to `recipient`, both of which are live.
    pub(super) fn new(
        fleet: &mut Fleet,
        sender: usize,
        recipient: usize,
        size: usize,
    ) -> Option<Self> {
        let (own, other) = (fleet.identity(sender).id(), fleet.identity(recipient).id());
        let mut frame = Sheet::blank(size);
        address_to(&mut frame, fleet.session(sender).link.as_ref()?.routes(), other).ok()?;
        let to = *frame.first_chunk()?;
        address_from(&mut frame, fleet.session(recipient).link.as_ref()?.routes(), own).ok()?;
        let from = *frame.first_chunk()?;
        Some(Self::of(sender, to, from))
    }

    /// Nothing has been sent.
    fn of(sender: usize, to: [u8; HEADER], from: [u8; HEADER]) -> Self {
        let (tally, over) = (Tally::default(), None);
        Self { sender, to, from, next: 0, partial: 0, full: false, tally, stalled: false, over }
    }

    /// A frame at the recipient: its number if it is as it was sent, in order, and from the
    /// right sender.
    pub(super) fn arrived(&mut self, payload: &[u8], length: usize, size: usize) -> Option<u64> {
        let number = number(payload).filter(|_| length == size && payload.starts_with(&self.from));
        match number {
            Some(number) if number >= self.next => {
                self.next = number + 1;
                self.tally.received += 1;
                return Some(number);
            }
            // Not a frame of a peer: a relay may say this and that.
            None if length != size => {}
            _ => self.tally.astray += 1,
        }
        None
    }

    /// A frame at the sender, which gets none but the relay's own.
    pub(super) fn heard(&mut self, link: &ClientLink, frame: &mut [u8]) {
        let event =
            link.open_event(frame).and_then(|inner| FromRelay::parse(inner.command, inner.body));
        if let Ok(FromRelay::Error(ErrorCode::RecipientOffline { .. })) = event {
            self.tally.answered += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use sealwire::handshake::{AwaitHello, HELLO, Hello, Reply, hello};
    use sealwire::primitives::{FreshNonce, NonceBytes};

    use super::super::identities::identity;
    use super::*;

    const SIZE: usize = 128;

    fn pair(sent: u64) -> Pair {
        let tally = Tally { sent, ..Tally::default() };
        Pair { tally, ..Pair::of(0, [1; HEADER], [2; HEADER]) }
    }

    fn frame(number: u64) -> Vec<u8> {
        let mut frame = Sheet::blank(SIZE);
        frame[..HEADER].copy_from_slice(&[2; HEADER]);
        frame[32..40].copy_from_slice(&number.to_be_bytes());
        frame
    }

    #[test]
    fn a_gap_is_outstanding_and_what_comes_late_is_astray() {
        let mut pair = pair(4);
        for number in [0, 2, 3] {
            assert_eq!(pair.arrived(&frame(number), SIZE, SIZE), Some(number));
        }
        assert_eq!((pair.tally.received, pair.tally.outstanding()), (3, 1));
        for number in [1, 3] {
            assert_eq!(pair.arrived(&frame(number), SIZE, SIZE), None);
        }
        assert_eq!((pair.tally.received, pair.tally.astray), (3, 2));
    }

    #[test]
    fn another_sender_is_astray_and_another_length_is_no_frame_of_a_peer() {
        let mut pair = pair(1);
        let mut other = frame(0);
        other[0] ^= 1;
        assert_eq!(pair.arrived(&frame(0), SIZE + 1, SIZE), None);
        assert_eq!((pair.tally.received, pair.tally.astray), (0, 0));
        assert_eq!(pair.arrived(&other, SIZE, SIZE), None);
        assert_eq!((pair.tally.received, pair.tally.astray), (0, 1));
    }

    #[test]
    fn of_what_a_relay_says_recipient_offline_alone_answers_a_frame() {
        let (relay, client) = (identity(1, 0).expect("keys"), identity(1, 1).expect("keys"));
        let nonce = || FreshNonce::from_random([3; 24]);
        let mut message = [0; HELLO];
        let waiting = hello(&mut message, &client, relay.public(), nonce()).expect("a hello");
        let Ok(Hello::Admitted(admitted)) = AwaitHello::new(&relay).receive(&mut message) else {
            panic!("refused")
        };
        let link = admitted.into_link();
        let said = |event: &FromRelay<'_>| {
            let mut frame = vec![0; 200];
            let length = link.seal_event(&mut frame, &relay, nonce(), event).expect("a frame");
            frame.truncate(length);
            frame
        };
        let Ok(Reply::Session(own)) = waiting.receive(&mut said(&FromRelay::HandshakeOk)) else {
            panic!("no session")
        };
        let mut pair = pair(9);
        let offline =
            ErrorCode::RecipientOffline { target: relay.id(), nonce: NonceBytes([4; 24]) };
        for event in [FromRelay::Error(offline), FromRelay::ServerPing, FromRelay::Error(offline)] {
            pair.heard(&own, &mut said(&event));
        }
        pair.heard(&own, &mut frame(0));
        assert_eq!((pair.tally.answered, pair.tally.outstanding()), (2, 7));
    }

    #[test]
    fn what_is_received_and_answered_is_told() {
        let tally = Tally { sent: 5, received: 4, answered: 3, astray: 0 };
        assert_eq!((tally.outstanding(), tally.twice()), (0, 2));
    }
}
