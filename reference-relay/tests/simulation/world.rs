//! The clients, the clock, and what happens next.

use super::{
    client::{Conn, Manner, Ready},
    dice::Dice,
    history::History,
    index::Index,
    ledger::Ledger,
};
use sealwire::{identity::Identity, primitives::Secret};
use sealwire_relay::{
    exchange::{
        port::Port,
        route::Route,
        session::{Close, Line},
        switchboard::{Input, Notifier, Switchboard},
    },
    limits::Limits,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Weak},
    time::Duration,
};

pub(crate) struct World {
    pub(crate) dice: Dice,
    /// Never goes back: the relay reads `Instant`, which is monotonic. It may stand still, and
    /// after a machine has slept it may jump ahead.
    pub(crate) now: Duration,
    /// When it last jumped.
    pub(crate) jumped: Duration,
    pub(crate) limits: Arc<Limits>,
    pub(crate) route: Arc<Route>,
    pub(crate) switchboard: Switchboard,
    pub(crate) people: Arc<People>,
    pub(crate) conns: BTreeMap<u64, Conn>,
    pub(crate) index: Index,
    pub(crate) ledger: Ledger,
    pub(crate) history: History,
    /// What clients would notice in this step.
    pub(crate) news: Vec<News>,
    /// Lines that were served in this step.
    pub(crate) served: BTreeSet<u64>,
    pub(crate) steps: u64,
    pub(crate) swept: u64,
    pub(crate) ready: Arc<Ready>,
    pub(crate) lines: u64,
    /// Every port there was: what nobody needs any more must be gone.
    pub(crate) ports: Vec<Weak<Port>>,
}

impl Drop for World {
    /// Where a run failed.
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("in step {}, {:?} after the beginning", self.steps, self.now);
        }
    }
}

/// What the client of a connection notices.
#[derive(Debug)]
pub(crate) struct News {
    pub(crate) owner: usize,
    pub(crate) line: u64,
    pub(crate) what: Noticed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noticed {
    Welcome,
    Refused,
    Closed(Close),
    Broken,
}

/// Who there is. Making them takes longer than many a simulated hour.
pub(crate) struct People {
    pub(crate) clients: Vec<Identity>,
    pub(crate) relay: Identity,
}

impl People {
    pub(crate) fn new(clients: usize) -> Arc<Self> {
        let clients = (0..clients).map(identity).collect();
        Arc::new(Self { clients, relay: identity(1_000_000) })
    }
}

fn identity(number: usize) -> Identity {
    let mut seed = [0x5e; 32];
    // Not in the first byte: X25519 clears its three lowest bits.
    seed[8..16].copy_from_slice(&number.to_le_bytes());
    Identity::from_seeds(&Secret::new(seed), &Secret::new([number as u8; 32])).unwrap()
}

/// A relay that has just begun.
pub(crate) fn relay(limits: &Arc<Limits>, people: &People) -> (Arc<Route>, Switchboard) {
    let route = Arc::new(Route::new(Arc::clone(limits)));
    let notifier = Notifier::Key(*people.clients[0].public().x25519());
    let switchboard = Switchboard::new(Arc::clone(limits), Arc::clone(&route), Some(notifier));
    (route, switchboard)
}

impl World {
    pub(crate) fn new(dice: Dice, people: Arc<People>, settings: &[&str]) -> Self {
        let mut limits = Limits::default();
        settings.iter().for_each(|setting| limits.set(setting).unwrap());
        let limits = Arc::new(limits);
        let (route, switchboard) = relay(&limits, &people);
        Self {
            dice,
            now: Duration::ZERO,
            jumped: Duration::ZERO,
            limits,
            route,
            switchboard,
            people,
            conns: BTreeMap::new(),
            index: Index::default(),
            ledger: Ledger::default(),
            history: History::default(),
            news: Vec::new(),
            served: BTreeSet::new(),
            steps: 0,
            swept: 0,
            ready: Arc::default(),
            lines: 0,
            ports: Vec::new(),
        }
    }

