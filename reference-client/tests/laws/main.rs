//! The client under everything that can happen to it: random steps of time, connection, relay,
//! peers, strangers and user, through real keys, in simulated time.
//!
//! After each step two judges look at what came out. The [`model`] says exactly what has to: lists
//! and numbers, written from the README and the specification. The [`witness`] knows none of that
//! and states the laws: one connection at a time, nothing before the reply, nothing shown twice,
//! order kept, waits within their bounds, a refused frame without effect. At the end an honest relay
//! must find a client that works.
//!
//! `PROPTEST_CASES` says how many such lives are tried. A life that breaks a law is shrunk, and its
//! seed kept in `tests/proptest-regressions/`.

mod model;
mod people;
mod seen;
mod steps;
mod witness;

use model::{Line, Meaning, Model};
use people::{ALICE, RELAY, made, public};
use proptest::{prelude::*, sample::Index};
use sealwire::{
    frame::{MIN, address_from},
    identity::{Invite, MAX_INVITE, Nickname, PeerId},
};
use sealwire_client::{
    contract::{Code, Command, Event, Hex},
    limits::Limits,
    peer::{Action, Input, Peer, Random, Setup},
};
use seen::{Reader, Seen, Uuid, sealed};
use std::time::Duration;
use steps::{Said, Step};
use witness::Witness;

/// Narrow ones, so that each is met often.
fn limits() -> Limits {
    Limits {
        contacts: 3,
        requests: 1,
        subscriptions: 3,
        outbox_messages: 5,
        outbox_bytes: 60,
        remembered: 3,
        ..Limits::default()
    }
}

/// The splitmix64 sequence.
struct Dice(u64);

impl Random for Dice {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = (mixed >> 32) as u8;
        }
    }
}

struct World {
    peer: Peer,
    now: Duration,
    dice: Dice,
    model: Model,
    witness: Witness,
    reader: Reader,
    /// What was sent to the client, and what it means.
    frames: Vec<(Vec<u8>, Meaning)>,
}

impl World {
    fn new(seed: u64, accept: bool) -> Self {
        let (identity, relay) = (made(ALICE), *public(RELAY));
        Self {
            peer: Peer::new(Setup { identity, relay, limits: limits(), accept }),
            now: Duration::from_secs(1_000),
            dice: Dice(seed),
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
            self.model.line = Line::Waiting { due };
        }
        assert_eq!(self.peer.wake(), self.model.wake());
        assert_eq!(self.peer.wake().is_none(), self.witness.stopped);
    }

    fn tick(&mut self) -> Vec<Seen> {
        self.happens(Input::Tick, None, |model, now| model.tick(now))
    }

    /// A tick that is due does something, and two at one instant are enough.
    fn wake(&mut self) {
        let Some(due) = self.peer.wake() else { return };
        self.now = self.now.max(due);
        for _ in 0..2 {
            if self.peer.wake().is_some_and(|due| due <= self.now) {
                assert!(!self.tick().is_empty(), "a tick that was due did nothing");
            }
        }
        assert!(self.peer.wake().is_none_or(|due| due > self.now), "a loop that is always due");
    }

    fn connected(&mut self) {
        self.happens(Input::Connected, None, |model, now| model.connected(now));
    }

