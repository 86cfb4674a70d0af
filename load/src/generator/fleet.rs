//! All sessions of a run, in one thread with one scratch buffer.

use std::ops::Range;
use std::time::{Duration, Instant};

use sealwire::identity::Identity;

use super::identities::identity;
use super::progress::Progress;
use super::relay::Relay;
use super::session::{End, Role, Session};
use crate::Failure;
use crate::machine::{Poll, Ready, Sources, raise_open_files};
use crate::websocket::Opcode;

/// Bytes that one read takes at most.
const SCRATCH: usize = 256 * 1_024;
/// Connections that are under way at a time: more would wait in the relay's backlog only.
const UNDER_WAY: usize = 256;
/// Files that are open besides sessions.
const OTHER_FILES: usize = 24;
/// A session that has heard nothing for so many seconds says `ping`. Relays ask earlier than that.
const SILENCE: u32 = 25;

/// The code of an end that is in order, 1000.
const NORMAL: [u8; 2] = 1_000_u16.to_be_bytes();
/// How often it looks up while nothing happens.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a relay may greet nobody while clients knock.
const GREETING: Duration = Duration::from_secs(20);
/// How often it looks up while sessions are due at their rate.
const TICK: Duration = Duration::from_millis(5);

/// What has happened.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A session is live.
    Up(usize),
    /// A session, or the attempt at one, has ended.
    Ended(usize, End),
    /// There is something to read at a live session, or room to write.
    Ready(Ready),
}

/// The sessions.
pub(crate) struct Fleet {
    relay: Relay,
    identities: Vec<Identity>,
    sessions: Vec<Session>,
    poll: Poll,
    sources: Sources,
    scratch: Vec<u8>,
    began: Instant,
    looked_after: u32,
}

impl Fleet {
    /// So many sessions, none of which is there yet.
    pub(crate) fn new(relay: Relay, seed: u64, size: usize) -> Result<Self, Failure> {
        raise_open_files(size + OTHER_FILES)?;
        let identities =
            (0..size).map(|number| identity(seed, number)).collect::<Result<_, _>>()?;
        Ok(Self {
            sources: Sources::new(relay.address),
            relay,
            identities,
            sessions: std::iter::repeat_with(Session::default).take(size).collect(),
            poll: Poll::new().map_err(|error| broken("epoll", &error))?,
            scratch: vec![0; SCRATCH],
            began: Instant::now(),
            looked_after: 0,
        })
    }

    /// From now on, waits end when they should.
    pub(crate) fn be_precise(&mut self) -> Result<(), Failure> {
        self.poll.be_precise().map_err(|error| broken("timerfd", &error))
    }

    /// Who a session is.
    pub(crate) fn identity(&self, index: usize) -> &Identity {
        &self.identities[index]
    }

    /// A session.
    pub(crate) fn session(&mut self, index: usize) -> &mut Session {
        &mut self.sessions[index]
    }

    /// Begins to connect.
    pub(crate) fn dial(&mut self, index: usize, role: Role) -> Result<(), End> {
        let unreachable = |error: std::io::Error| End::Unreachable(error.to_string());
        let socket = self.sources.dial(self.relay.address, role == Role::Stalled);
        let socket = socket.map_err(unreachable)?;
        self.poll.watch(&socket, index).map_err(unreachable)?;
        self.sessions[index] = Session::dialing(socket, role);
        Ok(())
    }

    /// Ends a session, without a word.
    pub(crate) fn drop(&mut self, index: usize) {
        self.sessions[index] = Session::default();
    }

    /// Ends a session as a client should, and does not wait for the answer.
    pub(crate) fn leave(&mut self, index: usize) {
        // It is leaving anyhow.
        let _ = self.sessions[index].say(Opcode::Close, &NORMAL);
        self.drop(index);
    }

