//! The bridge as a process, against a scripted relay on a loopback socket: what the pump and the
//! command line add to the peer, which has tests of its own.

mod support;

use sealwire::{
    frame::MAX_FROM_RELAY,
    relay::{ErrorCode, FromRelay, Keys},
};
use serde_json::json;
use std::time::{Duration, Instant};
use support::{BOB, Bridge, Relay, identity, invite};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn a_session_is_ready_carries_commands_and_ends_at_quit() {
    let relay = Relay::start().await;
    let mut bridge = Bridge::start(&relay, &[]);
    let mut session = relay.accept().await;
    let ready = bridge.event("ready").await;
    assert_eq!((&ready["seq"], &ready["session"]), (&json!(1), &json!(1)));
    assert_eq!(ready["relay_x25519"], hex::encode(relay.identity.public().x25519()));

    let bob = *identity(BOB).public().x25519();
    bridge.say(json!({"cmd": "contact", "invite": invite(BOB, "Bob␟person"), "ref": "c"})).await;
    let contact = bridge.event("contact").await;
    assert_eq!((&contact["name"], &contact["contact_type"]), (&json!("Bob"), &json!("person")));
    assert_eq!((&contact["peer"], &contact["ref"]), (&json!(hex::encode(bob)), &json!("c")));

    bridge.say(json!({"cmd": "subscribe", "peers": [hex::encode(bob)]})).await;
    assert_eq!(session.subscribed().await, bob);
    session.event(&FromRelay::PeerOnline(Keys::new(&[bob]))).await;
    assert_eq!(bridge.event("presence").await["online"], json!(true));

    bridge.say(json!({"cmd": "quit"})).await;
    bridge.ends(0, Duration::from_secs(2)).await;
}

#[tokio::test]
async fn the_end_of_stdin_is_the_end() {
    let relay = Relay::start().await;
    let mut bridge = Bridge::start(&relay, &[]);
    let _session = relay.accept().await;
    bridge.event("ready").await;
    bridge.close_stdin();
    bridge.ends(0, Duration::from_secs(2)).await;
}

#[tokio::test]
async fn quit_ends_a_bridge_that_nobody_reads_under_a_flood() {
    let relay = Relay::start().await;
    let mut bridge = Bridge::start(&relay, &[]);
    let mut session = relay.accept().await;
    let text = "n".repeat(100_000);
    let notice = FromRelay::Notice(&text);
    let mut held_back = false;
    for _ in 0..300 {
        let taken = tokio::time::timeout(Duration::from_secs(2), session.event(&notice)).await;
        held_back |= taken.is_err();
        if held_back {
            break;
        }
    }
    assert!(held_back, "30 MB were taken for somebody who does not read");
    bridge.say(json!({"cmd": "quit"})).await;
    bridge.ends(0, Duration::from_secs(2)).await;
}

#[tokio::test]
async fn a_caller_that_writes_and_never_reads_is_left() {
    let relay = Relay::start().await;
    let mut bridge = Bridge::start(&relay, &[]);
    // Each line makes an event; the pipe breaks when the bridge has had enough.
    for _ in 0..200 {
        if !bridge.try_write(&b"{}\n".repeat(1_000)).await {
            break;
        }
    }
    bridge.ends(3, Duration::from_secs(10)).await;
}

#[tokio::test]
async fn a_version_that_is_not_spoken_ends_the_bridge() {
    let relay = Relay::start().await;
    let mut bridge = Bridge::start(&relay, &[]);
    let _session = relay.answer(&refusal(ErrorCode::BadVersion { supported: 3 })).await;
    let error = bridge.event("error").await;
    assert_eq!((&error["code"], &error["fatal"]), (&json!("bad_version"), &json!(true)));
    bridge.ends(3, Duration::from_secs(2)).await;
}

#[tokio::test]
async fn an_id_in_use_is_tried_again_and_then_ends_the_bridge() {
    let relay = Relay::start().await;
    let mut bridge = Bridge::start(&relay, &["--set", "retry.id-in-use=10ms,20ms"]);
    for fatal in [false, false, true] {
        let _session = relay.answer(&refusal(ErrorCode::IdInUse)).await;
        let error = bridge.event("error").await;
        assert_eq!((&error["code"], &error["fatal"]), (&json!("id_in_use"), &json!(fatal)));
    }
    bridge.ends(3, Duration::from_secs(2)).await;
}

