use super::*;
use crate::exchange::{
    event::{Event, Key},
    session::{Out, Reply},
    testing::{SECOND, TICK, admitted, identity, limits},
};
use sealwire::relay::Keys;

struct Relay {
    switchboard: Switchboard,
    route: Arc<Route>,
    limits: Arc<Limits>,
    lines: u64,
}

impl Relay {
    fn new(settings: &[&str]) -> Self {
        Self::with_notifier(settings, None)
    }

    fn with_notifier(settings: &[&str], notifier: Option<Notifier>) -> Self {
        let limits = limits(settings);
        let route = Arc::new(Route::new(Arc::clone(&limits)));
        let switchboard = Switchboard::new(Arc::clone(&limits), Arc::clone(&route), notifier);
        Self { switchboard, route, limits, lines: 0 }
    }

    fn open(&mut self, now: Duration) -> Arc<Port> {
        self.lines += 1;
        let port = Arc::new(Port::new(Line(self.lines), Arc::clone(&self.limits), now));
        let deadline = now + self.limits.hello_deadline();
        self.switchboard.handle(now, port.line(), Input::Opened(Arc::clone(&port), deadline));
        port
    }

    /// A hello with a nonce of its own, on a new line.
    fn greet(&mut self, number: u8, now: Duration) -> Arc<Port> {
        self.lines += 1;
        let nonce = self.lines as u8;
        self.greet_with(number, nonce, now)
    }

    fn greet_with(&mut self, number: u8, nonce: u8, now: Duration) -> Arc<Port> {
        let port = self.open(now);
        self.hello(&port, number, nonce, now);
        port
    }

    fn hello(&mut self, port: &Port, number: u8, nonce: u8, now: Duration) {
        let hello = Input::Hello(Box::new(admitted(number, nonce)));
        self.switchboard.handle(now, port.line(), hello);
    }

    fn command(&mut self, port: &Port, command: ToRelay<'_>) {
        self.switchboard.handle(SECOND, port.line(), Input::Command(command));
    }

    fn subscribe(&mut self, port: &Port, keys: &[Key]) {
        self.command(port, ToRelay::Subscribe(Keys::new(keys)));
    }

    /// The clauses by which something was dropped, and how often.
    fn drops(&self) -> Vec<(&'static str, u64)> {
        self.route.counts.drops().into_iter().collect()
    }

    fn wake(&mut self, now: Duration) {
        self.switchboard.wake(now);
    }

    /// The line whose session frames for this client reach.
    fn holder(&self, number: u8) -> Option<Line> {
        self.route.find(identity(number).id()).map(|session| session.port.line())
    }
}

fn is_welcome(port: &Port) -> Option<bool> {
    port.take_reply().map(|reply| matches!(reply, Reply::Welcome(_)))
}

fn pings(port: &Port) -> usize {
    port.batch(1).len()
}

/// What the relay itself tells it.
fn told(port: &Port) -> Vec<Event> {
    let event = |out| match out {
        Out::Answer(event, _) | Out::Event(event, _) | Out::Presence(event) => Some(event),
        _ => None,
    };
    port.batch(usize::MAX).into_iter().filter_map(event).collect()
}

fn key(number: u8) -> Key {
    *identity(number).public().x25519()
}

#[test]
fn a_hello_has_ten_seconds() {
    let mut relay = Relay::new(&[]);
    let port = relay.open(SECOND);
    assert_eq!(relay.switchboard.next_wake(), Some(11 * SECOND));
    relay.wake(11 * SECOND - TICK);
    assert_eq!(port.closing(), None);
    relay.wake(11 * SECOND);
    assert_eq!((port.closing(), relay.switchboard.next_wake()), (Some(Close::Silent), None));
}

#[test]
fn a_session_is_reachable_before_it_is_welcome() {
    let mut relay = Relay::new(&[]);
    let port = relay.greet(1, SECOND);
    assert_eq!(relay.holder(1), Some(port.line()));
    assert_eq!(is_welcome(&port), Some(true));
}

#[test]
fn a_probe_lasts_three_seconds_and_the_reply_waits_for_it() {
    let mut relay = Relay::new(&[]);
    let old = relay.greet(1, SECOND);
    let new = relay.greet(1, SECOND);
    assert_eq!((pings(&old), is_welcome(&new)), (1, None));
    relay.wake(4 * SECOND - TICK);
    assert_eq!((old.closing(), is_welcome(&new)), (None, None));
    relay.wake(4 * SECOND);
    assert_eq!((old.closing(), is_welcome(&new)), (Some(Close::AWAY), Some(true)));
    relay.switchboard.handle(5 * SECOND, old.line(), Input::Ended);
    assert_eq!(relay.holder(1), Some(new.line()), "the old line ended, not the new session");
}

