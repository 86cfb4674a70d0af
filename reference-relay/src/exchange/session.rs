//! What the pure parts speak of: a connection's number, its session, what is written to it, how it
//! is ended.
//!
//! Clauses: `handshake/removal-by-session`, and the table "Closing" of chapter 6.

use crate::exchange::{event::Event, port::Port};
use sealwire::{
    handshake::{Refusal, RelayLink},
    identity::PeerId,
    primitives::NonceBytes,
};
use std::{sync::Arc, time::Duration};

/// The number of a connection, never given twice: what registration and removal compare
/// (`[handshake/removal-by-session]`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Line(pub u64);

/// A registered connection.
#[derive(Debug)]
pub struct Session {
    /// Its lanes.
    pub port: Arc<Port>,
    /// Its keys, as its hello proved them.
    pub link: RelayLink,
}

impl Session {
    /// The id under which it is registered.
    #[must_use]
    pub const fn id(&self) -> PeerId {
        self.link.peer().id()
    }
}

/// The answer to a hello that passed every check.
#[derive(Debug)]
pub enum Reply {
    /// Registered; HANDSHAKE_OK.
    Welcome(Arc<Session>),
    /// ERROR id_in_use.
    Refused(Box<Refusal>),
}

/// A peer frame in its recipient's queue, as its sender sent it.
#[derive(Debug)]
pub struct Parcel {
    /// The whole frame; empty once it is being written.
    pub frame: Vec<u8>,
    /// Its length.
    pub size: usize,
    /// By which its sender knows it.
    pub nonce: NonceBytes,
    /// Who is told if it does not arrive.
    pub sender: Arc<Session>,
    /// When it was queued, since the relay began.
    pub since: Duration,
}

/// One thing to be written.
#[derive(Debug)]
pub enum Out {
    /// A WebSocket ping and the text `ping`.
    Ping,
    /// An answer to one of the session's own messages, and what it weighs.
    Answer(Event, usize),
    /// Changes of presence, merged as it is taken out: it is in no queue.
    Presence(Event),
    /// An event from somebody else's doing, and what it weighs.
    Event(Event, usize),
    /// A peer frame.
    Frame(Parcel),
}

/// How a connection is ended by the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// Without a code: a refused hello, or one that is late.
    Silent,
    /// With this code.
    Code(u16),
}

impl Close {
    /// After an ERROR.
    pub const NORMAL: Self = Self::Code(1000);
    /// Idle, or replaced after a probe.
    pub const AWAY: Self = Self::Code(1001);
    /// Broken rules of WebSocket.
    pub const PROTOCOL: Self = Self::Code(1002);
    /// A text that is none.
    pub const NOT_TEXT: Self = Self::Code(1007);
    /// A message over its limit.
    pub const TOO_BIG: Self = Self::Code(1009);
    /// The relay goes.
    pub const RESTART: Self = Self::Code(1012);
    /// A slow reader.
    pub const SLOW: Self = Self::Code(1013);
}

impl Out {
    /// What it weighs in the queue.
    pub(crate) fn queued(&self) -> usize {
        match self {
            Self::Event(_, size) => *size,
            Self::Frame(parcel) => parcel.size,
            Self::Ping | Self::Answer(..) | Self::Presence(_) => 0,
        }
    }
}
