//! The verdict of one recipient's queue: may this frame go in, must its sender wait, is it refused,
//! is the recipient to be closed. Pure; `now` is the time since the relay began.
//!
//! ```text
//! calm ── above the soft mark ──→ choked ── too little taken in a window, ──→ refusing
//!   ↑                               │        or a frame waited too long          │
//!   └────────── below the low mark ─┴─────────────────────────────────────────────┘
//! ```
//!
//! Once choked, every writer waits until the low mark, those that come later too: otherwise they
//! would keep the queue above it while the first waits for ever.
//!
//! Clauses: `relay/slow-*`.

use crate::limits::Limits;
use std::time::Duration;

/// What a queue says to a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// It may go in.
    Free,
    /// Its sender holds it (`[relay/slow-wait]`).
    Wait,
    /// It is answered with recipient_offline (`[relay/slow-refused]`).
    Refused,
}

/// What the recipient itself deserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Health {
    /// Nothing.
    Fine,
    /// To be closed with 1013 (`[relay/slow-closed]`).
    Dead,
}

/// Bytes and frames that wait for one recipient, and how it takes them.
#[derive(Debug, Default)]
pub struct Queue {
    bytes: usize,
    frames: usize,
    taken: u64,
    choke: Option<Choke>,
}

/// A queue that was above its soft mark and is not yet below the low one.
#[derive(Debug)]
struct Choke {
    /// When the current window of progress began, and what had been taken then.
    window: Duration,
    taken_before: u64,
    /// When something was last taken, or when the choke began.
    moved: Duration,
    refusing: bool,
}

impl Queue {
    /// Bytes and frames in the queue.
    #[must_use]
    pub const fn held(&self) -> (usize, usize) {
        (self.bytes, self.frames)
    }

    /// Whether a frame may go in now.
    #[must_use]
    pub fn room(&self) -> Room {
        match &self.choke {
            None => Room::Free,
            Some(choke) if choke.refusing => Room::Refused,
            Some(_) => Room::Wait,
        }
    }

    /// A frame went in.
    pub fn push(&mut self, size: usize, now: Duration, limits: &Limits) -> Health {
        self.bytes += size;
        self.frames += 1;
        if self.choke.is_none() && self.above_soft(limits) {
            let choke =
                Choke { window: now, taken_before: self.taken, moved: now, refusing: false };
            self.choke = Some(choke);
        }
        let hard = self.bytes >= limits.hard_bytes() || self.frames >= limits.hard_frames();
        if hard { Health::Dead } else { Health::Fine }
    }

    /// The recipient's socket took bytes, of whichever frame.
    pub fn took(&mut self, bytes: u64, now: Duration) {
        self.taken += bytes;
        if let Some(choke) = self.choke.as_mut().filter(|_| bytes > 0) {
            choke.moved = now;
        }
    }

    /// A frame is out whole. True if those who waited may go on.
    #[must_use]
    pub fn pop(&mut self, size: usize, limits: &Limits) -> bool {
        self.bytes = self.bytes.saturating_sub(size);
        self.frames = self.frames.saturating_sub(1);
        let low = self.bytes * 2 < limits.soft_bytes() && self.frames * 2 < limits.soft_frames();
        low && self.choke.take().is_some()
    }

    /// A frame waited as long as one may: it and all later ones are refused now.
    pub fn refuse(&mut self) {
        if let Some(choke) = &mut self.choke {
            choke.refusing = true;
        }
    }

    /// Judges progress; to be asked at [`Self::next_check`].
    pub fn check(&mut self, now: Duration, limits: &Limits) -> Health {
        let Some(choke) = &mut self.choke else { return Health::Fine };
        if now >= choke.window + limits.slow_window() {
            let progress = self.taken - choke.taken_before;
            choke.refusing |= progress < limits.slow_progress() as u64;
            (choke.window, choke.taken_before) = (now, self.taken);
        }
        // Between soft and low mark too: a reader that stopped there would be refused for ever.
        let dead = now >= choke.moved + limits.slow_dead();
        if dead { Health::Dead } else { Health::Fine }
    }

    /// When [`Self::check`] has something to say next.
    #[must_use]
    pub fn next_check(&self, limits: &Limits) -> Option<Duration> {
        let choke = self.choke.as_ref()?;
        let window = (!choke.refusing).then_some(choke.window + limits.slow_window());
        window.into_iter().chain([choke.moved + limits.slow_dead()]).min()
    }

    fn above_soft(&self, limits: &Limits) -> bool {
        self.bytes > limits.soft_bytes() || self.frames > limits.soft_frames()
    }
}

#[cfg(test)]
mod tests;
