//! The edges that only sockets show.

use crate::support::{
    PATIENCE, a_hello,
    raw::{Raw, UPGRADE, binary, frame},
    relay,
};
use std::{future::Future, time::Duration};
use tokio::{
    io::AsyncWriteExt,
    time::{Instant, sleep, timeout},
};

/// Longer than a message takes on loopback; what must not happen is not waited for any longer.
const MOMENT: Duration = Duration::from_millis(100);
/// A message that is closed with 1009.
const TOO_LONG: u64 = 1_048_577;

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

pub(super) fn frame_max() {
    run(async {
        let relay = relay(&[], None).await;
        let (mut alice, mut bob) = (relay.client(1).await, relay.client(2).await);
        alice.frame(bob.public().id(), 1, 1_048_576).await;
        assert_eq!(bob.incoming().await.2, 1_048_576);
        let mut raw = Raw::open(relay.address, &binary(&a_hello(3).0)).await;
        assert_eq!(raw.next().await.unwrap().1.len(), 116);
        raw.send(&frame(0x82, TOO_LONG, &[])).await;
        assert_eq!(raw.code().await, Some(1009));
    });
}

pub(super) fn frame_before_hello() {
    run(async {
        let relay = relay(&[], None).await;
        for (length, code) in [(4_096, 0), (4_097, 1009)] {
            let mut raw = Raw::open(relay.address, &binary(&vec![7; length])).await;
            assert_eq!(raw.code().await, Some(code), "no hello, and too long");
        }
    });
}

/// A connection that the relay has closed, and from which it reads what still comes.
async fn closed(relay: &crate::support::Running) -> Raw {
    let mut raw = Raw::open(relay.address, &[]).await;
    raw.send(&frame(0x82, TOO_LONG, &[])).await;
    assert_eq!(raw.code().await, Some(1009));
    raw
}

/// Until the socket is gone, which a writer learns from the second write at the earliest.
async fn gone(raw: &mut Raw) {
    let writing = async {
        while raw.0.write_all(&[0]).await.is_ok() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, writing).await.expect("it is gone at last");
}

pub(super) fn close_drain() {
    run(async {
        let relay = relay(&["close.drain=5000", "close.drain-time=10min"], None).await;
        let mut raw = closed(&relay).await;
        // It reads a KiB at a time, so this edge is as wide: were it reading less, a reset would be
        // the answer to the first of these, and the next one would meet it.
        for bytes in [4_999, 1, 1] {
            raw.send(&vec![0; bytes]).await;
            sleep(MOMENT).await;
        }
        gone(&mut raw).await;
    });
}

pub(super) fn close_drain_time() {
    run(async {
        let begin = Instant::now();
        let relay = relay(&["close.drain-time=300ms"], None).await;
        let mut raw = closed(&relay).await;
        gone(&mut raw).await;
        assert!(begin.elapsed() >= Duration::from_millis(300), "not before");
    });
}

pub(super) fn close_wait() {
    run(async {
        let settings = ["close.wait=300ms", "drain.window=1ms", "socket.send-buffer=4KiB"];
        let relay = relay(&settings, None).await;
        let mut alice = relay.client(1).await;
        let deaf = relay.open_narrow().await;
        let deaf = crate::support::Running::client_on(deaf, 2).await;
        for number in 0..20 {
            alice.frame(deaf.public().id(), number, 20_000).await;
        }
        alice.connection.barrier().await;
        drop(alice);
        let begin = Instant::now();
        // The close cannot go out behind what nobody takes.
        relay.stop().await;
        assert!(begin.elapsed() >= Duration::from_millis(300), "not before");
    });
}

pub(super) fn socket_max() {
    run(async {
        let relay = relay(&["socket.max=2"], None).await;
        let _open = [Raw::open(relay.address, &[]).await, Raw::open(relay.address, &[]).await];
        assert_eq!(Raw::request(relay.address, UPGRADE, &[]).await.1, "", "closed at once");
        let labels = "{reason=\"descriptors\",clause=\"relay/sockets-limit\"}";
        // Nobody can ask on the same port now.
        assert_eq!(relay.metric("sealwire_refused_total", labels).await, 1.0);
    });
}

/// The listening socket as the relay shapes it, asked what it hands on.
#[cfg(target_os = "linux")]
fn accepted(settings: &[&str]) -> (u32, u32, Duration) {
    let mut limits = sealwire_relay::limits::Limits::default();
    settings.iter().for_each(|setting| limits.set(setting).unwrap());
    let mut told = None;
    run(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        sealwire_relay::operation::server::shape(&socket, &limits).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let (_client, accepted) =
            tokio::join!(tokio::net::TcpStream::connect(address), listener.accept());
        let accepted = accepted.unwrap().0;
        let socket = socket2::SockRef::from(&accepted);
        let timeout = socket.tcp_user_timeout().unwrap().unwrap();
        let buffer = socket.send_buffer_size().unwrap() as u32;
        told = Some((buffer, socket.tcp_notsent_lowat().unwrap(), timeout));
    });
    told.unwrap()
}

#[cfg(target_os = "linux")]
pub(super) fn socket_send_buffer() {
    // The system doubles it, to account for its own.
    assert_eq!(accepted(&["socket.send-buffer=10001"]).0, 20_002);
}

#[cfg(target_os = "linux")]
pub(super) fn socket_unsent() {
    assert_eq!(accepted(&["socket.unsent=10001"]).1, 10_001);
}

#[cfg(target_os = "linux")]
pub(super) fn socket_timeout() {
    assert_eq!(accepted(&["socket.timeout=9999ms"]).2, Duration::from_millis(9_999));
}

/// Elsewhere nothing of it is set but the size of the buffer.
#[cfg(not(target_os = "linux"))]
mod unset {
    pub(crate) fn socket_send_buffer() {}
    pub(crate) fn socket_unsent() {}
    pub(crate) fn socket_timeout() {}
}
#[cfg(not(target_os = "linux"))]
pub(super) use unset::*;

pub(super) fn drain_window() {
    run(async {
        let relay = relay(&["drain.window=600ms"], None).await;
        let (mut one, mut other) = (relay.client(1).await, relay.client(2).await);
        let begin = Instant::now();
        let ended = relay.stopping();
        assert_eq!(one.connection.closed().await, Some(1012));
        assert_eq!(other.connection.closed().await, Some(1012));
        assert!(begin.elapsed() >= Duration::from_millis(300), "half of them at half of it");
        ended.await.unwrap();
    });
}
