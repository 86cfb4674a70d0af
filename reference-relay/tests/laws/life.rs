//! [relay/life], [handshake/probe]

use super::{SECOND, passes};
use proptest::{collection::vec, prelude::*};
use sealwire_relay::exchange::life::Life;
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
enum Step {
    Hear,
    Tell,
    Unread(bool),
    Probed(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Hear),
        Just(Step::Tell),
        any::<bool>().prop_map(Step::Unread),
        any::<bool>().prop_map(Step::Probed),
    ]
}

/// The latest of the times, the beginning among them.
fn latest(began: Duration, times: impl Iterator<Item = Duration>) -> Duration {
    times.fold(began, Duration::max)
}

proptest! {
    /// [relay/life]: a session that is not read counts as alive, and its time begins anew when it is
    /// read again; [handshake/probe]: while somebody wants to know, every sign of life says so.
    #[test]
    fn a_life_is_the_list_of_its_signs(steps in vec((passes(90_000), step()), 0..40)) {
        let mut now = SECOND;
        let life = Life::new(now);
        let (mut unread, mut probed) = (false, false);
        let (mut heard, mut told) = (Vec::new(), Vec::new());
        for (passed, step) in steps {
            now += passed;
            match step {
                Step::Hear => {
                    prop_assert_eq!(life.hear(now), probed);
                    heard.push(now);
                }
                Step::Tell => {
                    life.tell(now);
                    told.push(now);
                }
                Step::Unread(next) => {
                    life.set_unread(next, now);
                    if unread && !next {
                        heard.push(now);
                    }
                    unread = next;
                }
                Step::Probed(next) => {
                    life.set_probed(next);
                    probed = next;
                }
            }
            let last = latest(SECOND, heard.iter().copied());
            prop_assert_eq!(life.is_unread(), unread);
            prop_assert_eq!(life.heard(now), if unread { now } else { last });
            prop_assert_eq!(life.told(), latest(SECOND, told.iter().copied()));
        }
    }
}
