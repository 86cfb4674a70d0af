//! The edges that the pure core keeps.

use crate::support::{a_hello, identity};
use sealwire::{
    handshake::{Admitted, AwaitHello, Hello},
    identity::PeerId,
    primitives::NonceBytes,
    relay::{Keys, ToRelay},
};
use sealwire_relay::{
    exchange::{
        bucket::Bucket,
        counts::Refused,
        door::{Door, Prefix},
        event::Event,
        port::Port,
        queue::{Health, Queue, Room},
        route::{Held, Route, Verdict},
        session::{Close, Line, Out, Reply, Session},
        switchboard::{Input, Notifier, Switchboard},
    },
    limits::Limits,
};
use std::{sync::Arc, time::Duration};

const NOW: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(1_000);

fn limits(settings: &[&str]) -> Arc<Limits> {
    let mut limits = Limits::default();
    settings.iter().for_each(|setting| limits.set(setting).unwrap());
    Arc::new(limits)
}

fn admitted(number: u8) -> Admitted {
    match AwaitHello::new(&identity(0)).receive(&mut a_hello(number).0) {
        Ok(Hello::Admitted(admitted)) => admitted,
        other => panic!("{other:?}"),
    }
}

/// A switchboard and its route, without sockets.
struct Relay {
    limits: Arc<Limits>,
    route: Arc<Route>,
    switchboard: Switchboard,
    lines: u64,
}

impl Relay {
    fn new(settings: &[&str]) -> Self {
        let limits = limits(settings);
        let route = Arc::new(Route::new(Arc::clone(&limits)));
        let notifier = Some(Notifier::Id(identity(2).public().id()));
        let switchboard = Switchboard::new(Arc::clone(&limits), Arc::clone(&route), notifier);
        Self { limits, route, switchboard, lines: 0 }
    }

    fn open(&mut self) -> Arc<Port> {
        self.lines += 1;
        let port = Arc::new(Port::new(Line(self.lines), Arc::clone(&self.limits), NOW));
        let deadline = NOW + self.limits.hello_deadline();
        self.switchboard.handle(NOW, port.line(), Input::Opened(Arc::clone(&port), deadline));
        port
    }

    fn hello(&mut self, admitted: Admitted) -> Arc<Port> {
        let port = self.open();
        self.switchboard.handle(NOW, port.line(), Input::Hello(Box::new(admitted)));
        port
    }

    fn seat(&mut self, number: u8) -> Arc<Session> {
        match self.hello(admitted(number)).take_reply() {
            Some(Reply::Welcome(session)) => session,
            other => panic!("{other:?}"),
        }
    }

    fn command(&mut self, from: &Session, command: ToRelay<'_>) {
        self.switchboard.handle(NOW, from.port.line(), Input::Command(command));
    }

    fn dropped(&self, clause: &str) -> u64 {
        self.route.counts.drops().get(clause).copied().unwrap_or_default()
    }
}

pub(super) fn hello_deadline() {
    let mut relay = Relay::new(&[]);
    let port = relay.open();
    relay.switchboard.wake(NOW + 10 * SECOND - TICK);
    assert_eq!(port.closing(), None);
    relay.switchboard.wake(NOW + 10 * SECOND);
    assert_eq!(port.closing(), Some(Close::Silent));
}

pub(super) fn hello_probe() {
    let mut relay = Relay::new(&[]);
    let old = relay.seat(1);
    let new = relay.hello(admitted(1));
    relay.switchboard.wake(NOW + 3 * SECOND - TICK);
    assert!(old.port.closing().is_none() && new.take_reply().is_none());
    relay.switchboard.wake(NOW + 3 * SECOND);
    assert_eq!(old.port.closing(), Some(Close::AWAY));
    assert!(matches!(new.take_reply(), Some(Reply::Welcome(_))));
}

pub(super) fn hello_replays() {
    let mut relay = Relay::new(&["hello.replays=2"]);
    let hello = |number| a_hello(number).0;
    let known = [1, 2, 3].map(hello);
    let again = |bytes: &[u8]| match AwaitHello::new(&identity(0)).receive(&mut bytes.to_vec()) {
        Ok(Hello::Admitted(admitted)) => admitted,
        other => panic!("{other:?}"),
    };
    for bytes in &known {
        let port = relay.hello(again(bytes));
        relay.switchboard.handle(NOW, port.line(), Input::Ended);
    }
    // Whoever is not known any more gets in, and so may push out another: the last ones first.
    let closed = |bytes: &Vec<u8>| relay.hello(again(bytes)).closing();
    let closes: Vec<_> = known.iter().rev().map(closed).collect();
    assert_eq!(closes, [Some(Close::Silent), Some(Close::Silent), None]);
}

