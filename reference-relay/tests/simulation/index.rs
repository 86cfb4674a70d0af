//! What is known of all connections at once, so that a step costs what happens in it and not as
//! much as there are clients. The sweep of the promises holds it against the connections.

use super::client::Conn;
use sealwire_relay::exchange::{event::Key, queue::Room};
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

#[derive(Default)]
pub(crate) struct Index {
    /// Lines in no order, to draw from.
    pub(crate) here: Vec<u64>,
    /// Lines with a frame in their hand.
    pub(crate) holding: BTreeSet<u64>,
    pub(crate) timers: BTreeSet<(Duration, u64)>,
    pub(crate) watchers: HashMap<Key, BTreeSet<u64>>,
    pub(crate) sums: Sums,
}

/// Over all connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    /// Peer frames in queues, on their way and in hands.
    pub(crate) waiting: usize,
    /// Bytes in queues.
    pub(crate) bytes: usize,
    pub(crate) sessions: usize,
}

impl Sums {
    pub(crate) fn of(conn: &Conn) -> Self {
        Self {
            waiting: conn.frames_waiting(),
            bytes: conn.load.bytes,
            sessions: usize::from(conn.session.is_some()),
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.waiting += other.waiting;
        self.bytes += other.bytes;
        self.sessions += other.sessions;
    }

    fn take(&mut self, other: Self) {
        self.waiting -= other.waiting;
        self.bytes -= other.bytes;
        self.sessions -= other.sessions;
    }
}

impl Index {
    pub(crate) fn enter(&mut self, conn: &mut Conn) {
        conn.place = self.here.len();
        self.here.push(conn.line.0);
    }

    /// Forgets a connection. Who has its place among those to draw from now.
    pub(crate) fn leave(&mut self, conn: &Conn) -> Option<u64> {
        self.sums.take(conn.counted);
        self.holding.remove(&conn.line.0);
        if let Some(at) = conn.timer {
            self.timers.remove(&(at, conn.line.0));
        }
        conn.watched.keys().for_each(|key| self.unwatch(key, conn.line.0));
        self.here.swap_remove(conn.place);
        self.here.get(conn.place).copied()
    }

    /// Something happened to it.
    pub(crate) fn count(&mut self, conn: &mut Conn, now: Duration) {
        let is_choked = conn.port.room() != Room::Free;
        conn.choked = is_choked.then(|| conn.choked.unwrap_or(now));
        self.sums.take(conn.counted);
        conn.load = conn.port.load();
        conn.counted = Sums::of(conn);
        self.sums.add(conn.counted);
        if conn.held.is_some() {
            self.holding.insert(conn.line.0);
        } else {
            self.holding.remove(&conn.line.0);
        }
    }

    /// Its task runs then at the latest.
    pub(crate) fn set_timer(&mut self, conn: &mut Conn, at: Option<Duration>) {
        if conn.timer == at {
            return;
        }
        if let Some(old) = std::mem::replace(&mut conn.timer, at) {
            self.timers.remove(&(old, conn.line.0));
        }
        self.timers.extend(at.map(|at| (at, conn.line.0)));
    }

    pub(crate) fn watch(&mut self, key: &Key, line: u64) {
        self.watchers.entry(*key).or_default().insert(line);
    }

    pub(crate) fn unwatch(&mut self, key: &Key, line: u64) {
        self.watchers.get_mut(key).unwrap().remove(&line);
    }

    pub(crate) fn watchers(&self, key: &Key) -> usize {
        self.watchers.get(key).map_or(0, BTreeSet::len)
    }
}
