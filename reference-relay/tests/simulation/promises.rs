//! What must hold after every event, and once everything has settled.

use super::{
    client::{Conn, Manner, is_frame},
    world::World,
};
use sealwire::identity::PeerId;
use sealwire_relay::exchange::{port::Load, queue::Room};
use std::sync::Arc;

/// How often every line is looked at, not only those that were served.
const ROUND: u64 = 200;

impl World {
    /// After each event: what concerns all, and every line to which something happened.
    pub(crate) fn check(&mut self) {
        let all = self.steps.is_multiple_of(ROUND);
        for (line, conn) in &mut self.conns {
            if all || self.served.contains(line) {
                conn.load = conn.port.load();
            }
        }
        let served = self.conns.iter().filter(|(line, _)| all || self.served.contains(line));
        served.for_each(|(_, conn)| self.check_line(conn));
        self.conns.values().for_each(|conn| self.nobody_is_forgotten(conn));
        let waiting: usize = self.conns.values().map(frames_waiting).sum();
        self.every_frame_is_accounted_for(waiting as u64);
        self.the_switchboard_is_bounded();
        self.one_session_an_id();
    }

    fn check_line(&self, conn: &Conn) {
        assert_eq!(conn.port.closing(), None, "its task did not see the end");
        self.memory_is_bounded(&conn.load);
        if let Some(session) = &conn.session {
            let routed = self.route.find(session.id()).expect("a live session is reachable");
            assert!(Arc::ptr_eq(&routed, session), "frames go to another session");
            self.presence_is_true(conn);
        }
    }

    /// `[handshake/one-winner]`, `[handshake/removal-by-session]`: as many sessions as ids; that
    /// each is the one which frames reach, [`Self::check_line`] sees.
    fn one_session_an_id(&self) {
        let sessions = self.conns.values().filter(|conn| conn.session.is_some());
        assert_eq!(sessions.count(), self.switchboard.sessions());
    }

    /// The conservation law (`[relay/none-dropped]`).
    fn every_frame_is_accounted_for(&self, waiting: u64) {
        let totals = self.route.counts.totals();
        let known = totals.delivered + totals.answered + totals.lost + waiting;
        assert_eq!(totals.frames, known, "{totals:?}, {waiting} waiting");
    }

    fn memory_is_bounded(&self, load: &Load) {
        let limits = &self.limits;
        assert!(load.frames <= limits.hard_frames(), "{load:?}");
        assert!(load.bytes <= limits.hard_bytes() + limits.frame(), "{load:?}");
        assert!(load.presence <= limits.subscriptions(), "{load:?}");
    }

    fn the_switchboard_is_bounded(&self) {
        let (footprint, lines) = (self.switchboard.footprint(), self.conns.len());
        assert_eq!(footprint.lines, lines);
        assert!(footprint.timers <= lines, "{footprint:?}");
        assert!(footprint.hellos <= self.limits.hello_replays() + lines, "{footprint:?}");
        assert!(footprint.watched <= lines * self.limits.subscriptions(), "{footprint:?}");
    }

    /// Whoever has taken everything knows the truth (`[relay/presence-truth]`).
    fn presence_is_true(&self, conn: &Conn) {
        if !conn.is_up_to_date() {
            return;
        }
        for key in &conn.watched {
            let told = conn.told.get(key).copied().unwrap_or(false);
            let id = key.first_chunk().map(|id| PeerId(*id)).unwrap();
            assert_eq!(told, self.route.find(id).is_some(), "of {id}");
        }
    }

    /// `[relay/idle-end]`, `[relay/slow-wait]`, `[relay/slow-refused]`.
    fn nobody_is_forgotten(&self, conn: &Conn) {
        let silence = self.now.saturating_sub(conn.port.life.heard(self.now));
        assert!(silence <= self.limits.idle_end(), "silent for {silence:?}");
        if let Some(held) = &conn.held {
            let room = self.route.find(held.to).map(|recipient| recipient.port.room());
            assert_eq!(room, Some(Room::Wait), "nobody woke who waits");
            let waited = self.now - conn.held_since;
            assert!(waited <= self.limits.slow_wait(), "waited {waited:?}");
        }
    }

    /// Nothing waits, and every frame of who is still here was delivered or answered.
    pub(crate) fn check_settled(&mut self) {
        self.steps = 0;
        self.check();
        assert!(self.living().all(|conn| conn.held.is_none() && conn.is_up_to_date()));
        let lines: Vec<_> = self.living().map(|conn| conn.line.0).collect();
        assert_eq!(self.ledger.open(&lines), [0_u64; 0], "frames of which nothing became");
    }

    pub(crate) fn living(&self) -> impl Iterator<Item = &Conn> {
        self.conns.values().filter(|conn| conn.manner != Manner::Dead)
    }

    /// Nobody is here any more, and nothing is remembered but the last hellos.
    pub(crate) fn check_closed(&mut self) {
        assert!(self.conns.is_empty(), "somebody was not told that the relay goes");
        self.check();
        assert_eq!(self.switchboard.footprint().timers, 0);
        assert_eq!(self.switchboard.next_wake(), None);
        let left = self.people.clients.iter().find(|who| self.route.find(who.id()).is_some());
        assert!(left.is_none(), "{left:?} is still in the table");
    }
}

/// Peer frames in its queue, on their way to it, and in its own hand.
fn frames_waiting(conn: &Conn) -> usize {
    let flying = conn.flight.iter().filter(|(_, out)| is_frame(out)).count();
    conn.load.parcels + flying + usize::from(conn.held.is_some())
}
