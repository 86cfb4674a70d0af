//! Every limit of the relay: one named number each, settable, shown by `--print-config`.
//!
//! The defaults are those of chapter 6, "Limits". A limit that the format itself fixes (the frame,
//! the nickname, the token, the keys whose news are one frame) can be lowered and not raised beyond
//! it: the peer would refuse more.
//!
//! Whoever obeys a limit shares the one [`Limits`] of its relay and reads it each time, so that a
//! reload ([`Limits::adopt`]) counts from then on.
//!
//! Clauses: those named in the table below.

mod budget;
mod relations;
mod value;

pub use budget::Budget;
pub(crate) use budget::READ_AHEAD;
pub(crate) use value::descriptors;

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};
use value::Unit;

/// Why a limit was not taken. `Display` says what to do, and does not repeat the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetError {
    /// There is no `=` in it.
    Form,
    /// No limit has this name.
    Name,
    /// The value does not read as the limit's unit asks, or is out of its range: what would be
    /// taken.
    Value(String),
}

impl std::fmt::Display for SetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Form => write!(f, "write NAME=VALUE, as in idle.ping=5s"),
            Self::Name => write!(f, "no limit has this name; --print-config lists them"),
            Self::Value(wanted) => write!(f, "the value must be {wanted}"),
        }
    }
}

impl std::error::Error for SetError {}

/// One limit as a person sees it.
#[derive(Debug)]
pub struct Row {
    /// Its name, as in `idle.ping`.
    pub name: &'static str,
    /// What it limits, as a sentence.
    about: &'static str,
    /// The clause of the specification that it serves.
    pub clause: &'static str,
    unit: Unit,
    max: u64,
    field: fn(&Limits) -> &AtomicU64,
}

impl Row {
    /// What it limits, without a full stop.
    #[must_use]
    pub fn about(&self) -> &'static str {
        self.about.trim().trim_end_matches('.')
    }

    /// What it may be.
    #[must_use]
    pub fn range(&self) -> String {
        self.unit.range(self.max)
    }

    /// Its value in `limits`, as [`Limits::put`] takes it back.
    #[must_use]
    pub fn show(&self, limits: &Limits) -> String {
        self.unit.show((self.field)(limits).load(Relaxed))
    }

    /// Whether its value is a bare number, without a unit.
    #[must_use]
    pub const fn is_number(&self) -> bool {
        self.unit.is_number()
    }

    /// Whether a change counts while the relay runs: what the listening socket hands on does not.
    fn is_live(&self) -> bool {
        !self.name.starts_with("socket.") || self.name == "socket.max"
    }
}

/// What became of a reload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adopted {
    /// `NAME=VALUE` of what has changed.
    pub changed: Vec<String>,
    /// What differs and counts after the next start only.
    pub later: Vec<&'static str>,
}

macro_rules! limits {
    ($(#[doc = $about:literal] $field:ident: $unit:ident = $default:expr, $name:literal, max $max:expr, $clause:literal;)*) => {
        /// The limits in force. Sizes are bytes, rates are per second.
        #[derive(Debug)]
        pub struct Limits { $($field: AtomicU64,)* }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($field: AtomicU64::new($default),)* }
            }
        }

        impl Clone for Limits {
            fn clone(&self) -> Self {
                Self { $($field: AtomicU64::new(self.$field.load(Relaxed)),)* }
            }
        }

        impl Limits {
            /// All of them.
            pub const ROWS: &'static [Row] = &[$(Row {
                name: $name,
                about: $about,
                unit: Unit::$unit,
                max: $max,
                clause: $clause,
                field: |limits| &limits.$field,
            },)*];

            $(limits! { @get $unit #[doc = $about] $field })*
        }
    };
    (@get Time #[$doc:meta] $field:ident) => {
        #[$doc]
        #[must_use]
        pub fn $field(&self) -> Duration {
            Duration::from_millis(self.$field.load(Relaxed))
        }
    };
    (@get $unit:ident #[$doc:meta] $field:ident) => {
        #[$doc]
        #[must_use]
        pub fn $field(&self) -> usize {
            usize::try_from(self.$field.load(Relaxed)).unwrap_or(usize::MAX)
        }
    };
}

