//! A panic in one connection, over real sockets: it ends that connection and harms nobody else.

mod support;

use sealwire_relay::exchange::event::Event;
use std::time::Duration;
use support::{Running, relay};
use tokio::time::sleep;

/// Frames for somebody who does not read: more than the system takes for him, less than the relay
/// lets wait.
const FRAMES: u64 = 120;
const SIZE: usize = 4_000;

/// Lets the connection of a session fail inside: of an event that no frame can hold, which no
/// switchboard makes, sealing panics.
fn break_inside(relay: &Running, number: u8) {
    let id = support::identity(number).public().id();
    let session = relay.hub().route.find(id).expect("a live session");
    let impossible = Event::Offline(vec![[7; 32]; 40_000]);
    assert!(session.port.answer(impossible), "it is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_one_connection_ends_that_one_alone() {
    let relay = relay(&["socket.send-buffer=8KiB", "drain.window=10ms"], None).await;
    let (mut alice, mut watcher) = (relay.client(1).await, relay.client(2).await);
    let mut bob = Running::client_on(relay.open_narrow().await, 3).await;
    let (to, key) = (bob.public().id(), *bob.public().x25519());
    watcher.subscribe(&[key]).await;
    assert_eq!(watcher.event().await.0, 0x42, "PEER_ONLINE");
    for number in 0..FRAMES {
        if number == FRAMES / 2 {
            alice.connection.barrier().await;
            // His connection waits for its socket: what waits now, and what comes, is taken out in one
            // go, this first.
            sleep(Duration::from_millis(200)).await;
            assert!(relay.hub().queued() > 0, "some frames wait for him");
            break_inside(&relay, 3);
        }
        alice.frame(to, number, SIZE).await;
    }
    alice.connection.barrier().await;
    let (mut carol, mut dave) = (relay.client(4).await, relay.client(5).await);
    let mut read = 0;
    while bob.connection.binary().await.is_some() {
        read += 1;
    }
    assert_eq!(watcher.event().await, (0x43, key.to_vec()), "PEER_OFFLINE");
    for number in 0..200 {
        carol.frame(dave.public().id(), number, 1_000).await;
        assert_eq!(dave.incoming().await.1, number, "third parties go on");
    }
    for _ in 0..FRAMES - read {
        assert_eq!(alice.event().await.0, 0xff, "what was not delivered is answered");
    }
    alice.frame(to, FRAMES, SIZE).await;
    assert_eq!(alice.event().await.0, 0xff, "and so is what comes later");
    let mut again = relay.client(3).await;
    assert_eq!(watcher.event().await.0, 0x42);
    alice.frame(to, FRAMES + 1, SIZE).await;
    assert_eq!(again.incoming().await.1, FRAMES + 1, "nothing stands in his way back");
    assert_eq!(relay.metric("sealwire_tasks_failed_total", "").await, 1.0);

    let hub = relay.stop().await;
    let totals = hub.route.counts.totals();
    assert_eq!(totals.frames, FRAMES + 202);
    assert_eq!((totals.delivered + totals.answered, totals.lost), (totals.frames, 0));
}
