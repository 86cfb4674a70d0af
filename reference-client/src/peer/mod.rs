//! The pure peer: every decision of the client, and no socket, clock or random source.
//!
//! ```text
//! handle(input, now, random)  takes what happened
//! poll_action()               gives what to do, one thing at a time, until None
//! wake()                      says when to come back with Input::Tick at the latest
//! ```
//!
//! `now` is any clock that never goes back. `random` is drawn for nonces, jitter and uuids.
//! Clauses: the client's part of chapters 4 to 6.
//!
//! | module | what it knows |
//! |---|---|
//! | `connection` | hello, reply, silence, when to come back |
//! | `schedule` | how long to wait, with jitter |
//! | `commands` | what the user asks for |
//! | `incoming` | what a frame of the relay or a peer means |
//! | `outgoing` | how frames are sealed |
//! | `contacts`, `outbox`, `presence`, `seen` | who, what waits, who is here, what came before |

mod commands;
mod connection;
mod contacts;
mod incoming;
mod outbox;
mod outgoing;
mod presence;
mod schedule;
mod seen;
#[cfg(test)]
mod tests;

use crate::{
    contract::{Command, Event, Fault},
    limits::Limits,
};
use connection::State;
use contacts::Contacts;
use outbox::Outbox;
use presence::Watch;
use schedule::Schedule;
use sealwire::{
    frame::MAX_FROM_RELAY,
    identity::{Identity, PeerId, PublicIdentity},
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

/// The largest message that a connection has to take, `[frame/client-limit]`.
pub const MAX_MESSAGE: usize = MAX_FROM_RELAY;

/// A cryptographic random source, at the edge.
pub trait Random {
    /// Fills `bytes` with fresh random bytes.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// Fresh random bytes.
fn draw<const N: usize>(random: &mut dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// What happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// Time passed; [`Peer::wake`] says when this is due.
    Tick,
    /// The connection asked for by [`Action::Connect`] stands.
    Connected,
    /// It could not be made, or ended by itself; why, in words.
    Closed(String),
    /// A binary message. It is opened in place.
    Binary(&'a mut [u8]),
    /// A text message.
    Text(&'a str),
    /// A WebSocket control frame. Whoever carries the bytes answers pings.
    Control,
    /// The user wants something.
    Command(Command),
    /// The user wrote something that is no command.
    Malformed(Fault),
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// Open a connection, and report [`Input::Connected`] or [`Input::Closed`].
    Connect,
    /// Close the connection, or give up opening it. Nothing of it is to be reported any more.
    Disconnect,
    /// Send one binary message.
    Binary(Vec<u8>),
    /// Send the text `pong`.
    Pong,
    /// Tell the user.
    Event(Event),
    /// A frame was refused, for the `count`th time for this reason: diagnostics, and no more.
    Refused {
        /// The clause broken, or what else was wrong.
        reason: &'static str,
        /// A power of two: the others are not reported.
        count: u64,
    },
    /// The peer has come to its end; the event before this one says why.
    Stop,
}

/// What does not change while a peer lives.
#[derive(Debug)]
pub struct Setup {
    /// Our own keys.
    pub identity: Identity,
    /// The relay, pinned.
    pub relay: PublicIdentity,
    /// The numbers.
    pub limits: Limits,
    /// Whether every introduction makes a contact.
    pub accept: bool,
}

/// One client of one relay.
#[derive(Debug)]
pub struct Peer {
    setup: Setup,
    state: State,
    schedule: Schedule,
    sessions: u64,
    contacts: Contacts,
    /// Strangers who introduced themselves: shown once, contacts only if the user says so.
    requests: HashSet<[u8; 64]>,
    outbox: Outbox,
    watch: Watch,
    introductions: VecDeque<(PeerId, String)>,
    refused: HashMap<&'static str, u64>,
    actions: VecDeque<Action>,
}

impl Peer {
    /// A peer that connects at its first [`Input::Tick`].
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        Self {
            state: State::default(),
            schedule: Schedule::new(&setup.limits),
            sessions: 0,
            contacts: Contacts::new(&setup.limits),
            requests: HashSet::new(),
            outbox: Outbox::new(&setup.limits),
            watch: Watch::new(&setup.limits),
            introductions: VecDeque::new(),
            refused: HashMap::new(),
            actions: VecDeque::new(),
            setup,
        }
    }

    /// Takes what happened. Call [`Peer::poll_action`] afterwards.
    pub fn handle(&mut self, input: Input<'_>, now: Duration, random: &mut dyn Random) {
        match input {
            Input::Tick => self.tick(now, random),
            Input::Connected => self.connected(now, random),
            Input::Closed(detail) => self.closed(detail, now, random),
            Input::Binary(message) => self.binary(message, now, random),
            Input::Text(text) => self.text(text, now),
            Input::Control => self.alive(now),
            Input::Command(command) => self.command(command, random),
            Input::Malformed(fault) => self.fault(fault),
        }
    }

    /// The next thing to do.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    fn event(&mut self, event: Event) {
        self.actions.push_back(Action::Event(event));
    }

    fn fault(&mut self, fault: Fault) {
        self.event(Event::Error(fault));
    }

    /// Counts a refused frame. Powers of two are reported, so that a flood makes few lines.
    fn refuse(&mut self, reason: &'static str) {
        let count = self.refused.entry(reason).or_default();
        *count = count.saturating_add(1);
        if count.is_power_of_two() {
            self.actions.push_back(Action::Refused { reason, count: *count });
        }
    }
}