limits! {
    /// Longest message of a session.
    frame: Bytes = 1_048_576, "frame.max", max 1_048_576, "frame/too-long";
    /// Longest message before the hello is accepted.
    frame_before_hello: Bytes = 4_096, "frame.before-hello", max 1_048_576, "frame/before-hello";
    /// How much is read away after a close, so that its code arrives.
    drain_bytes: Bytes = 65_536, "close.drain", max value::BYTES, "frame/drain-after-1009";
    /// How long is read away after a close.
    drain_time: Time = 1_000, "close.drain-time", max value::TIME, "frame/drain-after-1009";
    /// How long a close waits until what stands before it is written.
    close_wait: Time = 5_000, "close.wait", max value::TIME, "handshake/error-then-close";

    /// Sockets, whatever has become of them.
    sockets: Count = value::sockets_by_descriptors(), "socket.max", max value::COUNT, "relay/sockets-limit";
    /// What the system may take for one socket before its reader does.
    socket_buffer: Bytes = 262_144, "socket.send-buffer", max value::BYTES, "relay/slow-wait";
    /// How much of that may wait to be sent before the system takes no more.
    socket_unsent: Bytes = 131_072, "socket.unsent", max value::BYTES, "relay/slow-wait";
    /// How long the system waits for a sign that bytes arrived, before it gives a socket up.
    socket_timeout: Time = 120_000, "socket.timeout", max value::TIME, "relay/slow-closed";

    /// From accept to a whole hello.
    hello_deadline: Time = 10_000, "hello.deadline", max value::TIME, "handshake/deadline";
    /// How long an old session has to show that it lives.
    hello_probe: Time = 3_000, "hello.probe", max value::TIME, "handshake/probe";
    /// Remembered hellos besides those of live sessions.
    hello_replays: Count = 65_536, "hello.replays", max value::COUNT, "handshake/replay";
    /// Hellos a second, in all.
    hello_rate: Rate = 2_000, "hello.rate", max value::COUNT, "relay/rate";
    /// Hellos a second of one prefix.
    hello_prefix_rate: Rate = 50, "hello.prefix-rate", max value::COUNT, "relay/rate";
    /// Hellos of one prefix in a burst.
    hello_prefix_burst: Count = 200, "hello.prefix-burst", max value::COUNT, "relay/rate";
    /// Sockets before their hello, in all.
    hello_sockets: Count = 10_000, "hello.sockets", max value::COUNT, "relay/sockets-limit";
    /// Sockets before their hello, of one prefix.
    hello_prefix_sockets: Count = 1_024, "hello.prefix-sockets", max value::COUNT, "relay/sockets-limit";

    /// Live sessions.
    sessions: Count = value::sessions_by_descriptors(), "session.max", max value::COUNT, "relay/sessions-limit";
    /// Answers waiting for one session before it is not read.
    replies: Count = 256, "session.replies", max value::COUNT, "relay/replies-bounded";
    /// Commands a second of one session.
    command_rate: Rate = 200, "command.rate", max value::COUNT, "relay/rate";
    /// Commands of one session in a burst.
    command_burst: Count = 1_000, "command.burst", max value::COUNT, "relay/rate";

    /// Keys watched by one session.
    subscriptions: Count = 4_096, "presence.subscriptions", max 32_764, "relay/subscribe-limit";
    /// Sessions watching one key.
    watchers: Count = 4_096, "presence.watchers", max value::COUNT, "relay/watchers-limit";
    /// Longest nickname in an INTRODUCE.
    nickname: Bytes = 1_024, "introduce.nickname", max 1_024, "relay/introduce-nickname";
    /// Longest push token.
    push_token: Bytes = 4_096, "push.token", max 4_096, "relay/push-token";

    /// Bytes in a queue above which writers wait; the low mark is half of it.
    soft_bytes: Bytes = 524_288, "queue.soft-bytes", max value::BYTES, "relay/slow-wait";
    /// Frames in a queue above which writers wait; the low mark is half of it.
    soft_frames: Count = 128, "queue.soft-frames", max value::COUNT, "relay/slow-wait";
    /// Bytes in a queue at which its session is closed.
    hard_bytes: Bytes = 4_194_304, "queue.hard-bytes", max value::BYTES, "relay/slow-closed";
    /// Frames in a queue at which its session is closed.
    hard_frames: Count = 1_024, "queue.hard-frames", max value::COUNT, "relay/slow-closed";
    /// What a slow recipient must take in each window for its writers to go on waiting.
    slow_progress: Bytes = 16_384, "slow.progress", max value::BYTES, "relay/slow-refused";
    /// That window.
    slow_window: Time = 5_000, "slow.window", max value::TIME, "relay/slow-refused";
    /// How long one frame waits at most.
    slow_wait: Time = 60_000, "slow.wait", max value::TIME, "relay/slow-refused";
    /// How long a recipient above the soft mark may take nothing.
    slow_dead: Time = 30_000, "slow.dead", max value::TIME, "relay/slow-closed";

    /// Silence, in either direction, after which a session is pinged.
    idle_ping: Time = 20_000, "idle.ping", max value::TIME, "relay/idle-ping";
    /// Silence of a session after which it is closed.
    idle_end: Time = 60_000, "idle.end", max value::TIME, "relay/idle-end";

    /// Over how long the closes of a relay that goes are spread.
    drain_window: Time = 5_000, "drain.window", max value::TIME, "relay/drain";
}

impl Limits {
    /// Sets one limit from `NAME=VALUE`.
    ///
    /// # Errors
    /// A [`SetError`]; nothing is changed then.
    pub fn set(&mut self, assignment: &str) -> Result<(), SetError> {
        let (name, value) = assignment.split_once('=').ok_or(SetError::Form)?;
        self.put(name, value)
    }

    /// Sets one limit.
    ///
    /// # Errors
    /// A [`SetError`]; nothing is changed then.
    pub fn put(&mut self, name: &str, value: &str) -> Result<(), SetError> {
        let row = Self::ROWS.iter().find(|row| row.name == name).ok_or(SetError::Name)?;
        let number = row.unit.parse(value).filter(|number| (1..=row.max).contains(number));
        let number = number.ok_or_else(|| SetError::Value(row.unit.wanted(row.max)))?;
        (row.field)(self).store(number, Relaxed);
        Ok(())
    }

    /// Takes over what `new` says, as far as that can be done while the relay runs.
    pub fn adopt(&self, new: &Self) -> Adopted {
        let mut adopted = Adopted::default();
        let differs = |row: &&Row| row.show(self) != row.show(new);
        for row in Self::ROWS.iter().filter(differs) {
            if row.is_live() {
                (row.field)(self).store((row.field)(new).load(Relaxed), Relaxed);
                adopted.changed.push(format!("{}={}", row.name, row.show(self)));
            } else {
                adopted.later.push(row.name);
            }
        }
        adopted
    }
}

#[cfg(test)]
mod tests;
