//! The client under everything that can happen to it: random steps of time, connection, relay,
//! peers, strangers and user, through real keys, in simulated time.
//!
//! After each step two judges look at what came out. The [`model`] says exactly what has to: lists
//! and numbers, written from the README and the specification. The [`witness`] knows none of that
//! and states the laws: one connection at a time, nothing before the reply, nothing shown twice,
//! order kept, waits within their bounds, a refused frame without effect. At the end an honest relay
//! must find a client that works.
//!
//! `PROPTEST_CASES` says how many such lives are tried. A life that breaks a law is shrunk, and its
//! seed kept in `tests/proptest-regressions/`.

mod model;
mod people;
mod seen;
mod steps;
mod witness;
mod world;

use proptest::prelude::*;
use steps::Step;
use world::{Dice, World};

fn dice() -> impl Strategy<Value = Dice> {
    (any::<u64>(), any::<Option<bool>>()).prop_map(|(state, wait)| Dice { state, wait })
}

fn lives(dice: Dice, accept: bool, steps: Vec<Step>) {
    let mut world = World::new(dice, accept);
    for step in steps {
        happens(&mut world, step);
    }
    world.settle();
}

fn happens(world: &mut World, step: Step) {
    match step {
        Step::Pass(time) => {
            world.now += time;
            world.tick();
        }
        Step::Wake => world.wake(),
        Step::Connected => world.connected(),
        Step::Closed => world.closed(),
        Step::Welcome => world.welcome(),
        Step::Control => world.control(),
        Step::Text(text) => world.text(text),
        Step::Reply(said) => world.reply(said),
        Step::Say(said) => world.say(said),
        Step::Flip(said, flip) => world.flip(said, flip),
        Step::Again(which) => world.again(which),
        Step::Reflect(which, from) => world.reflect(which, from),
        Step::Noise(noise) => world.noise(&noise),
        Step::Contact(who) => world.contact(who),
        Step::Send { to, uuid, length } => world.send(to, [uuid; 16], length),
        Step::Subscribe(people) => world.subscribe(&people),
        Step::Introduce { to, length, times } => {
            (0..times).for_each(|_| world.introduce(to, length));
        }
        Step::Alias(who) => world.alias(who),
    }
}

proptest! {
    /// [relay/relay-signed], [relay/peer-privilege], [relay/event-unknown], [identity/full-key],
    /// [packet/nonce-fresh], [packet/reflection]
    #[test]
    fn among_friends_and_strangers_a_client_keeps_its_laws(
        dice in dice(),
        accept in any::<bool>(),
        steps in steps::sociable(),
    ) {
        lives(dice, accept, steps);
    }

    /// [handshake/reply-first], [handshake/bad-version-stop], [handshake/id-in-use-retry],
    /// [handshake/silence], [handshake/reconnect]
    #[test]
    fn whatever_its_relay_does_a_client_keeps_its_laws(
        dice in dice(),
        accept in any::<bool>(),
        steps in steps::troubled(),
    ) {
        lives(dice, accept, steps);
    }
}