    /// One event, and what the pumps do about it.
    pub(crate) fn step(&mut self) {
        self.news.clear();
        match self.dice.below(100) {
            0..5 => self.connect(),
            5..6 => self.change_manner(),
            6..7 if self.dice.one_in(2) => self.leave(),
            6..60 => self.send_frames(),
            60..70 => {
                let line = self.any_line();
                line.into_iter().for_each(|line| self.command(line));
            }
            70..72 => self.ping(),
            72..75 => self.pass(20_000_000),
            75..76 if self.dice.one_in(20) => self.pass(90_000_000),
            _ => self.pass(200_000),
        }
        self.pump();
    }

    /// Time goes on by up to so many microseconds, every timer at its time.
    fn pass(&mut self, most: usize) {
        let until = self.now + Duration::from_micros(self.dice.below(most) as u64);
        if self.dice.one_in(50) {
            return self.jump(until);
        }
        while let Some(due) = self.next_timer().filter(|due| *due <= until) {
            self.tick(due);
        }
        self.tick(until);
    }

    /// As on a machine that slept: timers come late, all at once.
    pub(crate) fn jump(&mut self, until: Duration) {
        self.jumped = until;
        self.tick(until);
    }

    pub(crate) fn next_timer(&self) -> Option<Duration> {
        let own = self.index.timers.first().map(|(at, _)| *at);
        self.switchboard.next_wake().into_iter().chain(own).min()
    }

    pub(crate) fn tick(&mut self, now: Duration) {
        self.now = self.now.max(now);
        self.switchboard.wake(self.now);
        let later = self.index.timers.split_off(&(self.now, u64::MAX));
        for (_, line) in std::mem::replace(&mut self.index.timers, later) {
            self.conns.get_mut(&line).unwrap().timer = None;
            self.ready.add(line);
        }
        self.pump();
        self.a_repeated_now_is_harmless();
    }

    /// What the tasks do that were woken, until none is.
    pub(crate) fn pump(&mut self) {
        loop {
            let ready = self.ready.take();
            if ready.is_empty() {
                return;
            }
            // Before anybody hears of it.
            ready.iter().for_each(|line| self.observe(*line));
            for line in ready {
                self.served.insert(line);
                self.serve(line);
            }
        }
    }

    /// A line that the switchboard may have ended or registered.
    fn observe(&mut self, line: u64) {
        let conn = self.conns.get(&line);
        let changes = conn.filter(|conn| conn.session.is_none() || conn.port.closing().is_some());
        let owner = changes.map(|conn| conn.owner);
        owner.into_iter().for_each(|owner| self.observe_client(owner));
    }

    /// Whether a client is registered, as frames see it.
    pub(crate) fn observe_client(&mut self, owner: usize) {
        let who = &self.people.clients[owner];
        let line = self.route.find(who.id()).map(|session| session.port.line().0);
        self.history.see(who.public().x25519(), line);
    }

    /// A connection is gone, as the pump would end it.
    pub(crate) fn end(&mut self, line: u64, what: Noticed) {
        let Some(conn) = self.conns.remove(&line) else { return };
        if let Some(moved) = self.index.leave(&conn) {
            self.conns.get_mut(&moved).unwrap().place = conn.place;
        }
        self.news.push(News { owner: conn.owner, line, what });
        self.switchboard.handle(self.now, Line(line), Input::Ended);
        self.observe_client(conn.owner);
        if let Some(session) = &conn.session {
            self.route.undelivered(session.id(), conn.flight.into_iter().map(|(_, out)| out));
        }
        self.route.abandoned(conn.held);
    }

    /// Everybody behaves, until nothing waits any more: some minutes.
    pub(crate) fn settle(&mut self) {
        for conn in self.conns.values_mut().filter(|conn| conn.manner.is_alive()) {
            (conn.manner, conn.since) = (Manner::Prompt, self.now);
            self.ready.add(conn.line.0);
        }
        self.pump();
        for _ in 0..400 {
            self.pass(1_000_000);
            self.pump();
            let lines: Vec<_> = self.conns.keys().copied().collect();
            lines.into_iter().for_each(|line| self.hear(line));
        }
    }

    /// The relay goes, and everybody with it.
    pub(crate) fn close(&mut self) {
        self.switchboard.drain();
        self.pump();
    }
}
