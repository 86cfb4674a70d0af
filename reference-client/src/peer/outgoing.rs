//! Sealing: commands to the relay, texts and acknowledgements to peers.

use super::{
    Action, Peer, Random, Setup,
    connection::State,
    contacts::{Contact, Contacts},
    draw,
    outbox::Waiting,
};
use crate::message::{DELIVERY_ACK, TEXT, UUID, text_body};
use sealwire::{
    BuildError,
    frame::{COMMAND_OVERHEAD, HEADER, address_to},
    handshake::ClientLink,
    identity::PeerId,
    packet::{self, Inner},
    primitives::{FreshNonce, NONCE, NonceBytes},
    relay::{Keys, ToRelay},
};
use std::mem;

impl Peer {
    /// What a new session begins with, in this order.
    pub(super) fn send_all(&mut self, random: &mut dyn Random) {
        if !self.watch.keys().is_empty() {
            self.send_subscription(0, random);
        }
        self.send_introductions(random);
        self.send_waiting(None, random);
    }

    /// INTRODUCE for each that waits. The relay does not answer it: sent is done.
    pub(super) fn send_introductions(&mut self, random: &mut dyn Random) {
        if !matches!(self.state, State::Session { .. }) {
            return;
        }
        for (target, name) in mem::take(&mut self.introductions) {
            let introduce = ToRelay::Introduce { target, nickname: name.as_bytes() };
            self.send_command(&introduce, name.len() + target.0.len(), random);
        }
    }

    /// SUBSCRIBE to the watched keys, without the first `skip`. Only in a session; a new one
    /// begins with all of them.
    pub(super) fn send_subscription(&mut self, skip: usize, random: &mut dyn Random) {
        let keys = self.watch.keys().get(skip..).unwrap_or_default().to_vec();
        let keys = Keys::new(&keys);
        self.send_command(&ToRelay::Subscribe(keys), keys.as_bytes().len(), random);
    }

    fn send_command(&mut self, command: &ToRelay<'_>, body: usize, random: &mut dyn Random) {
        let State::Session { link, .. } = &self.state else { return };
        let mut frame = vec![0; COMMAND_OVERHEAD + body];
        let nonce = FreshNonce::from_random(draw(random));
        match link.seal_command(&mut frame, &self.setup.identity, nonce, command) {
            Ok(_) => self.actions.push_back(Action::Binary(frame)),
            Err(BuildError::Clause(clause)) => self.refuse(clause.id()),
            Err(BuildError::Buffer(_)) => self.refuse("buffer of a command"),
        }
    }

    /// Sends what waits, in order: all of it, or what waits for one peer.
    pub(super) fn send_waiting(&mut self, peer: Option<[u8; 32]>, random: &mut dyn Random) {
        let State::Session { link, .. } = &self.state else { return };
        let texts = self.outbox.iter_mut(peer);
        let frames = texts.filter_map(|w| seal_text(&self.setup, link, &self.contacts, w, random));
        self.actions.extend(frames.map(Action::Binary));
    }

    /// Sends the text that was given last.
    pub(super) fn send_last(&mut self, random: &mut dyn Random) {
        let State::Session { link, .. } = &self.state else { return };
        let last = self.outbox.last_mut();
        let frame = last.and_then(|w| seal_text(&self.setup, link, &self.contacts, w, random));
        self.actions.extend(frame.map(Action::Binary));
    }

    /// Acknowledges a text of this contact.
    pub(super) fn acknowledge(&mut self, peer: PeerId, uuid: [u8; UUID], random: &mut dyn Random) {
        let State::Session { link, .. } = &self.state else { return };
        let Some(contact) = self.contacts.by_id(peer) else { return };
        let frame = seal(&self.setup, link, contact, DELIVERY_ACK, &uuid, draw(random));
        self.actions.extend(frame.map(Action::Binary));
    }
}

/// Seals a text under a nonce of its own, and remembers it for a recipient_offline.
fn seal_text(
    setup: &Setup,
    link: &ClientLink,
    contacts: &Contacts,
    waiting: &mut Waiting,
    random: &mut dyn Random,
) -> Option<Vec<u8>> {
    let contact = contacts.by_key(&waiting.peer)?;
    let nonce = draw(random);
    waiting.nonce = Some(NonceBytes(nonce));
    seal(setup, link, contact, TEXT, &text_body(&waiting.uuid, &waiting.text), nonce)
}

/// `None` is impossible: the frame is as long as its content asks for.
fn seal(
    setup: &Setup,
    link: &ClientLink,
    contact: &Contact,
    command: u8,
    body: &[u8],
    nonce: [u8; NONCE],
) -> Option<Vec<u8>> {
    let mut frame = vec![0; COMMAND_OVERHEAD + body.len()];
    let nonce = FreshNonce::from_random(nonce);
    let inner = Inner { message_id: 0, command, body };
    packet::seal(frame.get_mut(HEADER..)?, &contact.pair, &setup.identity, nonce, &inner).ok()?;
    address_to(&mut frame, link.routes(), contact.keys().id()).ok()?;
    Some(frame)
}
