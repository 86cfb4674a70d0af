//! The client, its model and its witness, and what can be done to the three.

use crate::{
    model::{Line, Meaning, Model},
    people::{ALICE, CAROL, RELAY, made, public, routes, x25519},
    seen::{Reader, Seen, Uuid, sealed},
    steps::Said,
    witness::Witness,
};
use proptest::sample::Index;
use sealwire::{
    frame::{MIN, address_from},
    identity::{Invite, MAX_INVITE, Nickname, PeerId},
};
use sealwire_client::{
    contract::{Code, Command, Event, Hex},
    limits::Limits,
    peer::{Action, Input, Peer, Random, Setup},
};
use std::time::Duration;

const TICK: Duration = Duration::from_micros(1);

/// Narrow ones, so that each is met often.
fn limits() -> Limits {
    Limits {
        contacts: 3,
        requests: 1,
        subscriptions: 3,
        outbox_messages: 3,
        outbox_bytes: 60,
        remembered: 1,
        ..Limits::default()
    }
}

/// The splitmix64 sequence. Draws of eight bytes decide about waits; they may all be the least or
/// the greatest, so that the bounds are met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice {
    pub(crate) state: u64,
    pub(crate) wait: Option<bool>,
}

impl Random for Dice {
    fn fill(&mut self, bytes: &mut [u8]) {
        if let (Some(greatest), 8) = (self.wait, bytes.len()) {
            return bytes.fill(if greatest { 0xff } else { 0 });
        }
        for byte in bytes {
            self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = (mixed >> 32) as u8;
        }
    }
}

pub(crate) struct World {
    peer: Peer,
    pub(crate) now: Duration,
    dice: Dice,
    model: Model,
    pub(crate) witness: Witness,
    reader: Reader,
    /// What was sent to the client, and what it means.
    frames: Vec<(Vec<u8>, Meaning)>,
}

impl World {
    pub(crate) fn new(dice: Dice, accept: bool) -> Self {
        let (identity, relay) = (made(ALICE), *public(RELAY));
        Self {
            peer: Peer::new(Setup { identity, relay, limits: limits(), accept }),
            now: Duration::from_secs(1_000),
            dice,
            model: Model::new(limits(), accept),
            witness: Witness::new(limits()),
            reader: Reader::default(),
            frames: Vec::new(),
        }
    }

    /// The client does what the model says, and the witness has nothing against it.
    fn happens(
        &mut self,
        input: Input<'_>,
        meaning: Option<&Meaning>,
        predict: impl FnOnce(&mut Model, Duration),
    ) -> Vec<Seen> {
        self.peer.handle(input, self.now, &mut self.dice);
        let actions: Vec<_> = std::iter::from_fn(|| self.peer.poll_action()).collect();
        let seen: Vec<_> = actions.iter().map(|action| self.reader.open(action)).collect();
        predict(&mut self.model, self.now);
        assert_eq!(seen, self.model.take());
        let sent = &self.reader.texts[self.model.sent.len()..];
        self.model.sent.extend(sent.iter().map(|(to, _, nonce)| (*to, *nonce)));
        self.witness.judge(&seen, meaning, &self.reader);
        self.judge_wait(&actions);
        seen
    }

    /// [handshake/reconnect], [handshake/id-in-use-retry], [handshake/silence]: the client comes
    /// back when it said, within the bound, and never stays away.
    fn judge_wait(&mut self, actions: &[Action]) {
        let faults = actions.iter().filter_map(|action| match action {
            Action::Event(Event::Error(fault)) => Some((fault.code, fault.retry_ms?)),
            _ => None,
        });
        for (code, retry) in faults {
            let due = self.peer.wake().expect("it said that it comes back");
            let wait = due - self.now;
            assert_eq!(wait.as_millis(), u128::from(retry));
            let (least, most) = match code {
                Code::IdInUse => {
                    let base = limits().id_in_use[self.model.in_use - 1];
                    (base, base + base / 5)
                }
                _ => (Duration::ZERO, self.model.backoff()),
            };
            assert!((least..=most).contains(&wait), "{wait:?} is not in {least:?} to {most:?}");
            match self.dice.wait {
                Some(false) => assert_eq!(wait, least, "the least draw"),
                Some(true) => {
                    assert!(wait + TICK >= most, "{wait:?} of {most:?}: the greatest draw")
                }
                None => {}
            }
            self.model.line = Line::Waiting { due };
        }
        assert_eq!(self.peer.wake(), self.model.wake());
        assert_eq!(self.peer.wake().is_none(), self.witness.stopped);
    }

