//! What became of frames, commands and connections, in numbers only: no id, key or address can get
//! in, and every word that stands beside a number is one of a closed list.
//!
//! ```text
//! peer frames in = delivered + answered + lost + held + queued
//! ```
//!
//! The first four and `held` are counted here; what is `queued` is asked of the ports
//! ([`Port::parcels`](super::port::Port::parcels)). None of the six follows from the others.
//!
//! Clauses: `relay/none-dropped`.

use super::{session::Close, spread::Spread};
use crate::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use sealwire::Clause;
use std::{collections::BTreeMap, sync::PoisonError};

/// Bounds of 1 µs to 67 s, and beyond: a frame waits a minute at most.
pub const QUEUEING: usize = 28;
/// Bounds of 1 to 1,024 frames, and beyond.
pub const BATCH: usize = 12;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$about])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

words! {
    /// Why somebody did not get in.
    Refused {
        /// Too many sockets stood before their hello.
        Sockets "sockets",
        /// Too many of one prefix did.
        Prefix "prefix",
        /// There were too many sockets for the descriptors of the process.
        Descriptors "descriptors",
        /// What came was no upgrade to a WebSocket.
        Upgrade "upgrade",
        /// No whole hello came in time.
        Deadline "deadline",
        /// The hello did not prove what it has to.
        Hello "hello",
        /// It asked for another version.
        Version "version",
        /// It had been said before.
        Replay "replay",
        /// Somebody alive has its id.
        Id "id",
        /// There was no room for a session.
        Sessions "sessions",
        /// The relay was about to go.
        Drain "drain",
    }
}

impl Refused {
    /// The clause that asks for it.
    #[must_use]
    pub const fn clause(self) -> Clause {
        match self {
            Self::Sockets | Self::Prefix | Self::Descriptors => Clause::RelaySocketsLimit,
            Self::Upgrade => Clause::RelayEndpoint,
            Self::Deadline => Clause::HandshakeDeadline,
            Self::Hello => Clause::HandshakeSilentRefusal,
            Self::Version => Clause::HandshakeVersion,
            Self::Replay => Clause::HandshakeReplay,
            Self::Id => Clause::HandshakeIdInUse,
            Self::Sessions => Clause::RelaySessionsLimit,
            Self::Drain => Clause::RelayDrain,
        }
    }
}

words! {
    /// How a connection ended that spoke WebSocket: the code of the relay's close, or why it said
    /// none of its own.
    Parted {
        /// A close without a code.
        Silent "none",
        /// After an ERROR.
        Normal "1000",
        /// Idle, or replaced.
        Away "1001",
        /// Broken rules of WebSocket.
        Protocol "1002",
        /// A text that is none.
        NotText "1007",
        /// A message over its limit.
        TooBig "1009",
        /// The relay went.
        Restart "1012",
        /// A slow reader.
        Slow "1013",
        /// The client closed.
        Client "client",
        /// There was nobody to speak to.
        Gone "gone",
    }
}

impl Parted {
    /// By a close of the relay's.
    #[must_use]
    pub fn by(close: Close) -> Self {
        match close {
            Close::Silent => Self::Silent,
            Close::AWAY => Self::Away,
            Close::PROTOCOL => Self::Protocol,
            Close::NOT_TEXT => Self::NotText,
            Close::TOO_BIG => Self::TooBig,
            Close::RESTART => Self::Restart,
            Close::SLOW => Self::Slow,
            Close::Code(_) => Self::Normal,
        }
    }
}

/// Counters since the relay began.
#[derive(Debug, Default)]
pub struct Counts {
    frames: AtomicU64,
    delivered: AtomicU64,
    answered: AtomicU64,
    lost: AtomicU64,
    held: AtomicU64,
    dropped: Mutex<BTreeMap<&'static str, u64>>,
    accepted: AtomicU64,
    starved: AtomicU64,
    panicked: AtomicU64,
    welcomed: AtomicU64,
    refused: [AtomicU64; Refused::ALL.len()],
    parted: [AtomicU64; Parted::ALL.len()],
    /// Microseconds from entering a recipient's queue to being taken by the system.
    pub queueing: Spread<QUEUEING>,
    /// Frames given to the socket in one go.
    pub batch: Spread<BATCH>,
}

