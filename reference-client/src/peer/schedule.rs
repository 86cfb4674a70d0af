//! How long to wait before the next connection.
//!
//! ```text
//! [handshake/reconnect]        uniform in 0 ..= bound; bound = first, 2 first, 4 first … longest;
//!                              first again after a session that lived for `reset`
//! [handshake/id-in-use-retry]  5, 15, 30, 65 s, each × (1 + uniform in 0 ..= 1/5); then never
//! ```

use crate::limits::Limits;
use std::time::Duration;

/// Where both series stand.
#[derive(Debug)]
pub(super) struct Schedule {
    bound: Duration,
    id_in_use: usize,
}

impl Schedule {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { bound: limits.reconnect_first, id_in_use: 0 }
    }

    /// The wait after a failed attempt or an ended session. `dice` is 64 random bits.
    pub(super) fn reconnect(&mut self, limits: &Limits, dice: u64) -> Duration {
        let wait = share(self.bound, dice);
        self.bound = self.bound.saturating_mul(2).min(limits.reconnect_longest);
        wait
    }

    /// The wait after the next id_in_use in a row; `None` when all are used up.
    pub(super) fn id_in_use(&mut self, limits: &Limits, dice: u64) -> Option<Duration> {
        let wait = *limits.id_in_use.get(self.id_in_use)?;
        self.id_in_use += 1;
        Some(wait.saturating_add(share(wait / 5, dice)))
    }

    /// A session stands: the id is ours.
    pub(super) fn accepted(&mut self) {
        self.id_in_use = 0;
    }

    /// A session ended after so long a life.
    pub(super) fn lived(&mut self, limits: &Limits, life: Duration) {
        if life >= limits.reconnect_reset {
            self.bound = limits.reconnect_first;
        }
    }
}

/// `whole × dice / 2^64`: uniform from nothing to the whole.
fn share(whole: Duration, dice: u64) -> Duration {
    let nanoseconds = whole.as_nanos().saturating_mul(u128::from(dice)) >> 64;
    Duration::from_nanos(nanoseconds.try_into().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_bound_doubles_to_thirty_seconds_and_resets_after_a_minute() {
        let limits = Limits::default();
        let mut schedule = Schedule::new(&limits);
        let longest = |schedule: &mut Schedule| {
            schedule.reconnect(&limits, u64::MAX).as_secs_f64().round() as u64
        };
        let waits: Vec<_> = (0..7).map(|_| longest(&mut schedule)).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        schedule.lived(&limits, 59 * SECOND);
        assert_eq!(longest(&mut schedule), 30);
        schedule.lived(&limits, 60 * SECOND);
        assert_eq!(longest(&mut schedule), 1);
    }

    #[test]
    fn jitter_is_full() {
        let limits = Limits::default();
        let wait = |dice| Schedule::new(&limits).reconnect(&limits, dice);
        assert_eq!(wait(0), Duration::ZERO);
        assert_eq!(wait(1 << 63), SECOND / 2);
        assert!(wait(u64::MAX) < SECOND);
    }

    #[test]
    fn four_retries_each_up_to_a_fifth_longer() {
        let limits = Limits::default();
        for (dice, expected) in
            [(0, [5_000, 15_000, 30_000, 65_000]), (1 << 63, [5_500, 16_500, 33_000, 71_500])]
        {
            let mut schedule = Schedule::new(&limits);
            let waits: Vec<_> = std::iter::from_fn(|| schedule.id_in_use(&limits, dice)).collect();
            assert_eq!(waits, expected.map(Duration::from_millis));
        }
        let mut schedule = Schedule::new(&limits);
        let longest = schedule.id_in_use(&limits, u64::MAX).unwrap();
        assert!(longest > 5 * SECOND && longest < 6 * SECOND);
        schedule.accepted();
        assert_eq!(schedule.id_in_use(&limits, 0), Some(5 * SECOND));
    }
}