    fn receives(&mut self, frame: &[u8], meaning: &Meaning) {
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
            Said::Offline(which) => {
                let texts = &self.reader.texts;
                let body = match texts.is_empty() {
                    true => vec![3; 33],
                    false => {
                        let (to, _, nonce) = which.get(texts);
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

    fn flip(&mut self, said: Said, flip: Index) {
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

    /// The next hello is answered like this, whatever has to happen before. In a session there is
    /// none.
    fn reply(&mut self, said: Said) {
        for _ in 0..3 {
            match self.model.line {
                Line::Waiting { .. } => self.wake(),
                Line::Dialling { .. } => self.connected(),
                Line::Greeted { .. } => return self.say(said),
                Line::Open { .. } | Line::Stopped => return,
            }
        }
    }

    fn welcome(&mut self) {
        self.reply(Said::Relay(0x02, vec![2]));
    }

    fn say(&mut self, said: Said) {
        let (frame, meaning) = self.make(said);
        self.receives(&frame, &meaning);
    }

    fn send(&mut self, to: usize, uuid: Uuid, length: usize) {
        let command = Command::Send {
            peer: Hex(people::x25519(to)),
            text: "x".repeat(length),
            uuid: Some(Hex(uuid)),
            reference: None,
        };
        let predict = |model: &mut Model, _| model.send(to, uuid, length);
        let seen = self.happens(Input::Command(command), None, predict);
        if !seen.iter().any(|one| matches!(one, Seen::Fault { .. })) {
            self.witness.given.push((public(to).id(), uuid, length));
        }
    }

    fn contact(&mut self, who: usize) {
        let mut out = [0; MAX_INVITE];
        let name = format!("n{who}");
        let invite = Invite { peer: *public(who), nickname: Nickname(&name) };
        let invite = invite.encode(&mut out).unwrap().to_owned();
        let command = Command::Contact { invite, name: None, reference: None };
        self.happens(Input::Command(command), None, |model, _| model.contact(who, &name));
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Pass(time) => {
                self.now += time;
                self.tick();
            }
            Step::Wake => self.wake(),
            Step::Connected => self.connected(),
            Step::Closed => {
                let input = Input::Closed("gone".into());
                self.happens(input, None, |model, now| model.closed(now));
            }
            Step::Welcome => self.welcome(),
            Step::Control => {
                self.happens(Input::Control, None, |model, now| model.alive(now));
            }
            Step::Text(text) => {
                self.happens(Input::Text(text), None, |model, now| model.text(text, now));
            }
            Step::Reply(said) => self.reply(said),
            Step::Say(said) => self.say(said),
            Step::Flip(said, flip) => self.flip(said, flip),
            Step::Again(which) => {
                if !self.frames.is_empty() {
                    let (frame, meaning) = which.get(&self.frames).clone();
                    self.receives(&frame, &meaning);
                }
            }
            Step::Reflect(which, from) => {
                if !self.reader.frames.is_empty() {
                    let mut frame = which.get(&self.reader.frames).clone();
                    let from = from.map_or(PeerId::RELAY, |who| public(who).id());
                    address_from(&mut frame, people::routes(), from).unwrap();
                    let relays = from.is_relay();
                    let meaning = if relays { Meaning::Forged } else { Meaning::Borrowed(from) };
                    self.receives(&frame, &meaning);
                }
            }
            Step::Noise(noise) => {
                let meaning = if noise.len() < MIN { Meaning::Short } else { Meaning::Nobody };
                self.receives(&noise, &meaning);
            }
            Step::Contact(who) => self.contact(who),
            Step::Send { to, uuid, length } => self.send(to, [uuid; 16], length),
            Step::Subscribe(who) => {
                let peers = who.iter().map(|who| Hex(people::x25519(*who))).collect();
                let command = Command::Subscribe { peers, reference: None };
                self.happens(Input::Command(command), None, |model, _| model.subscribe(&who));
            }
            Step::Introduce { to, length } => {
                let (peer, name) = (Hex(people::x25519(to)), "n".repeat(length));
                let command = Command::Introduce { peer, name, reference: None };
                self.happens(Input::Command(command), None, |model, _| model.introduce(to, length));
            }
        }
    }

    /// Nothing that happened keeps a client from an honest relay, or a text from its recipient.
    fn settle(&mut self) {
        self.step(Step::Closed);
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

fn lives(seed: u64, accept: bool, steps: Vec<Step>) {
    let mut world = World::new(seed, accept);
    for step in steps {
        world.step(step);
    }
    world.settle();
}

proptest! {
    /// [relay/relay-signed], [relay/peer-privilege], [relay/event-unknown], [identity/full-key],
    /// [packet/nonce-fresh], [packet/reflection]
    #[test]
    fn among_friends_and_strangers_a_client_keeps_its_laws(
        seed: u64,
        accept: bool,
        steps in steps::sociable(),
    ) {
        lives(seed, accept, steps);
    }

    /// [handshake/reply-first], [handshake/bad-version-stop], [handshake/id-in-use-retry],
    /// [handshake/silence], [handshake/reconnect]
    #[test]
    fn whatever_its_relay_does_a_client_keeps_its_laws(
        seed: u64,
        accept: bool,
        steps in steps::troubled(),
    ) {
        lives(seed, accept, steps);
    }
}
