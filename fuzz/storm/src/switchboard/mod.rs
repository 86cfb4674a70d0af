//! The relay's core: whatever its clients do and however time passes, the promises of chapter 6
//! hold after each step.
//!
//! The input decides what happens in the simulation that tests the relay, instead of its dice:
//! who comes and goes, sends, stalls, is silent, and for how long. When it is spent, everybody
//! behaves until nothing waits, and then the relay goes. The promises: frames in = delivered +
//! answered + lost + those in queues and hands; each in the order of its sender, to the session of
//! its id and verbatim; at most one session an id; watchers that kept up know the truth; queues,
//! timers and tables are bounded, and empty in the end.

mod dice;
#[path = "../../../../reference-relay/tests/simulation/actions.rs"]
mod actions;
#[path = "../../../../reference-relay/tests/simulation/client.rs"]
mod client;
#[path = "../../../../reference-relay/tests/simulation/history.rs"]
mod history;
#[path = "../../../../reference-relay/tests/simulation/index.rs"]
mod index;
#[path = "../../../../reference-relay/tests/simulation/ledger.rs"]
mod ledger;
#[path = "../../../../reference-relay/tests/simulation/promises.rs"]
mod promises;
#[path = "../../../../reference-relay/tests/simulation/pump.rs"]
mod pump;
#[expect(dead_code, reason = "what clients notice is for crowds, which come back by themselves")]
#[path = "../../../../reference-relay/tests/simulation/world.rs"]
mod world;

use dice::Dice;
use std::sync::{Arc, LazyLock};
use world::{People, World};

/// Few, so that they meet.
static PEOPLE: LazyLock<Arc<People>> = LazyLock::new(|| People::new(5));

/// Narrow marks, so that a short input reaches every branch of the slow-reader rule.
const NARROW: &[&str] = &[
    "queue.soft-bytes=2KiB",
    "queue.soft-frames=3",
    "queue.hard-bytes=16KiB",
    "queue.hard-frames=8",
    "slow.progress=1KiB",
    "session.replies=4",
    "session.max=4",
    "hello.replays=4",
    "presence.subscriptions=3",
    "presence.watchers=3",
    "command.burst=4",
];
/// Connections in one run: a hello is the one thing that takes long.
const LINES: u64 = 24;
/// Steps in one run.
const STEPS: u64 = 200;

/// The relay's core.
pub fn check(input: &[u8]) {
    let mut world = World::new(Dice::new(input), Arc::clone(&PEOPLE), NARROW);
    while !world.dice.is_spent() && world.lines < LINES && world.steps < STEPS {
        world.step();
        world.check();
    }
    world.settle();
    world.check_settled();
    world.close();
    world.check_closed();
}
