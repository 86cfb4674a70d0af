//! [relay/sockets-limit], [relay/rate]

use super::{SECOND, bucket::served, limits, passes};
use proptest::{collection::vec, prelude::*, sample::Index};
use sealwire_relay::exchange::{
    counts::Refused,
    door::{Door, Prefix},
};
use std::{collections::HashMap, net::IpAddr, time::Duration};

const SETTINGS: &[&str] = &[
    "hello.sockets=7",
    "hello.prefix-sockets=3",
    "hello.rate=6",
    "hello.prefix-rate=4",
    "hello.prefix-burst=2",
];

#[derive(Clone, Copy, Debug)]
enum Step {
    Enter(u8),
    Leave(Index),
    /// And how long it waits at most.
    Hello(u8, Duration),
    /// So many networks come and go that those at rest are forgotten.
    Crowd(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..6_u8).prop_map(Step::Enter),
        6 => any::<Index>().prop_map(Step::Leave),
        8 => (0..6_u8, passes(3_000)).prop_map(|(number, most)| Step::Hello(number, most)),
        2 => any::<u8>().prop_map(Step::Crowd),
    ]
}

/// Number 0 is loopback, which no prefix limits.
fn prefix(number: u8) -> Option<Prefix> {
    Prefix::of(match number {
        0 => IpAddr::from([127, 0, 0, 1]),
        _ => IpAddr::from([203, 0, number, 7]),
    })
}

proptest! {
    /// [relay/sockets-limit]: in all and of one prefix; [relay/rate]: hellos wait, in all and of one
    /// prefix, and what is forgotten changes nothing.
    #[test]
    fn a_door_is_the_list_of_who_stands_before_it(steps in vec((passes(100), step()), 0..60)) {
        let limits = limits(SETTINGS);
        let mut door = Door::new(limits.clone());
        let mut now = SECOND;
        let mut inside: Vec<u8> = Vec::new();
        let mut all: Vec<Duration> = Vec::new();
        let mut own: HashMap<u8, Vec<Duration>> = HashMap::new();
        for (passed, step) in steps {
            now += passed;
            match step {
                Step::Enter(number) => {
                    let same = inside.iter().filter(|other| **other == number).count();
                    let expected = match inside.len() < 7 {
                        false => Err(Refused::Sockets),
                        true if number > 0 && same >= 3 => Err(Refused::Prefix),
                        true => Ok(()),
                    };
                    prop_assert_eq!(door.enter(prefix(number), now), expected);
                    if expected.is_ok() {
                        inside.push(number);
                    }
                }
                Step::Leave(which) => {
                    if !inside.is_empty() {
                        let number = inside.swap_remove(which.index(inside.len()));
                        door.leave(prefix(number));
                    }
                }
                Step::Hello(number, most) => {
                    let own = own.entry(number).or_default();
                    let first = served(&all, now, 6, 6);
                    let second = if number > 0 { served(own, now, 4, 2) } else { now };
                    let expected = Some(first.max(second)).filter(|due| *due < now + most);
                    if expected.is_some() {
                        all.push(first);
                        own.push(second);
                    }
                    prop_assert_eq!(door.hello(prefix(number), now, now + most), expected);
                }
                Step::Crowd(of) => {
                    if inside.len() < 7 {
                        for n in 0..1_100_u16 {
                            let [high, low] = n.to_be_bytes();
                            let one = Prefix::of(IpAddr::from([11 + of % 3, high, low, 1]));
                            prop_assert_eq!(door.enter(one, now), Ok(()));
                            door.leave(one);
                        }
                    }
                }
            }
            prop_assert_eq!(door.sockets(), inside.len());
        }
    }
}
