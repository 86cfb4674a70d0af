//! Simulated days of the two pure parts, in one thread and without a socket: clients come, go, die,
//! stall and flood under one seed, and the promises of chapter 6 are checked after each event.
//!
//! It is a plain seeded loop. Frameworks for simulation (turmoil, madsim) replace a runtime's
//! sockets, clock and scheduler below code that awaits; the core awaits nothing, has neither of
//! them, and is given the time, so there is nothing to replace. What is between it and the clients
//! is some hundred lines of our own ([`pump`]), which lose, stall and trickle where we choose, and
//! a fuzzer drives the same [`world`] in place of its dice. How threads interleave is no question
//! for this loop: `reference-relay/schedules` asks it.
//!
//! | module | |
//! |---|---|
//! | [`world`], [`pump`] | the relay's core, the clock, the sockets |
//! | [`actions`] | what a client can do |
//! | [`crowd`] | what clients do of their own accord: chapter 5, friends, trouble |
//! | [`promises`] | what must hold after each step |
//! | [`ledger`], [`history`], [`index`] | what is known of frames, of presence, of all connections |
//!
//! `SEALWIRE_SEED=N` replays a run; every failure prints its seed. `SEALWIRE_DAYS=N` runs as many
//! client-days of the large crowd, each thousand with a seed of its own.

mod actions;
mod client;
mod crowd;
mod dice;
mod history;
mod index;
mod ledger;
mod promises;
mod pump;
mod world;

use crowd::{Crowd, Habits};
use dice::Dice;
use std::{sync::Arc, time::Duration};
use world::{People, World};

const HOUR: Duration = Duration::from_secs(3_600);

/// Prints how to replay a run that failed.
struct Replay {
    seed: u64,
    test: &'static str,
}

impl Replay {
    fn new(default: u64, test: &'static str) -> Self {
        Self { seed: number("SEALWIRE_SEED").unwrap_or(default), test }
    }

    fn dice(&self) -> Dice {
        Dice::new(self.seed)
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self { seed, test } = self;
            eprintln!("replay with: SEALWIRE_SEED={seed} cargo test --test simulation {test}");
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Anything at any time: a hundred thousand events are some hours.
fn storm(replay: &Replay, clients: usize, events: usize, settings: &[&str]) {
    let mut world = World::new(replay.dice(), People::new(clients), settings);
    for _ in 0..events {
        world.step();
        world.check();
    }
    world.settle();
    world.check_settled();
    assert!(world.living().count() > 10, "somebody is left to ask");
    let totals = world.route.counts.totals();
    assert!(totals.delivered > 1_000 && totals.answered > 1_000, "{totals:?}");
    world.close();
    world.check_closed();
}

/// Narrow marks, so that every branch of the slow-reader rule is met often.
const NARROW: &[&str] = &[
    "queue.soft-bytes=8KiB",
    "queue.soft-frames=8",
    "queue.hard-bytes=64KiB",
    "queue.hard-frames=24",
    "slow.progress=1KiB",
    "session.replies=16",
    "hello.replays=64",
    "presence.subscriptions=100",
];

/// One frame above the soft mark may be above the hard one.
const TIGHT: &[&str] = &[
    "queue.soft-bytes=8KiB",
    "queue.hard-bytes=12KiB",
    "queue.soft-frames=8",
    "queue.hard-frames=9",
    "presence.subscriptions=3",
    "presence.watchers=3",
    "command.burst=4",
    "session.max=40",
];

#[test]
fn a_busy_day_on_a_narrow_relay() {
    storm(&Replay::new(1, "narrow"), 100, 100_000, NARROW);
}

#[test]
fn a_day_with_the_defaults() {
    storm(&Replay::new(2, "defaults"), 50, 10_000, &[]);
}

#[test]
fn a_day_between_tight_marks() {
    storm(&Replay::new(3, "tight"), 50, 30_000, TIGHT);
}

#[test]
fn a_crowd_in_trouble_whose_relay_dies_and_sleeps() {
    let replay = Replay::new(4, "trouble");
    let habits = Habits { rest: HOUR / 60, trouble: 3 };
    let mut crowd = Crowd::new(replay.dice(), People::new(200), habits);
    for _ in 0..6 {
        crowd.live(HOUR / 4);
        crowd.restart();
        crowd.live(HOUR / 4);
        crowd.sleep(HOUR);
    }
    crowd.everybody_comes_home();
    crowd.relay_goes();
}

/// Ten thousand clients for a tenth of a day, as often as it takes.
#[test]
fn a_thousand_client_days() {
    let people = People::new(10_000);
    for round in 0..number("SEALWIRE_DAYS").unwrap_or(1_000).div_ceil(1_000) {
        let replay = Replay::new(5 + round, "client_days");
        let habits = Habits { rest: HOUR / 3, trouble: 50 };
        let mut crowd = Crowd::new(replay.dice(), Arc::clone(&people), habits);
        crowd.live(HOUR);
        crowd.restart();
        crowd.live(HOUR * 4 / 3);
        crowd.everybody_comes_home();
        crowd.relay_goes();
    }
}
