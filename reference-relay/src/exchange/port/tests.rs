use super::*;
use crate::exchange::{
    session::Session,
    testing::{SECOND as NOW, limits, session},
};
use sealwire::{identity::PeerId, primitives::NonceBytes};

fn port(settings: &[&str]) -> Arc<Port> {
    Arc::new(Port::new(Line(0), limits(settings), NOW))
}

fn sender() -> Arc<Session> {
    session(1, &limits(&[]))
}

fn parcel(sender: &Arc<Session>, size: usize) -> Parcel {
    let nonce = NonceBytes([0; 24]);
    Parcel { frame: vec![0; size], size, nonce, sender: Arc::clone(sender), since: NOW }
}

fn offline(number: u8) -> Event {
    Event::RecipientOffline(PeerId([9; 8]), NonceBytes([number; 24]))
}

#[test]
fn control_goes_first_then_presence_then_data() {
    let (port, sender) = (port(&[]), sender());
    port.offer(parcel(&sender, 200), NOW).unwrap();
    port.presence([1; 32], true);
    port.ping();
    assert!(port.answer(offline(1)));
    let batch = Vec::from(port.batch(1));
    assert!(
        matches!(
            &batch[..],
            [Out::Ping, Out::Answer(..), Out::Presence(Event::Online(keys)), Out::Frame(_)]
                if keys[..] == [[1; 32]]
        ),
        "{batch:?}"
    );
}

#[test]
fn a_batch_holds_about_its_budget_of_data() {
    let (port, sender) = (port(&[]), sender());
    (0..6).for_each(|_| port.offer(parcel(&sender, 400), NOW).unwrap());
    assert_eq!(port.batch(801).len(), 3);
    assert_eq!(port.batch(800).len(), 2);
    assert_eq!(port.load().frames, 6, "until they are sent");
}

#[test]
fn a_restart_is_told_whole_once_and_only_the_last_state_to_who_is_slow() {
    let port = port(&[]);
    let told = |changes: &[bool]| {
        changes.iter().for_each(|online| port.presence([1; 32], *online));
        let names = port.batch(1).into_iter().map(|out| match out {
            Out::Presence(Event::Online(_)) => "online",
            Out::Presence(Event::Offline(_)) => "offline",
            other => panic!("{other:?}"),
        });
        names.collect::<Vec<_>>()
    };
    assert_eq!(told(&[true]), ["online"]);
    assert_eq!(told(&[false]), ["offline"]);
    assert_eq!(told(&[false, true]), ["offline", "online"]);
    assert_eq!(told(&[true, false]), ["offline"]);
    assert_eq!(told(&[false, true, false]), ["offline"]);
    assert_eq!(told(&[true, false, true, false, true]), ["online"]);
}

#[test]
fn nothing_is_told_of_a_key_that_is_not_watched_any_more() {
    let port = port(&[]);
    port.presence([1; 32], true);
    port.forget(&[1; 32]);
    assert!(port.batch(1).is_empty());
}

#[test]
fn with_so_many_answers_waiting_it_is_not_read() {
    let port = port(&["session.replies=3"]);
    (0..2).for_each(|number| assert!(port.answer(offline(number))));
    assert!(!port.owes_much(0));
    assert!(port.owes_much(1), "two answers and a pong");
    assert!(port.answer(offline(2)));
    assert!(port.owes_much(0));
    let batch = port.batch(1);
    assert!(port.owes_much(0), "taken out is not written");
    port.wrote(0, &batch, NOW);
    assert!(!port.owes_much(0));
}

#[test]
fn long_answers_count_by_their_bytes() {
    let port = port(&["queue.soft-bytes=4KiB"]);
    assert!(port.answer(Event::Online(vec![[0; 32]; 60])));
    assert!(!port.owes_much(0));
    assert!(port.answer(Event::Online(vec![[0; 32]; 64])));
    assert!(port.owes_much(0));

    port.wrote(0, &port.batch(1), NOW);
    assert!(port.answer(Event::Online(vec![])));
    port.wrote(0, &port.batch(1), NOW);
    // 5 × (179 + 20 × 32) bytes, one less than the mark: nothing is left of what is out.
    (0..5).for_each(|_| assert!(port.answer(Event::Online(vec![[0; 32]; 20]))));
    assert!(!port.owes_much(0));
}

