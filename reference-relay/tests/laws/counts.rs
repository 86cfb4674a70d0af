//! [relay/none-dropped]

use proptest::{collection::vec, prelude::*, sample::select};
use sealwire::Clause;
use sealwire_relay::exchange::counts::{Counts, Totals};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Frame,
    Delivered,
    Answered(bool),
    Dropped(Clause),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Frame),
        Just(Step::Delivered),
        any::<bool>().prop_map(Step::Answered),
        select(Clause::ALL).prop_map(Step::Dropped),
    ]
}

proptest! {
    /// [relay/none-dropped]: each thing is counted once, where it belongs.
    #[test]
    fn counts_are_what_happened(steps in vec(step(), 0..60)) {
        let counts = Counts::default();
        for step in &steps {
            match step {
                Step::Frame => counts.frame(),
                Step::Delivered => counts.delivered(1),
                Step::Answered(told) => counts.answered(*told),
                Step::Dropped(clause) => counts.dropped(*clause),
            }
        }
        let count = |wanted| steps.iter().filter(|step| **step == wanted).count() as u64;
        prop_assert_eq!(
            counts.totals(),
            Totals {
                frames: count(Step::Frame),
                delivered: count(Step::Delivered),
                answered: count(Step::Answered(true)),
                lost: count(Step::Answered(false)),
            }
        );
        let drops = counts.drops();
        for clause in Clause::ALL {
            let counted = drops.get(clause.id()).copied();
            prop_assert_eq!(counted.unwrap_or_default(), count(Step::Dropped(*clause)));
        }
        prop_assert!(drops.values().all(|count| *count > 0));
    }
}
