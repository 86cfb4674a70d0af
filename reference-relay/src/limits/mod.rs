//! Every limit of the relay: one named number each, settable, shown by `--print-config`.
//!
//! The defaults are those of chapter 6, "Limits". A limit that the format itself fixes (the frame,
//! the nickname, the token) can be lowered and not raised: the peer would refuse more.
//!
//! Clauses: those named in the table below.

mod value;

use std::time::Duration;
use value::Unit;

/// Why a `NAME=VALUE` was not taken. `Display` is one line that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetError {
    /// There is no `=` in it.
    Form(String),
    /// No limit has this name.
    Name(String),
    /// The value does not read as the limit's unit asks, or is out of its range.
    Value {
        /// The limit's name.
        name: &'static str,
        /// What was given.
        value: String,
        /// What would be taken.
        wanted: String,
    },
}

impl std::fmt::Display for SetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Form(text) => write!(f, "--set {text}: write NAME=VALUE, as in idle.ping=5s"),
            Self::Name(name) => {
                write!(f, "--set {name}: no limit has this name; --print-config lists them")
            }
            Self::Value { name, value, wanted } => {
                write!(f, "--set {name}={value}: the value must be {wanted}")
            }
        }
    }
}

impl std::error::Error for SetError {}

/// One limit as a person sees it.
struct Row {
    name: &'static str,
    unit: Unit,
    max: u64,
    clause: &'static str,
    field: fn(&mut Limits) -> &mut u64,
}

/// The widest range: a count or size that no machine reaches, a time of a year in milliseconds.
const FREE: u64 = 1 << 35;

