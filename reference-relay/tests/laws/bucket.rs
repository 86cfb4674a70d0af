//! [relay/rate]

use super::passes;
use proptest::{collection::vec, prelude::*};
use sealwire_relay::exchange::bucket::Bucket;
use std::time::Duration;

/// The earliest time at which one more may be served: from no earlier one on have there been more
/// than `burst`, and `rate` for each second since.
pub(crate) fn served(before: &[Duration], now: Duration, rate: usize, burst: usize) -> Duration {
    let each = Duration::from_secs(1) / u32::try_from(rate).unwrap();
    let waits = before.iter().enumerate().map(|(n, first)| {
        let since = before.len() - n + 1;
        *first + each * u32::try_from(since.saturating_sub(burst)).unwrap()
    });
    waits.fold(now, Duration::max)
}

proptest! {
    /// [relay/rate]: it waits when it must, no longer than it must, and drops nothing.
    #[test]
    fn a_bucket_is_the_list_of_all_that_it_served(
        rate in 1..100_usize,
        burst in 1..20_usize,
        arrivals in vec(passes(300), 0..80),
    ) {
        let mut bucket = Bucket::FULL;
        let (mut now, mut list) = (Duration::from_secs(5), Vec::new());
        for passed in arrivals {
            now += passed;
            // As good as new: a whole burst is served as if there had been nothing before.
            let fresh = (0..burst).all(|n| {
                let next = vec![now; n];
                served(&[&list[..], &next].concat(), now, rate, burst) == now
            });
            prop_assert_eq!(bucket.is_full(now), fresh);
            let expected = served(&list, now, rate, burst);
            prop_assert_eq!(bucket.take(now, rate, burst), expected);
            list.push(expected);
        }
    }
}
