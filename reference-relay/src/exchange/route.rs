//! Where a frame goes: look-up, mask, the verdict of the recipient's queue.
//!
//! Reading takes no write lock and knows no clock but the `now` it is given (time since the relay
//! began). The switchboard alone changes the table.
//!
//! ```text
//! frame ─→ too short: dropped
//!      ├─→ to zero: a command
//!      ├─→ nobody there, or refused by the queue: ERROR recipient_offline to its sender
//!      ├─→ queue above its mark: held by its sender, tried again later
//!      └─→ into the queue; its header is rewritten as it leaves
//! ```
//!
//! Clauses: `frame/header-*, verbatim, opaque, too-short, to-self, order`,
//! `relay/recipient-offline, slow-wait, slow-refused, none-dropped`.

use crate::{
    exchange::{
        counts::Counts,
        crowd::give_back,
        event::Event,
        queue::Room,
        session::{Line, Out, Parcel, Session},
    },
    limits::Limits,
    sync::RwLock,
};
use sealwire::{
    frame::{Uplink, address_from},
    identity::PeerId,
    primitives::NonceBytes,
};
use std::{
    collections::HashMap,
    mem::take,
    sync::{Arc, PoisonError},
    time::Duration,
};

/// The table of live sessions, and what became of their frames.
#[derive(Debug)]
pub struct Route {
    sessions: RwLock<HashMap<PeerId, Arc<Session>>>,
    limits: Arc<Limits>,
    /// Counters.
    pub counts: Counts,
}

/// What is left to do after a frame was looked at.
#[derive(Debug)]
pub enum Verdict {
    /// Nothing: it is in its recipient's queue.
    Queued,
    /// Nothing: it was answered, or dropped.
    Done,
    /// It is for the relay: to be opened.
    Command(Vec<u8>),
    /// Its sender holds it and is not read until it is gone.
    Hold(Held),
}

/// A frame in its sender's hand.
#[derive(Debug)]
pub struct Held {
    frame: Vec<u8>,
    nonce: NonceBytes,
    /// For whom it is.
    pub to: PeerId,
    /// When it is refused at the latest.
    pub until: Duration,
}

impl Parcel {
    /// The frame as its recipient gets it: `from` masked with the recipient's keys, the packet as
    /// it came. Once; only the length and the nonce stay.
    #[must_use]
    pub fn take_frame(&mut self, recipient: &Session) -> Vec<u8> {
        let mut frame = take(&mut self.frame);
        // The length was judged when it came in; a shorter frame is in no queue.
        let addressed = address_from(&mut frame, recipient.link.routes(), self.sender.id());
        debug_assert_eq!(addressed, Ok(()));
        frame
    }
}

impl Route {
    /// An empty table.
    #[must_use]
    pub fn new(limits: Arc<Limits>) -> Self {
        Self { sessions: RwLock::default(), limits, counts: Counts::default() }
    }

    /// A frame from a session.
    pub fn frame(&self, from: &Arc<Session>, frame: Vec<u8>, now: Duration) -> Verdict {
        let (to, nonce) = match Uplink::parse(&frame) {
            Ok(uplink) => (uplink.to(from.link.routes()), uplink.nonce()),
            Err(clause) => {
                self.counts.dropped(clause);
                return Verdict::Done;
            }
        };
        if to.is_relay() {
            return Verdict::Command(frame);
        }
        self.counts.frame();
        let held = Held { frame, nonce, to, until: now + self.limits.slow_wait() };
        let verdict = self.offer(from, held, now);
        if matches!(verdict, Verdict::Hold(_)) {
            self.counts.hold();
        }
        verdict
    }

    /// Tries again what a session holds; hands it back if it must wait on.
    pub fn retry(&self, from: &Arc<Session>, held: Held, now: Duration) -> Option<Held> {
        match self.offer(from, held, now) {
            Verdict::Hold(held) => Some(held),
            _ => {
                self.counts.let_go();
                None
            }
        }
    }

    fn offer(&self, from: &Arc<Session>, held: Held, now: Duration) -> Verdict {
        let Some(recipient) = self.find(held.to) else {
            self.offline(from, held.to, held.nonce);
            return Verdict::Done;
        };
        if now >= held.until {
            recipient.port.refuse();
        }
        let (size, nonce) = (held.frame.len(), held.nonce);
        let parcel =
            Parcel { frame: held.frame, size, nonce, sender: Arc::clone(from), since: now };
        match recipient.port.offer(parcel, now) {
            Ok(()) => Verdict::Queued,
            Err((Room::Wait, frame)) => Verdict::Hold(Held { frame, ..held }),
            Err(_) => {
                self.offline(from, held.to, nonce);
                Verdict::Done
            }
        }
    }

    /// Answers what did not arrive at a session that ended, and forgets the rest.
    pub fn undelivered(&self, target: PeerId, left: impl IntoIterator<Item = Out>) {
        for out in left {
            if let Out::Frame(parcel) = out {
                self.offline(&parcel.sender, target, parcel.nonce);
            }
        }
    }

    /// A session whose sender left while holding a frame.
    pub fn abandoned(&self, held: Option<Held>) {
        if held.is_some() {
            self.counts.let_go();
            self.counts.answered(false);
        }
    }

    /// Every live session.
    #[must_use]
    pub fn everybody(&self) -> Vec<Arc<Session>> {
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        sessions.values().cloned().collect()
    }

    /// The live session of an id.
    #[must_use]
    pub fn find(&self, id: PeerId) -> Option<Arc<Session>> {
        self.sessions.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    pub(crate) fn insert(&self, session: &Arc<Session>) {
        let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        sessions.insert(session.id(), Arc::clone(session));
    }

    /// Removes the session of this very connection, never another under its id
    /// (`[handshake/removal-by-session]`).
    pub(crate) fn remove(&self, id: PeerId, line: Line) {
        let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        if sessions.get(&id).is_some_and(|session| session.port.line() == line) {
            sessions.remove(&id);
            give_back(&mut sessions);
        }
    }

    fn offline(&self, sender: &Session, target: PeerId, nonce: NonceBytes) {
        let told = sender.port.answer(Event::RecipientOffline(target, nonce));
        self.counts.answered(told);
    }
}

#[cfg(test)]
mod tests;