    pub(crate) fn tick(&mut self) -> Vec<Seen> {
        self.happens(Input::Tick, None, |model, now| model.tick(now))
    }

    /// A tick that is due does something, and two at one instant are enough.
    pub(crate) fn wake(&mut self) {
        let Some(due) = self.peer.wake() else { return };
        self.now = self.now.max(due);
        for _ in 0..2 {
            if self.peer.wake().is_some_and(|due| due <= self.now) {
                assert!(!self.tick().is_empty(), "a tick that was due did nothing");
            }
        }
        assert!(self.peer.wake().is_none_or(|due| due > self.now), "a loop that is always due");
    }

    pub(crate) fn connected(&mut self) {
        self.happens(Input::Connected, None, |model, now| model.connected(now));
    }

    pub(crate) fn closed(&mut self) {
        self.happens(Input::Closed("gone".into()), None, |model, now| model.closed(now));
    }

    pub(crate) fn control(&mut self) {
        self.happens(Input::Control, None, |model, now| model.alive(now));
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.happens(Input::Text(text), None, |model, now| model.text(text, now));
    }

    // ── Frames ──

    pub(crate) fn receives(&mut self, frame: &[u8], meaning: &Meaning) {
        let mut message = frame.to_vec();
        let input = Input::Binary(&mut message);
        self.happens(input, Some(meaning), |model, now| model.binary(meaning, now));
        self.frames.push((frame.to_vec(), meaning.clone()));
    }

    fn make(&mut self, said: Said) -> (Vec<u8>, Meaning) {
        let nonce = self.frames.len() as u64;
        let by_relay = |signer, command, body: &[u8]| {
            sealed(RELAY, signer, PeerId::RELAY, nonce, (command, body))
        };
        match said {
            Said::Relay(command, body) => {
                (by_relay(RELAY, command, &body), Meaning::Relay(command, body))
            }
            Said::Offline(which, other) => {
                let texts = &self.reader.texts;
                let body = match texts.is_empty() {
                    true => vec![3; 33],
                    false => {
                        let (to, _, nonce) = which.get(texts);
                        let to = if other { public(CAROL).id() } else { *to };
                        [&[3][..], &to.0, &nonce.0].concat()
                    }
                };
                (by_relay(RELAY, 0xff, &body), Meaning::Relay(0xff, body))
            }
            Said::Forged(command, body) => (by_relay(ALICE, command, &body), Meaning::Forged),
            Said::Peer(who, command, body) => {
                let frame = sealed(who, who, public(who).id(), nonce, (command, &body));
                (frame, Meaning::Peer(who, command, body))
            }
        }
    }

    pub(crate) fn flip(&mut self, said: Said, flip: Index) {
        let (mut frame, meaning) = self.make(said);
        let bit = flip.index(frame.len() * 8);
        frame[bit / 8] ^= 1 << (bit % 8);
        let meaning = match (bit / 8, meaning) {
            // The header, and the half of the nonce that masks it.
            (..20, _) => Meaning::Nobody,
            (_, Meaning::Peer(who, ..)) => Meaning::Borrowed(public(who).id()),
            (_, Meaning::Relay(..)) => Meaning::Forged,
            (_, other) => other,
        };
        self.receives(&frame, &meaning);
    }

    pub(crate) fn again(&mut self, which: Index) {
        if !self.frames.is_empty() {
            let (frame, meaning) = which.get(&self.frames).clone();
            self.receives(&frame, &meaning);
        }
    }

