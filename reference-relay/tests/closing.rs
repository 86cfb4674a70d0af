//! How connections end: codes, deadlines, and what is still read away.

mod support;

use sealwire::handshake::Reply;
use std::time::Duration;
use support::{
    a_hello,
    raw::{Raw, UPGRADE, binary, frame},
    relay,
};
use tokio::time::{Instant, sleep};
use tokio_websockets::Message;

const MIB: u64 = 1_048_576;

/// A raw session; its hello's reply has been read.
async fn session(address: std::net::SocketAddr, number: u8) -> Raw {
    let mut raw = Raw::open(address, &[]).await;
    raw.send(&binary(&a_hello(number).0)).await;
    assert_eq!(raw.next().await.unwrap().1.len(), 116);
    raw
}

#[tokio::test]
async fn an_announced_length_is_judged_before_its_payload() {
    let relay = relay(&[], None).await;
    for (first, length) in
        [(0x82, MIB + 1), (0x82, u64::MAX >> 1), (0x02, MIB + 1), (0x81, MIB + 1)]
    {
        let mut raw = session(relay.address, 1).await;
        raw.send(&frame(first, length, &[])).await;
        assert_eq!(raw.code().await, Some(1009), "{first:x} {length}");
    }
    let mut raw = Raw::open(relay.address, &[]).await;
    raw.send(&frame(0x82, 4_097, &[])).await;
    assert_eq!(raw.code().await, Some(1009));
}

#[tokio::test]
async fn what_comes_behind_a_1009_is_read_away_and_not_answered_with_a_reset() {
    let relay = relay(&["close.drain-time=10min"], None).await;
    let mut raw = session(relay.address, 1).await;
    raw.send(&frame(0x82, MIB + 1, &[0; 20_000])).await;
    assert_eq!(raw.code().await, Some(1009));
    // The relay has closed its half. Were the socket gone, the second of these would fail.
    for _ in 0..20 {
        raw.send(&[0; 1_000]).await;
    }
    let much = vec![0; 10 * MIB as usize];
    let end = tokio::io::AsyncWriteExt::write_all(&mut raw.0, &much).await;
    assert!(end.is_err(), "but not for ever");
}

#[tokio::test]
async fn fragments_are_one_message_and_judged_by_their_sum() {
    let relay = relay(&[], None).await;
    let mut bob = relay.client(2).await;
    let alice = relay.client(1).await;
    let whole = alice.uplink(bob.public().id(), 7, 200);
    let mut raw = Raw::open(relay.address, &[]).await;
    drop(alice);
    bob.connection.barrier().await;
    let (hello, _) = a_hello(1);
    raw.send(&frame(0x02, 100, &hello[..100])).await;
    raw.send(&frame(0x89, 2, b"hi")).await;
    raw.send(&frame(0x80, 72, &hello[100..])).await;
    assert_eq!(raw.next().await.unwrap(), (0x8a, b"hi".to_vec()), "a pong between fragments");
    assert_eq!(raw.next().await.unwrap().1.len(), 116);
    raw.send(&frame(0x02, 1, &whole[..1])).await;
    raw.send(&frame(0x00, 0, &[])).await;
    raw.send(&frame(0x80, 199, &whole[1..])).await;
    assert_eq!(bob.incoming().await.1, 7);

    let half = vec![0; MIB as usize / 2];
    raw.send(&frame(0x02, MIB / 2, &half)).await;
    raw.send(&frame(0x80, MIB / 2 + 1, &[])).await;
    assert_eq!(raw.code().await, Some(1009));
}

#[tokio::test]
async fn broken_rules_are_1002_and_broken_text_1007() {
    let relay = relay(&[], None).await;
    let cases: &[(&str, u16, &[u8])] = &[
        ("unmasked", 1002, &[0x82, 0x01, 0x00]),
        ("reserved bit", 1002, &frame(0xc2, 0, &[])),
        ("unknown opcode", 1002, &frame(0x83, 0, &[])),
        ("long ping", 1002, &frame(0x89, 126, &[0; 126])),
        ("fragmented ping", 1002, &frame(0x09, 0, &[])),
        ("stray continuation", 1002, &frame(0x80, 0, &[])),
        ("close of one byte", 1002, &frame(0x88, 1, &[3])),
        ("close 999", 1002, &frame(0x88, 2, &[0x03, 0xe7])),
        ("not UTF-8", 1007, &frame(0x81, 1, &[0xff])),
    ];
    for (name, code, bytes) in cases {
        let mut raw = session(relay.address, 1).await;
        raw.send(bytes).await;
        assert_eq!(raw.code().await, Some(*code), "{name}");
    }
    let mut raw = session(relay.address, 1).await;
    raw.send(&frame(0x88, 2, &4000_u16.to_be_bytes())).await;
    assert_eq!(raw.code().await, Some(4000), "a legal one comes back");
}