#[test]
fn a_sign_of_life_refuses_everybody_who_waits() {
    let mut relay = Relay::new(&[]);
    let old = relay.greet(1, SECOND);
    assert!(!old.life.hear(SECOND), "nobody asks");
    let newcomers = [(); 3].map(|()| relay.greet(1, SECOND));
    assert_eq!(pings(&old), 1, "one probe for all");
    assert!(old.life.hear(2 * SECOND));
    relay.switchboard.handle(2 * SECOND, old.line(), Input::Alive);
    assert!(newcomers.iter().all(|port| is_welcome(port) == Some(false)));
    relay.wake(30 * SECOND);
    assert_eq!((relay.holder(1), old.closing()), (Some(old.line()), None));
    assert!(!old.life.hear(30 * SECOND), "nobody asks any more");
}

#[test]
fn of_those_who_wait_the_first_is_let_in_and_none_who_left() {
    let mut relay = Relay::new(&[]);
    let old = relay.greet(1, SECOND);
    let [left, first, second] = [(); 3].map(|()| relay.greet(1, SECOND));
    relay.switchboard.handle(2 * SECOND, left.line(), Input::Ended);
    relay.switchboard.handle(3 * SECOND, old.line(), Input::Ended);
    assert_eq!(is_welcome(&first), Some(true), "at once, the old one ended by itself");
    assert_eq!(is_welcome(&second), Some(false));
    assert_eq!(is_welcome(&left), None);
}

#[test]
fn a_session_that_is_not_read_counts_as_alive() {
    let mut relay = Relay::new(&[]);
    let old = relay.greet(1, SECOND);
    old.life.set_unread(true, SECOND);
    assert_eq!(is_welcome(&relay.greet(1, 2 * SECOND)), Some(false));
    relay.wake(200 * SECOND);
    assert_eq!(old.closing(), None);
    old.life.set_unread(false, 200 * SECOND);
    relay.wake(260 * SECOND - TICK);
    assert_eq!(old.closing(), None);
    relay.wake(260 * SECOND);
    assert_eq!(old.closing(), Some(Close::AWAY));
}

#[test]
fn silence_is_pinged_at_twenty_seconds_and_ended_at_sixty() {
    let mut relay = Relay::new(&[]);
    let port = relay.greet(1, SECOND);
    for (at, expected) in [(21, 1), (41, 1), (61, 0)] {
        relay.wake(at * SECOND - TICK);
        assert_eq!((pings(&port), port.closing()), (0, None), "before {at}");
        relay.wake(at * SECOND);
        assert_eq!(pings(&port), expected, "at {at}");
    }
    assert_eq!((port.closing(), relay.holder(1)), (Some(Close::AWAY), None));
}

#[test]
fn the_clock_of_a_session_begins_with_its_hello() {
    let mut relay = Relay::new(&[]);
    let port = relay.open(SECOND);
    relay.hello(&port, 1, 1, 10 * SECOND);
    relay.wake(30 * SECOND - TICK);
    assert_eq!(pings(&port), 0);
    relay.wake(70 * SECOND - TICK);
    assert_eq!(port.closing(), None);
    relay.wake(70 * SECOND);
    assert_eq!(port.closing(), Some(Close::AWAY));
}

#[test]
fn silence_in_either_direction_is_pinged() {
    let mut relay = Relay::new(&[]);
    let port = relay.greet(1, SECOND);
    assert!(!port.life.hear(20 * SECOND));
    relay.wake(21 * SECOND);
    assert_eq!(pings(&port), 1, "nothing was said to it");
    port.life.tell(40 * SECOND);
    assert!(!port.life.hear(40 * SECOND));
    relay.wake(41 * SECOND);
    relay.wake(60 * SECOND - TICK);
    assert_eq!(pings(&port), 0);
    relay.wake(60 * SECOND);
    assert_eq!(pings(&port), 1);
}

