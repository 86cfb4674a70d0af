//! What attackers do: they send again what they recorded, speak for others, and own the relay.

use super::{MALLORY, RELAY, World, hub::Down};
use crate::support::{draw, nonce};
use arbitrary::Unstructured;
use sealwire::{
    Clause,
    frame::{COMMAND_OVERHEAD, HEADER, address_from},
    identity::{Identity, PeerId},
    packet::{self, Inner, PairKey},
};
use sealwire_client::{contract::Hex, peer::Input};

/// The command byte of TEXT.
const TEXT: u8 = 0x20;
/// The command byte of DELIVERY_ACK.
const DELIVERY_ACK: u8 = 0x27;

impl World {
    /// A frame of the past, which was this client's or another's.
    pub(super) fn replay(&mut self, who: usize, other: usize, input: &mut Unstructured<'_>) {
        let past = &self.parties[if draw(input) { who } else { other }].past;
        let place: u8 = draw(input);
        let Some(frame) = past.get(usize::from(place) % past.len().max(1)).cloned() else { return };
        if draw(input) {
            self.receive(who, Down::Binary(frame));
        } else if let Some(line) = self.parties[who].line {
            self.hub.take(line, frame, self.now);
            self.collect();
        }
    }

    /// A hello that was seen, over a connection of the attacker's own: it never makes a session.
    pub(super) fn greet_again(&mut self, input: &mut Unstructured<'_>) {
        let place: u8 = draw(input);
        let hellos = &self.hub.hellos;
        let Some(hello) = hellos.get(usize::from(place) % hellos.len().max(1)).cloned() else { return };
        let line = self.hub.open(self.now);
        self.hub.take(line, hello, self.now);
        self.collect();
        assert!(self.hub.link(line).is_none(), "a replayed hello makes a session");
        self.hub.end(line, self.now);
        self.collect();
    }

    /// What was never made for this client: others' frames, its own sent back, any bytes.
    pub(super) fn refused(&mut self, who: usize, other: usize, input: &mut Unstructured<'_>) {
        if !self.parties[who].in_session() {
            return;
        }
        let frame = match draw::<u8>(input) % 3 {
            0 => self.parties[other].past.last().cloned(),
            1 => self.parties[who].up.back().cloned(),
            _ => input.peek_bytes(input.len().min(200)).map(<[u8]>::to_vec),
        };
        frame.into_iter().for_each(|frame| self.must_refuse(who, frame));
    }

    pub(super) fn must_refuse(&mut self, who: usize, mut frame: Vec<u8>) {
        let kept = frame.clone();
        self.must_ignore(who, &mut frame);
        assert!(frame == kept, "what is refused was changed");
    }

    fn must_ignore(&mut self, who: usize, frame: &mut [u8]) {
        // Anything at all is a sign of life; that alone may change.
        self.feed(who, Input::Control);
        let before = self.parties[who].state();
        let actions = self.feed(who, Input::Binary(frame));
        assert_eq!(actions, 0, "what is refused has no effect");
        assert_eq!(self.parties[who].state(), before, "what is refused changed the client");
    }

    /// The relay says under its own keys what the input likes.
    pub(super) fn lie(&mut self, who: usize, input: &mut Unstructured<'_>) {
        let (command, length): (u8, u8) = (draw(input), draw(input));
        let body = input.bytes(input.len().min(length.into())).unwrap_or_default();
        let Some(link) = self.parties[who].line.and_then(|line| self.hub.link(line)) else { return };
        let back = PairKey::between(&RELAY, link.peer()).expect("imported keys agree");
        let frame = seal(&back, &RELAY, command, body, |frame| {
            address_from(frame, link.routes(), PeerId::RELAY)
        });
        // Not the end of the world: a reply that sends the client away for good is true to form.
        if self.parties[who].in_session() {
            self.receive(who, Down::Binary(frame));
        }
    }

    /// A contact without a client, in its own name or that of somebody else.
    pub(super) fn speak_for_mallory(&mut self, who: usize, input: &mut Unstructured<'_>) {
        let (command, name, length): (u8, u8, u8) = (draw(input), draw(input), draw(input));
        let command = match name >> 6 {
            0 => TEXT,
            1 => DELIVERY_ACK,
            _ => command,
        };
        let body = input.bytes(input.len().min(length.into())).unwrap_or_default();
        // Acknowledges what it never got.
        let overheard = self.ledger.unheard(self.parties[who].key());
        let body = match (command, &overheard) {
            (DELIVERY_ACK, Some(uuid)) => uuid.0.as_slice(),
            _ => body,
        };
        let names = [MALLORY.id(), PeerId(self.parties[0].key().0[..8].try_into().expect("eight"))];
        let party = &self.parties[who];
        let Some(link) = party.line.and_then(|line| self.hub.link(line)) else { return };
        let pair = PairKey::between(&MALLORY, link.peer()).expect("imported keys agree");
        let from = names[usize::from(name) % names.len()];
        let mut frame = seal(&pair, &MALLORY, command, body, |frame| {
            address_from(frame, link.routes(), from)
        });
        if !party.in_session() {
            return;
        }
        let mallory = Hex(*MALLORY.public().x25519());
        let opens = from == MALLORY.id() && self.ledger.knows(party.key(), mallory);
        let text = body.get(16..).is_some_and(|text| str::from_utf8(text).is_ok());
        match opens {
            true if command == TEXT && text => self.receive(who, Down::Binary(frame)),
            true => self.must_ignore(who, &mut frame),
            false => self.must_refuse(who, frame),
        }
    }
}

fn seal(
    key: &PairKey,
    signer: &Identity,
    command: u8,
    body: &[u8],
    address: impl FnOnce(&mut [u8]) -> Result<(), Clause>,
) -> Vec<u8> {
    let mut frame = vec![0; COMMAND_OVERHEAD + body.len()];
    let inner = Inner { message_id: 0, command, body };
    packet::seal(&mut frame[HEADER..], key, signer, nonce(6), &inner).expect("it fits");
    address(&mut frame).expect("inputs are shorter than a megabyte");
    frame
}