fn refusal(code: ErrorCode) -> FromRelay<'static> {
    FromRelay::Error(code)
}

#[tokio::test]
async fn what_is_no_command_is_an_error_and_the_bridge_goes_on() {
    let relay = Relay::start().await;
    let mut bridge = Bridge::start(&relay, &[]);
    bridge.write(b"\xff\xfe\n\n{\"cmd\":\"dance\",\"ref\":\"d\"}\n").await;
    let first = bridge.event("error").await;
    assert_eq!((&first["code"], &first["seq"]), (&json!("bad_command"), &json!(1)));
    assert_eq!(bridge.event("error").await["ref"], json!("d"));
    bridge.write(&vec![b' '; 9 << 20]).await;
    bridge.write(b"\n").await;
    assert_eq!(bridge.event("error").await["seq"], json!(3));
    let _session = relay.accept().await;
    assert_eq!(bridge.event("ready").await["seq"], json!(4));
}

#[tokio::test]
async fn largest_frames_are_taken_and_longer_ones_end_the_connection() {
    let relay = Relay::start().await;
    let mut bridge = Bridge::start(&relay, &AT_ONCE);
    let mut session = relay.accept().await;
    bridge.event("ready").await;
    let longest = "n".repeat(MAX_FROM_RELAY - 115);
    session.long_event(0x88, longest.as_bytes()).await;
    assert_eq!(bridge.event("notice").await["text"].as_str().map(str::len), Some(longest.len()));
    // The announced length is enough for the client to go: the payload may find nobody.
    let _ = session.try_raw(vec![0; MAX_FROM_RELAY + 1]).await;
    assert_eq!(bridge.event("error").await["code"], json!("disconnected"));
    let _session = relay.accept().await;
    assert_eq!(bridge.event("ready").await["session"], json!(2));
}

const AT_ONCE: [&str; 4] = ["--set", "reconnect.first=1ms", "--set", "reconnect.longest=1ms"];

#[tokio::test]
async fn a_hostile_upgrade_is_refused_at_once() {
    let relay = Relay::start().await;
    let patient = [&AT_ONCE[..], &["--set", "connect.deadline=10m"]].concat();
    let mut bridge = Bridge::start(&relay, &patient);
    let accept = |value: &str| {
        let upgrade = "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n";
        format!("{upgrade}Sec-WebSocket-Accept: {value}\r\n\r\n")
    };
    for answer in [
        "HTTP/1.1 302 x\r\nLocation: http://127.0.0.1/\r\n\r\n".to_owned(),
        accept("AAAA"),
        accept(&"A".repeat(400)),
        format!("HTTP/1.1 101 x\r\nX-Endless: {}", "a".repeat(32 << 10)),
        "\0\r\n\r\n".into(),
    ] {
        let mut socket = relay.tcp().await;
        socket.write_all(answer.as_bytes()).await.unwrap();
        assert_eq!(bridge.event("error").await["code"], json!("unreachable"), "{answer:.40}");
    }
    let _session = relay.accept().await;
    bridge.event("ready").await;
}

#[tokio::test]
async fn an_upgrade_that_never_ends_is_given_up() {
    let relay = Relay::start().await;
    let hasty = [&AT_ONCE[..], &["--set", "connect.deadline=200ms"]].concat();
    let mut bridge = Bridge::start(&relay, &hasty);
    let _silent = relay.tcp().await;
    assert_eq!(bridge.event("error").await["code"], json!("unreachable"));
}

#[tokio::test]
async fn silence_ends_a_session_and_the_next_one_stands() {
    let relay = Relay::start().await;
    let timers = ["--set", "idle.silence=2s", "--set", "reconnect.first=1ms"];
    let mut bridge = Bridge::start(&relay, &timers);
    let mut session = relay.accept().await;
    let start = Instant::now();
    bridge.event("ready").await;
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        session.ping().await;
    }
    let silent = bridge.event("error").await;
    assert_eq!(silent["clause"], json!("handshake/silence"));
    assert!(start.elapsed() > Duration::from_secs(5), "pings were life");
    let _session = relay.accept().await;
    assert_eq!(bridge.event("ready").await["session"], json!(2));
}