macro_rules! limits {
    ($($(#[$doc:meta])* $field:ident: $unit:ident = $default:expr, $name:literal, max $max:expr, $clause:literal;)*) => {
        /// The limits in force. Sizes are bytes, rates are per second.
        #[derive(Clone, Debug)]
        pub struct Limits { $($field: u64,)* }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl Limits {
            const ROWS: &[Row] = &[$(Row {
                name: $name,
                unit: Unit::$unit,
                max: $max,
                clause: $clause,
                field: |limits| &mut limits.$field,
            },)*];

            $(limits! { @get $unit $(#[$doc])* $field })*
        }
    };
    (@get Time $(#[$doc:meta])* $field:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> Duration {
            Duration::from_millis(self.$field)
        }
    };
    (@get $unit:ident $(#[$doc:meta])* $field:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> usize {
            usize::try_from(self.$field).unwrap_or(usize::MAX)
        }
    };
}

limits! {
    /// Longest message of a session.
    frame: Bytes = 1_048_576, "frame.max", max 1_048_576, "frame/too-long";
    /// Longest message before the hello is accepted.
    frame_before_hello: Bytes = 4_096, "frame.before-hello", max 1_048_576, "frame/before-hello";
    /// How much is read away after a close, so that its code arrives.
    drain_bytes: Bytes = 65_536, "close.drain", max FREE, "frame/drain-after-1009";
    /// How long is read away after a close.
    drain_time: Time = 1_000, "close.drain-time", max FREE, "frame/drain-after-1009";
    /// How long a close waits until what stands before it is written.
    close_wait: Time = 5_000, "close.wait", max FREE, "handshake/error-then-close";

    /// What the system may take for one socket before its reader does.
    socket_buffer: Bytes = 262_144, "socket.send-buffer", max FREE, "relay/slow-wait";

    /// From accept to a whole hello.
    hello_deadline: Time = 10_000, "hello.deadline", max FREE, "handshake/deadline";
    /// How long an old session has to show that it lives.
    hello_probe: Time = 3_000, "hello.probe", max FREE, "handshake/probe";
    /// Remembered hellos besides those of live sessions.
    hello_replays: Count = 65_536, "hello.replays", max FREE, "handshake/replay";
    /// Hellos a second, in all.
    hello_rate: Rate = 2_000, "hello.rate", max FREE, "relay/rate";
    /// Hellos a second of one prefix.
    hello_prefix_rate: Rate = 50, "hello.prefix-rate", max FREE, "relay/rate";
    /// Hellos of one prefix in a burst.
    hello_prefix_burst: Count = 200, "hello.prefix-burst", max FREE, "relay/rate";
    /// Sockets before their hello, in all.
    hello_sockets: Count = 10_000, "hello.sockets", max FREE, "relay/sockets-limit";
    /// Sockets before their hello, of one prefix.
    hello_prefix_sockets: Count = 1_024, "hello.prefix-sockets", max FREE, "relay/sockets-limit";

    /// Live sessions.
    sessions: Count = value::sessions_by_descriptors(), "session.max", max FREE, "relay/sessions-limit";
    /// Answers waiting for one session before it is not read.
    replies: Count = 256, "session.replies", max FREE, "relay/replies-bounded";
    /// Commands a second of one session.
    command_rate: Rate = 200, "command.rate", max FREE, "relay/rate";
    /// Commands of one session in a burst.
    command_burst: Count = 1_000, "command.burst", max FREE, "relay/rate";

    /// Keys watched by one session.
    subscriptions: Count = 4_096, "presence.subscriptions", max FREE, "relay/subscribe-limit";
    /// Sessions watching one key.
    watchers: Count = 4_096, "presence.watchers", max FREE, "relay/watchers-limit";
    /// Longest nickname in an INTRODUCE.
    nickname: Bytes = 1_024, "introduce.nickname", max 1_024, "relay/introduce-nickname";
    /// Longest push token.
    push_token: Bytes = 4_096, "push.token", max 4_096, "relay/push-token";

    /// Bytes in a queue above which writers wait; the low mark is half of it.
    soft_bytes: Bytes = 524_288, "queue.soft-bytes", max FREE, "relay/slow-wait";
    /// Frames in a queue above which writers wait; the low mark is half of it.
    soft_frames: Count = 128, "queue.soft-frames", max FREE, "relay/slow-wait";
    /// Bytes in a queue at which its session is closed.
    hard_bytes: Bytes = 4_194_304, "queue.hard-bytes", max FREE, "relay/slow-closed";
    /// Frames in a queue at which its session is closed.
    hard_frames: Count = 1_024, "queue.hard-frames", max FREE, "relay/slow-closed";
    /// What a slow recipient must take in each window for its writers to go on waiting.
    slow_progress: Bytes = 16_384, "slow.progress", max FREE, "relay/slow-refused";
    /// That window.
    slow_window: Time = 5_000, "slow.window", max FREE, "relay/slow-refused";
    /// How long one frame waits at most.
    slow_wait: Time = 60_000, "slow.wait", max FREE, "relay/slow-refused";
    /// How long a recipient above the soft mark may take nothing.
    slow_dead: Time = 30_000, "slow.dead", max FREE, "relay/slow-closed";

    /// Silence, in either direction, after which a session is pinged.
    idle_ping: Time = 20_000, "idle.ping", max FREE, "relay/idle-ping";
    /// Silence of a session after which it is closed.
    idle_end: Time = 60_000, "idle.end", max FREE, "relay/idle-end";
}

impl Limits {
    /// Sets one limit from `NAME=VALUE`.
    ///
    /// # Errors
    /// A [`SetError`]; nothing is changed then.
    pub fn set(&mut self, assignment: &str) -> Result<(), SetError> {
        let (name, value) =
            assignment.split_once('=').ok_or_else(|| SetError::Form(assignment.into()))?;
        let row = Self::ROWS.iter().find(|row| row.name == name);
        let row = row.ok_or_else(|| SetError::Name(name.into()))?;
        match row.unit.parse(value).filter(|number| (1..=row.max).contains(number)) {
            Some(number) => *(row.field)(self) = number,
            None => {
                let wanted = row.unit.wanted(row.max);
                return Err(SetError::Value { name: row.name, value: value.into(), wanted });
            }
        }
        Ok(())
    }

    /// One line a limit: name, value, clause. What `--set` takes back.
    #[must_use]
    pub fn table(&self) -> String {
        let mut copy = self.clone();
        let line = |row: &Row| {
            let setting = format!("{}={}", row.name, row.unit.show(*(row.field)(&mut copy)));
            format!("{setting:<32} # {:<8} [{}]\n", row.unit.name(), row.clause)
        };
        Self::ROWS.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests;