    /// Waits for so long at most, and tells what has happened.
    pub(crate) fn look(&mut self, most: Duration, events: &mut Vec<Event>) -> Result<(), Failure> {
        events.clear();
        self.poll.wait(most).map_err(|error| broken("epoll", &error))?;
        let now = self.began.elapsed().as_secs() as u32;
        for at in 0..self.poll.changed() {
            let ready = self.poll.ready(at);
            let session = &mut self.sessions[ready.token];
            session.heard = now;
            session.ended |= ready.ended;
            if session.is_live() {
                events.push(Event::Ready(ready));
            } else if session.is_here() {
                let identity = &self.identities[ready.token];
                match session.greet(&self.relay, identity, &mut self.scratch) {
                    Ok(true) => events.push(Event::Up(ready.token)),
                    Ok(false) => {}
                    Err(end) => self.end(ready.token, end, events),
                }
            }
        }
        if now > self.looked_after {
            self.looked_after = now;
            self.look_after(now, events);
        }
        Ok(())
    }

    /// Who hears nothing says something: a relay that asks nobody ends the silent.
    fn look_after(&mut self, now: u32, events: &mut Vec<Event>) {
        for index in 0..self.sessions.len() {
            let session = &mut self.sessions[index];
            if session.is_live() && session.heard + SILENCE <= now {
                session.heard = now;
                if let Err(end) = session.say(Opcode::Text, b"ping") {
                    self.end(index, end, events);
                }
            }
        }
    }

    fn end(&mut self, index: usize, end: End, events: &mut Vec<Event>) {
        self.drop(index);
        events.push(Event::Ended(index, end));
    }

    /// Reads a live session. `take` gets, of each binary frame, the first bytes that are wanted and
    /// the length of all.
    pub(crate) fn receive(
        &mut self,
        index: usize,
        take: &mut impl FnMut(&mut [u8], usize),
    ) -> Result<(), End> {
        let received = self.sessions[index].receive(&mut self.scratch, take);
        received.inspect_err(|_| self.drop(index))
    }

    /// Connects those sessions, several at a time and no more than `ramp` a second, and waits until
    /// all are live. The first failure ends it, and so does a relay that greets nobody.
    pub(crate) fn connect(
        &mut self,
        sessions: Range<usize>,
        role: impl Fn(usize) -> Role,
        ramp: Option<u32>,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let (began, all) = (Instant::now(), sessions.len());
        let (mut next, mut live, mut events) = (sessions.start, 0, Vec::new());
        let mut greeted = began;
        while live < all {
            let due = ramp.map_or(all, |ramp| {
                (began.elapsed().as_secs_f64() * f64::from(ramp)).ceil() as usize
            });
            let most = (due.min(live + UNDER_WAY) + sessions.start).min(sessions.end);
            while next < most {
                self.dial(next, role(next)).map_err(|end| refused(next, &end))?;
                next += 1;
            }
            self.look(if ramp.is_some() { TICK } else { PATIENCE }, &mut events)?;
            for event in events.drain(..) {
                match event {
                    Event::Up(_) => {
                        live += 1;
                        greeted = Instant::now();
                    }
                    Event::Ended(index, end) => return Err(refused(index, &end)),
                    Event::Ready(ready) => self.ignore(ready.token)?,
                }
            }
            if live + sessions.start == next {
                // Nobody is under way.
                greeted = Instant::now();
            } else if greeted.elapsed() > GREETING {
                return Err(Failure::Broken(format!("the relay greets nobody for {GREETING:?}")));
            }
            progress.say(|| format!("{live} of {all} sessions connected"));
        }
        Ok(())
    }

    /// Keeps all sessions for so long. The end of one ends it.
    pub(crate) fn idle(&mut self, time: Duration) -> Result<(), Failure> {
        let (until, mut events) = (Instant::now() + time, Vec::new());
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            self.look(left.min(PATIENCE), &mut events)?;
            for event in events.drain(..) {
                match event {
                    Event::Ready(ready) => self.ignore(ready.token)?,
                    Event::Ended(index, end) => return Err(refused(index, &end)),
                    Event::Up(_) => {}
                }
            }
        }
        Ok(())
    }

    /// Reads and answers pings.
    fn ignore(&mut self, index: usize) -> Result<(), Failure> {
        self.receive(index, &mut |_, _| ()).map_err(|end| refused(index, &end))
    }
}

/// There is no session, or no longer.
fn refused(index: usize, end: &End) -> Failure {
    Failure::Broken(format!("the relay and client {index}: {end}"))
}

/// The system refuses something.
pub(crate) fn broken(what: &str, error: &std::io::Error) -> Failure {
    Failure::Broken(format!("{what}: {error}"))
}
