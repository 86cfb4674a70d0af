//! What must hold after every event, and once everything has settled.

use super::{
    client::{Conn, Manner},
    history::is_online,
    index::Sums,
    world::World,
};
use sealwire_relay::exchange::{event::Key, port::Load, queue::Room, session::Close};
use std::{mem::take, sync::Arc, time::Duration};

/// How often, at most, every line is looked at, not only those that were served. More of them are
/// looked at less often, so that a step costs the same.
const ROUND: u64 = 200;

impl World {
    /// After each event: what concerns all, and every line to which something happened.
    pub(crate) fn check(&mut self) {
        self.steps += 1;
        let served = take(&mut self.served);
        for line in &served {
            if let Some(conn) = self.conns.get_mut(line) {
                self.index.count(conn, self.now);
                self.check_line(&self.conns[line]);
            }
        }
        for key in take(&mut self.history.turned) {
            let watchers = self.index.watchers.get(&key).cloned().unwrap_or_default();
            for line in &watchers {
                self.index.count(self.conns.get_mut(line).unwrap(), self.now);
                self.knows(&self.conns[line], &key);
            }
        }
        self.index.holding.iter().for_each(|line| self.waits_rightly(&self.conns[line]));
        self.every_frame_is_accounted_for();
        self.one_session_an_id();
        self.memory_is_within_its_budget();
        if self.steps >= self.swept + ROUND.max(self.conns.len() as u64) {
            self.sweep();
        }
    }

    /// The same of every line, and that the sums are what they claim.
    pub(crate) fn sweep(&mut self) {
        self.swept = self.steps;
        self.conns.values_mut().for_each(|conn| self.index.count(conn, self.now));
        let mut sums = Sums::default();
        for conn in self.conns.values() {
            sums.add(Sums::of(conn));
            self.check_line(conn);
            self.nobody_is_forgotten(conn);
            conn.watched.keys().for_each(|key| self.knows(conn, key));
        }
        assert_eq!(sums, self.index.sums);
        self.every_frame_is_accounted_for();
        self.the_switchboard_is_bounded();
    }

    fn check_line(&self, conn: &Conn) {
        assert_eq!(conn.port.closing(), None, "its task did not see the end");
        self.memory_is_bounded(&conn.load);
        self.nobody_is_refused_too_early(conn);
        let Some(session) = &conn.session else { return };
        let routed = self.route.find(session.id()).expect("a live session is reachable");
        assert!(Arc::ptr_eq(&routed, session), "frames go to another session");
        // Nobody waits but who sends to a slow reader: whoever reads has everything at once.
        assert!(conn.manner != Manner::Prompt || conn.is_up_to_date(), "{:?}", conn.load);
    }

    /// `[handshake/one-winner]`, `[handshake/removal-by-session]`: as many sessions as ids; that
    /// each is the one which frames reach, [`Self::check_line`] sees.
    fn one_session_an_id(&self) {
        assert_eq!(self.index.sums.sessions, self.switchboard.sessions());
    }

    /// The conservation law (`[relay/none-dropped]`).
    fn every_frame_is_accounted_for(&self) {
        let (totals, waiting) = (self.route.counts.totals(), self.index.sums.waiting as u64);
        let known = totals.delivered + totals.answered + totals.lost + waiting;
        assert_eq!(totals.frames, known, "{totals:?}, {waiting} waiting");
    }

    fn memory_is_bounded(&self, load: &Load) {
        let limits = &self.limits;
        assert!(load.frames < limits.hard_frames(), "not closed: {load:?}");
        assert!(load.bytes < limits.hard_bytes(), "not closed: {load:?}");
        assert!(load.frames <= limits.soft_frames() + 1, "above the soft mark: {load:?}");
        assert!(load.presence <= limits.subscriptions(), "{load:?}");
    }

    /// A queue goes above its soft mark by one frame, and no further.
    fn memory_is_within_its_budget(&self) {
        let (sums, limits) = (self.index.sums, &self.limits);
        let each = (limits.soft_bytes() + limits.frame()).min(limits.hard_bytes());
        assert!(sums.bytes <= sums.sessions * each, "{sums:?}");
    }

    fn the_switchboard_is_bounded(&self) {
        let (footprint, lines) = (self.switchboard.footprint(), self.conns.len());
        assert_eq!(footprint.lines, lines);
        assert!(footprint.timers <= lines, "{footprint:?}");
        assert!(footprint.hellos <= self.limits.hello_replays() + lines, "{footprint:?}");
        assert!(footprint.watched <= lines * self.limits.subscriptions(), "{footprint:?}");
    }

    /// Whoever has taken everything knows the truth (`[relay/presence-truth]`).
    fn knows(&self, conn: &Conn, key: &Key) {
        if conn.is_up_to_date() && conn.manner.is_alive() {
            let truth = is_online(self.history.turns(key));
            assert_eq!(is_online(conn.watched[key]), truth, "of {key:?}");
        }
    }

