//! What must hold in whatever order the threads of the core go on. A wake-up that is lost is a
//! deadlock here, and a failure.

mod cast;

use cast::{NOW, Relay, Task, id, in_many_orders, reply};
use sealwire_relay_schedules::exchange::{
    event::Event,
    life::Life,
    session::{Close, Line, Out, Reply},
    switchboard::Input,
};
use shuttle::thread::{self, JoinHandle};
use std::{sync::Arc, time::Duration};

/// Two frames choke a queue, and the next to come in finds it empty.
const CHOKED: &[&str] = &["queue.soft-frames=1"];

/// A client that sends so many frames in a thread of its own, until it was told of so many.
fn sender(
    relay: &Arc<Relay>,
    number: usize,
    frames: usize,
    until: fn(&Task) -> bool,
) -> JoinHandle<Task> {
    let mut task = relay.seat(number);
    task.sends = (frames, id(3));
    thread::spawn(move || {
        task.run(until);
        task
    })
}

fn has_sent(task: &Task) -> bool {
    task.sends.0 == 0 && task.held.is_none()
}

#[test]
fn whatever_is_put_in_is_taken() {
    in_many_orders(|| {
        let relay = Relay::new(&[]);
        let mut reader = relay.seat(3);
        let frames = sender(&relay, 1, 2, has_sent);
        let session = Arc::clone(&reader.session);
        let others = thread::spawn(move || {
            session.port.presence([7; 32], true);
            assert!(session.port.event(Event::Wake(id(1), None), NOW));
            assert!(session.port.answer(Event::Online(vec![[8; 32]])));
            session.port.ping();
        });
        reader.run(|task| task.came.len() == 6);
        assert!(reader.frames.is_sorted(), "{:?}", reader.frames);
        frames.join().unwrap();
        others.join().unwrap();
    });
}

#[test]
fn the_end_is_seen() {
    in_many_orders(|| {
        let relay = Relay::new(&[]);
        let mut reader = relay.seat(3);
        let drain = Arc::clone(&relay);
        let drain = thread::spawn(move || drain.with(|switchboard| switchboard.drain()));
        reader.run(|_| false);
        assert_eq!(reader.session.port.closing(), Some(Close::RESTART));
        drain.join().unwrap();
    });
}

#[test]
fn who_waits_for_a_queue_goes_on_when_it_is_low() {
    in_many_orders(|| {
        let relay = Relay::new(CHOKED);
        let mut reader = relay.seat(3);
        let senders = [1, 2].map(|number| sender(&relay, number, 3, has_sent));
        reader.run(|task| task.frames.len() == 6);
        for sender in senders {
            sender.join().unwrap();
        }
        let totals = relay.route.counts.totals();
        assert_eq!((totals.frames, totals.delivered), (6, 6));
    });
}

#[test]
fn a_frame_for_who_leaves_is_delivered_or_answered() {
    in_many_orders(|| {
        let relay = Relay::new(CHOKED);
        let mut reader = relay.seat(3);
        let sender = sender(&relay, 1, 4, has_sent);
        reader.write();
        let delivered = reader.frames.len();
        reader.end();
        let mut sender = sender.join().unwrap();
        while sender.write() {}
        let told = sender.came.iter().filter(|out| matches!(out, Out::Answer(..))).count();
        assert_eq!(delivered + told, 4);
        let totals = relay.route.counts.totals();
        let known = [totals.frames, totals.delivered, totals.answered, totals.lost];
        assert_eq!(known, [4, delivered as u64, told as u64, 0]);
    });
}

/// The old session is dead: the newcomer gets its id, and whatever is sent from then on.
#[test]
fn a_newcomer_takes_the_place_of_the_dead() {
    in_many_orders(|| {
        let relay = Relay::new(CHOKED);
        let dead = relay.seat(3);
        let sender = sender(&relay, 1, 3, has_sent);
        let port = relay.greet(3, 33);
        let later = NOW + relay.limits.hello_probe();
        let clock = Arc::clone(&relay);
        let clock = thread::spawn(move || clock.with(|switchboard| switchboard.wake(later)));
        let mut newcomer = Task::welcome(&relay, reply(&port));
        assert_eq!(dead.session.port.closing(), Some(Close::AWAY));
        dead.end();
        assert_eq!(relay.route.find(id(3)).map(|session| session.port.line()), Some(Line(33)));
        let newcomer = thread::spawn(move || {
            newcomer.run(|_| false);
            newcomer
        });
        let mut sender = sender.join().unwrap();
        port.close(Close::RESTART);
        let mut newcomer = newcomer.join().unwrap();
        clock.join().unwrap();
        while newcomer.write() {}
        while sender.write() {}
        assert!(newcomer.frames.is_sorted(), "{:?}", newcomer.frames);
        let totals = relay.route.counts.totals();
        assert_eq!(totals.delivered, newcomer.frames.len() as u64);
        assert_eq!((totals.frames, totals.lost), (3, 0));
        assert_eq!(totals.delivered + totals.answered, 3);
    });
}

#[test]
fn a_probed_session_that_answers_keeps_its_id() {
    in_many_orders(|| {
        let relay = Relay::new(&[]);
        let mut old = relay.seat(3);
        let hub = Arc::clone(&relay);
        let newcomer = thread::spawn(move || {
            let port = hub.greet(3, 33);
            let reply = reply(&port);
            hub.with(|switchboard| switchboard.handle(NOW, Line(33), Input::Ended));
            reply
        });
        old.run(|task| task.came.iter().any(|out| matches!(out, Out::Ping)));
        assert!(matches!(newcomer.join().unwrap(), Reply::Refused(_)));
        assert_eq!(relay.route.find(id(3)).map(|session| session.port.line()), Some(Line(3)));
    });
}

/// While it is not read its silence proves nothing, and being read again is a fresh start: nobody
/// sees the old silence in between.
#[test]
fn silence_begins_anew_when_a_session_is_read_again() {
    in_many_orders(|| {
        let life = Arc::new(Life::new(Duration::ZERO));
        life.set_unread(true, Duration::ZERO);
        let task = Arc::clone(&life);
        let task = thread::spawn(move || task.set_unread(false, NOW));
        assert_eq!(life.heard(NOW), NOW);
        task.join().unwrap();
        assert_eq!(life.heard(2 * NOW), NOW);
    });
}
