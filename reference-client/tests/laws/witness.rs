//! The laws that hold after each step whatever the step was: they look at what came out, and know
//! nothing of the model.

use crate::{
    model::Meaning,
    seen::{Key, Reader, Seen, Uuid},
};
use sealwire::identity::PeerId;
use sealwire_client::{contract::Code, limits::Limits};
use std::collections::{BTreeMap, HashSet};

/// What the client has been told and let do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Idle,
    Dialling,
    Greeted,
    Open,
}

pub(crate) struct Witness {
    limits: Limits,
    line: Line,
    pub(crate) stopped: bool,
    /// Of each peer, the messages shown, newest last.
    shown: BTreeMap<Key, Vec<Uuid>>,
    /// Texts that the client took and nobody has acknowledged.
    pub(crate) given: Vec<(PeerId, Uuid, usize)>,
    nonces: HashSet<[u8; 24]>,
}

impl Witness {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            line: Line::Idle,
            stopped: false,
            shown: BTreeMap::new(),
            given: Vec::new(),
            nonces: HashSet::new(),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.line == Line::Open
    }

    /// `false` frames, if it was a frame, say so by their meaning.
    pub(crate) fn judge(&mut self, seen: &[Seen], meaning: Option<&Meaning>, reader: &Reader) {
        let open = self.is_open();
        assert!(!self.stopped || seen.iter().all(is_of_the_user), "after the end: {seen:?}");
        for (n, one) in seen.iter().enumerate() {
            self.connection(one, &seen[..n]);
            self.messages(one);
        }
        self.order(seen);
        self.bounds(reader);
        let is_false = !matches!(meaning, None | Some(Meaning::Relay(..) | Meaning::Peer(..)));
        let silent = |one: &Seen| matches!(one, Seen::Refused(..));
        assert!(!(open && is_false) || seen.iter().all(silent), "a refused frame shows: {seen:?}");
    }

    /// One connection at a time, hello first, nothing before the reply ([handshake/reply-first]);
    /// an end for good is said before ([handshake/bad-version-stop],
    /// [handshake/id-in-use-retry]).
    fn connection(&mut self, one: &Seen, before: &[Seen]) {
        let from = self.line;
        self.line = match (from, one) {
            (Line::Idle, Seen::Connect) => Line::Dialling,
            (Line::Dialling, Seen::Hello) => Line::Greeted,
            (Line::Greeted, Seen::Ready(_)) => Line::Open,
            (Line::Dialling | Line::Greeted | Line::Open, Seen::Disconnect) => Line::Idle,
            (_, Seen::Fault { retry: true, .. }) => Line::Idle,
            (Line::Idle, Seen::Stop) => {
                let codes = [Code::BadVersion, Code::IdInUse];
                let said = |code| before.contains(&Seen::Fault { code, fatal: true, retry: false });
                assert!(codes.into_iter().any(said), "stopped without a reason");
                self.stopped = true;
                Line::Idle
            }
            (_, Seen::Connect | Seen::Disconnect | Seen::Hello | Seen::Ready(_) | Seen::Stop) => {
                panic!("{one:?} while {from:?}")
            }
            (Line::Open, _) => Line::Open,
            (_, other) => {
                assert!(!is_sent(other), "{other:?} while {from:?}");
                from
            }
        };
    }

    /// Nothing is shown or delivered twice.
    fn messages(&mut self, one: &Seen) {
        match one {
            Seen::Message { peer, uuid, .. } => {
                let shown = self.shown.entry(*peer).or_default();
                let repeat = shown.iter().rev().take(self.limits.remembered).any(|u| u == uuid);
                assert!(!repeat, "shown twice: {one:?}");
                shown.push(*uuid);
            }
            Seen::Delivered { peer, uuid } => {
                let place = self
                    .given
                    .iter()
                    .position(|(to, given, _)| peer.starts_with(&to.0) && given == uuid);
                self.given.remove(place.expect("what is delivered was given, and not delivered"));
            }
            _ => {}
        }
    }

    /// The texts for one peer go out in the order in which they were given.
    fn order(&self, seen: &[Seen]) {
        let mut last: BTreeMap<PeerId, usize> = BTreeMap::new();
        for one in seen {
            if let Seen::Text { to, uuid, length } = one {
                let given = (*to, *uuid, *length);
                // A text that was given by this very step is noted after it.
                let place = self.given.iter().position(|other| *other == given);
                let place = place.unwrap_or(self.given.len());
                let before = last.insert(*to, place);
                assert!(before.is_none_or(|before| before < place), "out of order: {seen:?}");
            }
        }
    }

    /// What waits is within the limits, and no nonce was used before.
    fn bounds(&mut self, reader: &Reader) {
        assert!(self.given.len() <= self.limits.outbox_messages);
        let bytes: usize = self.given.iter().map(|(_, _, length)| length).sum();
        assert!(bytes <= self.limits.outbox_bytes);
        for nonce in &reader.nonces[self.nonces.len()..] {
            assert!(self.nonces.insert(nonce.0), "a nonce twice ([packet/nonce-fresh])");
        }
    }
}

/// What goes over the connection.
fn is_sent(one: &Seen) -> bool {
    matches!(
        one,
        Seen::Pong
            | Seen::Hello
            | Seen::Subscribe(_)
            | Seen::Introduce(..)
            | Seen::Text { .. }
            | Seen::Acknowledge { .. }
    )
}

/// What answers a command, even when there is no connection any more.
fn is_of_the_user(one: &Seen) -> bool {
    matches!(one, Seen::Contact(..) | Seen::Fault { fatal: false, retry: false, .. })
}
