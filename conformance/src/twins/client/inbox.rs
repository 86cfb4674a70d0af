//! What the client makes of the relay's reply, of its events and of the packets of its contacts.

use serde_json::json;

use super::book::Letter;
use super::{Client, End};
use crate::live::socket::Socket;
use crate::model::Judged;
use crate::model::frame::{FRAME_MAX, FRAME_MAX_FROM_RELAY, read_downlink};
use crate::model::handshake::{VERSION, open_relay_frame, read_reply};
use crate::model::identity::{Public, RELAY_ID, split_type};
use crate::model::message::{DELIVERY_ACK, TEXT};
use crate::model::packet::{Inner, PACKET_MIN, nonce_of, open, pair_key};
use crate::model::primitives::{aead_open, verify};
use crate::model::relay::{Event, INTRO_FROM, NOTICE, PEER_OFFLINE, PEER_ONLINE, read_event};
use crate::twins::faults::client::Fault;

impl Client {
    /// The first binary message of a connection: a session, or why there is none.
    pub(super) fn reply(&mut self, reply: &[u8]) -> Result<(), End> {
        let clause = match read_reply(self.keys.x_seed, &self.relay, reply) {
            Ok(_) if self.does(Fault::ReplyExact) && reply.len() > 116 => "handshake/reply-version",
            Ok(_) => return Ok(()),
            Err(clause) => clause,
        };
        let pardoned = match clause {
            "handshake/reply-command" => self.does(Fault::ReplyOfAnyCommand),
            "handshake/reply-version" => self.does(Fault::ReplyOfAnyVersion),
            "relay/error" => self.does(Fault::UnknownErrorOpens),
            _ => false,
        };
        match clause {
            _ if pardoned => Ok(()),
            "handshake/id-in-use" => Err(End::InUse),
            "handshake/version" if !self.does(Fault::TriesOtherVersion) => {
                Err(self.other_version(reply))
            }
            _ => {
                self.remark("reply_refused", json!({ "clause": clause }));
                Err(End::Broken)
            }
        }
    }

    /// The relay asks for another version: the last event.
    fn other_version(&mut self, reply: &[u8]) -> End {
        let inner = open_relay_frame(self.shared, self.relay.ed, reply);
        let asked = inner.ok().and_then(|inner| inner.body.get(1).copied()).unwrap_or(VERSION);
        let detail = format!("the relay asks for version {asked}");
        self.events.say("error", json!({ "code": "bad_version", "detail": detail, "fatal": true }));
        End::Fatal(detail)
    }

    /// A frame in a session; `true` if it ends the connection.
    pub(super) async fn frame(&mut self, socket: &mut Socket, frame: &[u8]) -> bool {
        let limit = if self.does(Fault::LimitOfSenders) {
            FRAME_MAX
        } else if self.does(Fault::NoLimit) {
            usize::MAX
        } else {
            FRAME_MAX_FROM_RELAY
        };
        if frame.len() > limit {
            return true;
        }
        let tail = &frame[..frame.len().min(FRAME_MAX_FROM_RELAY)];
        let Ok((from, _)) = read_downlink(self.routes.s2c, tail) else { return false };
        let packet = &frame[8..];
        let own = from == RELAY_ID || self.does(Fault::EventsFromAnybody);
        if own && let Ok(inner) = self.open(self.shared, &[self.relay.ed], packet, true) {
            self.event(socket, &inner).await;
            return false;
        }
        for contact in self.writers(from) {
            self.packet(socket, &contact, packet).await;
        }
        false
    }

    /// Whose packet it may be.
    fn writers(&self, from: [u8; 8]) -> Vec<Public> {
        if from == RELAY_ID && self.does(Fault::TextsFromRelay) {
            return self.book.contacts.clone();
        }
        self.book.contact_by_id(from).into_iter().collect()
    }

