//! What the client has to do, as its README and the specification say it: lists, and no crypto.

use crate::{
    people::{ALICE, RELAY, keys, public, whose, x25519},
    seen::{Key, Seen, Uuid},
};
use sealwire::{
    Clause,
    identity::{Nickname, PeerId},
    primitives::NonceBytes,
    relay::{ErrorCode, FromRelay},
};
use sealwire_client::{contract::Code, limits::Limits};
use std::{collections::BTreeMap, time::Duration};

/// Who a frame is from, as whoever made it knows.
#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    /// The relay says it.
    Relay(u8, Vec<u8>),
    /// It has the relay's header and another's signature.
    Forged,
    /// This person says it, under their own id.
    Peer(usize, u8, Vec<u8>),
    /// It has this person's header and another's signature.
    Borrowed(PeerId),
    /// Its header names nobody.
    Nobody,
    /// It is no frame.
    Short,
}

/// Where the connection stands. `due` and `last` say when a tick is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Waiting { due: Duration },
    Dialling { since: Duration },
    Greeted { last: Duration },
    Open { since: Duration, last: Duration },
    Stopped,
}

struct Friend {
    who: usize,
    name: String,
    seen: Vec<Uuid>,
    introduced: bool,
}

struct Letter {
    to: Key,
    uuid: Uuid,
    length: usize,
    /// How many texts had been sent when this was sent last.
    last: Option<usize>,
}

pub(crate) struct Model {
    limits: Limits,
    accept: bool,
    pub(crate) line: Line,
    sessions: u64,
    bound: Duration,
    pub(crate) in_use: usize,
    friends: BTreeMap<Key, Friend>,
    requests: Vec<usize>,
    outbox: Vec<Letter>,
    /// For whom and under which nonce texts went out: only the world knows, and tells.
    pub(crate) sent: Vec<(PeerId, NonceBytes)>,
    texts: usize,
    watch: Vec<(Key, Option<bool>)>,
    introductions: Vec<(PeerId, usize)>,
    refused: BTreeMap<&'static str, u64>,
    out: Vec<Seen>,
}

fn id(key: &Key) -> PeerId {
    PeerId(*key.first_chunk().unwrap())
}

impl Model {
    pub(crate) fn new(limits: Limits, accept: bool) -> Self {
        Self {
            bound: limits.reconnect_first,
            limits,
            accept,
            line: Line::Waiting { due: Duration::ZERO },
            sessions: 0,
            in_use: 0,
            friends: BTreeMap::new(),
            requests: Vec::new(),
            outbox: Vec::new(),
            sent: Vec::new(),
            texts: 0,
            watch: Vec::new(),
            introductions: Vec::new(),
            refused: BTreeMap::new(),
            out: Vec::new(),
        }
    }

    /// What the client has to do now.
    pub(crate) fn take(&mut self) -> Vec<Seen> {
        std::mem::take(&mut self.out)
    }

    pub(crate) fn wake(&self) -> Option<Duration> {
        match self.line {
            Line::Waiting { due } => Some(due),
            Line::Dialling { since } => Some(since + self.limits.connect_deadline),
            Line::Greeted { last } | Line::Open { last, .. } => Some(last + self.limits.silence),
            Line::Stopped => None,
        }
    }

    /// The bound of the next wait, and twice that from then on.
    pub(crate) fn backoff(&mut self) -> Duration {
        let bound = self.bound;
        self.bound = (2 * bound).min(self.limits.reconnect_longest);
        bound
    }

    fn fault(&mut self, code: Code) {
        self.out.push(Seen::Fault { code, fatal: false, retry: false });
    }

    fn refuse(&mut self, reason: &'static str) {
        let count = self.refused.entry(reason).or_default();
        *count += 1;
        if count.is_power_of_two() {
            self.out.push(Seen::Refused(reason, *count));
        }
    }

    fn open(&self) -> bool {
        matches!(self.line, Line::Open { .. })
    }

    // ── The connection ──

    pub(crate) fn tick(&mut self, now: Duration) {
        if self.wake().is_none_or(|due| now < due) {
            return;
        }
        let code = match self.line {
            Line::Waiting { .. } => {
                self.line = Line::Dialling { since: now };
                return self.out.push(Seen::Connect);
            }
            Line::Dialling { .. } => Code::Unreachable,
            Line::Greeted { .. } => Code::HelloUnanswered,
            Line::Open { .. } => Code::Disconnected,
            Line::Stopped => return,
        };
        self.out.push(Seen::Disconnect);
        self.end(code, now);
    }

    pub(crate) fn connected(&mut self, now: Duration) {
        if let Line::Dialling { .. } = self.line {
            self.line = Line::Greeted { last: now };
            self.out.push(Seen::Hello);
        }
    }

    pub(crate) fn closed(&mut self, now: Duration) {
        match self.line {
            Line::Dialling { .. } => self.end(Code::Unreachable, now),
            Line::Greeted { .. } => self.end(Code::HelloUnanswered, now),
            Line::Open { .. } => self.end(Code::Disconnected, now),
            Line::Waiting { .. } | Line::Stopped => {}
        }
    }

    /// The wait is the client's to draw: the witness judges it.
    fn end(&mut self, code: Code, now: Duration) {
        if let Line::Open { since, .. } = self.line {
            if now - since >= self.limits.reconnect_reset {
                self.bound = self.limits.reconnect_first;
            }
            self.watch.iter_mut().for_each(|(_, online)| *online = None);
        }
        self.line = Line::Waiting { due: now };
        self.out.push(Seen::Fault { code, fatal: false, retry: true });
    }

    pub(crate) fn alive(&mut self, now: Duration) {
        if let Line::Greeted { last } | Line::Open { last, .. } = &mut self.line {
            *last = now;
        }
    }

