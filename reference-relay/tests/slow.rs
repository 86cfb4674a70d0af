//! Slow readers: who waits, who is refused, who is closed, and who notices nothing.

mod support;

use futures_util::{SinkExt, StreamExt};
use sealwire::identity::PeerId;
use std::time::{Duration, Instant};
use support::{
    Client, Running, a_hello,
    raw::{Raw, binary, frame},
    relay,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{sleep, timeout},
};
use tokio_websockets::Message;

const SIZE: usize = 60_000;
/// More than the sockets' own buffers hold.
const MANY: u64 = 400;

/// Writes frames until the relay takes no more of them, and then those that are left.
async fn write(mut alice: Client, to: PeerId) -> Client {
    for number in 0..MANY {
        alice.frame(to, number, SIZE).await;
    }
    alice
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_gets_everything_and_third_parties_notice_nothing() {
    let relay = relay(&[], None).await;
    let (alice, mut bob) = (relay.client(1).await, relay.client(2).await);
    let (mut carol, mut dave) = (relay.client(3).await, relay.client(4).await);
    let writing = tokio::spawn(write(alice, bob.public().id()));
    // Bob reads nothing; Carol and Dave go on, and a newcomer gets in.
    for number in 0..200 {
        carol.frame(dave.public().id(), number, 1_000).await;
        assert_eq!(dave.incoming().await.1, number);
    }
    let _newcomer = relay.client(5).await;
    for number in 0..MANY {
        assert_eq!(bob.incoming().await.1, number, "whole and in order");
    }
    writing.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_writer_is_served_meanwhile() {
    let relay = relay(&[], None).await;
    let (alice, mut bob) = (relay.client(1).await, relay.client(2).await);
    let (mut carol, alice_id) = (relay.client(3).await, alice.public().id());
    let to = bob.public().id();
    let frames: Vec<_> = (0..MANY).map(|number| alice.uplink(to, number, SIZE)).collect();
    let (mut sink, mut stream) = alice.connection.0.split();
    let writing = tokio::spawn(async move {
        for frame in frames {
            sink.send(Message::binary(frame)).await.unwrap();
        }
        sink
    });
    for number in 0..50 {
        carol.frame(alice_id, number, 200).await;
    }
    let mut got = 0;
    while got < 50 {
        let message = stream.next().await.unwrap().unwrap();
        got += usize::from(message.is_binary());
    }
    for number in 0..MANY {
        assert_eq!(bob.incoming().await.1, number);
    }
    let _sink = writing.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_read_its_answers_gets_each_of_them_later() {
    let relay = relay(&["session.replies=8"], None).await;
    let alice = relay.client(1).await;
    let nobody = PeerId([7; 8]);
    let frames: Vec<_> = (0..20_000).map(|number| alice.uplink(nobody, number, 112)).collect();
    let (mut sink, mut stream) = alice.connection.0.split();
    let writing = tokio::spawn(async move {
        for frame in frames {
            sink.feed(Message::binary(frame)).await.unwrap();
        }
        sink.flush().await.unwrap();
        sink
    });
    let mut answers = 0;
    while answers < 20_000 {
        let message = stream.next().await.unwrap().unwrap();
        answers += usize::from(message.is_binary());
    }
    let _sink = writing.await.unwrap();
    let totals = relay.stop().await.route.counts.totals();
    assert_eq!((totals.frames, totals.answered), (20_000, 20_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_read_its_answers_is_not_read_either() {
    const FRAMES: u64 = 20_000;
    const ROUNDS: u64 = 2_000;
    let relay = relay(&["socket.send-buffer=4KiB"], None).await;
    let (narrow, mut carol) = (relay.open_narrow().await, relay.client(3).await);
    let mut alice = Running::client_on(narrow, 1).await;
    let writing = tokio::spawn(async move {
        for number in 0..FRAMES {
            let frame = Message::binary(alice.uplink(PeerId([7; 8]), number, 112));
            alice.connection.0.feed(frame).await.unwrap();
        }
        alice
    });
    // Time enough for a relay that would read on.
    let me = carol.public().id();
    for number in 0..ROUNDS {
        carol.frame(me, number, 112).await;
        assert_eq!(carol.incoming().await.1, number);
    }
    let totals = relay.stop().await.route.counts.totals();
    let read = totals.frames - ROUNDS;
    assert!(read >= 256, "{read}");
    assert!(read < FRAMES / 2, "{read} frames were read and answered into memory");
    writing.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_reader_leaves_behind_is_answered() {
    let relay = relay(&["socket.send-buffer=4KiB"], None).await;
    let narrow = relay.open_narrow().await;
    let (mut alice, bob) = (relay.client(1).await, Running::client_on(narrow, 2).await);
    let (bob_id, bob_key) = (bob.public().id(), *bob.public().x25519());
    alice.subscribe(&[bob_key]).await;
    assert_eq!(alice.event().await, (0x42, bob_key.to_vec()));
    // More than the sockets hold, less than the soft mark: Bob is in the middle of a frame.
    for number in 0..8 {
        alice.frame(bob_id, number, SIZE).await;
    }
    alice.connection.barrier().await;
    drop(bob);
    let mut answered = 0;
    while answered < 8 {
        match alice.event().await {
            (0xff, _) => answered += 1,
            other => assert_eq!(other, (0x43, bob_key.to_vec())),
        }
    }
    let totals = relay.stop().await.route.counts.totals();
    assert_eq!((totals.frames, totals.answered), (8, 8));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_reader_is_refused_then_closed_and_its_end_announced() {
    let settings = ["slow.window=100ms", "slow.dead=600ms", "queue.soft-bytes=128KiB"];
    let relay = relay(&settings, None).await;
    let (mut alice, mut bob) = (relay.client(1).await, relay.client(2).await);
    let (bob_id, bob_key) = (bob.public().id(), *bob.public().x25519());
    alice.subscribe(&[bob_key]).await;
    assert_eq!(alice.event().await, (0x42, bob_key.to_vec()));

    let (answered, gone) = flood(&mut alice, bob_id).await;
    assert!(gone, "PEER_OFFLINE");
    // What bob takes before the close, and what alice was told, is everything she sent, once.
    let mut taken = 0;
    let code = loop {
        let message = bob.connection.next().await.expect("a close frame");
        if let Some((code, _)) = message.as_close() {
            break u16::from(code);
        }
        taken += u64::from(message.is_binary());
    };
    assert_eq!(code, 1013);
    assert_eq!(taken + answered, MANY);
    assert!(answered > 0);
    let totals = stop(relay, alice, bob).await;
    assert_eq!((totals.0, totals.1), (taken, answered));
}

/// Sends everything and reads the answers and the news of the end; the nonces come in order.
async fn flood(alice: &mut Client, to: PeerId) -> (u64, bool) {
    let (mut sent, mut answered, mut gone) = (0, 0, false);
    let mut quiet = false;
    while !quiet {
        if sent < MANY {
            alice.frame(to, sent, SIZE).await;
            sent += 1;
            continue;
        }
        match alice.event().await {
            (0xff, _) => answered += 1,
            (0x43, _) => gone = true,
            other => panic!("{other:?}"),
        }
        // A frame to oneself comes back behind every answer that is due by then.
        quiet = gone && answered > 0 && no_more(alice, &mut answered).await;
    }
    (answered, gone)
}

async fn no_more(alice: &mut Client, answered: &mut u64) -> bool {
    let me = alice.public().id();
    alice.frame(me, u64::MAX, 112).await;
    loop {
        let (from, number, _) = alice.incoming().await;
        match from.is_relay() {
            true => *answered += 1,
            false if number == u64::MAX => return true,
            false => panic!("a frame from {from}"),
        }
    }
}

async fn stop(relay: Running, alice: Client, bob: Client) -> (u64, u64) {
    drop((alice, bob));
    let totals = relay.stop().await.route.counts.totals();
    assert_eq!(totals.frames, totals.delivered + totals.answered + totals.lost);
    (totals.delivered - 1, totals.answered)
}

/// A session that says and answers nothing but what it is told to.
async fn mute(relay: &Running, number: u8) -> Raw {
    let mut raw = Raw(relay.open_narrow_tcp().await).upgraded().await;
    raw.send(&binary(&a_hello(number).0)).await;
    assert_eq!(raw.next().await.expect("a reply").1.len(), 116);
    raw
}

#[tokio::test]
async fn bytes_on_a_slow_line_are_signs_of_life_in_both_directions() {
    const SLOW: &[&str] =
        &["idle.ping=300ms", "idle.end=1s", "close.wait=50ms", "socket.send-buffer=4KiB"];
    let relay = relay(SLOW, None).await;
    let (mut up, mut down) = (mute(&relay, 1).await, mute(&relay, 2).await);
    let mut alice = relay.client(3).await;
    let to = support::identity(2).public().id();
    alice.frame(to, 0, SIZE).await;
    let writes = async {
        for piece in binary(&[7; 200_000]).chunks(8_000) {
            up.send(piece).await;
            sleep(Duration::from_millis(80)).await;
        }
        up.send(&frame(0x81, 4, b"ping")).await;
        while up.next().await.expect("alive").1 != b"pong" {}
    };
    let reads = async {
        let mut piece = [0; SIZE / 30];
        for _ in 0..30 {
            down.0.read_exact(&mut piece).await.expect("alive");
            sleep(Duration::from_millis(80)).await;
        }
    };
    let (begin, lives) = (Instant::now(), async { tokio::join!(writes, reads) });
    tokio::select! {
        _ = lives => {}
        () = async { loop { alice.connection.barrier().await; sleep(Duration::from_millis(200)).await } } => {}
    }
    assert!(begin.elapsed() > Duration::from_secs(2));
    while let Some((first, payload)) = down.next().await {
        assert!(first != 0x88 || payload == 1001_u16.to_be_bytes(), "silent now, and ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_always_something_to_say_is_judged_too() {
    let relay = relay(&["slow.window=300ms", "socket.send-buffer=4KiB"], None).await;
    let mut bob = mute(&relay, 2).await;
    let mut alice = relay.client(1).await;
    let to = support::identity(2).public().id();
    let flooding = tokio::spawn(async move {
        let dropped = binary(&[1]).repeat(50_000);
        while bob.0.write_all(&dropped).await.is_ok() {}
    });
    let refused = async {
        for number in 0.. {
            let frame = Message::binary(alice.uplink(to, number, SIZE));
            tokio::select! {
                biased;
                (command, _) = alice.event() => return command,
                () = async { sleep(Duration::from_millis(5)).await } => {}
            }
            alice.connection.send(frame).await;
        }
        0
    };
    let refused = timeout(Duration::from_secs(5), refused).await;
    assert_eq!(refused, Ok(0xff), "its writer waits for what it takes of 16 KiB each window");
    flooding.abort();
}
