//! What the client sends: subscriptions, introductions, texts, acknowledgements.

use super::book::Letter;
use super::lines::Order;
use super::{Client, random};
use crate::live::socket::Socket;
use crate::model::frame::uplink;
use crate::model::identity::{Public, RELAY_ID, invite_decode};
use crate::model::message::{DELIVERY_ACK, TEXT, text_body};
use crate::model::packet::{pair_key, seal};
use crate::model::relay::{INTRODUCE, SUBSCRIBE, introduce_body};
use crate::twins::faults::client::Fault;

impl Client {
    /// Remembers what an order asks for; what is to be sent goes out by [`Self::flush`].
    pub(super) fn note(&mut self, order: Order) {
        match order {
            Order::Contact { invite } => {
                if let Ok((public, _)) = invite_decode(&invite) {
                    self.book.befriend(public);
                }
            }
            Order::Send { peer, text, r#ref } => {
                if let Some(to) = key(&peer).and_then(|x| self.book.contact(x)) {
                    let (uuid, reference, nonce) = (random(), r#ref, None);
                    self.book.outbox.push(Letter { to, uuid, text, reference, nonce });
                }
            }
            Order::Subscribe { peers } => {
                self.book.unasked.extend(peers.iter().filter_map(|peer| key(peer)));
            }
            Order::Introduce { peer, name } => {
                if let Some(to) = key(&peer).and_then(|x| self.book.contact(x)) {
                    self.book.introductions.push((to.id(), name.unwrap_or_default()));
                }
            }
            Order::Quit => {}
        }
    }

    /// Sends what waits; what cannot be sent is seen by the next read.
    pub(super) async fn flush(&mut self, socket: &mut Socket) {
        let unasked = std::mem::take(&mut self.book.unasked);
        if !unasked.is_empty() {
            self.tell_relay(socket, SUBSCRIBE, &unasked.concat()).await;
            self.book.watched.extend(unasked);
        }
        for (target, name) in std::mem::take(&mut self.book.introductions) {
            let body = introduce_body(target, name.as_bytes());
            if self.does(Fault::IntroducesInText) {
                let _ = socket.send_text(&hex::encode(body)).await;
            } else {
                self.tell_relay(socket, INTRODUCE, &body).await;
            }
        }
        for at in 0..self.book.outbox.len() {
            let Letter { to, uuid, text, nonce: None, .. } = &self.book.outbox[at] else {
                continue;
            };
            let (to, body) = (*to, text_body(*uuid, text.as_bytes()));
            let nonce = self.nonce();
            self.book.outbox[at].nonce = Some(nonce);
            self.write(socket, &to, nonce, TEXT, &body).await;
        }
    }

    /// Acknowledges a text.
    pub(super) async fn acknowledge(&mut self, socket: &mut Socket, to: &Public, uuid: [u8; 16]) {
        let nonce = self.nonce();
        self.write(socket, to, nonce, DELIVERY_ACK, &uuid).await;
    }

    /// A packet for a contact.
    async fn write(
        &mut self,
        socket: &mut Socket,
        to: &Public,
        nonce: [u8; 24],
        command: u8,
        body: &[u8],
    ) {
        let Ok(key) = pair_key(self.keys.x_seed, to.x) else { return };
        let packet = seal(key, self.keys.ed_seed, nonce, self.message_id(), command, body);
        let id = match self.book.contacts.first() {
            Some(first) if self.does(Fault::AddressesFirst) => first.id(),
            _ => to.id(),
        };
        // A relay that is gone is seen by the next read.
        let _ = socket.send_binary(&uplink(self.routes.c2s, id, &packet)).await;
    }

    /// A command to the relay.
    pub(super) async fn tell_relay(&mut self, socket: &mut Socket, command: u8, body: &[u8]) {
        let nonce = self.nonce();
        let id = self.message_id();
        let packet = seal(self.shared, self.keys.ed_seed, nonce, id, command, body);
        // A relay that is gone is seen by the next read.
        let _ = socket.send_binary(&uplink(self.routes.c2s, RELAY_ID, &packet)).await;
    }
}

/// 64 hex digits.
fn key(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}