    /// Opens a packet that one of these keys must have signed.
    fn open(
        &self,
        key: [u8; 32],
        signers: &[[u8; 32]],
        packet: &[u8],
        event: bool,
    ) -> Judged<Inner> {
        let unsigned = match event {
            true => self.does(Fault::EventsUnsigned),
            false => self.does(Fault::SignatureUnchecked),
        };
        if self.does(Fault::DiesOfShortPacket) && (104..PACKET_MIN).contains(&packet.len()) {
            let (range, signature) = packet.split_at(packet.len() - 64);
            verify(signers[0], range, signature)?;
            // There is no third byte: the process ends here.
            let command = aead_open(key, nonce_of(packet), &range[24..])?[2];
            return Ok(Inner { message_id: 0, command, body: Vec::new() });
        }
        if unsigned && packet.len() >= PACKET_MIN {
            let inner = aead_open(key, nonce_of(packet), &packet[24..packet.len() - 64])?;
            let message_id = u16::from_le_bytes([inner[0], inner[1]]);
            return Ok(Inner { message_id, command: inner[2], body: inner[3..].to_vec() });
        }
        let mut opened = Err("packet/signature");
        for ed in signers {
            opened = open(key, *ed, packet);
            if opened != Err("packet/signature") {
                break;
            }
        }
        opened
    }

    /// A packet of a contact.
    async fn packet(&mut self, socket: &mut Socket, from: &Public, packet: &[u8]) {
        let Ok(key) = pair_key(self.keys.x_seed, from.x) else { return };
        let mut signers = vec![from.ed];
        if self.does(Fault::AnyContactsKey) {
            signers.extend(self.book.contacts.iter().map(|contact| contact.ed));
        }
        if self.does(Fault::TakesReflection) {
            signers.push(self.public.ed);
        }
        let inner = match self.open(key, &signers, packet, false) {
            Ok(inner) => inner,
            Err("packet/authentic") if self.does(Fault::ShowsUnopened) => {
                Inner { message_id: 0, command: TEXT, body: vec![0; 16] }
            }
            Err(_) => return,
        };
        let repeated = (self.does(Fault::RefusesRepeatedNonce)
            && !self.book.nonces.insert(nonce_of(packet)))
            || (self.does(Fault::MessageIdTellsRepeat)
                && !self.book.message_ids.insert(inner.message_id));
        if repeated {
            return;
        }
        match inner.command {
            TEXT => self.text(socket, from, &inner.body).await,
            DELIVERY_ACK => self.delivered(from, &inner.body),
            _ if self.does(Fault::PeersSpeakForRelay) => self.event(socket, &inner).await,
            _ => {}
        }
    }

    /// Shows a text once, and acknowledges it each time.
    async fn text(&mut self, socket: &mut Socket, from: &Public, body: &[u8]) {
        let Some((uuid, text)) = body.split_first_chunk::<16>() else { return };
        let Ok(text) = std::str::from_utf8(text) else { return };
        if self.book.seen.insert((from.x, *uuid)) || self.does(Fault::ShowsRepeats) {
            let (peer, uuid) = (hex::encode(from.x), hex::encode(uuid));
            self.events.say("message", json!({ "peer": peer, "uuid": uuid, "text": text }));
        }
        self.acknowledge(socket, from, *uuid).await;
    }

    /// A text has arrived.
    fn delivered(&mut self, from: &Public, uuid: &[u8]) {
        let named = |letter: &Letter| letter.to == *from && letter.uuid == *uuid;
        let Some(at) = self.book.outbox.iter().position(named) else { return };
        let letter = self.book.outbox.remove(at);
        self.events.say("delivered", letter.members());
    }

