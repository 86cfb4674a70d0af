//! How values spread: a histogram whose buckets double, written from many threads without a lock.
//!
//! ```text
//! bucket      0      1      2      3  …  N−1
//! holds     0, 1     2    3, 4   5…8     everything above 2^(N−2)
//! ```

use std::{
    array,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// A histogram of `N` buckets, the last of which has no bound.
#[derive(Debug)]
pub struct Spread<const N: usize> {
    buckets: [AtomicU64; N],
    sum: AtomicU64,
}

/// A histogram at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spreading<const N: usize> {
    /// How many values each bucket holds.
    pub buckets: [u64; N],
    /// Of all values.
    pub sum: u64,
}

impl<const N: usize> Default for Spread<N> {
    fn default() -> Self {
        Self { buckets: array::from_fn(|_| AtomicU64::new(0)), sum: AtomicU64::new(0) }
    }
}

impl<const N: usize> Spread<N> {
    /// A value.
    pub fn record(&self, value: u64) {
        self.record_many(value, 1);
    }

    /// The same value several times: as much work as once.
    pub fn record_many(&self, value: u64, times: u64) {
        let bits = u64::BITS - value.saturating_sub(1).leading_zeros();
        if let Some(bucket) = self.buckets.get((bits as usize).min(N - 1)) {
            bucket.fetch_add(times, Relaxed);
        }
        self.sum.fetch_add(value.wrapping_mul(times), Relaxed);
    }

    /// What it holds. While others write, the sum may be ahead of the buckets by what they are at.
    #[must_use]
    pub fn snapshot(&self) -> Spreading<N> {
        let load = |counter: &AtomicU64| counter.load(Relaxed);
        Spreading { buckets: self.buckets.each_ref().map(load), sum: load(&self.sum) }
    }
}

impl<const N: usize> Spreading<N> {
    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// Each bucket: the largest value that it holds, `None` for the last one, and how many it does.
    pub fn rows(&self) -> impl Iterator<Item = (Option<u64>, u64)> + '_ {
        let bound = |bucket: usize| (bucket + 1 < N).then(|| 1_u64 << bucket);
        self.buckets.iter().enumerate().map(move |(bucket, count)| (bound(bucket), *count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_the_first_bucket_that_holds_it() {
        for value in (0..70).chain([1 << 40, u64::MAX]) {
            let spread = Spread::<7>::default();
            spread.record(value);
            let snapshot = spread.snapshot();
            let filled = snapshot.rows().find(|(_, count)| *count > 0);
            let first = snapshot.rows().find(|(bound, _)| bound.is_none_or(|most| value <= most));
            assert_eq!(filled, first, "{value}");
            assert_eq!((snapshot.count(), snapshot.sum), (1, value));
        }
    }

    #[test]
    fn bounds_double_and_the_last_bucket_has_none() {
        let empty = Spread::<5>::default().snapshot();
        let bounds: Vec<_> = empty.rows().map(|(bound, _)| bound).collect();
        assert_eq!(bounds, [Some(1), Some(2), Some(4), Some(8), None]);
    }

    #[test]
    fn many_at_once_are_as_many_one_by_one() {
        let (once, singly) = (Spread::<9>::default(), Spread::<9>::default());
        once.record_many(13, 5);
        (0..5).for_each(|_| singly.record(13));
        assert_eq!(once.snapshot(), singly.snapshot());
        assert_eq!((once.snapshot().count(), once.snapshot().sum), (5, 65));
    }
}
