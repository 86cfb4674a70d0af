//! [relay/none-dropped]

use proptest::{collection::vec, prelude::*, sample::select};
use sealwire::Clause;
use sealwire_relay::exchange::counts::{Counts, Doings, Parted, Refused, Totals};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Frame,
    Delivered,
    Answered(bool),
    Hold,
    LetGo,
    Dropped(Clause),
    Accepted,
    Starved,
    Panicked,
    Welcomed,
    Refused(Refused),
    Parted(Parted),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Frame),
        Just(Step::Delivered),
        any::<bool>().prop_map(Step::Answered),
        Just(Step::Hold),
        Just(Step::LetGo),
        select(Clause::ALL).prop_map(Step::Dropped),
        Just(Step::Accepted),
        Just(Step::Starved),
        Just(Step::Panicked),
        Just(Step::Welcomed),
        select(Refused::ALL).prop_map(Step::Refused),
        select(Parted::ALL).prop_map(Step::Parted),
    ]
}

proptest! {
    /// [relay/none-dropped]: each thing is counted once, where it belongs.
    #[test]
    fn counts_are_what_happened(steps in vec(step(), 0..60)) {
        let counts = Counts::default();
        let mut held = 0_u64;
        for step in &steps {
            match step {
                Step::Frame => counts.frame(),
                Step::Delivered => counts.delivered(1),
                Step::Answered(told) => counts.answered(*told),
                Step::Hold => {
                    counts.hold();
                    held += 1;
                }
                Step::LetGo if held > 0 => {
                    counts.let_go();
                    held -= 1;
                }
                Step::LetGo => {}
                Step::Dropped(clause) => counts.dropped(*clause),
                Step::Accepted => counts.accepted(),
                Step::Starved => counts.starved(),
                Step::Panicked => counts.panicked(),
                Step::Welcomed => counts.welcomed(),
                Step::Refused(why) => counts.refused(*why),
                Step::Parted(how) => counts.parted(*how),
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
        prop_assert_eq!(counts.held(), held);
        let doings = Doings {
            accepted: count(Step::Accepted),
            starved: count(Step::Starved),
            panicked: count(Step::Panicked),
            welcomed: count(Step::Welcomed),
        };
        prop_assert_eq!(counts.doings(), doings);
        for (why, counted) in counts.refusals() {
            prop_assert_eq!(counted, count(Step::Refused(why)));
        }
        for (how, counted) in counts.partings() {
            prop_assert_eq!(counted, count(Step::Parted(how)));
        }
        prop_assert!(drops.values().all(|count| *count > 0));
    }
}