/// The counters of frames at one moment.
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

/// The counters of connections at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doings {
    /// Sockets that came.
    pub accepted: u64,
    /// How often the system had no descriptor for one.
    pub starved: u64,
    /// Connections that failed inside.
    pub panicked: u64,
    /// Sessions that began.
    pub welcomed: u64,
}

impl Counts {
    /// A peer frame came.
    pub fn frame(&self) {
        add(&self.frames);
    }

    /// They are out.
    pub fn delivered(&self, frames: u64) {
        self.delivered.fetch_add(frames, Relaxed);
    }

    /// It was answered, or its sender was gone.
    pub fn answered(&self, told: bool) {
        add(if told { &self.answered } else { &self.lost });
    }

    /// Its sender has to hold it; [`Self::let_go`] follows, whatever becomes of it.
    pub fn hold(&self) {
        add(&self.held);
    }

    /// A frame is in its sender's hand no more.
    pub fn let_go(&self) {
        self.held.fetch_sub(1, Relaxed);
    }

    /// Frames in their senders' hands at this moment.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.held.load(Relaxed)
    }

    /// A command, or what is too short to be a frame, was dropped by this clause.
    pub fn dropped(&self, clause: Clause) {
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        *dropped.entry(clause.id()).or_default() += 1;
    }

    /// A socket came.
    pub fn accepted(&self) {
        add(&self.accepted);
    }

    /// A socket came and the system had no descriptor for it.
    pub fn starved(&self) {
        add(&self.starved);
    }

    /// A connection failed inside.
    pub fn panicked(&self) {
        add(&self.panicked);
    }

    /// A session began.
    pub fn welcomed(&self) {
        add(&self.welcomed);
    }

    /// Somebody did not get in.
    pub fn refused(&self, why: Refused) {
        self.refused.get(why as usize).map(add);
    }

    /// A connection ended.
    pub fn parted(&self, how: Parted) {
        self.parted.get(how as usize).map(add);
    }

    /// What became of the frames.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals {
            frames: load(&self.frames),
            delivered: load(&self.delivered),
            answered: load(&self.answered),
            lost: load(&self.lost),
        }
    }

    /// Who came.
    #[must_use]
    pub fn doings(&self) -> Doings {
        Doings {
            accepted: load(&self.accepted),
            starved: load(&self.starved),
            panicked: load(&self.panicked),
            welcomed: load(&self.welcomed),
        }
    }

    /// How often each clause had something dropped.
    #[must_use]
    pub fn drops(&self) -> BTreeMap<&'static str, u64> {
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often somebody was refused for each reason.
    pub fn refusals(&self) -> impl Iterator<Item = (Refused, u64)> + '_ {
        Refused::ALL.iter().copied().zip(self.refused.iter().map(load))
    }

    /// How often a connection ended in each way.
    pub fn partings(&self) -> impl Iterator<Item = (Parted, u64)> + '_ {
        Parted::ALL.iter().copied().zip(self.parted.iter().map(load))
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

fn load(counter: &AtomicU64) -> u64 {
    counter.load(Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_is_counted_by_its_code() {
        for code in [1000, 1001, 1002, 1007, 1009, 1012, 1013] {
            assert_eq!(Parted::by(Close::Code(code)).word(), code.to_string());
        }
        assert_eq!(Parted::by(Close::Silent).word(), "none");
    }

    #[test]
    fn words_are_told_once() {
        for words in [
            Refused::ALL.iter().map(|why| why.word()).collect::<Vec<_>>(),
            Parted::ALL.iter().map(|how| how.word()).collect(),
        ] {
            let mut once = words.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), words.len(), "{words:?}");
        }
    }
}
