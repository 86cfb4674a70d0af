use super::*;
use crate::exchange::{
    counts::Totals,
    testing::{SECOND, TICK, identity, limits, session},
};
use sealwire::frame::{Downlink, address_to};

/// A relay with Alice, Bob and a queue that chokes at the second frame.
fn both() -> (Route, Arc<Session>, Arc<Session>) {
    let limits = limits(&["queue.soft-frames=1"]);
    let route = Route::new(Arc::clone(&limits));
    let (alice, bob) = (session(1, &limits), session(2, &limits));
    route.insert(&alice);
    route.insert(&bob);
    (route, alice, bob)
}

fn uplink(from: &Session, to: PeerId, nonce: u8, length: usize) -> Vec<u8> {
    let mut frame = vec![nonce; length.max(112)];
    address_to(&mut frame, from.link.routes(), to).unwrap();
    frame.truncate(length);
    frame
}

fn hold(route: &Route, from: &Arc<Session>, to: PeerId, nonce: u8, now: Duration) -> Held {
    match route.frame(from, uplink(from, to, nonce, 112), now) {
        Verdict::Hold(held) => held,
        other => panic!("{other:?}"),
    }
}

/// Nonces for which a session is told that nobody is there.
fn answers(session: &Session) -> Vec<u8> {
    let nonce = |out| match out {
        Out::Answer(Event::RecipientOffline(_, nonce), _) => nonce.0[0],
        other => panic!("{other:?}"),
    };
    session.port.batch(0).into_iter().map(nonce).collect()
}

#[test]
fn a_frame_of_112_bytes_is_forwarded_and_one_of_111_dropped() {
    let (route, alice, bob) = both();
    let forward =
        |length: usize| route.frame(&alice, uplink(&alice, bob.id(), length as u8, length), SECOND);
    assert!(matches!(forward(111), Verdict::Done));
    assert!(matches!(forward(112), Verdict::Queued));
    let Some(Out::Frame(mut parcel)) = bob.port.batch(1_000).pop_front() else {
        panic!("no frame")
    };
    let frame = parcel.take_frame(&bob);
    let down = Downlink::parse(&frame).unwrap();
    assert_eq!((down.from(bob.link.routes()), down.packet()), (alice.id(), &[112; 104][..]));
    assert!(answers(&alice).is_empty() && bob.port.batch(1_000).is_empty());
    assert_eq!(route.counts.drops().into_iter().collect::<Vec<_>>(), [("frame/too-short", 1)]);
}

#[test]
fn a_frame_to_zero_is_a_command() {
    let (route, alice, _) = both();
    let frame = uplink(&alice, PeerId::RELAY, 1, 115);
    assert!(matches!(route.frame(&alice, frame, SECOND), Verdict::Command(_)));
    assert_eq!(route.counts.totals(), Totals::default(), "and no peer frame");
}

#[test]
fn a_held_frame_goes_on_when_there_is_room() {
    let (route, alice, bob) = both();
    for nonce in [1, 2] {
        let frame = uplink(&alice, bob.id(), nonce, 112);
        assert!(matches!(route.frame(&alice, frame, SECOND), Verdict::Queued));
    }
    let held = hold(&route, &alice, bob.id(), 3, SECOND);
    let held = route.retry(&alice, held, 2 * SECOND).expect("still no room");
    bob.port.wrote(0, &bob.port.batch(1_000), SECOND);
    assert!(route.retry(&alice, held, 2 * SECOND).is_none());
    assert_eq!((bob.port.load().parcels, answers(&alice)), (1, vec![]));
}

#[test]
fn a_frame_is_held_for_sixty_seconds_and_then_it_and_later_ones_are_refused() {
    let (route, alice, bob) = both();
    for nonce in [1, 2] {
        let _ = route.frame(&alice, uplink(&alice, bob.id(), nonce, 112), SECOND);
    }
    let held = hold(&route, &alice, bob.id(), 3, SECOND);
    let held = route.retry(&alice, held, 61 * SECOND - TICK).expect("not yet");
    assert!(route.retry(&alice, held, 61 * SECOND).is_none());
    let _ = route.frame(&alice, uplink(&alice, bob.id(), 4, 112), 61 * SECOND);
    assert_eq!(answers(&alice), [3, 4]);
}

#[test]
fn what_waits_for_a_session_that_ends_is_answered_while_its_sender_lives() {
    let (route, alice, bob) = both();
    let _ = route.frame(&alice, uplink(&alice, bob.id(), 1, 112), SECOND);
    let _ = route.frame(&bob, uplink(&bob, bob.id(), 2, 112), SECOND);
    let held = hold(&route, &alice, bob.id(), 3, SECOND);
    assert_eq!((route.counts.held(), bob.port.parcels()), (1, 2));
    route.remove(bob.id(), bob.port.line());
    route.undelivered(bob.id(), bob.port.end());
    assert!(route.retry(&alice, held, SECOND).is_none());
    assert_eq!((route.counts.held(), bob.port.parcels()), (0, 0));
    assert_eq!(answers(&alice), [1, 3]);
    let expected = Totals { frames: 3, delivered: 0, answered: 2, lost: 1 };
    assert_eq!(route.counts.totals(), expected, "nobody is left to hear of Bob's own");
}

#[test]
fn a_held_frame_is_lost_with_its_sender() {
    let (route, alice, bob) = both();
    for nonce in [1, 2] {
        let _ = route.frame(&alice, uplink(&alice, bob.id(), nonce, 112), SECOND);
    }
    let held = hold(&route, &alice, bob.id(), 3, SECOND);
    route.abandoned(None);
    let held = route.retry(&alice, held, SECOND);
    assert_eq!(route.counts.held(), 1);
    route.abandoned(held);
    assert_eq!(route.counts.held(), 0);
    assert_eq!(route.counts.totals().lost, 1);
}

#[test]
fn only_the_line_that_registered_is_removed() {
    let (route, _, bob) = both();
    route.remove(bob.id(), Line(99));
    assert!(route.find(bob.id()).is_some());
    assert_eq!(route.everybody().len(), 2);
    route.remove(bob.id(), bob.port.line());
    assert!(route.find(bob.id()).is_none() && route.find(identity(9).id()).is_none());
}