fn prefix() -> Option<Prefix> {
    Prefix::of([203, 0, 113, 7].into())
}

pub(super) fn hello_rate() {
    let mut door = Door::new(limits(&[]));
    (0..2_000).for_each(|_| assert_eq!(door.hello(None, NOW, LATER), Some(NOW)));
    assert_eq!(door.hello(None, NOW, LATER), Some(NOW + Duration::from_micros(500)));
}

pub(super) fn hello_prefix_rate() {
    let mut door = Door::new(limits(&["hello.prefix-burst=1"]));
    assert_eq!(door.hello(prefix(), NOW, LATER), Some(NOW));
    assert_eq!(door.hello(prefix(), NOW, LATER), Some(NOW + SECOND / 50));
}

pub(super) fn hello_prefix_burst() {
    let mut door = Door::new(limits(&[]));
    (0..200).for_each(|_| assert_eq!(door.hello(prefix(), NOW, LATER), Some(NOW)));
    assert!(door.hello(prefix(), NOW, LATER) > Some(NOW));
}

pub(super) fn hello_sockets() {
    let mut door = Door::new(limits(&[]));
    (0..10_000).for_each(|_| assert_eq!(door.enter(None, NOW), Ok(())));
    assert_eq!(door.enter(None, NOW), Err(Refused::Sockets));
}

pub(super) fn hello_prefix_sockets() {
    let mut door = Door::new(limits(&[]));
    (0..1_024).for_each(|_| assert_eq!(door.enter(prefix(), NOW), Ok(())));
    assert_eq!(door.enter(prefix(), NOW), Err(Refused::Prefix));
}

pub(super) fn session_max() {
    let mut relay = Relay::new(&["session.max=2"]);
    let _seated = [1, 2].map(|number| relay.seat(number));
    assert_eq!(relay.hello(admitted(3)).closing(), Some(Close::Silent));
    assert_eq!(relay.switchboard.sessions(), 2);
}

pub(super) fn session_replies() {
    let port = Port::new(Line(1), limits(&[]), NOW);
    let answer = || port.answer(Event::RecipientOffline(PeerId([9; 8]), NonceBytes([0; 24])));
    (0..255).for_each(|_| assert!(answer()));
    assert!(!port.owes_much(0));
    assert!(answer() && port.owes_much(0));
}

/// As the pump asks it.
fn command(bucket: &mut Bucket) -> Duration {
    let limits = limits(&[]);
    bucket.take(NOW, limits.command_rate(), limits.command_burst())
}

pub(super) fn command_rate() {
    let mut bucket = Bucket::FULL;
    (0..1_000).for_each(|_| assert_eq!(command(&mut bucket), NOW));
    assert_eq!(command(&mut bucket), NOW + SECOND / 200);
}

pub(super) fn command_burst() {
    let mut bucket = Bucket::FULL;
    (0..1_000).for_each(|_| assert_eq!(command(&mut bucket), NOW));
    assert!(command(&mut bucket) > NOW);
}

pub(super) fn presence_subscriptions() {
    let mut relay = Relay::new(&[]);
    let session = relay.seat(1);
    let key = |number: u16| {
        let mut key = [0; 32];
        key[..2].copy_from_slice(&number.to_le_bytes());
        key
    };
    let keys: Vec<_> = (0..4_095).map(key).collect();
    relay.command(&session, ToRelay::Subscribe(Keys::new(&keys)));
    for (number, watched) in [(4_095, 4_096), (4_096, 4_096)] {
        relay.command(&session, ToRelay::Subscribe(Keys::new(&[key(number)])));
        assert_eq!(relay.switchboard.footprint().watched, watched);
    }
}

pub(super) fn presence_watchers() {
    let mut relay = Relay::new(&["presence.watchers=2"]);
    for (number, watched) in [(1, 1), (2, 2), (3, 2)] {
        let session = relay.seat(number);
        relay.command(&session, ToRelay::Subscribe(Keys::new(&[[7; 32]])));
        assert_eq!(relay.switchboard.footprint().watched, watched);
    }
}

pub(super) fn introduce_nickname() {
    let mut relay = Relay::new(&[]);
    let (alice, bob) = (relay.seat(1), relay.seat(2));
    for (length, dropped) in [(1_024, 0), (1_025, 1)] {
        let (target, nickname) = (bob.id(), &vec![b'n'; length][..]);
        relay.command(&alice, ToRelay::Introduce { target, nickname });
        assert_eq!(relay.dropped("relay/introduce-nickname"), dropped);
    }
    assert_eq!(bob.port.load().frames, 1);
}

