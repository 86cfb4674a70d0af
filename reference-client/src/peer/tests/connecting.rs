//! Hello, reply, silence, and when to come back.

use super::*;
use sealwire::{Clause, relay::ErrorCode};

/// Random bytes that are all the same: the jitter's ends.
struct Fixed(u8);

impl Random for Fixed {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

#[test]
fn a_session_begins_with_a_hello_and_nothing_before_its_reply() {
    let mut world = World::new(Limits::default());
    let quiet = [
        world.contact(&identity(BOB), "Bob"),
        world.send(BOB, "early"),
        world.ask(Command::Subscribe { peers: vec![Hex(key(BOB))], reference: None }),
    ];
    assert!(quiet.iter().all(|actions| frames(actions).is_empty()));
    let hello = world.dial();
    assert_eq!(hello.len(), 172);
    assert!(frames(&world.send(BOB, "during")).is_empty());
    assert!(world.input(Input::Text("ping")).is_empty());
    world.link = Some(world.admit(hello));

    let actions = world.relay_says(&FromRelay::HandshakeOk);
    assert!(matches!(events(&actions)[..], [Event::Ready { session: 1, .. }]));
    let sent = frames(&actions);
    assert_eq!(world.asked(sent[0]), subscribe_bob());
    let texts: Vec<_> = sent[1..].iter().map(|f| world.text_to(&identity(BOB), f).2).collect();
    assert_eq!(texts, ["early", "during"]);
    assert_eq!(world.input(Input::Text("ping")), [Action::Pong]);
    assert!(world.input(Input::Text("pang")).is_empty());
}

#[test]
fn each_hello_has_a_nonce_of_its_own() {
    let mut world = World::new(Limits::default());
    let first = world.dial();
    world.input(Input::Closed("reset".into()));
    assert_ne!(first, world.dial());
}

#[test]
fn silence_of_a_minute_ends_a_session_and_anything_at_all_prevents_it() {
    let mut world = World::ready();
    for life in 0..3 {
        assert!(world.pass(59 * SECOND).is_empty());
        let mut short = [0; 5];
        world.input(match life {
            0 => Input::Control,
            1 => Input::Text("anything"),
            _ => Input::Binary(&mut short),
        });
    }
    assert!(world.pass(Duration::from_millis(59_999)).is_empty());
    let actions = world.pass(Duration::from_millis(1));
    assert_eq!(actions[0], Action::Disconnect);
    let fault = faults(&actions)[0];
    assert_eq!((fault.code, fault.clause), (Code::Disconnected, Some(Clause::HandshakeSilence)));
    let again = world.connect();
    assert!(matches!(events(&again)[..], [Event::Ready { session: 2, .. }]));
}

#[test]
fn a_relay_that_does_not_answer_the_hello_is_left() {
    let mut world = World::new(Limits::default());
    world.dial();
    let actions = world.pass(60 * SECOND);
    assert_eq!((codes(&actions), &actions[0]), (vec![Code::HelloUnanswered], &Action::Disconnect));
}

#[test]
fn an_attempt_that_hangs_is_given_up() {
    let mut world = World::new(Limits::default());
    world.pass(Duration::ZERO);
    let actions = world.pass(10 * SECOND);
    assert_eq!((codes(&actions), &actions[0]), (vec![Code::Unreachable], &Action::Disconnect));
    assert!(world.input(Input::Connected).is_empty());
}

/// Waits between failed attempts, in milliseconds, for one end of the jitter.
fn waits(dice: u8, attempts: usize) -> Vec<u128> {
    let mut world = World::new(Limits::default());
    let mut random = Fixed(dice);
    let mut waits = Vec::new();
    for _ in 0..attempts {
        let due = world.peer.wake().unwrap();
        waits.push(due.saturating_sub(world.now).as_millis());
        world.now = world.now.max(due);
        world.peer.handle(Input::Tick, world.now, &mut random);
        world.peer.handle(Input::Closed("refused".into()), world.now, &mut random);
    }
    waits
}

#[test]
fn reconnection_has_full_jitter_under_a_doubling_bound() {
    assert_eq!(waits(0, 4), [0; 4]);
    assert_eq!(waits(255, 8), [0, 999, 1_999, 3_999, 7_999, 15_999, 29_999, 29_999]);
}

#[test]
fn only_a_minute_of_life_resets_the_bound() {
    let mut world = World::new(Limits::default());
    let lose = |world: &mut World, life| {
        world.connect();
        world.now += life;
        world.input(Input::Control);
        world.peer.handle(Input::Closed("gone".into()), world.now, &mut Fixed(255));
        while world.peer.poll_action().is_some() {}
        world.peer.wake().unwrap().saturating_sub(world.now).as_secs_f64().round() as u64
    };
    let short = SECOND;
    let waits: Vec<_> = [short, short, short].map(|life| lose(&mut world, life)).into();
    assert_eq!(waits, [1, 2, 4]);
    assert_eq!(lose(&mut world, 59 * SECOND), 8);
    // Life shows while it lasts, or silence would end it.
    world.connect();
    for _ in 0..2 {
        world.now += 30 * SECOND;
        world.input(Input::Control);
    }
    world.peer.handle(Input::Closed("gone".into()), world.now, &mut Fixed(255));
    assert_eq!(world.peer.wake().unwrap() - world.now, Duration::from_nanos(999_999_999));
}

fn error(code: ErrorCode) -> FromRelay<'static> {
    FromRelay::Error(code)
}

