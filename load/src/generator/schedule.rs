//! An open loop: when each frame is to be sent, whatever became of those before it.
//!
//! Frame `i` of all is due at `i / rate` and belongs to pair `i mod pairs`. Latency is measured from
//! that moment, not from the one at which the frame was sent: who waits for a slow relay before
//! sending would leave out just the frames that had to wait (coordinated omission).

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::Failure;

/// Nanoseconds of a second.
const SECOND: u128 = 1_000_000_000;
/// The longest time that is told apart, in nanoseconds: a minute.
const LONGEST: u64 = 60_000_000_000;
/// Digits that are told apart.
const DIGITS: u8 = 3;

/// When frames are due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    began: Instant,
    rate: u64,
    pairs: u64,
}

impl Schedule {
    /// `rate` frames a second of all `pairs` together, evenly spaced.
    pub(crate) const fn new(began: Instant, rate: u64, pairs: usize) -> Self {
        Self { began, rate, pairs: pairs as u64 }
    }

    /// When the frame after the first `count` is due.
    pub(crate) fn at(&self, count: u64) -> Instant {
        let nanos = u128::from(count) * SECOND / u128::from(self.rate);
        self.began + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// How many frames are due by then.
    pub(crate) fn due(&self, now: Instant) -> u64 {
        let elapsed = now.saturating_duration_since(self.began).as_nanos();
        let count = elapsed * u128::from(self.rate) / SECOND;
        u64::try_from(count + 1).unwrap_or(u64::MAX)
    }

    /// The pair of the frame after the first `count`.
    pub(crate) const fn pair(&self, count: u64) -> usize {
        (count % self.pairs) as usize
    }

    /// How many of the first `count` frames are those of a pair.
    pub(crate) const fn of_pair(&self, count: u64, pair: usize) -> u64 {
        (count + self.pairs - 1 - pair as u64) / self.pairs
    }

    /// When that frame of a pair is due.
    pub(crate) fn at_of_pair(&self, number: u64, pair: usize) -> Instant {
        self.at(number * self.pairs + pair as u64)
    }
}

/// How long things took.
#[derive(Clone, Debug)]
pub(crate) struct Times(pub(crate) Histogram<u64>);

impl Times {
    /// None yet.
    pub(crate) fn new() -> Result<Self, Failure> {
        let histogram = Histogram::new_with_bounds(1, LONGEST, DIGITS);
        histogram.map(Self).map_err(|error| Failure::Broken(error.to_string()))
    }

    /// One more.
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.saturating_record(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1));
    }

    /// Not one of them in a hundred took longer.
    pub(crate) fn p99(&self) -> Duration {
        Duration::from_nanos(self.0.value_at_quantile(0.99))
    }
}

/// An open loop under way.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub(crate) schedule: Schedule,
    /// How many frames were due so far.
    pub(crate) due: u64,
    /// What is due from then on is measured.
    from: Instant,
    /// From due to arrived.
    pub(crate) latency: Times,
    /// The same, of pairs whose recipient does not read.
    pub(crate) latency_of_stalled: Times,
    /// From due to sent, as far as that is the generator's own affair.
    pub(crate) lateness: Times,
}

impl Watch {
    /// Nothing is due yet.
    pub(crate) fn new(schedule: Schedule, from: Instant) -> Result<Self, Failure> {
        Ok(Self {
            schedule,
            due: 0,
            from,
            latency: Times::new()?,
            latency_of_stalled: Times::new()?,
            lateness: Times::new()?,
        })
    }

    /// The next frame is sent now.
    pub(crate) fn sent(&mut self, now: Instant) {
        let due = self.schedule.at(self.due);
        self.due += 1;
        if due >= self.from {
            self.lateness.add(now.saturating_duration_since(due));
        }
    }

    /// A frame of a pair has arrived.
    pub(crate) fn arrived(&mut self, pair: usize, number: u64, stalled: bool) {
        let due = self.schedule.at_of_pair(number, pair);
        if due >= self.from {
            let times = if stalled { &mut self.latency_of_stalled } else { &mut self.latency };
            times.add(due.elapsed());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_due_evenly_and_by_turns() {
        let began = Instant::now();
        let schedule = Schedule::new(began, 1_000, 3);
        let after = |micros| began + Duration::from_micros(micros);
        assert_eq!([0, 1, 3].map(|count| schedule.at(count)), [0, 1_000, 3_000].map(after));
        assert_eq!([0, 999, 1_000, 3_500].map(|at| schedule.due(after(at))), [1, 1, 2, 4]);
        assert_eq!([0, 1, 2, 3].map(|count| schedule.pair(count)), [0, 1, 2, 0]);
        assert_eq!(schedule.at_of_pair(1, 2), after(5_000));
    }

    #[test]
    fn what_is_due_of_all_is_due_of_the_pairs() {
        let schedule = Schedule::new(Instant::now(), 7, 3);
        for count in 0..10 {
            let by_turns = |pair| (0..count).filter(|frame| schedule.pair(*frame) == pair).count();
            for pair in 0..3 {
                assert_eq!(schedule.of_pair(count, pair), by_turns(pair) as u64, "{count} {pair}");
            }
        }
    }

    #[test]
    fn a_rate_that_divides_no_second_does_not_drift() {
        let schedule = Schedule::new(Instant::now(), 7, 1);
        let hour = 3_600;
        assert_eq!(schedule.at(7 * hour) - schedule.at(0), Duration::from_secs(hour));
    }

    #[test]
    fn latency_begins_when_a_frame_is_due_not_when_it_is_sent() {
        let began = Instant::now() - Duration::from_secs(10);
        let mut watch = Watch::new(Schedule::new(began, 1, 1), began).expect("a watch");
        (0..3).for_each(|_| watch.sent(began + Duration::from_secs(3)));
        watch.arrived(0, 2, false);
        // Due after 2 s, arrived after 10 s, whenever it was sent.
        let latency = Duration::from_nanos(watch.latency.0.max());
        assert!(latency >= Duration::from_millis(7_900), "{latency:?}");
        let lateness = [watch.lateness.0.max(), watch.lateness.0.min()].map(Duration::from_nanos);
        let near =
            |time: Duration, seconds: u64| time.as_millis().abs_diff(u128::from(seconds) * 1_000);
        assert!(near(lateness[0], 3) < 10 && near(lateness[1], 1) < 10, "{lateness:?}");
    }

    #[test]
    fn one_time_in_a_hundred_is_longer_than_the_99th() {
        let mut times = Times::new().expect("times");
        (1..=100).for_each(|millis| times.add(Duration::from_millis(millis)));
        assert_eq!(times.p99().as_millis(), 99);
        times.add(Duration::from_secs(3_600));
        assert!(times.0.max() < 70_000_000_000, "what is too long is not lost: {times:?}");
    }

    #[test]
    fn what_is_due_before_the_measured_time_does_not_count() {
        let began = Instant::now();
        let mut watch = Watch::new(Schedule::new(began, 1, 1), began + Duration::from_secs(1));
        let watch = watch.as_mut().expect("a watch");
        watch.sent(began);
        watch.arrived(0, 0, false);
        assert!(watch.latency.0.is_empty() && watch.lateness.0.is_empty());
    }
}