pub(super) fn push_token() {
    let mut relay = Relay::new(&[]);
    let (alice, notifier) = (relay.seat(1), relay.seat(2));
    for (length, dropped) in [(4_096, 0), (4_097, 1)] {
        relay.command(&alice, ToRelay::PushRegister { kind: 1, token: &vec![b't'; length] });
        assert_eq!(relay.dropped("relay/push-token"), dropped);
    }
    assert_eq!(notifier.port.load().frames, 1);
}

/// What a queue of these frames says to the next one, and how its session fares.
fn filled(frames: impl IntoIterator<Item = usize>) -> (Queue, Health) {
    let (limits, mut queue) = (limits(&[]), Queue::default());
    let mut health = Health::Fine;
    for size in frames {
        health = queue.push(size, NOW, &limits);
    }
    (queue, health)
}

pub(super) fn queue_soft_bytes() {
    assert_eq!(filled([524_288]).0.room(), Room::Free);
    assert_eq!(filled([524_288, 1]).0.room(), Room::Wait);
}

pub(super) fn queue_soft_frames() {
    assert_eq!(filled([112; 128]).0.room(), Room::Free);
    assert_eq!(filled([112; 129]).0.room(), Room::Wait);
}

pub(super) fn queue_hard_bytes() {
    assert_eq!(filled([4_194_303]).1, Health::Fine);
    assert_eq!(filled([4_194_303, 1]).1, Health::Dead);
}

pub(super) fn queue_hard_frames() {
    assert_eq!(filled([112; 1_023]).1, Health::Fine);
    assert_eq!(filled([112; 1_024]).1, Health::Dead);
}

/// A recipient above its soft mark that took so much in so long, asked at the end of that.
fn taken(bytes: u64, time: Duration) -> (Room, Health) {
    let mut queue = filled([1_000_000]).0;
    queue.took(bytes, NOW);
    let health = queue.check(NOW + time, &limits(&[]));
    (queue.room(), health)
}

pub(super) fn slow_progress() {
    assert_eq!(taken(16_384, 5 * SECOND).0, Room::Wait);
    assert_eq!(taken(16_383, 5 * SECOND).0, Room::Refused);
}

pub(super) fn slow_window() {
    assert_eq!(taken(0, 5 * SECOND - TICK).0, Room::Wait);
    assert_eq!(taken(0, 5 * SECOND).0, Room::Refused);
}

pub(super) fn slow_dead() {
    assert_eq!(taken(0, 30 * SECOND - TICK).1, Health::Fine);
    assert_eq!(taken(0, 30 * SECOND).1, Health::Dead);
}

pub(super) fn slow_wait() {
    let mut relay = Relay::new(&["queue.soft-frames=1"]);
    let (alice, bob) = (relay.seat(1), relay.seat(2));
    let hold = || -> Option<Held> {
        let mut frame = vec![0; 112];
        let routes = alice.link.routes();
        sealwire::frame::address_to(&mut frame, routes, bob.id()).unwrap();
        match relay.route.frame(&alice, frame, NOW) {
            Verdict::Hold(held) => Some(held),
            _ => None,
        }
    };
    assert!(hold().is_none() && hold().is_none());
    let held = hold().unwrap();
    let held = relay.route.retry(&alice, held, NOW + 60 * SECOND - TICK).expect("not yet");
    assert!(relay.route.retry(&alice, held, NOW + 60 * SECOND).is_none());
    assert_eq!(relay.route.counts.totals().answered, 1);
}

/// Pings until then.
fn pings(session: &Session) -> usize {
    session.port.batch(1).iter().filter(|out| matches!(out, Out::Ping)).count()
}

pub(super) fn idle_ping() {
    let mut relay = Relay::new(&[]);
    let session = relay.seat(1);
    relay.switchboard.wake(NOW + 20 * SECOND - TICK);
    assert_eq!(pings(&session), 0);
    relay.switchboard.wake(NOW + 20 * SECOND);
    assert_eq!(pings(&session), 1);
}

pub(super) fn idle_end() {
    let mut relay = Relay::new(&[]);
    let session = relay.seat(1);
    relay.switchboard.wake(NOW + 60 * SECOND - TICK);
    assert_eq!(session.port.closing(), None);
    relay.switchboard.wake(NOW + 60 * SECOND);
    assert_eq!(session.port.closing(), Some(Close::AWAY));
}
