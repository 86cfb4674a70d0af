//! What a frame of an accepted session means.
//!
//! The header says who speaks: zero is the relay, and nobody else can be (`[frame/relay-header]`);
//! every other id is a contact or a stranger, whose frames are not even opened. A refused frame
//! changes nothing.

use super::{
    Peer, Random,
    commands::{conflict, request},
    connection::State,
    contacts::Standing,
};
use crate::{
    contract::{Code, Event, Fault, Hex, Person},
    message::{FromPeer, UUID},
};
use sealwire::{
    Clause,
    frame::{Downlink, HEADER},
    identity::{Invite, MAX_INVITE, Nickname, PeerId, PublicIdentity},
    packet,
    primitives::NonceBytes,
    relay::{ErrorCode, FromRelay, Keys, ToRelay},
};
use std::collections::HashSet;

impl Peer {
    pub(super) fn frame(&mut self, frame: &mut [u8], random: &mut dyn Random) {
        if let Err(reason) = self.read(frame, random) {
            self.refuse(reason);
        }
    }

    fn read(&mut self, frame: &mut [u8], random: &mut dyn Random) -> Result<(), &'static str> {
        let State::Session { link, .. } = &self.state else { return Ok(()) };
        let from = Downlink::parse(frame).map_err(Clause::id)?.from(link.routes());
        if !from.is_relay() {
            return self.take_packet(from, frame, random);
        }
        let inner = link.open_event(frame).map_err(Clause::id)?;
        let event = FromRelay::parse(inner.command, inner.body).map_err(Clause::id)?;
        self.take_event(&event, random)
    }

    fn take_event(
        &mut self,
        event: &FromRelay<'_>,
        random: &mut dyn Random,
    ) -> Result<(), &'static str> {
        match *event {
            FromRelay::PeerOnline(keys) => self.online(keys, random),
            FromRelay::PeerOffline(keys) => self.presence(keys, false),
            FromRelay::IntroFrom { peer, nickname } => return self.introduced(&peer, nickname),
            FromRelay::Notice(text) => self.event(Event::Notice { text: text.to_owned() }),
            FromRelay::Error(error) => self.relay_error(error, random),
            FromRelay::ServerPing => {}
            // For the first reply, and for notifiers: here they have no place.
            FromRelay::HandshakeOk | FromRelay::Wake { .. } | FromRelay::PushRegister { .. } => {
                return Err(Clause::RelayEventUnknown.id());
            }
        }
        Ok(())
    }

    fn presence(&mut self, keys: Keys<'_>, online: bool) {
        for key in keys.as_slice() {
            if self.watch.set(key, online) {
                self.event(Event::Presence { peer: Hex(*key), online });
            }
        }
    }

    /// Shows who came, and sends again what waits for them: each once, however often listed.
    fn online(&mut self, keys: Keys<'_>, random: &mut dyn Random) {
        self.presence(keys, true);
        let mut done = HashSet::new();
        for key in keys.as_slice() {
            if self.watch.contains(key) && done.insert(key) {
                self.send_waiting(Some(*key), random);
            }
        }
    }

    fn introduced(&mut self, peer: &PublicIdentity, nickname: &str) -> Result<(), &'static str> {
        let standing = self.standing(peer);
        match standing {
            Standing::Conflict => {
                self.fault(conflict(peer));
                return Ok(());
            }
            Standing::Known => {
                let contact = self.contacts.by_id(peer.id());
                if contact.is_none_or(|contact| std::mem::replace(&mut contact.introduced, true)) {
                    return Ok(());
                }
            }
            Standing::New => {
                let listed = self.requests.contains(&request(peer));
                if !listed && self.requests.len() >= self.setup.limits.requests {
                    return Err("request list is full");
                }
                if !self.requests.insert(request(peer)) {
                    return Ok(());
                }
            }
        }
        let nickname = Nickname(nickname);
        self.event(Event::Introduced {
            person: Person::new(self.setup.identity.public(), peer, nickname),
            invite: invite(peer, nickname),
            known: standing == Standing::Known,
        });
        if self.setup.accept && standing == Standing::New {
            self.put_contact(peer, nickname, None, None).unwrap_or_else(|fault| self.fault(fault));
        }
        Ok(())
    }

    fn relay_error(&mut self, error: ErrorCode, random: &mut dyn Random) {
        match error {
            ErrorCode::RecipientOffline { target, nonce } => self.offline(target, nonce, random),
            ErrorCode::Unknown(_) => self.refuse("error code is unknown"),
            ErrorCode::IdInUse | ErrorCode::BadVersion { .. } => self.fault(Fault::new(
                Code::RelayError,
                Some(Clause::RelayError),
                format!("the relay reports {error:?} inside a session"),
            )),
        }
    }

    /// A frame found no recipient. Its nonce says which; from now on we watch for the recipient.
    fn offline(&mut self, target: PeerId, nonce: NonceBytes, random: &mut dyn Random) {
        let Some(waiting) = self.outbox.failed(target, nonce) else {
            return self.refuse("recipient_offline for no frame of ours that waits");
        };
        let peer = waiting.peer;
        self.event(Event::Undeliverable {
            peer: Hex(peer),
            uuid: Hex(waiting.uuid),
            reference: waiting.reference.clone(),
            clause: Clause::RelayRecipientOffline,
        });
        let before = self.watch.keys().len();
        if self.watch.add(&[peer]) && self.watch.keys().len() > before {
            self.send_subscription(before, random);
        }
    }

    fn take_packet(
        &mut self,
        from: PeerId,
        frame: &mut [u8],
        random: &mut dyn Random,
    ) -> Result<(), &'static str> {
        let contact = self.contacts.by_id(from).ok_or("sender is no contact")?;
        let packet = frame.get_mut(HEADER..).unwrap_or_default();
        let inner = packet::open(packet, &contact.pair).map_err(Clause::id)?;
        match FromPeer::parse(inner.command, inner.body) {
            Some(FromPeer::Text { uuid, text }) => {
                if contact.seen.insert(uuid) {
                    let peer = Hex(*contact.keys().x25519());
                    let (name, text) = (contact.name.clone(), text.to_owned());
                    self.event(Event::Message { peer, name, uuid: Hex(uuid), text });
                }
                // Each time it comes: the first acknowledgement may have been lost.
                self.acknowledge(from, uuid, random);
                Ok(())
            }
            Some(FromPeer::DeliveryAck { uuid }) => {
                let peer = *contact.keys().x25519();
                self.delivered(&peer, &uuid)
            }
            None if is_relay_command(inner.command) => Err(Clause::RelayPeerPrivilege.id()),
            None => Err("command of a peer is unknown or malformed"),
        }
    }

    fn delivered(&mut self, peer: &[u8; 32], uuid: &[u8; UUID]) -> Result<(), &'static str> {
        let waiting = self.outbox.acknowledge(peer, uuid);
        let done = waiting.ok_or("acknowledgement of nothing that waits for that peer")?;
        let reference = done.reference;
        self.event(Event::Delivered { peer: Hex(done.peer), uuid: Hex(done.uuid), reference });
        Ok(())
    }
}

/// Whether chapter 6 knows the command: from a peer it has no force.
fn is_relay_command(command: u8) -> bool {
    !matches!(ToRelay::parse(command, &[]), Err(Clause::RelayUnknownCommand))
}

/// The code that accepts an introduction. A nickname too long for an invite is left out.
fn invite(peer: &PublicIdentity, nickname: Nickname<'_>) -> String {
    let encode = |nickname| {
        let mut out = [0; MAX_INVITE];
        Invite { peer: *peer, nickname }.encode(&mut out).map(str::to_owned)
    };
    encode(nickname).or_else(|_| encode(Nickname(""))).unwrap_or_default()
}
