//! Before the session: one message is read, the hello, and answered.
//!
//! Clauses: `handshake/binary, silent-refusal, version, error-then-close, control-frames,
//! early-frames`, `frame/before-hello`.

use super::{Ending, Guest, Hub, Ws, hub::fresh_nonce, poll_message};
use crate::exchange::{
    counts::Refused,
    event::Event,
    port::Port,
    session::{Close, Reply, Session},
    switchboard::Input,
};
use futures_util::{Sink, SinkExt};
use sealwire::handshake::{AwaitHello, Hello, Refusal};
use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::time::sleep_until;
use tokio_websockets::Message;

/// From the upgrade to a registered session whose reply is on its way.
pub(super) async fn greet(
    hub: &Hub,
    port: &Port,
    guest: &Guest,
    ws: &mut Ws,
) -> Result<Arc<Session>, Ending> {
    let mut hello: Vec<u8> = read_hello(hub, port, ws).await?;
    let wait = pin!(sleep_until(guest.hello()));
    unless_closed(port, wait).await?;
    match AwaitHello::new(&hub.identity).receive(&mut hello) {
        Err(_) => {
            hub.route.counts.refused(Refused::Hello);
            return Err(Ending::Close(Close::Silent));
        }
        Ok(Hello::WrongVersion(refusal)) => {
            hub.route.counts.refused(Refused::Version);
            return Err(refuse(hub, ws, refusal).await);
        }
        Ok(Hello::Admitted(admitted)) => hub.handle(port.line(), Input::Hello(Box::new(admitted))),
    }
    // What the client sends behind its hello stays unread until here (`[handshake/early-frames]`).
    let reply = poll_fn(|cx| {
        port.waker().register(cx.waker());
        port.take_reply().map_or(Poll::Pending, Poll::Ready)
    });
    match unless_closed(port, pin!(reply)).await? {
        Reply::Refused(refusal) => Err(refuse(hub, ws, *refusal).await),
        Reply::Welcome(session) => {
            ws.limits_mut().set_max_payload_len(Some(hub.limits.frame()));
            let welcome = Event::Welcome.seal(&session.link, &hub.identity, fresh_nonce());
            ws.feed(Message::binary(welcome)).await?;
            Ok(session)
        }
    }
}

/// The first message that is no control frame. Nothing is read while a pong waits to be written,
/// so a stranger cannot fill a buffer with them.
async fn read_hello(hub: &Hub, port: &Port, ws: &mut Ws) -> Result<Vec<u8>, Ending> {
    loop {
        let read = poll_fn(|cx| {
            if let Err(error) = ready!(Pin::new(&mut *ws).poll_flush(cx)) {
                return Poll::Ready(Err(error.into()));
            }
            poll_message(ws, cx, hub.limits.frame_before_hello())
        });
        let message = unless_closed(port, pin!(read)).await??;
        if message.is_binary() {
            return Ok(message.into_payload().to_vec());
        }
        if message.is_text() {
            hub.route.counts.refused(Refused::Hello);
            return Err(Ending::Close(Close::Silent));
        }
        if message.is_close() {
            return Err(Ending::Answered);
        }
    }
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

async fn refuse(hub: &Hub, ws: &mut Ws, refusal: Refusal) -> Ending {
    let mut frame = vec![0; Refusal::MAX];
    let sealed = refusal.seal(&mut frame, &hub.identity, fresh_nonce());
    frame.truncate(sealed.expect("the buffer holds every refusal"));
    match ws.feed(Message::binary(frame)).await {
        Ok(()) => Ending::Close(Close::NORMAL),
        Err(error) => error.into(),
    }
}
