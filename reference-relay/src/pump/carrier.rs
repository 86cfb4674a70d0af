//! A live session: frames in, lanes out, in one task that never waits for one of the two.
//!
//! Clauses: `frame/binary, text-*`, `relay/command-authentic, slow-wait, replies-bounded, rate,
//! life`; what they ask is decided in [`Port`](crate::exchange::port::Port) and [`route`](crate::exchange::route).

use super::{
    Ending, Hub,
    connection::{Connection, with_scratch},
    hub::fresh_nonce,
};
use crate::{
    exchange::{
        bucket::Bucket,
        event::Event,
        route::{Held, Route, Verdict},
        session::{Out, Session},
        switchboard::Input,
    },
    websocket::{Kind, Message},
};
use sealwire::{Clause, identity::PeerId, relay::ToRelay};
use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Sleep, sleep_until};

/// How often the socket is read before other tasks get their turn.
const TURN: usize = 16;
/// How much is taken out of the lanes in one go.
const BATCH: usize = 512 * 1024;

/// So much of a message that is not whole yet is a sign of life: on a slow line it hides every pong.
const PARTIAL: usize = 4 * 1024;

struct Carrier<'c> {
    hub: &'c Hub,
    session: Arc<Session>,
    connection: &'c mut Connection,
    /// A frame that waits for its recipient; nothing is read until it is gone.
    held: Option<Held>,
    commands: Bucket,
    /// Until when the rate of commands forbids reading.
    resume: Duration,
    /// While time has something to decide.
    timer: Option<Pin<Box<Sleep>>>,
}

/// What was taken out of the lanes and is not on its way yet. Should one of them fail inside, the
/// frames behind it are answered.
struct Taken<'c> {
    route: &'c Route,
    by: PeerId,
    batch: VecDeque<Out>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.route.undelivered(self.by, self.batch.drain(..));
    }
}

/// Serves a session to its end.
pub(super) async fn carry(hub: &Hub, session: Arc<Session>, connection: &mut Connection) -> Ending {
    let (commands, resume) = (Bucket::FULL, Duration::ZERO);
    let mut carrier =
        Carrier { hub, session, connection, held: None, commands, resume, timer: None };
    poll_fn(|cx| carrier.poll(cx)).await
}

impl Drop for Carrier<'_> {
    fn drop(&mut self) {
        self.hub.route.abandoned(self.held.take());
    }
}

impl Carrier<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        self.session.port.waker().register(cx.waker());
        for _ in 0..TURN {
            let now = self.hub.now();
            if let Some(close) = self.session.port.closing() {
                return Poll::Ready(Ending::Close(close));
            }
            if let Err(error) = self.write(cx, now) {
                return Poll::Ready(error.into());
            }
            match self.read(cx, now) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(ending)) => return Poll::Ready(ending),
                Poll::Pending if self.set_timer(cx) => return Poll::Pending,
                Poll::Pending => {}
            }
        }
        // Whoever can be read all the time is judged all the same.
        let _ = self.session.port.check(self.hub.now());
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// A sign of life (`[relay/life]`).
    fn hear(&self, now: Duration) {
        if self.session.port.life.hear(now) {
            self.hub.handle(self.session.port.line(), Input::Alive);
        }
    }

    /// Writes batch after batch while the socket takes them.
    fn write(&mut self, cx: &mut Context<'_>, now: Duration) -> io::Result<()> {
        loop {
            let flushed = self.connection.poll_flush(cx, now);
            if self.connection.flight.moved() {
                // The answer to a ping may stand behind more than a slow line takes in time.
                self.hear(now);
            }
            let Poll::Ready(flushed) = flushed else { break };
            flushed?;
            let batch = self.session.port.batch(BATCH);
            if batch.is_empty() {
                break;
            }
            self.session.port.life.tell(now);
            self.hub.route.counts.batch.record(batch.len() as u64);
            let mut taken = Taken { route: &self.hub.route, by: self.session.id(), batch };
            while let Some(out) = taken.batch.pop_front() {
                self.send(out);
            }
        }
        Ok(())
    }

    fn send(&mut self, mut out: Out) {
        let payload = match &mut out {
            Out::Ping => {
                self.connection.flight.push(Message::new(Kind::Ping, []), None);
                self.connection.flight.push(Message::new(Kind::Text, *b"ping"), Some(out));
                return;
            }
            Out::Answer(event, _) | Out::Presence(event) | Out::Event(event, _) => self.seal(event),
            Out::Frame(parcel) => parcel.take_frame(&self.session),
        };
        self.connection.flight.push(Message::new(Kind::Binary, payload), Some(out));
    }

    fn seal(&self, event: &Event) -> Vec<u8> {
        event.seal(&self.session.link, &self.hub.identity, fresh_nonce())
    }

    /// Reads what has come, unless the session is not to be read now.
    fn read(&mut self, cx: &mut Context<'_>, now: Duration) -> Poll<Result<(), Ending>> {
        if let Some(held) = self.held.take() {
            self.held = self.hub.route.retry(&self.session, held, now);
        }
        let unread = self.is_unread(now);
        self.session.port.life.set_unread(unread, now);
        if unread || self.owes_much() {
            return Poll::Pending;
        }
        with_scratch(|scratch| {
            let mut bytes = ready!(self.connection.poll_bytes(cx, scratch))?;
            let read = self.messages(&mut bytes, now);
            self.connection.keep(bytes);
            if self.connection.has_come(PARTIAL) {
                self.hear(now);
            }
            Poll::Ready(read)
        })
    }

    /// Whether the session itself is to blame that it is not read.
    fn is_unread(&self, now: Duration) -> bool {
        self.held.is_some() || now < self.resume
    }

    fn owes_much(&self) -> bool {
        self.session.port.owes_much(self.connection.pongs())
    }

    /// Looks at messages until one of them asks to wait.
    fn messages(&mut self, bytes: &mut &mut [u8], now: Duration) -> Result<(), Ending> {
        let mut heard = false;
        while let Some(message) = self.connection.next(bytes, self.hub.limits.frame())? {
            if !heard {
                self.hear(now);
            }
            heard = true;
            if self.message(message, now) && (self.is_unread(now) || self.owes_much()) {
                break;
            }
        }
        Ok(())
    }

    /// Whether the next message may have to wait.
    fn message(&mut self, message: Message, now: Duration) -> bool {
        match message.kind {
            Kind::Binary => match self.hub.route.frame(&self.session, message.payload, now) {
                Verdict::Queued => return false,
                Verdict::Done => {}
                Verdict::Hold(held) => self.held = Some(held),
                Verdict::Command(frame) => self.command(frame, now),
            },
            Kind::Text if message.payload == b"ping" => {
                self.session.port.life.tell(now);
                self.connection.pong(Message::new(Kind::Text, *b"pong"));
            }
            _ => {}
        }
        true
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
        let Some(next) = check.into_iter().chain(held).chain(resume).min() else {
            self.timer = None;
            return true;
        };
        let at = self.hub.instant(next);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        timer.as_mut().reset(at);
        timer.as_mut().poll(cx).is_pending()
    }
}