#[test]
fn id_in_use_alarms_and_is_tried_again_four_times() {
    let mut world = World::new(Limits::default());
    for base in [5_000, 15_000, 30_000, 65_000] {
        let hello = world.dial();
        world.link = Some(world.admit(hello));
        let actions = world.relay_says(&error(ErrorCode::IdInUse));
        assert_eq!(actions[0], Action::Disconnect);
        let [fault] = faults(&actions)[..] else { panic!("{actions:?}") };
        assert_eq!((fault.code, fault.fatal), (Code::IdInUse, false));
        let wait = fault.retry_ms.unwrap();
        assert!((base..=base * 6 / 5).contains(&wait), "{wait} after {base}");
        assert!(world.pass(Duration::from_millis(base - 1)).is_empty());
    }
    let hello = world.dial();
    world.link = Some(world.admit(hello));
    let actions = world.relay_says(&error(ErrorCode::IdInUse));
    assert!(faults(&actions)[0].fatal);
    assert_eq!(actions.last(), Some(&Action::Stop));
    assert_eq!(world.peer.wake(), None);
    assert!(world.pass(1_000 * SECOND).is_empty());
}

#[test]
fn a_session_in_between_starts_the_retries_afresh() {
    let mut world = World::new(Limits::default());
    for _ in 0..10 {
        let hello = world.dial();
        world.link = Some(world.admit(hello));
        let actions = world.relay_says(&error(ErrorCode::IdInUse));
        assert!(faults(&actions)[0].retry_ms.unwrap() <= 6_000);
        world.connect();
        world.input(Input::Closed("gone".into()));
    }
}

#[test]
fn bad_version_stops_for_good() {
    let mut world = World::new(Limits::default());
    let hello = world.dial();
    world.link = Some(world.admit(hello));
    let actions = world.relay_says(&error(ErrorCode::BadVersion { supported: 3 }));
    let fault = faults(&actions)[0];
    assert_eq!((fault.code, fault.fatal), (Code::BadVersion, true));
    assert!(fault.detail.contains("version 3"));
    assert_eq!(actions.last(), Some(&Action::Stop));
    assert_eq!(world.peer.wake(), None);
}

type MakeReply = fn(&mut World) -> Vec<u8>;

#[test]
fn what_is_no_reply_is_refused_with_its_clause() {
    let cases: [(MakeReply, Clause); 6] = [
        (|_| vec![0; 111], Clause::FrameTooShort),
        (|_| vec![0; 116], Clause::FrameRelayHeader),
        (|w| w.seal_from_relay(0x02, &[3]), Clause::HandshakeReplyVersion),
        (|w| w.seal_event(&FromRelay::ServerPing), Clause::HandshakeReplyCommand),
        (
            |w| {
                w.relay = mixed(RELAY, 77);
                w.seal_event(&FromRelay::HandshakeOk)
            },
            Clause::PacketSignature,
        ),
        (
            |w| {
                let mut frame = w.seal_event(&FromRelay::HandshakeOk);
                w.address(&mut frame, identity(BOB).id());
                frame
            },
            Clause::FrameRelayHeader,
        ),
    ];
    for (reply, clause) in cases {
        let mut world = World::new(Limits::default());
        let hello = world.dial();
        world.link = Some(world.admit(hello));
        let mut frame = reply(&mut world);
        let actions = world.input(Input::Binary(&mut frame));
        let fault = faults(&actions)[0];
        assert_eq!((fault.code, &actions[0]), (Code::ReplyRefused, &Action::Disconnect));
        assert_eq!(fault.clause, Some(clause));
        assert!(fault.retry_ms.is_some());
    }
}

#[test]
fn text_and_control_before_the_reply_are_not_the_reply() {
    let mut world = World::new(Limits::default());
    let hello = world.dial();
    world.link = Some(world.admit(hello));
    assert!(world.input(Input::Text("hello")).is_empty());
    assert!(world.input(Input::Control).is_empty());
    let actions = world.relay_says(&FromRelay::HandshakeOk);
    assert!(matches!(events(&actions)[..], [Event::Ready { .. }]));
}
