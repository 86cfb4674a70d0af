//! The clients, the clock, and what happens next.

use super::{
    client::{Conn, Manner, Ready, weight},
    dice::Dice,
    ledger::Ledger,
};
use sealwire::{
    frame::Downlink,
    identity::{Identity, PeerId},
    primitives::Secret,
};
use sealwire_relay::{
    exchange::{
        event::Event,
        route::Route,
        session::{Out, Reply},
        switchboard::{Input, Notifier, Switchboard},
    },
    limits::Limits,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

const BATCH: usize = 4_096;
/// How often a slow socket takes something.
const TRICKLE: Duration = Duration::from_millis(500);

pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) now: Duration,
    pub(crate) limits: Arc<Limits>,
    pub(crate) route: Arc<Route>,
    pub(crate) switchboard: Switchboard,
    pub(crate) people: Arc<People>,
    pub(crate) conns: BTreeMap<u64, Conn>,
    pub(crate) ledger: Ledger,
    /// Lines that were served in this step.
    pub(crate) served: BTreeSet<u64>,
    pub(crate) steps: u64,
    pub(crate) ready: Arc<Ready>,
    pub(crate) lines: u64,
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

impl World {
    pub(crate) fn new(dice: Dice, people: Arc<People>, settings: &[&str]) -> Self {
        let mut limits = Limits::default();
        settings.iter().for_each(|setting| limits.set(setting).unwrap());
        let limits = Arc::new(limits);
        let route = Arc::new(Route::new(Arc::clone(&limits)));
        let notifier = Notifier::Key(*people.clients[0].public().x25519());
        let switchboard = Switchboard::new(Arc::clone(&limits), Arc::clone(&route), Some(notifier));
        let conns = BTreeMap::new();
        let (now, ledger, served) = (Duration::ZERO, Ledger::default(), BTreeSet::new());
        Self {
            dice,
            now,
            limits,
            route,
            switchboard,
            people,
            conns,
            ledger,
            served,
            steps: 0,
            ready: Arc::default(),
            lines: 0,
        }
    }

    /// One event, and what the pumps do about it.
    pub(crate) fn step(&mut self) {
        self.served.clear();
        self.steps += 1;
        match self.dice.below(100) {
            0..5 => self.connect(),
            5..6 => self.change_manner(),
            6..7 if self.dice.one_in(2) => self.leave(),
            6..60 => self.send_frames(),
            60..70 => self.command(),
            70..72 => self.ping(),
            72..75 => self.pass(20_000_000),
            75..76 if self.dice.one_in(20) => self.pass(90_000_000),
            _ => self.pass(200_000),
        }
        self.pump();
    }

    /// Time goes on by up to so many microseconds, every timer at its time.
    fn pass(&mut self, most: usize) {
        let step = Duration::from_micros(self.dice.below(most) as u64);
        let until = self.now + step;
        // Now and then the clock jumps, as on a machine that slept: timers come late.
        let jumps = self.dice.one_in(50);
        while let Some(due) = self.next_timer().filter(|due| *due <= until && !jumps) {
            self.tick(due);
        }
        self.tick(until);
    }

    fn next_timer(&self) -> Option<Duration> {
        let own = self.conns.values().filter_map(|conn| conn.timer).min();
        self.switchboard.next_wake().into_iter().chain(own).min()
    }

    fn tick(&mut self, now: Duration) {
        self.now = self.now.max(now);
        self.switchboard.wake(self.now);
        for (line, conn) in &mut self.conns {
            if conn.timer.take_if(|at| *at <= self.now).is_some() {
                self.ready.add(*line);
            }
        }
        self.pump();
    }

    /// What the tasks do that were woken, until none is.
    pub(crate) fn pump(&mut self) {
        loop {
            let ready = self.ready.take();
            if ready.is_empty() {
                return;
            }
            for line in ready {
                self.served.insert(line);
                self.serve(line);
            }
        }
    }

