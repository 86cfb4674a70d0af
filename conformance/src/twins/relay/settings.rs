//! What a relay is told at its start, in the words of the reference relay.

use std::time::Duration;

/// The limits of chapter 6, as far as a naive relay has them.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// From accept to a whole hello.
    pub(super) deadline: Duration,
    /// How long an old session has to show that it lives.
    pub(super) probe: Duration,
    /// Sockets before their hello.
    pub(super) sockets: usize,
    /// Live sessions.
    pub(super) sessions: usize,
    /// Sessions watching one key.
    pub(super) watchers: usize,
    /// Keys watched by one session.
    pub(super) subscriptions: usize,
    /// From silence to a ping.
    pub(super) ping: Duration,
    /// From silence to the end.
    pub(super) end: Duration,
    /// In which a slow recipient must take [`PROGRESS`] bytes.
    pub(super) window: Duration,
    /// How long a frame waits at most.
    pub(super) wait: Duration,
    /// How long a recipient may take nothing.
    pub(super) dead: Duration,
}

/// What a slow recipient takes in each window.
pub(super) const PROGRESS: u64 = 16 * 1024;
/// Queue above which senders wait: bytes and frames; the low mark is half of either.
pub(super) const SOFT: (usize, usize) = (512 * 1024, 128);
/// Queue at which a session is closed.
pub(super) const HARD: (usize, usize) = (4 * 1024 * 1024, 1024);
/// Answers waiting for one session before it is not read.
pub(super) const REPLIES: usize = 256;
/// Hellos that are remembered besides those of live sessions.
pub(super) const REPLAYS: usize = 65_536;
/// What the system may keep for one connection.
pub(super) const SEND_BUFFER: u32 = 256 * 1024;

impl Default for Settings {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            deadline: seconds(10),
            probe: seconds(3),
            sockets: 10_000,
            sessions: 900,
            watchers: 4_096,
            subscriptions: 4_096,
            ping: seconds(20),
            end: seconds(60),
            window: seconds(5),
            wait: seconds(60),
            dead: seconds(30),
        }
    }
}

impl Settings {
    /// Takes one `NAME=VALUE`.
    pub(super) fn set(&mut self, assignment: &str) -> Result<(), String> {
        let no = || format!("--set {assignment}: no such setting");
        let (name, value) = assignment.split_once('=').ok_or_else(no)?;
        let count = || value.parse().map_err(|_| no());
        let time = || duration(value).ok_or_else(no);
        match name {
            "hello.deadline" => self.deadline = time()?,
            "hello.probe" => self.probe = time()?,
            "hello.sockets" => self.sockets = count()?,
            "session.max" => self.sessions = count()?,
            "presence.watchers" => self.watchers = count()?,
            "presence.subscriptions" => self.subscriptions = count()?,
            "idle.ping" => self.ping = time()?,
            "idle.end" => self.end = time()?,
            "slow.window" => self.window = time()?,
            "slow.wait" => self.wait = time()?,
            "slow.dead" => self.dead = time()?,
            _ => return Err(no()),
        }
        Ok(())
    }
}

/// `500ms` or `3s`.
fn duration(text: &str) -> Option<Duration> {
    match text.strip_suffix("ms") {
        Some(number) => number.parse().ok().map(Duration::from_millis),
        None => text.strip_suffix('s')?.parse().ok().map(Duration::from_secs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_those_of_the_reference_relay() {
        let mut settings = Settings::default();
        for assignment in ["idle.end=3s", "slow.window=500ms", "session.max=2"] {
            settings.set(assignment).expect("a setting");
        }
        assert_eq!((settings.end, settings.sessions), (Duration::from_secs(3), 2));
        assert_eq!(settings.window, Duration::from_millis(500));
        for assignment in ["idle.end", "idle.end=3", "idle.ends=3s", "session.max=many"] {
            assert!(settings.set(assignment).is_err(), "{assignment}");
        }
    }
}
