//! A connection's signs of life, written on the path of every frame and so without a lock.
//!
//! Clauses: `relay/life`, `relay/idle-*`, `handshake/probe`.

use crate::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use std::time::Duration;

/// When something last came and went. `now` is the time since the relay began.
#[derive(Debug)]
pub struct Life {
    /// Microseconds.
    heard: AtomicU64,
    told: AtomicU64,
    /// The relay does not read it, so its silence proves nothing.
    unread: AtomicBool,
    /// The switchboard wants to know of its next sign of life.
    probed: AtomicBool,
}

impl Life {
    /// A connection that begins now.
    #[must_use]
    pub fn new(now: Duration) -> Self {
        Self {
            heard: AtomicU64::new(micros(now)),
            told: AtomicU64::new(micros(now)),
            unread: AtomicBool::new(false),
            probed: AtomicBool::new(false),
        }
    }

    /// Something came from it. True if the switchboard wants to know.
    #[must_use]
    pub fn hear(&self, now: Duration) -> bool {
        self.heard.store(micros(now), Relaxed);
        self.probed.load(Relaxed)
    }

    /// A message went to it.
    pub fn tell(&self, now: Duration) {
        self.told.store(micros(now), Relaxed);
    }

    /// Whether the relay reads it from now on. Being read again is a fresh start.
    /// Its own task alone calls this.
    pub fn set_unread(&self, unread: bool, now: Duration) {
        // First: whoever sees that it is read again sees since when.
        if !unread && self.unread.load(Relaxed) {
            self.heard.store(micros(now), Relaxed);
        }
        self.unread.store(unread, Release);
    }

    /// Whether the relay does not read it at the moment.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.unread.load(Acquire)
    }

    /// Asks for, or no longer asks for, its next sign of life.
    pub fn set_probed(&self, probed: bool) {
        self.probed.store(probed, Relaxed);
    }

    /// When something last came from it.
    #[must_use]
    pub fn heard(&self, now: Duration) -> Duration {
        if self.is_unread() { now } else { Duration::from_micros(self.heard.load(Relaxed)) }
    }

    /// When a message last went to it.
    #[must_use]
    pub fn told(&self) -> Duration {
        Duration::from_micros(self.told.load(Relaxed))
    }
}

fn micros(now: Duration) -> u64 {
    u64::try_from(now.as_micros()).unwrap_or(u64::MAX)
}