    fn serve(&mut self, line: u64) {
        let Some(conn) = self.conns.get_mut(&line) else { return };
        conn.port.waker().register(&conn.bell);
        match conn.port.take_reply() {
            Some(Reply::Welcome(session)) => {
                assert_eq!(session.id(), self.people.clients[conn.owner].id());
                conn.session = Some(session);
            }
            Some(Reply::Refused(_)) => return self.end(line),
            None => {}
        }
        let check = conn.port.check(self.now);
        if conn.port.closing().is_some() {
            return self.end(line);
        }
        let freed = conn.held.take().and_then(|held| {
            let to = held.to;
            conn.held = self.route.retry(conn.session.as_ref().unwrap(), held, self.now);
            conn.held.is_none().then_some(to)
        });
        conn.port.life.set_unread(conn.held.is_some() || self.now < conn.resume, self.now);
        let resume = Some(conn.resume).filter(|at| *at > self.now);
        let held = conn.held.as_ref().map(|held| held.until);
        conn.timer = check.into_iter().chain(resume).chain(held).min();
        freed.into_iter().for_each(|to| self.touch(to));
        self.write(line);
    }

    /// Something was put in for a client, whose task need not be woken for it.
    pub(crate) fn touch(&mut self, to: PeerId) {
        self.served.extend(self.route.find(to).map(|session| session.port.line().0));
    }

    /// The socket takes as much as the client's manner allows.
    fn write(&mut self, line: u64) {
        let mut room = match self.conns[&line].manner {
            Manner::Prompt => usize::MAX,
            Manner::Slow => self.dice.below(400),
            Manner::Stalled | Manner::Dead => return,
        };
        while let Some(out) = self.take(line, &mut room) {
            self.arrive(line, out);
        }
    }

    /// The next message that fits whole into what the socket still takes.
    fn take(&mut self, line: u64, room: &mut usize) -> Option<Out> {
        let conn = self.conns.get_mut(&line).filter(|conn| conn.session.is_some())?;
        if conn.manner == Manner::Slow {
            let again = self.now + TRICKLE;
            conn.timer = Some(conn.timer.map_or(again, |at| at.min(again)));
        }
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
        let out = if whole { conn.flight.pop_front().map(|(_, out)| out) } else { None };
        conn.port.wrote(bytes as u64, &out, self.now);
        out
    }

    /// A client has a whole message.
    fn arrive(&mut self, line: u64, out: Out) {
        let conn = self.conns.get_mut(&line).unwrap();
        match out {
            Out::Frame(mut parcel) => {
                self.route.counts.delivered(1);
                let session = conn.session.as_ref().unwrap();
                let frame = parcel.take_frame(session);
                let down = Downlink::parse(&frame).unwrap();
                assert_eq!(down.from(session.link.routes()), parcel.sender.id(), "header");
                assert!(frame[16..].iter().all(|byte| *byte == 0xa5), "verbatim");
                let number = u64::from_le_bytes(frame[8..16].try_into().unwrap());
                self.ledger.deliver(number, line);
            }
            Out::Answer(Event::RecipientOffline(_, nonce), _) => {
                let number = u64::from_le_bytes(nonce.0[..8].try_into().unwrap());
                self.ledger.answer(number, line);
            }
            Out::Answer(event, _) | Out::Presence(event) | Out::Event(event, _) => {
                conn.told(&event);
            }
            Out::Ping => self.hear(line),
        }
    }

    /// A connection is gone, as the pump would end it.
    pub(crate) fn end(&mut self, line: u64) {
        let Some(conn) = self.conns.remove(&line) else { return };
        self.switchboard.handle(self.now, conn.line, Input::Ended);
        if let Some(session) = &conn.session {
            self.route.undelivered(session.id(), conn.flight.into_iter().map(|(_, out)| out));
        }
        self.route.abandoned(conn.held);
    }

    /// Everybody behaves, until nothing waits any more: some minutes.
    pub(crate) fn settle(&mut self) {
        for conn in self.conns.values_mut().filter(|conn| conn.manner != Manner::Dead) {
            conn.manner = Manner::Prompt;
        }
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
