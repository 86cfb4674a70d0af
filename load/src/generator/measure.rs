//! What was done between two moments, and what it took.

use std::time::{Duration, Instant};

use super::report::{Found, Report, Share};
use crate::Failure;
use crate::machine::{Process, own_cpu};

/// Where things stand at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) at: Instant,
    own: Duration,
    relay: Option<Duration>,
    done: u64,
}

impl Mark {
    /// Now, when so much is done.
    pub(crate) fn new(pid: Option<u32>, done: u64) -> Result<Self, Failure> {
        let relay = pid.map(|pid| Process(pid).cpu()).transpose()?;
        Ok(Self { at: Instant::now(), own: own_cpu(), relay, done })
    }

    /// From here to `end`.
    pub(crate) fn until(self, end: Self) -> Span {
        let (wall, done) = (end.at - self.at, end.done - self.done);
        let relay = self.relay.zip(end.relay);
        Span {
            wall,
            done,
            relay: relay.map(|(from, to)| Share::new(to.saturating_sub(from), wall, done)),
            generator: Share::new(end.own - self.own, wall, done),
        }
    }
}

/// What lies between two marks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) wall: Duration,
    pub(crate) done: u64,
    pub(crate) relay: Option<Share>,
    pub(crate) generator: Share,
}

impl Span {
    /// Of what was done, so much each second.
    pub(crate) fn per_second(&self) -> f64 {
        self.done as f64 / self.wall.as_secs_f64()
    }

    /// What this span is told with.
    pub(crate) fn report(self, seed: u64, found: Found) -> Report {
        Report {
            seed: format!("{seed:x}"),
            found,
            seconds: self.wall.as_secs_f64(),
            relay: self.relay,
            generator: self.generator,
            void: None,
            notes: Vec::new(),
            curve: None,
        }
    }
}