#[test]
fn a_choked_queue_keeps_frames_out_and_takes_no_commands() {
    let (port, sender) = (port(&["queue.soft-frames=2"]), sender());
    (0..3).for_each(|_| port.offer(parcel(&sender, 200), NOW).unwrap());
    assert!(matches!(port.offer(parcel(&sender, 200), NOW), Err((Room::Wait, _))));
    assert!(!port.event(Event::Wake(PeerId([1; 8]), None), NOW));
    port.refuse();
    assert!(matches!(port.offer(parcel(&sender, 200), NOW), Err((Room::Refused, _))));
    port.wrote(0, &port.batch(1_000), NOW);
    port.offer(parcel(&sender, 200), NOW).unwrap();
}

#[test]
fn the_hard_mark_and_thirty_seconds_of_nothing_close_it() {
    let (hard, sender) = (port(&["queue.hard-frames=2"]), sender());
    hard.offer(parcel(&sender, 200), NOW).unwrap();
    assert_eq!(hard.closing(), None);
    hard.offer(parcel(&sender, 200), NOW).unwrap();
    assert_eq!(hard.closing(), Some(Close::SLOW));

    let stuck = port(&["queue.soft-frames=1"]);
    (0..2).for_each(|_| stuck.offer(parcel(&sender, 200), NOW).unwrap());
    let dead = NOW + Duration::from_secs(30);
    assert_eq!(stuck.check(dead - Duration::from_millis(1)), Some(dead));
    assert_eq!(stuck.closing(), None);
    stuck.wrote(1 << 20, [], dead - Duration::from_secs(1));
    stuck.check(dead);
    assert_eq!(stuck.closing(), None, "it moved");
    stuck.check(dead + Duration::from_secs(29));
    assert_eq!(stuck.closing(), Some(Close::SLOW));
}

#[test]
fn a_frame_waits_until_it_is_out_or_handed_back() {
    let (port, sender) = (port(&[]), sender());
    (0..3).for_each(|_| port.offer(parcel(&sender, 200), NOW).unwrap());
    assert!(port.event(Event::Wake(PeerId([1; 8]), None), NOW), "which is no peer frame");
    let batch = port.batch(400);
    assert_eq!((batch.len(), port.parcels()), (2, 3), "taken out is not written");
    port.wrote(0, [&batch[0]], NOW);
    assert_eq!(port.parcels(), 2);
    let _ = port.end();
    assert_eq!(port.parcels(), 1, "the one that is being written");
    port.wrote(0, [&batch[1]], NOW);
    assert_eq!(port.parcels(), 0);
}

#[test]
fn after_the_end_nothing_goes_in() {
    let (port, sender) = (port(&[]), sender());
    port.offer(parcel(&sender, 200), NOW).unwrap();
    assert!(port.answer(offline(1)));
    assert!(matches!(&port.end()[..], [Out::Frame(_)]));
    assert!(!port.answer(offline(2)));
    assert!(matches!(port.offer(parcel(&sender, 200), NOW), Err((Room::Refused, _))));
    assert!(!port.event(Event::Wake(PeerId([1; 8]), None), NOW));
    assert!(port.batch(1_000).is_empty());
}

#[test]
fn nobody_waits_for_a_choked_queue_that_ended() {
    let (port, sender) = (port(&["queue.soft-frames=1"]), sender());
    (0..2).for_each(|_| port.offer(parcel(&sender, 200), NOW).unwrap());
    assert!(matches!(port.offer(parcel(&sender, 200), NOW), Err((Room::Wait, _))));
    let _ = port.end();
    assert!(matches!(port.offer(parcel(&sender, 200), NOW), Err((Room::Refused, _))));
}

#[test]
fn the_first_reason_to_close_counts() {
    let port = port(&[]);
    port.close(Close::AWAY);
    port.close(Close::RESTART);
    assert_eq!(port.closing(), Some(Close::AWAY));
}
