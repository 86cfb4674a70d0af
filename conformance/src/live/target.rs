//! Whom the live cases judge: where it listens, its keys, its timers.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::model::identity::{Keys, Public};

use super::process::Launch;
use super::seed::Random;
use super::upgrade::Address;

/// Somebody with two key pairs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    /// Both seeds.
    pub(crate) keys: Keys,
    /// Both public keys.
    pub(crate) public: Public,
}

impl Person {
    /// A stranger.
    pub(crate) fn draw(random: &mut Random) -> Self {
        Self::of(Keys::from_seeds(random.bytes(), random.bytes()))
    }

    /// The owner of these seeds.
    pub(crate) fn of(keys: Keys) -> Self {
        Self { keys, public: keys.public() }
    }

    /// The first eight bytes of the X25519 key.
    pub(crate) fn id(&self) -> [u8; 8] {
        self.public.id()
    }
}

/// The times that a relay keeps: chapter 6, Limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timers {
    /// From the last sign of life to a ping.
    pub(crate) ping: Duration,
    /// From the last sign of life to the end.
    pub(crate) end: Duration,
    /// From a probe to its verdict.
    pub(crate) probe: Duration,
    /// From accept to the end of the hello.
    pub(crate) hello: Duration,
}

impl Timers {
    /// Those of the specification.
    pub(crate) const DEFAULT: Self = Self::seconds(20, 60, 3, 10);

    /// Ping, end, probe and hello, in seconds.
    pub(crate) const fn seconds(ping: u64, end: u64, probe: u64, hello: u64) -> Self {
        Self {
            ping: Duration::from_secs(ping),
            end: Duration::from_secs(end),
            probe: Duration::from_secs(probe),
            hello: Duration::from_secs(hello),
        }
    }
}

/// A relay under judgement.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Where it listens.
    pub(crate) address: Address,
    /// Its two public keys.
    pub(crate) relay: Public,
    /// The notifier that its operator configured, if the judge may play it: one case at a time.
    pub(crate) notifier: Option<Arc<Mutex<Person>>>,
    /// The times it keeps.
    pub(crate) timers: Timers,
    /// The files it writes, as far as the judge may read them.
    pub(crate) logs: Vec<PathBuf>,
    /// How long something that must come may take: scaled with the measured round trip.
    pub(crate) patience: Duration,
    /// How to start another one like it, if the judge can.
    pub(crate) launch: Option<Launch>,
}

/// Patience for a relay whose round trip takes `rtt`: a thousand of them, within reason.
pub(crate) fn patience(rtt: Duration) -> Duration {
    (rtt * 1000).clamp(Duration::from_secs(5), Duration::from_secs(30))
}