#[test]
fn a_hello_is_known_again_while_its_session_lives_and_among_the_last_ones() {
    let mut relay = Relay::new(&["hello.replays=2"]);
    let live = relay.greet_with(1, 101, SECOND);
    for nonce in [102, 103, 104] {
        let port = relay.greet_with(2, nonce, SECOND);
        relay.switchboard.handle(SECOND, port.line(), Input::Ended);
    }
    for (number, nonce) in [(1, 101), (2, 103), (2, 104)] {
        let replay = relay.greet_with(number, nonce, SECOND);
        assert_eq!((replay.closing(), is_welcome(&replay)), (Some(Close::Silent), None));
    }
    assert_eq!(pings(&live), 0, "without a probe");
    assert_eq!(is_welcome(&relay.greet_with(2, 102, SECOND)), Some(true), "forgotten");
}

#[test]
fn sessions_are_limited_and_a_replaced_one_does_not_count() {
    let mut relay = Relay::new(&["session.max=2"]);
    let old = relay.greet(1, SECOND);
    let _other = relay.greet(2, SECOND);
    let third = relay.greet(3, SECOND);
    assert_eq!((third.closing(), is_welcome(&third)), (Some(Close::Silent), None));
    // Not even where there is less room than before.
    relay.limits.adopt(&limits(&["session.max=1"]));
    let new = relay.greet(1, SECOND);
    relay.wake(4 * SECOND);
    assert_eq!((old.closing(), is_welcome(&new)), (Some(Close::AWAY), Some(true)));
}

#[test]
fn who_is_here_is_judged_by_new_limits_at_once() {
    let mut relay = Relay::new(&["idle.ping=1h", "idle.end=2h"]);
    let port = relay.greet(1, SECOND);
    relay.limits.adopt(&limits(&[]));
    relay.switchboard.review(2 * SECOND);
    assert_eq!(relay.switchboard.next_wake(), Some(21 * SECOND));
    relay.wake(21 * SECOND);
    assert_eq!(pings(&port), 1);
}

#[test]
fn when_the_relay_is_about_to_go_only_who_waits_is_told() {
    let mut relay = Relay::new(&[]);
    let (session, guest) = (relay.greet(1, SECOND), relay.open(SECOND));
    let waiting = relay.greet(1, SECOND);
    relay.switchboard.shut();
    assert_eq!([guest.closing(), waiting.closing()], [Some(Close::RESTART); 2]);
    assert_eq!(relay.greet(2, SECOND).closing(), Some(Close::RESTART), "and nobody is let in");
    assert_eq!((session.closing(), relay.switchboard.sessions()), (None, 1));
}

#[test]
fn when_the_relay_goes_everybody_is_told_and_nobody_let_in() {
    let mut relay = Relay::new(&[]);
    let session = relay.greet(1, SECOND);
    relay.switchboard.drain();
    let late = relay.greet(2, SECOND);
    assert_eq!([session.closing(), late.closing()], [Some(Close::RESTART); 2]);
    assert_eq!(is_welcome(&late), None);
    let refused: Vec<_> = relay.route.counts.refusals().filter(|(_, count)| *count > 0).collect();
    assert_eq!(refused, [(Refused::Drain, 1)]);
}

#[test]
fn what_it_remembers_is_counted() {
    let mut relay = Relay::new(&[]);
    let ports = [1, 2, 3].map(|number| relay.greet(number, SECOND));
    relay.subscribe(&ports[0], &[[1; 32], [2; 32]]);
    let expected = Footprint { lines: 3, timers: 3, hellos: 3, watched: 2 };
    assert_eq!((relay.switchboard.sessions(), relay.switchboard.footprint()), (3, expected));
}

#[test]
fn who_is_online_is_told_once_and_by_the_whole_key() {
    let mut relay = Relay::new(&["presence.subscriptions=3"]);
    let (alice, bob) = (relay.greet(1, SECOND), relay.greet(2, SECOND));
    let mut sibling = key(2);
    sibling[31] ^= 1;
    relay.subscribe(&alice, &[sibling, key(3)]);
    assert_eq!(told(&alice), []);
    relay.subscribe(&alice, &[key(2), key(2), key(1)]);
    assert_eq!(told(&alice), [Event::Online(vec![key(2)])], "and a fourth key is none too many");

    relay.switchboard.handle(SECOND, bob.line(), Input::Ended);
    assert_eq!(told(&alice), [Event::Offline(vec![key(2)])]);
    relay.command(&alice, ToRelay::Unsubscribe(Keys::new(&[key(2)])));
    relay.greet(2, SECOND);
    relay.greet(3, SECOND);
    assert_eq!(told(&alice), [Event::Online(vec![key(3)])]);
}

