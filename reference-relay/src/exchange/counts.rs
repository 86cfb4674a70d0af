//! What became of frames and commands, in numbers only: no id, key or address can get in.
//!
//! ```text
//! peer frames in = delivered + answered + lost + those in queues and hands
//! ```
//!
//! Clauses: `relay/none-dropped`.

use crate::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use sealwire::Clause;
use std::{collections::BTreeMap, sync::PoisonError};

/// Counters since the relay began.
#[derive(Debug, Default)]
pub struct Counts {
    frames: AtomicU64,
    delivered: AtomicU64,
    answered: AtomicU64,
    lost: AtomicU64,
    dropped: Mutex<BTreeMap<&'static str, u64>>,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Peer frames of at least 112 bytes that came.
    pub frames: u64,
    /// Handed to the system for their recipient.
    pub delivered: u64,
    /// Answered with recipient_offline.
    pub answered: u64,
    /// Could be neither: their sender was gone too.
    pub lost: u64,
}

impl Counts {
    /// A peer frame came.
    pub fn frame(&self) {
        self.frames.fetch_add(1, Relaxed);
    }

    /// They are out.
    pub fn delivered(&self, frames: u64) {
        self.delivered.fetch_add(frames, Relaxed);
    }

    /// It was answered, or its sender was gone.
    pub fn answered(&self, told: bool) {
        if told { &self.answered } else { &self.lost }.fetch_add(1, Relaxed);
    }

    /// A command, or what is too short to be a frame, was dropped by this clause.
    pub fn dropped(&self, clause: Clause) {
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        *dropped.entry(clause.id()).or_default() += 1;
    }

    /// What became of the frames.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let load = |counter: &AtomicU64| counter.load(Relaxed);
        Totals {
            frames: load(&self.frames),
            delivered: load(&self.delivered),
            answered: load(&self.answered),
            lost: load(&self.lost),
        }
    }

    /// How often each clause had something dropped.
    #[must_use]
    pub fn drops(&self) -> BTreeMap<&'static str, u64> {
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
