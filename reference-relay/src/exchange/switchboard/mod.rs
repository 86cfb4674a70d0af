//! Who is here, who is told, whose time is out. One lock around it, never on a frame's path.
//!
//! ```text
//! Greeting ── hello ──→ id free ─────────────────────────────→ Seated ── the end ──→ Left
//!    │                  id taken ─→ waits while the old one ─┬─→ Seated (it was dead)
//!    │                              is probed                └─→ Left, ERROR (it lives)
//!    └─ too late, a replay, no room ─→ Left, closed
//! ```
//!
//! Pure: `now` is the time since the relay began, [`Switchboard::next_wake`] says when to call
//! [`Switchboard::wake`]; what is to be sent is put into the lines' ports and waits for nobody.
//!
//! Clauses: `handshake/register-before-ok, one-winner, removal-by-session, deadline, id-in-use,
//! probe, one-probe, replay`, `relay/presence-*, idle-*, sessions-limit, drain`; hellos in `admission`,
//! commands in `commands`.

mod admission;
mod commands;
mod presence;
mod replay;

pub use commands::Notifier;

use crate::{
    exchange::{
        counts::Refused,
        crowd::give_back,
        port::Port,
        route::Route,
        session::{Close, Line, Session},
    },
    limits::Limits,
};
use presence::Presence;
use replay::{Mark, Replays};
use sealwire::{handshake::Admitted, identity::PeerId, relay::ToRelay};
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    mem::replace,
    sync::Arc,
    time::Duration,
};

/// What happens to a line.
#[derive(Debug)]
pub enum Input<'a> {
    /// A connection speaks WebSocket; until the deadline it may say hello.
    Opened(Arc<Port>, Duration),
    /// A hello that passed every check of its own.
    Hello(Box<Admitted>),
    /// A sign of life of a probed session.
    Alive,
    /// A command that opened and parsed.
    Command(ToRelay<'a>),
    /// The connection is no more.
    Ended,
}

#[derive(Debug)]
enum Stage {
    Greeting,
    /// Its hello waits for the result of a probe of this line.
    Waiting(Line),
    Seated(Seat),
    Left,
}

#[derive(Debug)]
struct Seat {
    session: Arc<Session>,
    mark: Mark,
    pinged: Duration,
    probe: Option<Probe>,
}

/// A question to an old session, and who waits for the answer.
#[derive(Debug)]
struct Probe {
    until: Duration,
    waiting: VecDeque<(Line, Admitted)>,
}

#[derive(Debug)]
struct Entry {
    port: Arc<Port>,
    stage: Stage,
    timer: Option<Duration>,
}

/// How much a switchboard remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// Connections.
    pub lines: usize,
    /// Timers that are set.
    pub timers: usize,
    /// Hellos that would be known again.
    pub hellos: usize,
    /// Keys watched, each by each session that watches it.
    pub watched: usize,
}

/// The relay's knowledge of its connections.
#[derive(Debug)]
pub struct Switchboard {
    limits: Arc<Limits>,
    route: Arc<Route>,
    notifier: Option<Notifier>,
    lines: HashMap<Line, Entry>,
    ids: HashMap<PeerId, Line>,
    presence: Presence,
    replays: Replays,
    timers: BTreeSet<(Duration, Line)>,
    draining: bool,
}

impl Switchboard {
    /// Nobody is here.
    #[must_use]
    pub fn new(limits: Arc<Limits>, route: Arc<Route>, notifier: Option<Notifier>) -> Self {
        Self {
            limits,
            route,
            notifier,
            lines: HashMap::new(),
            ids: HashMap::new(),
            presence: Presence::default(),
            replays: Replays::default(),
            timers: BTreeSet::new(),
            draining: false,
        }
    }

    /// Something happened to a line. Lines that are not known are ignored.
    pub fn handle(&mut self, now: Duration, line: Line, input: Input<'_>) {
        match input {
            Input::Opened(port, deadline) => {
                if self.draining {
                    port.close(Close::RESTART);
                }
                self.lines.insert(line, Entry { port, stage: Stage::Greeting, timer: None });
                self.schedule(line, Some(deadline));
            }
            Input::Hello(admitted) => self.hello(now, line, *admitted),
            Input::Alive => self.alive(line),
            Input::Command(command) => self.command(now, line, command),
            Input::Ended => self.ended(now, line),
        }
    }

    /// When [`Self::wake`] is due.
    #[must_use]
    pub fn next_wake(&self) -> Option<Duration> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Serves every timer that is due.
    pub fn wake(&mut self, now: Duration) {
        while let Some((_, line)) = self.timers.first().copied().filter(|(at, _)| *at <= now) {
            self.schedule(line, None);
            match self.lines.get(&line) {
                Some(Entry { stage: Stage::Seated(_), .. }) => self.examine(now, line),
                Some(Entry { stage: Stage::Greeting, port, .. }) => {
                    self.route.counts.refused(Refused::Deadline);
                    port.close(Close::Silent);
                }
                _ => {}
            }
        }
    }

    /// The limits have changed: whoever is here is judged by the new ones.
    pub fn review(&mut self, now: Duration) {
        let lines: Vec<_> = self.ids.values().copied().collect();
        lines.into_iter().for_each(|line| self.examine(now, line));
    }

