//! What time is: the processor time of the measuring thread.
//!
//! On a machine with other work a clock on the wall counts the turns of others, and their median
//! says how busy it was.
#![allow(dead_code, reason = "a part of each benchmark, which takes what it needs")]

use criterion::{
    BatchSize, Bencher, BenchmarkGroup, BenchmarkId, Criterion, Throughput,
    measurement::{Measurement, ValueFormatter, WallTime},
};
use rustix::time::{ClockId, clock_gettime};
use std::{hint::black_box, time::Duration};

/// Processor time of this thread.
pub(crate) struct ThreadTime;

fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

impl Measurement for ThreadTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        now()
    }

    fn end(&self, start: Duration) -> Duration {
        now().saturating_sub(start)
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

/// Criterion with this clock. All contenders of one operation take their turn within seconds.
#[must_use]
pub(crate) fn criterion() -> Criterion<ThreadTime> {
    Criterion::default()
        .with_measurement(ThreadTime)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(500))
        .without_plots()
}

/// One operation: its contenders, one after the other at one size, then at the next.
pub(crate) struct Contest<'a> {
    group: BenchmarkGroup<'a, ThreadTime>,
}

impl<'a> Contest<'a> {
    /// `row/operation`.
    pub(crate) fn new(criterion: &'a mut Criterion<ThreadTime>, name: &str) -> Self {
        Self { group: criterion.benchmark_group(name) }
    }

    /// Times a contender on `size` bytes; 0 for an operation without a size.
    pub(crate) fn run<R>(&mut self, who: &str, size: usize, mut work: impl FnMut() -> R) {
        self.bench(who, size, |b| b.iter(&mut work));
    }

    /// Times work that spoils its input: each time on a fresh copy, made off the clock.
    pub(crate) fn run_on_copies<R>(
        &mut self,
        who: &str,
        size: usize,
        input: &[u8],
        mut work: impl FnMut(&mut [u8]) -> R,
    ) {
        // As many copies as stay in the first cache.
        let copies = (16_384 / input.len()).clamp(1, 64) as u64;
        self.bench(who, size, |b| {
            b.iter_batched_ref(
                || input.to_vec(),
                |copy| work(black_box(copy)),
                BatchSize::NumIterations(copies),
            );
        });
    }

    /// Times work that consumes its input, made off the clock.
    pub(crate) fn run_prepared<I, R>(
        &mut self,
        who: &str,
        mut input: impl FnMut() -> I,
        mut work: impl FnMut(I) -> R,
    ) {
        self.bench(who, 0, |b| {
            b.iter_batched(&mut input, &mut work, BatchSize::NumIterations(16));
        });
    }

    fn bench(&mut self, who: &str, size: usize, work: impl FnMut(&mut Bencher<'_, ThreadTime>)) {
        if size > 0 {
            self.group.throughput(Throughput::Bytes(size as u64));
        }
        self.group.bench_function(BenchmarkId::new(who, size), work);
    }
}