    /// An event of the relay.
    async fn event(&mut self, socket: &mut Socket, inner: &Inner) {
        let Inner { command, body, .. } = inner;
        if *command == NOTICE && self.does(Fault::NoticeRaw) {
            let text = String::from_utf8_lossy(body).into_owned();
            return self.events.say_raw("notice", json!({ "text": text }));
        }
        match self.read(*command, body) {
            Ok(Event::PeerOnline(keys)) => self.presence(&keys, true),
            Ok(Event::PeerOffline(keys)) => self.presence(&keys, false),
            Ok(Event::IntroFrom(peer, nickname)) => self.introduced(peer, &nickname),
            Ok(Event::Notice(text)) => self.events.say("notice", json!({ "text": text })),
            Ok(Event::RecipientOffline(target, nonce)) => self.undeliverable(target, nonce),
            Ok(Event::ServerPing) if self.does(Fault::AnswersServerPing) => {
                self.tell_relay(socket, *command, &[]).await;
            }
            Err("relay/event-unknown") if self.does(Fault::ShowsUnknownEvents) => {
                self.events.say("notice", json!({ "text": "an unknown event" }));
            }
            _ => {}
        }
    }

    /// An event as the fault reads it.
    fn read(&self, command: u8, body: &[u8]) -> Judged<Event> {
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match command {
            PEER_ONLINE | PEER_OFFLINE if self.does(Fault::TornListTaken) => {
                read_event(command, &body[..body.len() - body.len() % 32])
            }
            NOTICE if self.does(Fault::NoticeLossy) => Ok(Event::Notice(lossy(body))),
            INTRO_FROM if self.does(Fault::ShortIntroTaken) || self.does(Fault::IntroUnchecked) => {
                let least = if self.does(Fault::ShortIntroTaken) { 0 } else { 64 };
                if body.len() < least {
                    return Err("relay/intro-from");
                }
                let mut body = body.to_vec();
                body.resize(body.len().max(64), 0);
                let half = |at: usize| core::array::from_fn(|i| body[at + i]);
                let nickname = String::from_utf8(body[64..].to_vec());
                let nickname = nickname.map_err(|_| "relay/intro-from")?;
                Ok(Event::IntroFrom(Public { x: half(0), ed: half(32) }, nickname))
            }
            INTRO_FROM if self.does(Fault::IntroLossy) && body.len() >= 64 => {
                let nickname = lossy(&body[64..]);
                read_event(command, &[&body[..64], nickname.as_bytes()].concat())
            }
            _ => read_event(command, body),
        }
    }

    /// Shows what has changed.
    fn presence(&mut self, keys: &[[u8; 32]], online: bool) {
        for key in keys {
            let by_id = self.does(Fault::PresenceById);
            let watches =
                |watched: &&[u8; 32]| *watched == key || (by_id && watched[..8] == key[..8]);
            let watched = self.book.watched.iter().find(watches).copied();
            let shown = match watched {
                Some(watched) => watched,
                None if self.does(Fault::ShowsUnwatched) => *key,
                None => continue,
            };
            let before = self.book.shown.insert(shown, online);
            if before.unwrap_or(false) != online {
                let members = json!({ "peer": hex::encode(shown), "online": online });
                self.events.say("presence", members);
            }
        }
    }

    /// Shows a stranger, or somebody known.
    fn introduced(&mut self, peer: Public, nickname: &str) {
        if self.does(Fault::IntroReplaces)
            && let Some(contact) = self.book.contacts.iter_mut().find(|it| it.x == peer.x)
        {
            contact.ed = peer.ed;
        }
        let (name, kind) = split_type(nickname);
        let members = json!({
            "peer": hex::encode(peer.x),
            "ed25519": hex::encode(peer.ed),
            "name": name,
            "contact_type": kind,
            "known": self.book.contacts.contains(&peer),
        });
        self.events.say("introduced", members);
    }

    /// A text did not arrive.
    fn undeliverable(&mut self, target: [u8; 8], nonce: [u8; 24]) {
        let by_target = self.does(Fault::OfflineByTarget);
        let failed = |letter: &&Letter| {
            letter.to.id() == target && (by_target || letter.nonce == Some(nonce))
        };
        if let Some(letter) = self.book.outbox.iter().find(failed) {
            let members = letter.members();
            self.events.say("undeliverable", members);
        }
    }
}
