//! Hello, frames and the simplest answers, over real sockets.

mod support;

use futures_util::StreamExt;
use sealwire::{handshake::Reply, identity::PeerId};
use support::relay;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_websockets::Message;

#[tokio::test]
async fn frames_travel_verbatim_and_in_order() {
    let relay = relay(&[], None).await;
    let (mut alice, mut bob) = (relay.client(1).await, relay.client(2).await);
    let (from, to) = (alice.public().id(), bob.public().id());
    let lengths = [112, 113, 126, 65_535, 65_536, 1_048_576, 112];
    for (number, length) in lengths.into_iter().enumerate() {
        alice.frame(to, number as u64, length).await;
    }
    for (number, length) in lengths.into_iter().enumerate() {
        assert_eq!(bob.incoming().await, (from, number as u64, length));
    }
    alice.frame(from, 9, 200).await;
    assert_eq!(alice.incoming().await, (from, 9, 200), "to oneself");
}

#[tokio::test]
async fn absent_recipients_are_named_with_the_nonce() {
    let relay = relay(&[], None).await;
    let mut alice = relay.client(1).await;
    let nobody = PeerId([7; 8]);
    let short = alice.uplink(nobody, 3, 112)[..111].to_vec();
    alice.connection.send(Message::binary(short)).await;
    alice.frame(nobody, 4, 112).await;
    let (command, body) = alice.event().await;
    let nonce = &alice.uplink(nobody, 4, 112)[8..32];
    assert_eq!((command, body), (0xff, [&[3], &nobody.0[..], nonce].concat()), "112, not 111");
}

#[tokio::test]
async fn a_second_session_of_a_living_id_is_refused() {
    let relay = relay(&[], None).await;
    let mut first = relay.client(1).await;
    let mut second = relay.open().await;
    let waiting = second.hello(1).await;
    let (reply, ()) = tokio::join!(second.reply(waiting), first.connection.probed());
    assert!(matches!(reply, Reply::IdInUse));
    assert_eq!(second.closed().await, Some(1000));
    let me = first.public().id();
    first.frame(me, 1, 112).await;
    assert_eq!(first.incoming().await, (me, 1, 112), "the first is untouched");
}

#[tokio::test]
async fn garbage_ends_without_code_or_word() {
    let relay = relay(&[], None).await;
    for message in [
        Message::text("hello"),
        Message::binary(vec![0; 171]),
        Message::binary(vec![9; 172]),
        Message::binary(vec![0; 172]),
        Message::binary(vec![9; 4_096]),
    ] {
        let mut connection = relay.open().await;
        connection.send(message).await;
        assert_eq!(connection.closed().await, Some(1005), "a close frame without a code");
    }
    let mut connection = relay.open().await;
    connection.send(Message::binary(vec![9; 4_097])).await;
    assert_eq!(connection.closed().await, Some(1009));
    let _ = relay.client(1).await;
}

#[tokio::test]
async fn status_has_numbers_and_no_names() {
    let relay = relay(&[], None).await;
    let alice = relay.client(1).await;
    let mut tcp = tokio::net::TcpStream::connect(relay.address).await.unwrap();
    let request = b"GET /status HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n";
    tcp.write_all(request).await.unwrap();
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).await.unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let status: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!((status["status"].as_str(), status["connections"].as_u64()), (Some("ok"), Some(1)));
    assert!(status["version"].is_string() && status["uptime_sec"].is_u64());
    assert!(!answer.contains(&alice.public().id().to_string()));
}

#[tokio::test]
async fn a_drain_closes_with_1012_and_loses_nothing() {
    let relay = relay(&[], None).await;
    let (mut alice, mut bob) = (relay.client(1).await, relay.client(2).await);
    let to = bob.public().id();
    alice.frame(to, 1, 112).await;
    bob.incoming().await;
    let (alice_end, bob_end, hub) =
        tokio::join!(alice.connection.closed(), bob.connection.closed(), relay.stop());
    assert_eq!((alice_end, bob_end), (Some(1012), Some(1012)));
    let totals = hub.route.counts.totals();
    assert_eq!((totals.frames, totals.delivered), (1, 1));
}

#[tokio::test]
async fn a_drain_does_not_wait_for_who_never_upgraded() {
    // Far longer than this test has patience.
    let relay = relay(&["hello.deadline=10min", "close.wait=10min"], None).await;
    let mut silent = tokio::net::TcpStream::connect(relay.address).await.unwrap();
    let _session = relay.client(1).await;
    relay.stop().await;
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn over_a_rate_everything_is_answered_later() {
    let relay = relay(&["command.rate=50", "command.burst=10"], None).await;
    let mut alice = relay.client(1).await;
    let own = *alice.public().x25519();
    let begin = tokio::time::Instant::now();
    for _ in 0..20 {
        alice.subscribe(&[own]).await;
    }
    for _ in 0..20 {
        assert_eq!(alice.event().await, (0x42, own.to_vec()));
    }
    // Ten at once; the last of the other ten is read when nine fiftieths of a second are over.
    let waited = begin.elapsed();
    assert!(waited >= std::time::Duration::from_millis(180), "{waited:?}");
}

#[tokio::test]
async fn hellos_over_their_rate_wait_unread() {
    let relay = relay(&["hello.rate=10"], None).await;
    let begin = tokio::time::Instant::now();
    for number in 1..=13 {
        let _ = relay.client(number).await;
    }
    let waited = begin.elapsed();
    assert!(waited >= std::time::Duration::from_millis(200), "{waited:?}");
}

#[tokio::test]
async fn a_ping_before_the_hello_is_answered() {
    let relay = relay(&[], None).await;
    let mut connection = relay.open().await;
    connection.send(Message::ping("early")).await;
    assert!(connection.0.next().await.unwrap().unwrap().is_pong());
    let waiting = connection.hello(1).await;
    assert!(matches!(connection.reply(waiting).await, Reply::Session(_)));
}