    pub(crate) fn text(&mut self, text: &str, now: Duration) {
        self.alive(now);
        if self.open() && text == "ping" {
            self.out.push(Seen::Pong);
        }
    }

    pub(crate) fn binary(&mut self, meaning: &Meaning, now: Duration) {
        self.alive(now);
        match self.line {
            Line::Greeted { .. } => self.reply(meaning, now),
            Line::Open { .. } => self.frame(meaning),
            Line::Waiting { .. } | Line::Dialling { .. } | Line::Stopped => {}
        }
    }

    fn reply(&mut self, meaning: &Meaning, now: Duration) {
        let Meaning::Relay(command, body) = meaning else {
            self.out.push(Seen::Disconnect);
            return self.end(Code::ReplyRefused, now);
        };
        let (code, stop) = match (command, &body[..]) {
            (0x02, [2, ..]) => return self.begin(now),
            (0xff, [1, ..]) => (Code::IdInUse, self.in_use == self.limits.id_in_use.len()),
            (0xff, [2, _, ..]) => (Code::BadVersion, true),
            _ => {
                self.out.push(Seen::Disconnect);
                return self.end(Code::ReplyRefused, now);
            }
        };
        self.out.push(Seen::Disconnect);
        self.out.push(Seen::Fault { code, fatal: stop, retry: !stop });
        if stop {
            self.out.push(Seen::Stop);
            self.line = Line::Stopped;
        } else {
            self.in_use += 1;
            self.line = Line::Waiting { due: now };
        }
    }

    fn begin(&mut self, now: Duration) {
        self.line = Line::Open { since: now, last: now };
        self.sessions += 1;
        self.in_use = 0;
        self.out.push(Seen::Ready(self.sessions));
        if !self.watch.is_empty() {
            self.out.push(Seen::Subscribe(self.watch.iter().map(|(key, _)| *key).collect()));
        }
        self.introduce_all();
        self.send_all(None);
    }

    // ── Frames ──

    fn frame(&mut self, meaning: &Meaning) {
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

    fn watches(&self, key: &Key) -> bool {
        self.watch.iter().any(|(watched, _)| watched == key)
    }

    /// Whether these keys contradict somebody's who is known.
    fn conflicts(&self, who: usize) -> bool {
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

    // ── The user ──

    pub(crate) fn contact(&mut self, who: usize, name: &str) {
        if self.conflicts(who) {
            return self.fault(Code::KeyConflict);
        }
        let full = self.friends.len() == self.limits.contacts;
        match self.friends.get_mut(&x25519(who)) {
            Some(friend) => friend.name = name.to_owned(),
            None if full => return self.fault(Code::Full),
            None => {
                let name = name.to_owned();
                let friend = Friend { who, name, seen: Vec::new(), introduced: false };
                self.friends.insert(x25519(who), friend);
            }
        }
        self.requests.retain(|other| *other != who);
        self.out.push(Seen::Contact(who, name.to_owned()));
    }

    pub(crate) fn send(&mut self, to: usize, uuid: Uuid, length: usize) {
        let to = x25519(to);
        if !self.friends.contains_key(&to) {
            return self.fault(Code::UnknownPeer);
        }
        if self.outbox.iter().any(|letter| (letter.to, letter.uuid) == (to, uuid)) {
            return self.fault(Code::Duplicate);
        }
        let bytes: usize = self.outbox.iter().map(|letter| letter.length).sum();
        if self.outbox.len() == self.limits.outbox_messages
            || bytes + length > self.limits.outbox_bytes
        {
            return self.fault(Code::Full);
        }
        self.outbox.push(Letter { to, uuid, length, last: None });
        let last = self.outbox.len() - 1;
        self.send_from(last, None);
    }

    pub(crate) fn subscribe(&mut self, people: &[usize]) {
        let keys: Vec<_> = people.iter().map(|who| x25519(*who)).collect();
        if !self.add_watch(&keys) {
            self.fault(Code::Full);
        }
    }

    pub(crate) fn introduce(&mut self, to: usize, length: usize) {
        if !self.friends.contains_key(&x25519(to)) {
            return self.fault(Code::UnknownPeer);
        }
        if length > 1_024 {
            return self.fault(Code::TooLong);
        }
        if self.introductions.len() == self.limits.outbox_messages {
            return self.fault(Code::Full);
        }
        self.introductions.push((public(to).id(), length));
        self.introduce_all();
    }

    /// All of the new ones, or none.
    fn add_watch(&mut self, keys: &[Key]) -> bool {
        let mut new: Vec<Key> = Vec::new();
        for key in keys {
            if !self.watches(key) && !new.contains(key) {
                new.push(*key);
            }
        }
        if self.watch.len() + new.len() > self.limits.subscriptions {
            return false;
        }
        self.watch.extend(new.iter().map(|key| (*key, None)));
        if self.open() && !new.is_empty() {
            self.out.push(Seen::Subscribe(new));
        }
        true
    }

    fn introduce_all(&mut self) {
        if self.open() {
            let all = self.introductions.drain(..);
            self.out.extend(all.map(|(target, length)| Seen::Introduce(target, length)));
        }
    }

    fn send_all(&mut self, to: Option<Key>) {
        self.send_from(0, to);
    }

    fn send_from(&mut self, first: usize, to: Option<Key>) {
        if !self.open() {
            return;
        }
        for letter in self.outbox.iter_mut().skip(first) {
            if to.is_none_or(|to| letter.to == to) {
                letter.last = Some(self.texts);
                self.texts += 1;
                let (to, uuid, length) = (id(&letter.to), letter.uuid, letter.length);
                self.out.push(Seen::Text { to, uuid, length });
            }
        }
    }
}
