//! What the client has to do, as its README and the specification say it: lists, and no crypto.

mod frames;

use crate::{
    people::{public, x25519},
    seen::{Key, Seen, Uuid},
};
use sealwire::{identity::PeerId, primitives::NonceBytes};
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

    /// Of a key that is nobody's, whatever its first eight bytes say ([identity/full-key]).
    pub(crate) fn unknown(&mut self) {
        self.fault(Code::UnknownPeer);
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
