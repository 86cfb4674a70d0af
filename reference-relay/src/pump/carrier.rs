//! A live session: frames in, lanes out, in one task that never waits for one of the two.
//!
//! Clauses: `frame/binary, text-*`, `relay/command-authentic, slow-wait, replies-bounded, rate,
//! life`; what they ask is decided in [`Port`](crate::exchange::port::Port) and [`route`](crate::exchange::route).

use super::{BATCH, Ending, Hub, Ws, flight::Flight, hub::fresh_nonce, poll_message};
use crate::exchange::{
    bucket::Bucket,
    event::Event,
    route::{Held, Verdict},
    session::{Out, Session},
    switchboard::Input,
};
use futures_util::Sink;
use sealwire::{Clause, relay::ToRelay};
use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Sleep, sleep_until};
use tokio_websockets::{Error, Message};

/// How many messages are read before other tasks get their turn.
const TURN: usize = 64;

struct Carrier<'c> {
    hub: &'c Hub,
    session: Arc<Session>,
    ws: &'c mut Ws,
    flight: Flight,
    /// A frame that waits for its recipient; nothing is read until it is gone.
    held: Option<Held>,
    /// Pongs in the WebSocket's buffer.
    pongs: usize,
    commands: Bucket,
    /// Until when the rate of commands forbids reading.
    resume: Duration,
    timer: Pin<Box<Sleep>>,
}

/// Serves a session to its end. The flight is what was being written then.
pub(super) async fn carry(
    hub: &Hub,
    session: Arc<Session>,
    ws: &mut Ws,
) -> (Ending, Option<Flight>) {
    let route = Arc::clone(&hub.route);
    let mut carrier = Carrier {
        flight: Flight::new(route, Arc::clone(&session), ws.get_ref().written()),
        hub,
        session,
        ws,
        held: None,
        pongs: 0,
        commands: Bucket::FULL,
        resume: Duration::ZERO,
        timer: Box::pin(sleep_until(hub.instant(Duration::ZERO))),
    };
    let ending = poll_fn(|cx| carrier.poll(cx)).await;
    hub.route.abandoned(carrier.held.take());
    (ending, Some(carrier.flight))
}

impl Carrier<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        self.session.port.waker().register(cx.waker());
        for _ in 0..TURN {
            if let Some(close) = self.session.port.closing() {
                return Poll::Ready(Ending::Close(close));
            }
            if let Err(error) = self.write(cx) {
                return Poll::Ready(error.into());
            }
            match self.read(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(ending)) => return Poll::Ready(ending),
                Poll::Pending if self.set_timer(cx) => return Poll::Pending,
                Poll::Pending => {}
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Writes batch after batch while the socket takes them.
    fn write(&mut self, cx: &mut Context<'_>) -> Result<(), Error> {
        loop {
            let flushed = Pin::new(&mut *self.ws).poll_flush(cx)?;
            self.flight.written(self.ws.get_ref().written(), self.hub.now());
            if flushed.is_pending() {
                return Ok(());
            }
            self.pongs = 0;
            self.flight.begin();
            let batch = self.session.port.batch(BATCH);
            if batch.is_empty() {
                return Ok(());
            }
            self.session.port.life.tell(self.hub.now());
            for out in batch {
                self.feed(out)?;
            }
        }
    }

    fn feed(&mut self, mut out: Out) -> Result<(), Error> {
        let messages = match &mut out {
            Out::Ping => [Some(Message::ping("")), Some(Message::text("ping"))],
            Out::Answer(event, _) | Out::Presence(event) | Out::Event(event, _) => {
                [Some(self.seal(event)), None]
            }
            Out::Frame(parcel) => [Some(Message::binary(parcel.take_frame(&self.session))), None],
        };
        let payloads = messages.each_ref().map(Option::as_ref);
        let payloads: Vec<_> =
            payloads.into_iter().flatten().map(|message| message.as_payload().len()).collect();
        self.flight.push(out, &payloads);
        let mut ws = Pin::new(&mut *self.ws);
        messages.into_iter().flatten().try_for_each(|message| ws.as_mut().start_send(message))
    }

    fn seal(&self, event: &Event) -> Message {
        Message::binary(event.seal(&self.session.link, &self.hub.identity, fresh_nonce()))
    }

    /// Reads one message, unless the session is not to be read now.
    fn read(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ending>> {
        let now = self.hub.now();
        if let Some(held) = self.held.take() {
            self.held = self.hub.route.retry(&self.session, held, now);
        }
        let unread = self.held.is_some() || now < self.resume;
        self.session.port.life.set_unread(unread, now);
        if unread || self.session.port.owes_much(self.pongs) {
            return Poll::Pending;
        }
        let message = ready!(poll_message(self.ws, cx, self.hub.limits.frame()));
        Poll::Ready(message.and_then(|message| self.message(message, now)))
    }

    fn message(&mut self, message: Message, now: Duration) -> Result<(), Ending> {
        if self.session.port.life.hear(now) {
            self.hub.handle(self.session.port.line(), Input::Alive);
        }
        if message.is_binary() {
            match self.hub.route.frame(&self.session, message.into_payload().to_vec(), now) {
                Verdict::Done => {}
                Verdict::Hold(held) => self.held = Some(held),
                Verdict::Command(frame) => self.command(frame, now),
            }
        } else if message.as_text() == Some("ping") {
            self.pongs += 1;
            self.session.port.life.tell(now);
            Pin::new(&mut *self.ws).start_send(Message::text("pong"))?;
        } else if message.is_ping() {
            self.pongs += 1;
        } else if message.is_close() {
            return Err(Ending::Answered);
        }
        Ok(())
    }

    /// Opens a command; a rate that is exceeded is paid afterwards, by not reading.
    fn command(&mut self, mut frame: Vec<u8>, now: Duration) {
        let counts = &self.hub.route.counts;
        match self.session.link.open_command(&mut frame) {
            Err(_) => counts.dropped(Clause::RelayCommandAuthentic),
            Ok(inner) => match ToRelay::parse(inner.command, inner.body) {
                Err(clause) => counts.dropped(clause),
                Ok(command) => {
                    self.hub.handle(self.session.port.line(), Input::Command(command));
                }
            },
        }
        let limits = &self.hub.limits;
        self.resume = self.commands.take(now, limits.command_rate(), limits.command_burst());
    }

    /// Arms the timer for whatever time decides next. False if it is due already.
    fn set_timer(&mut self, cx: &mut Context<'_>) -> bool {
        let now = self.hub.now();
        let check = self.session.port.check(now);
        let held = self.held.as_ref().map(|held| held.until);
        let resume = Some(self.resume).filter(|at| *at > now);
        let Some(next) = check.into_iter().chain(held).chain(resume).min() else { return true };
        self.timer.as_mut().reset(self.hub.instant(next));
        self.timer.as_mut().poll(cx).is_pending()
    }
}