#[tokio::test]
async fn whoever_says_no_hello_in_time_is_closed_without_code() {
    let relay = relay(&["hello.deadline=300ms"], None).await;
    let begin = Instant::now();
    let mut trickling = Raw::open(relay.address, &[]).await;
    trickling.send(&frame(0x82, 172, &[1])).await;
    assert_eq!(trickling.code().await, Some(0));
    let (mut silent, _) =
        Raw::request(relay.address, &["GET /ws HTTP/1.1", "Host: relay"], &[]).await;
    assert_eq!(silent.next().await, None, "an upgrade that is none");
    let waited = begin.elapsed();
    assert!(waited >= Duration::from_millis(300), "{waited:?}");
}

#[tokio::test]
async fn another_version_is_told_which_one_is_spoken() {
    let relay = relay(&[], None).await;
    let (mut bytes, waiting) = support::hello_of_version(1, 3);
    let mut connection = relay.open().await;
    connection.send(Message::binary(std::mem::take(&mut bytes))).await;
    let reply = connection.reply(waiting).await;
    assert!(matches!(reply, Reply::BadVersion { supported: 2 }), "{reply:?}");
    assert_eq!(connection.closed().await, Some(1000));
}

#[tokio::test]
async fn a_dead_session_is_replaced_and_its_end_announced() {
    let relay = relay(&["hello.probe=200ms"], None).await;
    let mut dead = session(relay.address, 1).await;
    let mut watcher = relay.client(2).await;
    let key = *support::identity(1).public().x25519();
    watcher.subscribe(&[key]).await;
    assert_eq!(watcher.event().await, (0x42, key.to_vec()));

    let begin = Instant::now();
    let mut newcomer = relay.client(1).await;
    assert!(begin.elapsed() >= Duration::from_millis(200), "the reply was held");
    assert_eq!(watcher.event().await, (0x43, key.to_vec()));
    assert_eq!(watcher.event().await, (0x42, key.to_vec()));
    assert_eq!(dead.code().await, Some(1001));
    watcher.frame(newcomer.public().id(), 5, 112).await;
    assert_eq!(newcomer.incoming().await.1, 5, "the end of the old one removed nothing");
}

/// What it sent behind its hello lies before its end, and is not read while its reply is held.
#[tokio::test]
async fn a_newcomer_that_has_hung_up_does_not_take_the_place_of_one_that_waits() {
    let relay = relay(&["hello.probe=500ms"], None).await;
    let mut dead = session(relay.address, 1).await;
    let mut gone = Raw::open(relay.address, &[]).await;
    gone.send(&[binary(&a_hello(1).0), binary(b"early")].concat()).await;
    // Pinged: its hello is under way before the other comes.
    assert_eq!(dead.next().await.expect("a ping").0, 0x89);
    let other = relay.greet(1);
    let ((_connection, reply), ()) = tokio::join!(other, async {
        sleep(Duration::from_millis(50)).await;
        drop(gone);
    });
    assert!(matches!(reply, Reply::Session(_)), "{reply:?}");
}

