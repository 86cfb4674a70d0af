//! Simulated days of the two pure parts, in one thread and without a socket: clients come, go, die,
//! stall and flood under one seed, and the promises of chapter 6 are checked after each event.
//!
//! `SEALWIRE_SEED=N` replays a run; every failure prints its seed.

mod actions;
mod client;
mod dice;
mod ledger;
mod promises;
mod world;

use dice::Dice;
use world::{People, World};

/// Prints how to replay a run that failed.
struct Replay(u64);

impl Drop for Replay {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("replay with: SEALWIRE_SEED={} cargo test --test simulation", self.0);
        }
    }
}

fn run(default: u64, clients: usize, events: usize, settings: &[&str]) {
    let seed = std::env::var("SEALWIRE_SEED").ok().and_then(|seed| seed.parse().ok());
    let replay = Replay(seed.unwrap_or(default));
    let mut world = World::new(Dice::new(replay.0), People::new(clients), settings);
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

#[test]
fn a_busy_day_on_a_narrow_relay() {
    run(1, 100, 100_000, NARROW);
}

#[test]
fn a_day_with_the_defaults() {
    run(2, 50, 10_000, &[]);
}
