//! What the user asks for.

use super::{
    Peer, Random,
    contacts::{Full, Standing, overlaps},
    draw,
    outbox::{NotTaken, Waiting},
};
use crate::{
    contract::{Code, Command, Event, Fault, Key, Person, Reference, Uuid},
    message::UUID,
};
use sealwire::{
    Clause,
    frame::{COMMAND_OVERHEAD, MAX},
    identity::{Invite, MAX_NICKNAME_READ, MAX_SCRATCH, Nickname, PublicIdentity},
    relay::MAX_INTRODUCE_NICKNAME,
};

/// The longest text of which a frame can be made.
const MAX_TEXT: usize = MAX - COMMAND_OVERHEAD - UUID;

impl Peer {
    pub(super) fn command(&mut self, command: Command, random: &mut dyn Random) {
        let (outcome, reference) = match command {
            Command::Contact { invite, name, reference } => {
                (self.add_contact(&invite, name, reference.clone()), reference)
            }
            Command::Send { peer, text, uuid, reference } => {
                (self.send_text(peer, text, uuid, reference.clone(), random), reference)
            }
            Command::Subscribe { peers, reference } => (self.subscribe(&peers, random), reference),
            Command::Introduce { peer, name, reference } => {
                (self.introduce(peer, name, random), reference)
            }
            // Whoever carries the lines ends the pump.
            Command::Quit { .. } => return,
        };
        if let Err(fault) = outcome {
            self.fault(fault.with_reference(reference));
        }
    }

    fn add_contact(
        &mut self,
        invite: &str,
        name: Option<String>,
        reference: Reference,
    ) -> Result<(), Fault> {
        let mut scratch = [0; MAX_SCRATCH];
        let invite = Invite::decode(invite, &mut scratch).map_err(|clause| {
            Fault::new(Code::BadInvite, Some(clause), format!("the invite breaks {clause}"))
        })?;
        self.put_contact(&invite.peer, invite.nickname, name, reference)
    }

    /// Adds a contact, or renames one with exactly these keys.
    pub(super) fn put_contact(
        &mut self,
        peer: &PublicIdentity,
        nickname: Nickname<'_>,
        name: Option<String>,
        reference: Reference,
    ) -> Result<(), Fault> {
        let name = name.unwrap_or_else(|| nickname.name().to_owned());
        if name.len() > MAX_NICKNAME_READ {
            let clause = Some(Clause::IdentityInviteNicknameRead);
            let detail = format!("a name has at most {MAX_NICKNAME_READ} bytes");
            return Err(Fault::new(Code::TooLong, clause, detail));
        }
        if self.standing(peer) == Standing::Conflict {
            return Err(conflict(peer));
        }
        let own = &self.setup.identity;
        let person = Person { name: name.clone(), ..Person::new(own.public(), peer, nickname) };
        self.contacts.put(own, *peer, name).map_err(|Full| full("contacts.most"))?;
        self.requests.remove(&request(peer));
        self.event(Event::Contact { person, reference });
        Ok(())
    }

    /// How offered keys stand to all that are known: contacts', our own, the relay's.
    pub(super) fn standing(&self, offered: &PublicIdentity) -> Standing {
        let (own, relay) = (self.setup.identity.public(), &self.setup.relay);
        if overlaps(own, offered) || overlaps(relay, offered) || offered == relay {
            return Standing::Conflict;
        }
        self.contacts.standing(offered)
    }

    fn send_text(
        &mut self,
        peer: Key,
        text: String,
        uuid: Option<Uuid>,
        reference: Reference,
        random: &mut dyn Random,
    ) -> Result<(), Fault> {
        self.contacts.by_key(&peer.0).ok_or_else(|| unknown(peer))?;
        if text.len() > MAX_TEXT {
            let detail = format!("a text has at most {MAX_TEXT} bytes");
            return Err(Fault::new(Code::TooLong, Some(Clause::FrameSendLimit), detail));
        }
        let uuid = uuid.map_or_else(|| draw(random), |uuid| uuid.0);
        let waiting = Waiting { peer: peer.0, uuid, text, reference, nonce: None };
        self.outbox.push(waiting).map_err(|why| match why {
            NotTaken::Full => full("outbox.messages and outbox.bytes"),
            NotTaken::Duplicate => {
                Fault::new(Code::Duplicate, None, "this uuid waits for this peer already")
            }
        })?;
        self.send_last(random);
        Ok(())
    }

    fn subscribe(&mut self, peers: &[Key], random: &mut dyn Random) -> Result<(), Fault> {
        let keys: Vec<_> = peers.iter().map(|key| key.0).collect();
        let before = self.watch.keys().len();
        if !self.watch.add(&keys) {
            return Err(full("subscriptions.most"));
        }
        if self.watch.keys().len() > before {
            self.send_subscription(before, random);
        }
        Ok(())
    }

    fn introduce(&mut self, peer: Key, name: String, random: &mut dyn Random) -> Result<(), Fault> {
        let contact = self.contacts.by_key(&peer.0).ok_or_else(|| unknown(peer))?;
        if name.len() > MAX_INTRODUCE_NICKNAME {
            let clause = Some(Clause::RelayIntroduceNickname);
            let detail = format!("a name has at most {MAX_INTRODUCE_NICKNAME} bytes");
            return Err(Fault::new(Code::TooLong, clause, detail));
        }
        if self.introductions.len() >= self.setup.limits.outbox_messages {
            return Err(full("outbox.messages"));
        }
        self.introductions.push_back((contact.keys().id(), name));
        self.send_introductions(random);
        Ok(())
    }
}

/// Both keys: what the request list remembers of an introduction.
pub(super) fn request(peer: &PublicIdentity) -> [u8; 64] {
    let mut keys = [0; 64];
    let (x25519, ed25519) = keys.split_at_mut(32);
    x25519.copy_from_slice(peer.x25519());
    ed25519.copy_from_slice(peer.ed25519());
    keys
}

/// The alarm of `[identity/full-key]`.
pub(super) fn conflict(peer: &PublicIdentity) -> Fault {
    let detail = "these keys share the id or a key with somebody known whose other key differs: \
                  nothing was changed; ask that person over another channel";
    Fault::new(Code::KeyConflict, Some(Clause::IdentityFullKey), detail).with_peer(*peer.x25519())
}

fn unknown(peer: Key) -> Fault {
    let detail = "no contact has this key; give its invite to `contact` first";
    Fault::new(Code::UnknownPeer, Some(Clause::IdentityFullKey), detail).with_peer(peer.0)
}

fn full(limits: &str) -> Fault {
    Fault::new(Code::Full, None, format!("no room, nothing was done; the limit is {limits}"))
}
