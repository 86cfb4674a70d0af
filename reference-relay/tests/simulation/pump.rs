//! What the tasks of connections do: the pump of the relay, with a socket of our own.

use super::{
    client::{Conn, Manner, weight},
    world::{News, Noticed, World},
};
use sealwire::{frame::Downlink, identity::PeerId};
use sealwire_relay::exchange::{
    event::Event,
    session::{Out, Reply},
};
use std::time::Duration;

const BATCH: usize = 4_096;
/// How often a slow socket takes something.
const TRICKLE: Duration = Duration::from_millis(500);

impl World {
    pub(crate) fn serve(&mut self, line: u64) {
        let Some(conn) = self.conns.get_mut(&line) else { return };
        conn.port.waker().register(&conn.bell);
        match conn.port.take_reply() {
            Some(Reply::Welcome(session)) => {
                assert_eq!(session.id(), self.people.clients[conn.owner].id());
                conn.session = Some(session);
                (conn.since, conn.reached) = (self.now, self.now);
                self.news.push(News { owner: conn.owner, line, what: Noticed::Welcome });
            }
            Some(Reply::Refused(_)) => return self.end(line, Noticed::Refused),
            None => {}
        }
        let check = conn.port.check(self.now);
        if let Some(close) = conn.port.closing() {
            self.may_be_closed(line, close);
            return self.end(line, Noticed::Closed(close));
        }
        let freed = conn.held.take().and_then(|held| {
            let to = held.to;
            conn.held = self.route.retry(conn.session.as_ref().unwrap(), held, self.now);
            conn.held.is_none().then_some(to)
        });
        conn.port.life.set_unread(conn.held.is_some() || self.now < conn.resume, self.now);
        freed.into_iter().for_each(|to| self.touch(to));
        self.write(line);
        self.arm(line, check);
    }

    /// Something was put in for a client, whose task need not be woken for it.
    pub(crate) fn touch(&mut self, to: PeerId) {
        self.served.extend(self.route.find(to).map(|session| session.port.line().0));
    }

    /// Its task runs again when time has something to say.
    fn arm(&mut self, line: u64, check: Option<Duration>) {
        let conn = self.conns.get_mut(&line).unwrap();
        let resume = Some(conn.resume).filter(|at| *at > self.now);
        let held = conn.held.as_ref().map(|held| held.until);
        let writable = matches!(conn.manner, Manner::Slow(_)) && has_something(conn);
        let takes = writable.then_some(conn.takes_at);
        let next = check.into_iter().chain(resume).chain(held).chain(takes).min();
        self.index.set_timer(conn, next);
    }

    /// The socket takes as much as the client's manner allows.
    fn write(&mut self, line: u64) {
        let conn = self.conns.get_mut(&line).unwrap();
        let mut room = match conn.manner {
            Manner::Prompt | Manner::Lost => usize::MAX,
            Manner::Slow(speed) if self.now >= conn.takes_at => {
                conn.takes_at = self.now + TRICKLE;
                self.dice.below(2 * speed)
            }
            Manner::Slow(_) | Manner::Stalled | Manner::Dead => return,
        };
        while let Some(out) = self.take(line, &mut room) {
            match self.conns[&line].manner {
                Manner::Lost => self.vanish(&out),
                _ => self.arrive(line, out),
            }
        }
    }

    /// The next message that fits whole into what the socket still takes.
    fn take(&mut self, line: u64, room: &mut usize) -> Option<Out> {
        let conn = self.conns.get_mut(&line).filter(|conn| conn.session.is_some())?;
        if conn.flight.is_empty() {
            let batch = conn.port.batch(BATCH).into_iter();
            conn.flight = batch.map(|out| (weight(&out), out)).collect();
        }
        let (left, _) = conn.flight.front_mut()?;
        let bytes = (*room).min(*left);
        *room -= bytes;
        *left -= bytes;
        let whole = *left == 0;
        conn.port.life.tell(self.now);
        if conn.manner != Manner::Prompt {
            conn.takes.push((self.now, bytes, usize::from(whole)));
            let recent = self.now.saturating_sub(2 * self.limits.slow_window());
            conn.takes.retain(|(at, ..)| *at >= recent);
        }
        let out = if whole { conn.flight.pop_front().map(|(_, out)| out) } else { None };
        conn.port.wrote(bytes as u64, &out, self.now);
        out
    }

    /// A client has a whole message.
    fn arrive(&mut self, line: u64, out: Out) {
        let conn = self.conns.get_mut(&line).unwrap();
        conn.reached = self.now;
        match out {
            Out::Frame(mut parcel) => {
                self.route.counts.delivered(1);
                let session = conn.session.as_ref().unwrap();
                let frame = parcel.take_frame(session);
                let down = Downlink::parse(&frame).unwrap();
                assert_eq!(down.from(session.link.routes()), parcel.sender.id(), "header");
                assert!(frame[16..].iter().all(|byte| *byte == 0xa5), "verbatim");
                let sent = self.ledger.deliver(number(&frame[8..]), line);
                let conn = &self.conns[&line];
                let reads = conn.manner == Manner::Prompt;
                assert!(!reads || self.now == sent.max(conn.since), "a prompt reader waited");
            }
            Out::Answer(Event::RecipientOffline(_, nonce), _) => {
                self.ledger.answer(number(&nonce.0), line);
            }
            Out::Answer(event, _) | Out::Presence(event) | Out::Event(event, _) => {
                conn.told(&event, &self.history);
            }
            Out::Ping => self.hear(line),
        }
    }

    /// The system took a message that nobody will have.
    fn vanish(&mut self, out: &Out) {
        match out {
            Out::Frame(parcel) => {
                self.route.counts.delivered(1);
                self.ledger.lose(number(&parcel.nonce.0));
            }
            Out::Answer(Event::RecipientOffline(_, nonce), _) => {
                self.ledger.lose(number(&nonce.0));
            }
            _ => {}
        }
    }
}

fn has_something(conn: &Conn) -> bool {
    let load = conn.port.load();
    !conn.flight.is_empty() || load.frames + load.answers + load.presence > 0
}

/// A frame's number in the ledger: where its nonce begins.
fn number(nonce: &[u8]) -> u64 {
    nonce.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)).unwrap()
}