    pub(crate) fn reflect(&mut self, which: Index, from: Option<usize>) {
        if !self.reader.frames.is_empty() {
            let mut frame = which.get(&self.reader.frames).clone();
            let from = from.map_or(PeerId::RELAY, |who| public(who).id());
            address_from(&mut frame, routes(), from).unwrap();
            let meaning = if from.is_relay() { Meaning::Forged } else { Meaning::Borrowed(from) };
            self.receives(&frame, &meaning);
        }
    }

    pub(crate) fn noise(&mut self, noise: &[u8]) {
        let meaning = if noise.len() < MIN { Meaning::Short } else { Meaning::Nobody };
        self.receives(noise, &meaning);
    }

    /// The next hello is answered like this, whatever has to happen before. In a session there is
    /// none.
    pub(crate) fn reply(&mut self, said: Said) {
        for _ in 0..3 {
            match self.model.line {
                Line::Waiting { .. } => self.wake(),
                Line::Dialling { .. } => self.connected(),
                Line::Greeted { .. } => return self.say(said),
                Line::Open { .. } | Line::Stopped => return,
            }
        }
    }

    pub(crate) fn welcome(&mut self) {
        self.reply(Said::Relay(0x02, vec![2]));
    }

    pub(crate) fn say(&mut self, said: Said) {
        let (frame, meaning) = self.make(said);
        self.receives(&frame, &meaning);
    }

    // ── The user ──

    fn asks(&mut self, command: Command, predict: impl FnOnce(&mut Model)) -> Vec<Seen> {
        self.happens(Input::Command(command), None, |model, _| predict(model))
    }

    pub(crate) fn send(&mut self, to: usize, uuid: Uuid, length: usize) {
        let command = Command::Send {
            peer: Hex(x25519(to)),
            text: "x".repeat(length),
            uuid: Some(Hex(uuid)),
            reference: None,
        };
        let seen = self.asks(command, |model| model.send(to, uuid, length));
        if !seen.iter().any(|one| matches!(one, Seen::Fault { .. })) {
            self.witness.given.push((public(to).id(), uuid, length));
        }
    }

    pub(crate) fn alias(&mut self, who: usize) {
        let mut key = x25519(who);
        key[31] ^= 1;
        let (peer, reference) = (Hex(key), None);
        let send = Command::Send { peer, text: String::new(), uuid: None, reference };
        self.asks(send, Model::unknown);
        let introduce = Command::Introduce { peer, name: String::new(), reference: None };
        self.asks(introduce, Model::unknown);
    }

    pub(crate) fn contact(&mut self, who: usize) {
        let mut out = [0; MAX_INVITE];
        let name = format!("n{who}");
        let invite = Invite { peer: *public(who), nickname: Nickname(&name) };
        let invite = invite.encode(&mut out).unwrap().to_owned();
        let command = Command::Contact { invite, name: None, reference: None };
        self.asks(command, |model| model.contact(who, &name));
    }

    pub(crate) fn subscribe(&mut self, people: &[usize]) {
        let peers = people.iter().map(|who| Hex(x25519(*who))).collect();
        let command = Command::Subscribe { peers, reference: None };
        self.asks(command, |model| model.subscribe(people));
    }

    pub(crate) fn introduce(&mut self, to: usize, length: usize) {
        let (peer, name) = (Hex(x25519(to)), "n".repeat(length));
        let command = Command::Introduce { peer, name, reference: None };
        self.asks(command, |model| model.introduce(to, length));
    }

    /// Nothing that happened keeps a client from an honest relay, or a text from its recipient.
    pub(crate) fn settle(&mut self) {
        self.closed();
        self.welcome();
        if self.witness.stopped {
            return;
        }
        assert!(self.witness.is_open(), "an honest relay was there and no session is");
        let waiting = self.witness.given.clone();
        for (to, uuid, _) in waiting {
            let friend = (0..=RELAY).filter(|who| public(*who).id() == to);
            for who in friend {
                // Of two with the same id one is the contact, and the other is refused.
                self.say(Said::Peer(who, 0x27, uuid.to_vec()));
            }
        }
        assert!(self.witness.given.is_empty(), "what everybody acknowledged still waits");
    }
}