    /// How long something lasts that timers end; after a jump they are late.
    fn lasts(&self, since: Duration) -> Duration {
        self.now - since.max(self.jumped)
    }

    /// `[relay/idle-end]`, `[relay/idle-ping]`.
    fn nobody_is_forgotten(&self, conn: &Conn) {
        let silence = self.now.saturating_sub(conn.port.life.heard(self.now));
        assert!(silence <= self.limits.idle_end(), "silent for {silence:?}");
        if conn.manner == Manner::Prompt && conn.session.is_some() {
            let untold = self.lasts(conn.reached);
            // Pings of many fall together, an eightieth late at most.
            let ping = self.limits.idle_ping() * 201 / 200;
            assert!(untold <= ping, "heard nothing for {untold:?}");
        }
    }

    /// Who holds a frame waits for a reader that takes something, and for no other reason
    /// (`[relay/slow-wait]`, `[relay/slow-refused]`, `[relay/slow-isolation]`).
    fn waits_rightly(&self, conn: &Conn) {
        let limits = &self.limits;
        let recipient = self.route.find(conn.held.as_ref().unwrap().to).expect("it left, unseen");
        assert_eq!(recipient.port.room(), Room::Wait, "nobody woke who waits");
        let waits = self.lasts(conn.held_since);
        assert!(waits <= limits.slow_wait(), "waits for {waits:?}");
        // In twice the window there is a whole one, whenever it began; a queue that reached its
        // low mark began a new one.
        let windows = 2 * limits.slow_window();
        let reader = &self.conns[&recipient.port.line().0];
        if waits >= windows && self.lasts(reader.since) >= windows {
            let (bytes, frames) = reader.taken_since(self.now - windows);
            let progress = bytes >= limits.slow_progress() || frames * 2 >= limits.soft_frames();
            assert!(progress, "waits for who took {bytes} bytes");
        }
    }

    /// Frames for a slow reader are refused after a window at the earliest (`[relay/slow-refused]`).
    fn nobody_is_refused_too_early(&self, conn: &Conn) {
        let chokes = self.now - conn.choked.unwrap_or(self.now);
        let refuses = conn.port.room() == Room::Refused;
        assert!(!refuses || chokes >= self.limits.slow_window(), "refuses after {chokes:?}");
    }

    /// The relay ends nobody who reads and answers, unless it goes itself, its clock jumped, or
    /// others filled the queue to the hard mark in one instant.
    pub(crate) fn may_be_closed(&self, line: u64, close: Close) {
        let (conn, limits) = (&self.conns[&line], &self.limits);
        let load = conn.port.load();
        let full = load.bytes >= limits.hard_bytes() || load.frames >= limits.hard_frames();
        let reads = conn.manner == Manner::Prompt && conn.since < self.now && conn.held.is_none();
        let may = match close {
            Close::RESTART => true,
            Close::SLOW => full || !reads,
            _ => conn.session.is_none() || !reads || self.jumped == self.now,
        };
        assert!(may, "closed with {close:?}");
    }

    /// Time may stand still: what it had to say, it has said.
    pub(crate) fn a_repeated_now_is_harmless(&mut self) {
        assert!(self.next_timer().is_none_or(|next| next > self.now), "a timer stands still");
        self.switchboard.wake(self.now);
        assert!(self.ready.is_empty(), "said twice");
    }

    /// Nothing waits, and every frame of who is still here was delivered or answered.
    pub(crate) fn check_settled(&mut self) {
        self.check();
        self.sweep();
        assert!(self.living().all(|conn| conn.held.is_none() && conn.is_up_to_date()));
        let is_here = |line| self.conns.get(&line).is_some_and(|conn| conn.manner.is_alive());
        assert_eq!(self.ledger.open(is_here), [0_u64; 0], "frames of which nothing became");
        self.ports.retain(|port| port.strong_count() > 0);
        assert_eq!(self.ports.len(), self.conns.len(), "somebody is remembered who left");
    }

    pub(crate) fn living(&self) -> impl Iterator<Item = &Conn> {
        self.conns.values().filter(|conn| conn.manner.is_alive())
    }

    /// Nobody is here any more, and nothing is remembered but the last hellos.
    pub(crate) fn check_closed(&mut self) {
        assert!(self.conns.is_empty(), "somebody was not told that the relay goes");
        self.check();
        self.sweep();
        assert_eq!(self.index.sums, Sums::default());
        let footprint = self.switchboard.footprint();
        assert_eq!((footprint.timers, footprint.watched), (0, 0));
        assert_eq!(self.switchboard.next_wake(), None);
        let left = self.people.clients.iter().find(|who| self.route.find(who.id()).is_some());
        assert!(left.is_none(), "{left:?} is still in the table");
        assert!(self.ports.iter().all(|port| port.strong_count() == 0), "ports are left");
    }
}