#[test]
fn what_is_on_its_way_is_set_right_for_who_watches_again() {
    let mut relay = Relay::new(&[]);
    let watcher = relay.greet(1, SECOND);
    assert!(told(&watcher).is_empty(), "it has taken everything");
    let comer = relay.greet(2, SECOND);
    let again = |relay: &mut Relay, keys: &[Key]| {
        relay.command(&watcher, ToRelay::Unsubscribe(Keys::new(keys)));
        relay.subscribe(&watcher, keys);
    };
    let key = [key(2)];
    relay.subscribe(&watcher, &key);
    again(&mut relay, &key);
    // The answers are taken, and who knows when they are read: what follows them is the truth.
    assert_eq!(told(&watcher), [Event::Online(key.into()), Event::Online(key.into())]);
    relay.switchboard.handle(SECOND, comer.line(), Input::Ended);
    again(&mut relay, &key);
    assert_eq!(told(&watcher), [Event::Offline(key.into())]);
    // Who has read everything knows: an absent key is no news.
    assert!(told(&watcher).is_empty());
    again(&mut relay, &key);
    assert!(told(&watcher).is_empty());
}

#[test]
fn an_introduction_reaches_who_is_there_with_a_name_that_is_short_enough() {
    let mut relay = Relay::new(&["introduce.nickname=3", "queue.soft-frames=1"]);
    let (alice, bob) = (relay.greet(1, SECOND), relay.greet(2, SECOND));
    let mut introduce = |number: u8, nickname: &[u8]| {
        let target = identity(number).id();
        relay.command(&alice, ToRelay::Introduce { target, nickname });
    };
    introduce(2, b"long");
    introduce(3, b"abc");
    introduce(2, b"abc");
    introduce(2, b"");
    introduce(2, b"");
    let from =
        |nickname: &[u8]| Event::Introduction(Box::new(*identity(1).public()), nickname.into());
    assert_eq!(told(&bob), [from(b"abc"), from(b"")]);
    let expected =
        ["relay/introduce-absent", "relay/introduce-nickname", "relay/slow-wait"].map(|id| (id, 1));
    assert_eq!(relay.drops(), expected, "the last one found a choked queue");
}

#[test]
fn a_notifier_is_found_by_its_id_and_known_by_its_key() {
    let mut stranger = key(2);
    stranger[31] ^= 1;
    let (wake, target) = (Event::Wake(identity(3).id(), Some(1)), identity(3).id());
    for (notifier, drops) in [
        (None, vec![("relay/notifier", 2)]),
        (Some(Notifier::Id(identity(2).id())), vec![("relay/notifier", 1)]),
        (Some(Notifier::Key(key(2))), vec![("relay/notifier", 1)]),
        (Some(Notifier::Key(stranger)), vec![("relay/notifier", 1), ("relay/notifier-key", 1)]),
    ] {
        let mut relay = Relay::with_notifier(&[], notifier);
        let alice = relay.greet(1, SECOND);
        relay.command(&alice, ToRelay::Wake { target, kind: Some(1) });
        let bob = relay.greet(2, SECOND);
        relay.command(&alice, ToRelay::Wake { target, kind: Some(1) });
        let arrives = drops == [("relay/notifier", 1)];
        assert_eq!(told(&bob), Vec::from_iter(arrives.then(|| wake.clone())), "{notifier:?}");
        assert_eq!(relay.drops(), drops, "{notifier:?}");
    }
}

#[test]
fn a_push_token_that_is_too_long_is_dropped() {
    let notifier = Some(Notifier::Key(key(2)));
    let mut relay = Relay::with_notifier(&["push.token=3"], notifier);
    let (alice, bob) = (relay.greet(1, SECOND), relay.greet(2, SECOND));
    for token in [&b"ab"[..], b"abc", b"abcd"] {
        relay.command(&alice, ToRelay::PushRegister { kind: 7, token });
    }
    let pushed = |token: &[u8]| Event::Push(identity(1).id(), 7, token.into());
    assert_eq!(told(&bob), [pushed(b"ab"), pushed(b"abc")]);
    assert_eq!(relay.drops(), [("relay/push-token", 1)]);
}

#[test]
fn who_has_no_session_commands_nothing() {
    let mut relay = Relay::with_notifier(&[], Some(Notifier::Key(key(1))));
    let (alice, guest) = (relay.greet(1, SECOND), relay.open(SECOND));
    relay.command(&guest, ToRelay::Wake { target: identity(3).id(), kind: None });
    assert_eq!((told(&alice), relay.drops()), (vec![], vec![]));
}