    /// The relay is about to go: nobody is let in any more, and who has no session is told.
    pub fn shut(&mut self) {
        self.draining = true;
        let seated = |entry: &&Entry| matches!(entry.stage, Stage::Seated(_));
        let waiting = self.lines.values().filter(|entry| !seated(entry));
        waiting.for_each(|entry| entry.port.close(Close::RESTART));
    }

    /// The relay goes: everybody is told, nobody is let in any more (`[relay/drain]`).
    pub fn drain(&mut self) {
        self.draining = true;
        self.lines.values().for_each(|entry| entry.port.close(Close::RESTART));
    }

    /// Live sessions.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.ids.len()
    }

    /// What it remembers.
    #[must_use]
    pub fn footprint(&self) -> Footprint {
        Footprint {
            lines: self.lines.len(),
            timers: self.timers.len(),
            hellos: self.replays.len(),
            watched: self.presence.len(),
        }
    }

    /// Judges a session by the clock, and sets its next timer.
    fn examine(&mut self, now: Duration, line: Line) {
        let (ping, end) = (self.limits.idle_ping(), self.limits.idle_end());
        let Some(Entry { stage: Stage::Seated(seat), port, .. }) = self.lines.get_mut(&line) else {
            return;
        };
        let heard = port.life.heard(now);
        let probed = seat.probe.as_ref().map(|probe| probe.until);
        if probed.is_some_and(|until| now >= until) {
            if port.life.is_unread() {
                self.alive(line);
            } else {
                return self.expel(now, line);
            }
        } else if now >= heard + end {
            return self.expel(now, line);
        } else {
            let quiet =
                |seat: &Seat| together(heard.min(port.life.told()).max(seat.pinged) + ping, ping);
            if now >= quiet(seat) {
                port.ping();
                seat.pinged = now;
            }
            let next = quiet(seat).min(heard + end);
            return self.schedule(line, Some(probed.map_or(next, |until| until.min(next))));
        }
        self.examine(now, line);
    }

    /// Ends a session that has shown no life.
    fn expel(&mut self, now: Duration, line: Line) {
        self.dismiss(line, Close::AWAY);
        self.unseat(now, line);
    }

    fn dismiss(&mut self, line: Line, close: Close) {
        if let Some(entry) = self.lines.get(&line) {
            entry.port.close(close);
        }
    }

    fn ended(&mut self, now: Duration, line: Line) {
        self.unseat(now, line);
        self.schedule(line, None);
        let entry = self.lines.remove(&line);
        give_back(&mut self.lines);
        let Some(Entry { stage: Stage::Waiting(old), .. }) = entry else { return };
        if let Some(Entry { stage: Stage::Seated(seat), .. }) = self.lines.get_mut(&old)
            && let Some(probe) = &mut seat.probe
            && let Some(place) = probe.waiting.iter().position(|(waiting, _)| *waiting == line)
            && let Some((_, admitted)) = probe.waiting.remove(place)
        {
            self.replays.retire(*admitted.mark(), self.limits.hello_replays());
        }
    }

    /// The one way in which a session ends, whatever ended it.
    fn unseat(&mut self, now: Duration, line: Line) {
        let Some(entry) = self.lines.get_mut(&line) else { return };
        if !matches!(entry.stage, Stage::Seated(_)) {
            return;
        }
        let Stage::Seated(seat) = replace(&mut entry.stage, Stage::Left) else { return };
        entry.port.life.set_probed(false);
        let id = seat.session.id();
        if self.ids.get(&id) == Some(&line) {
            self.ids.remove(&id);
            give_back(&mut self.ids);
        }
        self.route.remove(id, line);
        // Whoever found the session before that line finds its port closed after this one.
        self.route.undelivered(id, seat.session.port.end());
        self.presence.forget(line);
        self.replays.retire(seat.mark, self.limits.hello_replays());
        self.broadcast(*seat.session.link.peer().x25519(), false);
        let mut waiting = seat.probe.map(|probe| probe.waiting).unwrap_or_default();
        if let Some((first, admitted)) = waiting.pop_front() {
            self.seat(now, first, admitted);
        }
        for (line, admitted) in waiting {
            self.refuse(line, admitted);
        }
    }

    fn broadcast(&self, key: [u8; 32], online: bool) {
        for line in self.presence.watchers(&key) {
            if let Some(entry) = self.lines.get(&line) {
                entry.port.presence(key, online);
            }
        }
    }

    fn schedule(&mut self, line: Line, at: Option<Duration>) {
        let Some(entry) = self.lines.get_mut(&line) else { return };
        if let Some(old) = replace(&mut entry.timer, at) {
            self.timers.remove(&(old, line));
        }
        self.timers.extend(at.map(|at| (at, line)));
    }
}

/// Pings fall together, at most half a percent of their time late: a relay whose sessions are idle
/// would otherwise wake for each of them alone.
fn together(at: Duration, ping: Duration) -> Duration {
    let grain = (ping / 200).as_micros().max(1);
    let late = at.as_micros().next_multiple_of(grain) - at.as_micros();
    at + Duration::from_micros(u64::try_from(late).unwrap_or(0))
}

#[cfg(test)]
mod tests;
