//! What its operator sees of a relay: readiness, metrics, the drain, a reload, the log.

mod support;

use sealwire::identity::PeerId;
use std::{fs, time::Duration};
use support::{
    Client, Running, a_hello, get, identity, metric,
    program::{Program, identity_file},
    raw::{Raw, binary},
    relay,
};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};

/// Waits for what only a fault keeps from coming.
async fn until(mut come: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !come().await {
        assert!(begin.elapsed() < support::PATIENCE, "it does not come");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn clients(relay: &Running, count: u8) -> Vec<Client> {
    let mut clients = Vec::new();
    for number in 1..=count {
        clients.push(relay.client(number).await);
    }
    clients
}

#[tokio::test]
async fn a_drain_refuses_newcomers_and_spreads_its_closes() {
    let relay = relay(&["drain.window=1s"], None).await;
    let (address, admin) = (relay.address, relay.admin);
    assert_eq!(get(admin, "/healthz").await, (200, "alive\n".into()));
    assert_eq!(get(admin, "/readyz").await, (200, "ready\n".into()));
    let mut clients = clients(&relay, 4).await;
    let mut waiting = Raw::open(address, &[]).await;

    let ended = relay.stopping();
    assert_eq!(waiting.code().await, Some(1012), "who has not said hello is told at once");
    assert_eq!(get(admin, "/readyz").await, (503, "draining\n".into()));
    assert_eq!(get(admin, "/healthz").await.0, 200);
    assert!(TcpStream::connect(address).await.is_err());

    let begin = Instant::now();
    let mut closed = Vec::new();
    for client in &mut clients {
        assert_eq!(client.connection.closed().await, Some(1012));
        closed.push(begin.elapsed());
    }
    // The last of four goes at three quarters of the window, whichever it is.
    assert!(closed.iter().max().unwrap() > &Duration::from_millis(500), "{closed:?}");
    ended.await.unwrap();
    assert!(TcpStream::connect(admin).await.is_err());
}

#[tokio::test]
async fn a_relay_without_sessions_drains_at_once() {
    let relay = relay(&["drain.window=10min"], None).await;
    let _waiting = Raw::open(relay.address, &[]).await;
    relay.stop().await;
}

#[tokio::test]
async fn whoever_does_not_leave_is_left_behind() {
    let settings = ["drain.window=1ms", "close.wait=100ms", "close.drain-time=100ms"];
    let relay = relay(&settings, None).await;
    let _deaf = clients(&relay, 2).await;
    relay.stop().await;
}

#[tokio::test]
async fn the_second_signal_ends_it_at_once() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("relay.json");
    identity_file(&path, 0, !0);
    let arguments = ["--identity", path.to_str().unwrap(), "--set", "drain.window=10min"];
    let program = Program::start(&arguments);
    let relay = Running::announced(&program.announced);
    let _clients = clients(&relay, 2).await;
    program.signal("TERM");
    until(async || get(relay.admin, "/readyz").await.0 == 503).await;
    program.signal("TERM");
    let (code, log, _) = program.ended();
    assert_eq!(code, Some(1));
    assert!(log.trim_end().ends_with("dropped: none"), "the last line still counts: {log}");
}

#[tokio::test]
async fn a_reload_takes_limits_and_a_bad_file_changes_nothing() {
    let room = tempfile::tempdir().unwrap();
    let (keys, file) = (room.path().join("relay.json"), room.path().join("relay.toml"));
    identity_file(&keys, 0, !0);
    let write = |limits: &str| {
        fs::write(&file, format!("identity = {keys:?}\n[limits]\n{limits}")).unwrap();
    };
    write("session.max = 1");
    let program = Program::start(&["--config", file.to_str().unwrap()]);
    let relay = Running::announced(&program.announced);
    let _first = relay.client(1).await;
    let refused = async |number| {
        let mut raw = Raw::open(relay.address, &binary(&a_hello(number).0)).await;
        raw.code().await == Some(0)
    };
    assert!(refused(2).await);

    write("session.max = 2\nsession.maxx = 3");
    program.signal("HUP");
    until(async || program.log().contains("nothing was reloaded")).await;
    assert!(program.log().contains("relay.toml:4:9: nothing has the name limits.session.maxx"));
    assert!(refused(3).await);

    write("session.max = 2\nsocket.unsent = '1KiB'");
    program.signal("HUP");
    until(async || program.log().contains("changed=\"session.max=2\"")).await;
    until(async || program.log().contains("later=\"socket.unsent\"")).await;
    let _second = relay.client(2).await;
    assert!(refused(4).await);

    program.signal("HUP");
    until(async || program.log().contains("nothing changed")).await;
}

/// [relay/none-dropped], as it is seen from outside.
#[tokio::test]
async fn the_terms_of_the_conservation_law_are_told() {
    let relay = relay(&["queue.soft-frames=4", "socket.send-buffer=4KiB"], None).await;
    let mut alice = relay.client(1).await;
    let mut bob = relay.client(2).await;
    let slow = relay.open_narrow().await;
    let slow = Running::client_on(slow, 3).await;

    for number in 0..3 {
        alice.frame(bob.public().id(), number, 200).await;
        assert_eq!(bob.incoming().await.1, number);
    }
    alice.frame(PeerId([9; 8]), 3, 200).await;
    assert_eq!(alice.event().await.0, 0xff, "nobody is there");
    // More than the systems and the queue take: the rest stays in Alice's hand.
    for number in 0..100 {
        alice.frame(slow.public().id(), number, 20_000).await;
    }
    let terms = ["delivered_total", "answered_total", "lost_total", "held", "queued"];
    let mut page = String::new();
    // Exact at rest, and the systems may have something to move for a while.
    until(async || {
        page = get(relay.admin, "/metrics").await.1;
        let term = |name: &str| metric(&page, &format!("sealwire_peer_frames_{name}"), "");
        let timed = metric(&page, "sealwire_queueing_seconds_count", "");
        let known: f64 = terms.map(term).iter().sum();
        term("held") == 1.0 && term("total") == known && term("delivered_total") == timed
    })
    .await;
    let term = |name: &str| metric(&page, &format!("sealwire_peer_frames_{name}"), "");
    assert!(term("queued") >= 4.0 && term("answered_total") == 1.0, "{page}");
    assert!(term("delivered_total") >= 3.0, "{page}");
    assert_eq!(metric(&page, "sealwire_sessions", ""), 3.0);
    assert_eq!(metric(&page, "sealwire_sessions_begun_total", ""), 3.0);

    // All of them go, and with them whoever could be told: everything comes to its account.
    drop((alice, bob, slow));
    until(async || relay.metric("sealwire_sessions", "").await == 0.0).await;
    until(async || {
        let (_, page) = get(relay.admin, "/metrics").await;
        let term = |name: &str| metric(&page, &format!("sealwire_peer_frames_{name}"), "");
        let settled = term("delivered_total") + term("answered_total") + term("lost_total");
        term("held") + term("queued") == 0.0 && settled == term("total")
    })
    .await;
}

/// What is on its way to somebody whose session is over is neither out nor answered yet.
#[tokio::test]
async fn the_law_holds_through_a_farewell() {
    let settings = ["queue.soft-frames=4", "slow.dead=200ms", "close.wait=10min"];
    let relay = relay(&[&settings[..], &["socket.send-buffer=4KiB"]].concat(), None).await;
    let mut alice = relay.client(1).await;
    let deaf = relay.open_narrow().await;
    let deaf = Running::client_on(deaf, 3).await;
    for number in 0..30 {
        alice.frame(deaf.public().id(), number, 20_000).await;
    }
    until(async || {
        let (_, page) = get(relay.admin, "/metrics").await;
        let term = |name: &str| metric(&page, &format!("sealwire_peer_frames_{name}"), "");
        let settled = term("delivered_total") + term("answered_total") + term("lost_total");
        let over = metric(&page, "sealwire_sessions", "") == 1.0 && term("total") == 30.0;
        over && term("queued") > 0.0 && settled + term("queued") == 30.0
    })
    .await;
}

#[tokio::test]
async fn who_does_not_get_in_is_counted_by_reason_and_who_goes_by_code() {
    let relay = relay(&["session.max=1", "hello.deadline=2s"], None).await;
    let refused = async |reason: &str, clause: &str| {
        let labels = format!("{{reason=\"{reason}\",clause=\"{clause}\"}}");
        relay.metric("sealwire_refused_total", &labels).await
    };
    let closes = async |code: &str| {
        relay.metric("sealwire_closes_total", &format!("{{code=\"{code}\"}}")).await
    };
    let mut late = Raw::open(relay.address, &[]).await;
    let (hello, _) = a_hello(1);
    let mut first = Raw::open(relay.address, &binary(&hello)).await;
    assert_eq!(first.next().await.unwrap().1.len(), 116);
    let mut wrong = hello.clone();
    wrong[171] ^= 1;
    let (version, _) = support::hello_of_version(2, 3);
    for (bytes, code) in [(hello, 0), (wrong, 0), (a_hello(2).0, 0)] {
        assert_eq!(Raw::open(relay.address, &binary(&bytes)).await.code().await, Some(code));
    }
    let mut other = Raw::open(relay.address, &binary(&version)).await;
    assert_eq!(other.next().await.unwrap().1.len(), 117, "an ERROR");
    assert_eq!(get(relay.address, "/ws").await.0, 400);
    assert_eq!(late.code().await, Some(0));
    for (reason, clause) in [
        ("replay", "handshake/replay"),
        ("hello", "handshake/silent-refusal"),
        ("sessions", "relay/sessions-limit"),
        ("version", "handshake/version"),
        ("upgrade", "relay/endpoint"),
        ("deadline", "handshake/deadline"),
    ] {
        assert_eq!(refused(reason, clause).await, 1.0, "{reason}");
    }
    assert_eq!((closes("none").await, closes("1000").await), (4.0, 1.0));
    first.send(&[0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]).await;
    assert_eq!(first.code().await, Some(1009));
    assert_eq!(closes("1009").await, 1.0);
}

/// Everything that could be written about somebody, in every form that a program writes bytes in.
fn traces(number: u8) -> Vec<String> {
    let own = identity(number);
    let keys = [own.public().x25519(), own.public().ed25519(), &[number; 32], &[!number; 32]];
    let mut traces = Vec::new();
    for bytes in keys.map(|key| &key[..]).into_iter().chain([&own.public().id().0[..]]) {
        let listed: Vec<_> = bytes.iter().map(u8::to_string).collect();
        traces.extend([hex::encode(bytes), listed.join(", ")]);
    }
    traces
}

/// [relay/no-trace]: neither the log at its most talkative nor the metrics name anybody.
#[tokio::test]
async fn nothing_of_its_clients_is_in_log_or_metrics() {
    for form in ["text", "json"] {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("relay.json");
        identity_file(&path, 0, !0);
        let keys = path.to_str().unwrap();
        let arguments = ["--identity", keys, "--log", form, "--log-level", "trace"];
        let notifier = hex::encode(identity(3).public().x25519());
        let program = Program::start(&[&arguments[..], &["--notifier", &notifier]].concat());
        let relay = Running::announced(&program.announced);
        let (mut alice, mut bob) = (relay.client(1).await, relay.client(2).await);
        let mut canaries: Vec<_> = (1..=4).flat_map(traces).collect();
        let words = ["a-canary-nickname", "a-canary-token", "a-canary-body"];
        canaries.extend(words.map(str::to_owned));
        let mut raw = Raw::open(relay.address, &binary(&a_hello(4).0)).await;
        assert_eq!(raw.next().await.unwrap().1.len(), 116);
        canaries.push(raw.0.local_addr().unwrap().to_string());

        alice.subscribe(&[*bob.public().x25519()]).await;
        assert_eq!(alice.event().await.0, 0x42);
        let bobs = bob.public().id();
        alice.raw_command(0x46, &[&bobs.0[..], words[0].as_bytes()].concat()).await;
        assert_eq!(bob.event().await.0, 0x47);
        alice.raw_command(0x49, &[&[1][..], words[1].as_bytes()].concat()).await;
        alice.raw_command(0x7e, words[2].as_bytes()).await;
        alice.frame(bobs, 1, 65_432).await;
        assert_eq!(bob.incoming().await.2, 65_432);
        alice.frame(PeerId([9; 8]), 2, 200).await;
        assert_eq!(alice.event().await.0, 0xff);
        let mut raw = Raw::open(relay.address, &binary(&a_hello(1).0[1..])).await;
        assert_eq!(raw.code().await, Some(0));

        let pages = [get(relay.admin, "/metrics").await.1, get(relay.address, "/status").await.1];
        assert!(
            pages[0].ends_with("# EOF\n") && pages[0].contains("relay/unknown"),
            "{}",
            pages[0]
        );
        drop((alice, bob));
        program.signal("HUP");
        program.signal("TERM");
        let (_, log, rest) = program.ended();
        assert!(log.contains("peer frames: 1 delivered, 1 answered"), "{log}");
        let written = [pages.concat(), log, rest].concat();
        let lower = written.to_lowercase();
        let found = canaries.iter().find(|canary| lower.contains(canary.as_str()));
        assert_eq!(found, None, "{written}");
        // The size of a frame, which is no port, as a number of its own: times have any digits.
        let mut numbers = written.split(|letter: char| !letter.is_ascii_digit());
        assert!(numbers.all(|number| number != "65432"), "{written}");
    }
}

/// Labels are words of closed lists: nothing that a client says can become one.
#[tokio::test]
async fn every_label_is_a_word_of_a_closed_list() {
    use sealwire::Clause;
    use sealwire_relay::exchange::counts::{Parted, Refused};
    let relay = relay(&[], None).await;
    let mut alice = relay.client(1).await;
    alice.raw_command(0x7e, b"unknown").await;
    alice.connection.barrier().await;
    let (_, page) = get(relay.admin, "/metrics").await;
    let mut clauses = 0;
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let Some((_, labels)) = line.split_once('{') else { continue };
        for label in labels.split('}').next().unwrap().split("\",") {
            let (name, value) = label.split_once("=\"").unwrap();
            let value = value.trim_end_matches('"');
            let known = match name {
                "clause" => {
                    clauses += 1;
                    Clause::ALL.iter().any(|clause| clause.id() == value)
                }
                "reason" => Refused::ALL.iter().any(|why| why.word() == value),
                "code" => Parted::ALL.iter().any(|how| how.word() == value),
                "le" => value == "+Inf" || value.parse::<f64>().is_ok(),
                "version" => value == env!("CARGO_PKG_VERSION"),
                _ => false,
            };
            assert!(known, "{line}");
        }
    }
    assert!(clauses > Refused::ALL.len(), "{page}");
}
