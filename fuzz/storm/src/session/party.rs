//! A client, and the two directions of its connection.

use super::hub::Down;
use crate::support::party;
use sealwire::identity::{Identity, Invite, MAX_INVITE, Nickname};
use sealwire_client::{
    contract::{Event, Hex, Key},
    limits::Limits,
    peer::{Action, Input, Peer, Random, Setup},
};
use sealwire_relay::exchange::session::Line;
use std::{collections::VecDeque, time::Duration};

pub(super) struct Party {
    peer: Peer,
    key: Key,
    chance: Chance,
    pub(super) invite: String,
    pub(super) line: Option<Line>,
    /// What it sent and its network still has.
    pub(super) up: VecDeque<Vec<u8>>,
    pub(super) down: VecDeque<Down>,
    /// Frames that it was sent, for whoever recorded them.
    pub(super) past: Vec<Vec<u8>>,
    ready: bool,
    pub(super) stopped: bool,
}

/// Bytes that never repeat: SplitMix64.
struct Chance(u64);

impl Random for Chance {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            chunk.copy_from_slice(&(mixed ^ (mixed >> 27)).to_le_bytes()[..chunk.len()]);
        }
    }
}

impl Party {
    pub(super) fn new(number: usize, relay: &Identity) -> Self {
        let seed = number as u8 + 1;
        let identity = party([seed; 32], [!seed; 32]);
        let key = Hex(*identity.public().x25519());
        let invite = invite(&identity);
        let setup =
            Setup { identity, relay: *relay.public(), limits: Limits::default(), accept: false };
        Self {
            peer: Peer::new(setup),
            key,
            chance: Chance(u64::from(seed) << 56),
            invite,
            line: None,
            up: VecDeque::new(),
            down: VecDeque::new(),
            past: Vec::new(),
            ready: false,
            stopped: false,
        }
    }

    pub(super) const fn key(&self) -> Key {
        self.key
    }

    pub(super) const fn in_session(&self) -> bool {
        self.ready
    }

    pub(super) fn handle(&mut self, input: Input<'_>, now: Duration) {
        self.peer.handle(input, now, &mut self.chance);
    }

    pub(super) fn poll(&mut self) -> Option<Action> {
        let action = self.peer.poll_action();
        match &action {
            Some(Action::Event(Event::Ready { .. })) => self.ready = true,
            Some(Action::Disconnect) => self.ready = false,
            _ => {}
        }
        action
    }

    pub(super) fn connected(&mut self, line: Line, now: Duration) {
        self.line = Some(line);
        self.handle(Input::Connected, now);
    }

    /// The connection is no more, and what was on its way is lost.
    pub(super) fn gone(&mut self) -> Option<Line> {
        self.ready = false;
        self.up.clear();
        self.down.clear();
        self.line.take()
    }

    pub(super) fn take(&mut self, down: Down) {
        if let Down::Binary(frame) = &down {
            self.past.push(frame.clone());
        }
        self.down.push_back(down);
    }

    /// All that it knows, without its count of what it refused.
    pub(super) fn state(&self) -> String {
        let mut state = format!("{:?}", self.peer);
        let from = state.find("refused: {").expect("the count");
        let to = state[from..].find('}').expect("its end");
        state.replace_range(from..from + to, "");
        state
    }
}

pub(super) fn invite(identity: &Identity) -> String {
    let mut out = [0; MAX_INVITE];
    let invite = Invite { peer: *identity.public(), nickname: Nickname("") };
    invite.encode(&mut out).expect("it fits").to_owned()
}