#[tokio::test]
async fn of_many_hellos_at_once_one_wins() {
    let relay = relay(&[], None).await;
    let (replied, mut replies) = tokio::sync::mpsc::channel(8);
    for _ in 0..8 {
        let mut raw = Raw::open(relay.address, &[]).await;
        let (hello, waiting) = a_hello(1);
        raw.send(&binary(&hello)).await;
        let replied = replied.clone();
        tokio::spawn(async move {
            let (_, mut bytes) = raw.next().await.expect("a reply");
            let reply = waiting.receive(&mut bytes).map_err(|(_, clause)| clause).unwrap();
            replied.send(matches!(reply, Reply::Session(_))).await.unwrap();
            // The winner answers its probe, as a library would.
            while let Some((first, _)) = raw.next().await {
                if first == 0x89 {
                    raw.send(&frame(0x8a, 0, &[])).await;
                }
            }
        });
    }
    let mut winners = 0;
    for _ in 0..8 {
        winners += usize::from(replies.recv().await.unwrap());
    }
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn a_repeated_hello_is_closed_like_a_bad_one() {
    let relay = relay(&[], None).await;
    let (hello, _) = a_hello(1);
    let mut first = Raw::open(relay.address, &[]).await;
    first.send(&binary(&hello)).await;
    assert_eq!(first.next().await.unwrap().1.len(), 116);
    let mut replay = Raw::open(relay.address, &[]).await;
    replay.send(&binary(&hello)).await;
    assert_eq!(replay.code().await, Some(0));
    first.send(&frame(0x81, 4, b"ping")).await;
    assert_eq!(first.next().await.unwrap(), (0x81, b"pong".to_vec()), "it was not even probed");
}

#[tokio::test]
async fn frames_behind_the_hello_are_handled_in_order() {
    let relay = relay(&[], None).await;
    let mut bob = relay.client(2).await;
    let alice = relay.client(1).await;
    let frames: Vec<_> =
        (0..20).flat_map(|n| binary(&alice.uplink(bob.public().id(), n, 5_000))).collect();
    drop(alice);
    bob.connection.barrier().await;
    // Everything in one segment: request, hello, frames longer than a hello may be.
    let behind = [binary(&a_hello(1).0), frames].concat();
    let mut raw = Raw::open(relay.address, &behind).await;
    assert_eq!(raw.next().await.unwrap().1.len(), 116);
    for number in 0..20 {
        assert_eq!(bob.incoming().await.1, number);
    }
}

#[tokio::test]
async fn the_silent_are_pinged_and_then_closed() {
    let relay = relay(&["idle.ping=100ms", "idle.end=350ms"], None).await;
    let mut raw = session(relay.address, 1).await;
    let mut pings = 0;
    let code = loop {
        match raw.next().await.unwrap() {
            (0x88, code) => break code,
            (0x81, text) => assert_eq!(text, b"ping"),
            (0x89, _) => pings += 1,
            other => panic!("{other:?}"),
        }
    };
    // A busy machine may let a ping and the end fall together; the count is judged in simulated
    // time.
    assert!((1..=3).contains(&pings), "{pings} pings");
    assert_eq!(code, [0x03, 0xe9], "1001");
}

#[tokio::test]
async fn sockets_and_sessions_are_limited() {
    let relay = relay(&["hello.sockets=2", "session.max=2"], None).await;
    let mut first = Raw::open(relay.address, &[]).await;
    let mut second = Raw::open(relay.address, &[]).await;
    let (_, answer) = Raw::request(relay.address, UPGRADE, &[]).await;
    assert_eq!(answer, "", "closed at once");
    for (raw, number) in [(&mut first, 1), (&mut second, 2)] {
        raw.send(&binary(&a_hello(number).0)).await;
        assert_eq!(raw.next().await.unwrap().1.len(), 116, "who was in is served");
    }
    let mut full = Raw::open(relay.address, &binary(&a_hello(3).0)).await;
    assert_eq!(full.code().await, Some(0));
}

#[tokio::test]
async fn bad_upgrades_are_refused_and_no_extension_is_agreed() {
    let relay = relay(&[], None).await;
    let (_, answer) = Raw::request(relay.address, UPGRADE, &[]).await;
    assert!(!answer.to_lowercase().contains("sec-websocket-extensions"), "{answer}");
    let cases = [
        (5, "Sec-WebSocket-Version: 12", "426"),
        (4, "Sec-WebSocket-Key: c2hvcnQ=", "400"),
        (3, "Connection: close", "400"),
        (2, "Upgrade: h2c", "426"),
        (0, "GET /elsewhere HTTP/1.1", "404"),
        (0, "POST /ws HTTP/1.1", "405"),
        (0, "HEAD /ws HTTP/1.1", "405"),
        (0, "GET /ws HTTP/1.0", "400"),
    ];
    for (line, bad, status) in cases {
        let mut lines = UPGRADE.to_vec();
        lines[line] = bad;
        let (_, answer) = Raw::request(relay.address, &lines, &[]).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{bad}: {answer}");
    }
}
