//! What a frame of an open session does to the client.

use super::{Meaning, Model, id};
use crate::{
    people::{ALICE, RELAY, keys, public, whose, x25519},
    seen::{Key, Seen},
};
use sealwire::{
    Clause,
    identity::Nickname,
    relay::{ErrorCode, FromRelay},
};
use sealwire_client::contract::Code;

impl Model {
    pub(super) fn frame(&mut self, meaning: &Meaning) {
        match meaning {
            Meaning::Short => self.refuse("frame/too-short"),
            Meaning::Nobody => self.refuse("sender is no contact"),
            Meaning::Forged => self.refuse("packet/signature"),
            Meaning::Borrowed(from) => match self.friends.keys().any(|key| id(key) == *from) {
                true => self.refuse("packet/signature"),
                false => self.refuse("sender is no contact"),
            },
            Meaning::Relay(command, body) => match FromRelay::parse(*command, body) {
                Ok(event) => self.event(&event),
                Err(clause) => self.refuse(clause.id()),
            },
            Meaning::Peer(who, command, body) => match self.friends.get(&x25519(*who)) {
                None => self.refuse("sender is no contact"),
                // The same id and another signing key.
                Some(friend) if friend.who != *who => self.refuse("packet/signature"),
                Some(_) => self.packet(*who, *command, body),
            },
        }
    }

    fn packet(&mut self, who: usize, command: u8, body: &[u8]) {
        const RELAYS: [u8; 13] =
            [0x01, 0x02, 0x40, 0x41, 0x42, 0x43, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x88, 0xff];
        let peer = x25519(who);
        let Some((uuid, rest)) = body.split_first_chunk::<16>() else {
            return self.refuse(match RELAYS.contains(&command) {
                true => Clause::RelayPeerPrivilege.id(),
                false => "command of a peer is unknown or malformed",
            });
        };
        match (command, str::from_utf8(rest)) {
            (0x20, Ok(text)) => {
                let remembered = self.limits.remembered;
                let friend = self.friends.get_mut(&peer).unwrap();
                if !friend.seen.contains(uuid) {
                    friend.seen.push(*uuid);
                    let oldest = friend.seen.len().saturating_sub(remembered);
                    friend.seen.drain(..oldest);
                    let (name, text) = (friend.name.clone(), text.to_owned());
                    self.out.push(Seen::Message { peer, name, uuid: *uuid, text });
                }
                self.out.push(Seen::Acknowledge { to: id(&peer), uuid: *uuid });
            }
            (0x27, _) if rest.is_empty() => {
                let place = self.outbox.iter().position(|l| (l.to, l.uuid) == (peer, *uuid));
                match place {
                    Some(place) => {
                        self.outbox.remove(place);
                        self.out.push(Seen::Delivered { peer, uuid: *uuid });
                    }
                    None => self.refuse("acknowledgement of nothing that waits for that peer"),
                }
            }
            _ if RELAYS.contains(&command) => self.refuse(Clause::RelayPeerPrivilege.id()),
            _ => self.refuse("command of a peer is unknown or malformed"),
        }
    }

    fn event(&mut self, event: &FromRelay<'_>) {
        match *event {
            FromRelay::PeerOnline(keys) => {
                self.presence(keys.as_slice(), true);
                let mut told = Vec::new();
                for key in keys.as_slice() {
                    if self.watches(key) && !told.contains(key) {
                        told.push(*key);
                        self.send_all(Some(*key));
                    }
                }
            }
            FromRelay::PeerOffline(keys) => self.presence(keys.as_slice(), false),
            FromRelay::IntroFrom { peer, nickname } => {
                let who = whose(peer.x25519(), peer.ed25519()).unwrap();
                self.introduced(who, Nickname(nickname).name());
            }
            FromRelay::Notice(text) => self.out.push(Seen::Notice(text.to_owned())),
            FromRelay::ServerPing => {}
            FromRelay::Error(ErrorCode::IdInUse | ErrorCode::BadVersion { .. }) => {
                self.fault(Code::RelayError);
            }
            FromRelay::Error(ErrorCode::Unknown(_)) => self.refuse("error code is unknown"),
            FromRelay::Error(ErrorCode::RecipientOffline { target, nonce }) => {
                self.offline(self.sent.iter().position(|sent| *sent == (target, nonce)));
            }
            FromRelay::HandshakeOk | FromRelay::Wake { .. } | FromRelay::PushRegister { .. } => {
                self.refuse(Clause::RelayEventUnknown.id());
            }
        }
    }

    /// A recipient_offline for the text that was sent as the `n`th, if it names one.
    fn offline(&mut self, n: Option<usize>) {
        let failed = self.outbox.iter().find(|letter| n.is_some() && letter.last == n);
        let Some((peer, uuid)) = failed.map(|letter| (letter.to, letter.uuid)) else {
            return self.refuse("recipient_offline for no frame of ours that waits");
        };
        self.out.push(Seen::Undeliverable { peer, uuid });
        self.add_watch(&[peer]);
    }

    fn presence(&mut self, keys: &[Key], online: bool) {
        for key in keys {
            let known = self.watch.iter_mut().find(|(watched, _)| watched == key);
            if known.is_some_and(|(_, known)| known.replace(online) != Some(online)) {
                self.out.push(Seen::Presence(*key, online));
            }
        }
    }

    pub(super) fn watches(&self, key: &Key) -> bool {
        self.watch.iter().any(|(watched, _)| watched == key)
    }

    /// Whether these keys contradict somebody's who is known.
    pub(super) fn conflicts(&self, who: usize) -> bool {
        let known = self.friends.values().map(|friend| friend.who).chain([ALICE, RELAY]);
        let shares = |other| {
            let (a, b) = (keys(who), keys(other));
            other != who && (a.0 == b.0 || a.1 == b.1 || public(who).id() == public(other).id())
        };
        who == RELAY || known.into_iter().any(shares)
    }

    fn introduced(&mut self, who: usize, name: &str) {
        if self.conflicts(who) {
            return self.fault(Code::KeyConflict);
        }
        let known = self.friends.get_mut(&x25519(who));
        let is_known = known.is_some();
        match known {
            Some(friend) if friend.introduced => return,
            Some(friend) => friend.introduced = true,
            None if self.requests.contains(&who) => return,
            None if self.requests.len() == self.limits.requests => {
                return self.refuse("request list is full");
            }
            None => self.requests.push(who),
        }
        self.out.push(Seen::Introduced { who, name: name.to_owned(), known: is_known });
        if self.accept && !is_known {
            self.contact(who, name);
        }
    }
}
