//! The smaller machines of the exchange, each beside a model of a few lines that is slow, forgets
//! nothing and is plainly right: whatever the operations and their times, both say the same.
//!
//! `PROPTEST_CASES` says how many histories are tried. One that tells machine and model apart is
//! shrunk, and its seed kept in `tests/proptest-regressions/`.

mod bucket;
mod counts;
mod door;
mod life;
mod port;
mod queue;

use proptest::prelude::*;
use sealwire_relay::limits::Limits;
use std::{sync::Arc, time::Duration};

const SECOND: Duration = Duration::from_secs(1);

fn limits(settings: &[&str]) -> Arc<Limits> {
    let mut limits = Limits::default();
    settings.iter().for_each(|setting| limits.set(setting).unwrap());
    Arc::new(limits)
}

/// Nothing, a moment, or up to `most` milliseconds; all of it in whole ones, so that edges are met.
fn passes(most: u64) -> impl Strategy<Value = Duration> {
    prop_oneof![2 => Just(0_u64), 2 => 1..20_u64, 3 => 0..=most].prop_map(Duration::from_millis)
}
