//! Frames that lie: forged, reflected, privileged, malformed, or noise.

use super::*;
use crate::{
    contract::EventLines,
    message::{DELIVERY_ACK, TEXT},
};
use proptest::prelude::*;

/// What must not change: Bob's next text is shown, and ours still waits.
fn assert_alive(world: &mut World) {
    let uuid = super::super::draw(&mut world.dice);
    let actions = world.peer_says(&identity(BOB), TEXT, &text_body(&uuid, "alive?"));
    assert_eq!(events(&actions).len(), 1);
    assert_eq!(frames(&actions).len(), 1);
}

#[test]
fn an_event_of_another_signer_is_dropped() {
    let mut world = World::ready();
    world.relay = mixed(RELAY, 77);
    assert_eq!(refused(&world.relay_says(&FromRelay::Notice("forged"))), "packet/signature");
    world.relay = identity(RELAY);
    assert_eq!(events(&world.relay_says(&FromRelay::Notice("genuine"))).len(), 1);
}

#[test]
fn our_own_frames_come_back_without_effect() {
    let mut world = World::ready();
    let subscribe = Command::Subscribe { peers: vec![Hex(key(BOB))], reference: None };
    for command in [world.ask(subscribe), world.send(BOB, "hello")] {
        let mut frame = frames(&command)[0].to_vec();
        for from in [PeerId::RELAY, identity(BOB).id()] {
            world.address(&mut frame, from);
            let actions = world.input(Input::Binary(&mut frame));
            assert!(events(&actions).is_empty() && frames(&actions).is_empty());
        }
    }
    assert_alive(&mut world);
}

#[test]
fn a_peer_has_no_word_of_the_relays() {
    let mut world = World::ready();
    let bob = identity(BOB);
    let keys = key(BOB);
    let actions = world.peer_says(&bob, 0x88, b"maintenance");
    assert_eq!(refused(&actions), "relay/peer-privilege");
    for command in [0x01, 0x02, 0x40, 0x41, 0x42, 0x43, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x88, 0xff] {
        let actions = world.peer_says(&bob, command, &keys);
        assert!(events(&actions).is_empty() && frames(&actions).is_empty(), "{command:02x}");
    }
    assert_alive(&mut world);
}

#[test]
fn a_frame_under_a_wrong_name_is_nobodys() {
    let mut world = World::ready();
    world.contact(&identity(CAROL), "Carol");
    let mut frame = world.seal_packet(&identity(CAROL), TEXT, &text_body(&[1; 16], "hi"));
    world.address(&mut frame, identity(BOB).id());
    assert_eq!(refused(&world.input(Input::Binary(&mut frame))), "packet/signature");
    world.address(&mut frame, PeerId([7; 8]));
    assert_eq!(refused(&world.input(Input::Binary(&mut frame))), "sender is no contact");
    world.address(&mut frame, identity(CAROL).id());
    assert_eq!(events(&world.input(Input::Binary(&mut frame))).len(), 1);
}

#[test]
fn a_flood_of_refused_frames_makes_few_lines_and_no_memory() {
    let mut world = World::ready();
    let mut frame = world.seal_packet(&identity(CAROL), TEXT, &text_body(&[1; 16], "hi"));
    let lines: usize = (0..10_000).map(|_| world.input(Input::Binary(&mut frame)).len()).sum();
    assert_eq!(lines, 14);
    assert_eq!(world.peer.refused.len(), 1);
    assert_alive(&mut world);
}

#[test]
fn every_single_bit_counts() {
    let mut world = World::ready();
    let genuine = world.seal_packet(&identity(BOB), TEXT, &text_body(&[1; 16], "hi"));
    for bit in 0..genuine.len() * 8 {
        let mut frame = genuine.clone();
        frame[bit / 8] ^= 1 << (bit % 8);
        let actions = world.input(Input::Binary(&mut frame));
        assert!(events(&actions).is_empty() && frames(&actions).is_empty(), "bit {bit}");
    }
    assert_eq!(events(&world.input(Input::Binary(&mut genuine.clone()))).len(), 1);
}

/// One thing that a hostile world can do.
#[derive(Clone, Debug)]
enum Step {
    Line(Vec<u8>),
    Send(u8, String),
    Noise(Vec<u8>),
    Relay(u8, Vec<u8>),
    Peer(u8, Vec<u8>),
    Text(String),
    Close,
    Reply(Vec<u8>),
    Pass(u16),
}

fn step() -> impl Strategy<Value = Step> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..200);
    let event = prop::sample::select(vec![0x02, 0x42, 0x43, 0x47, 0x48, 0x49, 0x4a, 0x88, 0xff]);
    prop_oneof![
        bytes().prop_map(Step::Line),
        r#"\{"cmd":"(contact|send|subscribe|introduce|quit)"(,"(peer|text|invite|name|ref)":".{0,9}")*\}"#
            .prop_map(|line| Step::Line(line.into_bytes())),
        (BOB..=CAROL, ".*").prop_map(|(to, text)| Step::Send(to, text)),
        bytes().prop_map(Step::Noise),
        (event, bytes()).prop_map(|(command, body)| Step::Relay(command, body)),
        (any::<u8>(), bytes()).prop_map(|(command, body)| Step::Peer(command, body)),
        (Just(TEXT), bytes()).prop_map(|(command, body)| Step::Peer(command, body)),
        (Just(DELIVERY_ACK), bytes()).prop_map(|(command, body)| Step::Peer(command, body)),
        ".*".prop_map(Step::Text),
        Just(Step::Close),
        bytes().prop_map(Step::Reply),
        any::<u16>().prop_map(Step::Pass),
    ]
}

impl World {
    fn step(&mut self, step: Step) -> Vec<Action> {
        match step {
            Step::Line(line) => match Command::parse(&line) {
                Ok(command) => self.ask(command),
                Err(fault) => self.input(Input::Malformed(fault)),
            },
            Step::Send(to, text) => self.send(to, &text),
            Step::Noise(mut noise) => self.input(Input::Binary(&mut noise)),
            Step::Relay(command, body) => {
                // A relay's frame of any command: sealed as a peer would, under the relay's keys.
                let relay = identity(RELAY);
                let mut frame = self.seal_packet(&relay, command, &body);
                self.address(&mut frame, PeerId::RELAY);
                self.input(Input::Binary(&mut frame))
            }
            Step::Peer(command, body) => self.peer_says(&identity(BOB), command, &body),
            Step::Text(text) => self.input(Input::Text(&text)),
            Step::Close => self.input(Input::Closed("gone".into())),
            Step::Reply(mut reply) => {
                self.input(Input::Closed("gone".into()));
                self.dial();
                self.input(Input::Binary(&mut reply))
            }
            Step::Pass(seconds) => self.pass(u32::from(seconds) * SECOND),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_the_peer_lives_and_each_event_is_one_line(
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let mut world = World::ready();
        let mut lines = EventLines::default();
        let mut count = 0;
        for step in steps {
            for event in events(&world.step(step)) {
                let mut line = Vec::new();
                lines.write(event, &mut line).unwrap();
                prop_assert_eq!(line.iter().filter(|byte| **byte < b' ').count(), 1);
                let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
                count += 1;
                prop_assert_eq!(value["seq"].as_u64(), Some(count));
            }
        }
        world.input(Input::Closed("gone".into()));
        world.connect();
        assert_alive(&mut world);
    }
}
