//! A rate that is kept by waiting: each event takes a place in time, and nothing is dropped.
//!
//! Clauses: `relay/rate`.

use std::time::Duration;

/// A token bucket, written as the time at which it is full again.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    full: Duration,
}

impl Bucket {
    /// Full since ever.
    pub const FULL: Self = Self { full: Duration::ZERO };

    /// When one more event could be served, at `rate` a second and up to `burst` at once: `now`,
    /// unless the rate is exceeded.
    #[must_use]
    pub fn due(&self, now: Duration, rate: usize, burst: usize) -> Duration {
        let ahead = each(rate).saturating_mul(u32::try_from(burst).unwrap_or(u32::MAX));
        now.max((self.full.max(now) + each(rate)).saturating_sub(ahead))
    }

    /// One event takes its place, which is [due](Self::due) at the time that is returned.
    pub fn take(&mut self, now: Duration, rate: usize, burst: usize) -> Duration {
        let due = self.due(now, rate, burst);
        self.full = self.full.max(now) + each(rate);
        due
    }

    /// Whether it is as good as new.
    #[must_use]
    pub fn is_full(&self, now: Duration) -> bool {
        self.full <= now
    }
}

/// From one event to the next.
fn each(rate: usize) -> Duration {
    Duration::from_secs(1) / u32::try_from(rate).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENTH: Duration = Duration::from_millis(100);

    #[test]
    fn a_burst_passes_and_the_next_waits_its_turn() {
        let mut bucket = Bucket::FULL;
        let now = Duration::from_secs(9);
        for _ in 0..5 {
            assert_eq!(bucket.take(now, 10, 5), now);
        }
        assert_eq!(bucket.take(now, 10, 5), now + TENTH);
        assert_eq!(bucket.take(now, 10, 5), now + 2 * TENTH);
    }

    #[test]
    fn it_fills_again_to_its_burst_and_not_beyond() {
        let mut bucket = Bucket::FULL;
        for _ in 0..5 {
            let _ = bucket.take(Duration::ZERO, 10, 5);
        }
        let later = Duration::from_secs(60);
        assert!(bucket.is_full(later));
        for _ in 0..5 {
            assert_eq!(bucket.take(later, 10, 5), later);
        }
        assert_eq!(bucket.take(later, 10, 5), later + TENTH);
    }
}
