//! Before the session: one message is read, the hello, and answered.
//!
//! Clauses: `handshake/binary, silent-refusal, version, error-then-close, control-frames,
//! early-frames`, `frame/before-hello`.

use super::{
    Ending, Guest, Hub,
    connection::{Connection, with_scratch},
    hub::fresh_nonce,
};
use crate::exchange::{
    counts::Refused,
    event::Event,
    port::Port,
    session::{Close, Reply, Session},
    switchboard::Input,
};
use crate::websocket::{Kind, Message, Reader};
use sealwire::handshake::{AwaitHello, Hello, Refusal};
use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{io::Interest, net::TcpStream, time::sleep};

/// How often it is looked whether a client that waits for its reply is still there.
const LOOK: Duration = Duration::from_millis(100);

/// From the upgrade to a registered session whose reply is on its way.
pub(super) async fn greet(
    hub: &Hub,
    port: &Port,
    guest: &Guest,
    connection: &mut Connection,
) -> Result<Arc<Session>, Ending> {
    let mut hello = read_hello(hub, port, connection).await?;
    unless_closed(port, pin!(guest.turn())).await?;
    match AwaitHello::new(&hub.identity).receive(&mut hello) {
        Err(_) => {
            hub.route.counts.refused(Refused::Hello);
            return Err(Ending::Close(Close::Silent));
        }
        Ok(Hello::WrongVersion(refusal)) => {
            hub.route.counts.refused(Refused::Version);
            return Err(refuse(hub, connection, refusal));
        }
        Ok(Hello::Admitted(admitted)) => hub.handle(port.line(), Input::Hello(Box::new(admitted))),
    }
    // What the client sends behind its hello stays unread until here (`[handshake/early-frames]`).
    let reply = poll_fn(|cx| {
        port.waker().register(cx.waker());
        port.take_reply().map_or(Poll::Pending, Poll::Ready)
    });
    let reply = unless_closed(port, pin!(unless_gone(&connection.tcp, reply))).await??;
    match reply {
        Reply::Refused(refusal) => Err(refuse(hub, connection, *refusal)),
        Reply::Welcome(session) => {
            let welcome = Event::Welcome.seal(&session.link, &hub.identity, fresh_nonce());
            connection.flight.seat(Arc::clone(&session));
            connection.flight.push(Message::new(Kind::Binary, welcome), None);
            Ok(session)
        }
    }
}

/// Waits for something, or for the client's end. It may have sent what is not to be read yet, and
/// nothing tells of an end behind that but another look.
async fn unless_gone<T>(tcp: &TcpStream, wait: impl Future<Output = T>) -> Result<T, Ending> {
    let gone = async {
        while tcp.ready(Interest::READABLE).await.is_ok_and(|ready| !ready.is_read_closed()) {
            sleep(LOOK).await;
        }
    };
    tokio::select! {
        biased;
        done = wait => Ok(done),
        () = gone => Err(Ending::Gone),
    }
}

/// The first message that is no control frame. Nothing is read while a pong waits to be written,
/// so a stranger cannot fill a buffer with them.
async fn read_hello(
    hub: &Hub,
    port: &Port,
    connection: &mut Connection,
) -> Result<Vec<u8>, Ending> {
    loop {
        let read = poll_fn(|cx| {
            ready!(connection.poll_flush(cx, hub.now()))?;
            poll_message(connection, cx, hub.limits.frame_before_hello())
        });
        let message = unless_closed(port, pin!(read)).await??;
        match message.kind {
            Kind::Binary => return Ok(message.payload),
            Kind::Text => {
                hub.route.counts.refused(Refused::Hello);
                return Err(Ending::Close(Close::Silent));
            }
            _ => {}
        }
    }
}

fn poll_message(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    limit: usize,
) -> Poll<Result<Message, Ending>> {
    with_scratch(|scratch| {
        loop {
            // What is behind the message is kept, and a stranger's is not to be much.
            let most = scratch.len().min(limit + Reader::HEADER);
            let mut bytes = ready!(connection.poll_bytes(cx, &mut scratch[..most]))?;
            let message = connection.next(&mut bytes, limit)?;
            connection.keep(bytes);
            if let Some(message) = message {
                return Poll::Ready(Ok(message));
            }
        }
    })
}

/// Waits for something, or for the relay to end this connection.
async fn unless_closed<F: Future>(port: &Port, mut wait: Pin<&mut F>) -> Result<F::Output, Ending> {
    poll_fn(|cx: &mut Context<'_>| {
        port.waker().register(cx.waker());
        if let Some(close) = port.closing() {
            return Poll::Ready(Err(Ending::Close(close)));
        }
        wait.as_mut().poll(cx).map(Ok)
    })
    .await
}

fn refuse(hub: &Hub, connection: &mut Connection, refusal: Refusal) -> Ending {
    let mut frame = vec![0; Refusal::MAX];
    let sealed = refusal.seal(&mut frame, &hub.identity, fresh_nonce());
    frame.truncate(sealed.expect("the buffer holds every refusal"));
    connection.flight.push(Message::new(Kind::Binary, frame), None);
    Ending::Close(Close::NORMAL)
}
