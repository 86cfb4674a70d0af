//! How much memory the limits allow, at worst: every session and every socket at its limits at once.
//!
//! ```text
//! queue     min(queue.hard-bytes, queue.soft-bytes + frame.max): nothing goes in above the soft mark
//! hands     2 × frame.max: one message that is being read, one frame that its sender holds
//! ahead     64 KiB: what was read and may not be looked at yet
//! answers   2 × queue.soft-bytes: what is owed beyond it is not read for; sealed once more
//! presence  presence.subscriptions × 448: each watched key in the tables of both sides, as news, and
//!           as news that are being written
//! ```
//!
//! An honest relay is far below it: an idle session takes a few KiB. It is what a machine must have
//! for the relay to survive its worst clients with these limits, and what to lower if it has not.

use super::Limits;

/// How much of what one session sends is read in one go, and so how much may wait unread.
pub(crate) const READ_AHEAD: usize = 64 * 1_024;
/// A session or a socket itself: its task, its keys, its places in tables, small buffers.
const SELF: u64 = 16 * 1_024;
/// What one watched key takes.
const WATCHED: u64 = 448;
/// A request for an upgrade.
const REQUEST: u64 = 16 * 1_024;
/// A remembered hello, with its places in the tables.
const HELLO: u64 = 128;
/// The program itself, and what its allocator keeps.
const PROGRAM: u64 = 32 * 1_024 * 1_024;

/// Worst cases in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// One session.
    pub session: u64,
    /// All sessions.
    pub sessions: u64,
    /// One socket before its hello.
    pub guest: u64,
    /// All sockets before their hello.
    pub guests: u64,
    /// Hellos that would be known again.
    pub hellos: u64,
    /// What the system keeps for the sockets of all sessions, besides the memory of the process.
    pub system: u64,
}

impl Budget {
    /// Of these limits.
    #[must_use]
    pub fn of(limits: &Limits) -> Self {
        let frame = limits.frame() as u64;
        let soft = limits.soft_bytes() as u64;
        let queue = soft.saturating_add(frame).min(limits.hard_bytes() as u64);
        let presence = (limits.subscriptions() as u64).saturating_mul(WATCHED);
        let parts = [queue, frame, frame, READ_AHEAD as u64, soft, soft, presence, SELF];
        let session = parts.into_iter().fold(0, u64::saturating_add);
        // A message, and as much behind it.
        let first = (limits.frame_before_hello() as u64).saturating_mul(2);
        let guest = REQUEST.saturating_add(first).saturating_add(SELF);
        let sessions = limits.sessions() as u64;
        Self {
            session,
            sessions: sessions.saturating_mul(session),
            guest,
            guests: (limits.hello_sockets() as u64).saturating_mul(guest),
            hellos: (limits.hello_replays() as u64).saturating_add(sessions).saturating_mul(HELLO),
            // The system doubles what it is asked for, to account for its own.
            system: sessions.saturating_mul(2).saturating_mul(limits.socket_buffer() as u64),
        }
    }

    /// What the process may take in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        let parts = [self.sessions, self.guests, self.hellos, PROGRAM];
        parts.into_iter().fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(settings: &[&str]) -> Budget {
        let mut limits = Limits::default();
        let fixed = ["session.max=10", "hello.sockets=100", "hello.replays=1000"];
        fixed.iter().chain(settings).for_each(|setting| limits.set(setting).unwrap());
        Budget::of(&limits)
    }

    #[test]
    fn it_is_the_sum_of_what_the_limits_allow() {
        let budget = of(&[]);
        let (kib, mib) = (1_024, 1_024 * 1_024);
        // 1.5 MiB queue, two frames, 64 KiB ahead, 1 MiB of answers, 4,096 watched keys, 16 KiB.
        let watched = 4_096 * 448;
        assert_eq!(budget.session, 3 * mib / 2 + 2 * mib + 64 * kib + mib + watched + 16 * kib);
        assert_eq!(budget.sessions, 10 * budget.session);
        assert_eq!(budget.guest, 40 * kib);
        assert_eq!(budget.guests, 100 * budget.guest);
        assert_eq!(budget.hellos, 1_010 * 128);
        assert_eq!(budget.system, 10 * 2 * 256 * kib);
        let parts = budget.sessions + budget.guests + budget.hellos;
        assert_eq!(budget.total(), parts + 32 * mib);
    }

    #[test]
    fn a_hard_mark_below_the_others_bounds_the_queue() {
        let (free, tight) = (of(&[]), of(&["queue.hard-bytes=1MiB"]));
        assert_eq!(free.session - tight.session, 512 * 1_024);
    }

    #[test]
    fn limits_beyond_every_machine_do_not_wrap() {
        let counts = ["session.max=2000000000", "hello.sockets=2000000000"];
        let sizes = ["queue.soft-bytes=32GiB", "queue.hard-bytes=32GiB"];
        assert_eq!(of(&[counts, sizes].concat()).total(), u64::MAX);
    }
}
