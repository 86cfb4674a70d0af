//! An honest relay in memory: the real core, driven as its pumps drive it, with sockets that take
//! everything at once.

use sealwire::{
    handshake::{AwaitHello, Hello, Refusal, RelayLink},
    identity::Identity,
    primitives::{FreshNonce, NONCE},
    relay::ToRelay,
};
use sealwire_relay::{
    exchange::{
        event::Event,
        port::Port,
        route::{Route, Verdict},
        session::{Line, Out, Reply, Session},
        switchboard::{Input, Switchboard},
    },
    limits::Limits,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// What a relay's socket gives.
#[derive(Clone, Debug)]
pub(super) enum Down {
    Binary(Vec<u8>),
    Ping,
    Closed,
}

struct Wire {
    port: Arc<Port>,
    greeted: bool,
    session: Option<Arc<Session>>,
}

pub(super) struct Hub {
    relay: &'static Identity,
    limits: Arc<Limits>,
    route: Arc<Route>,
    switchboard: Switchboard,
    wires: BTreeMap<Line, Wire>,
    lines: u64,
    nonces: u64,
    /// Those that came as far as the switchboard.
    pub(super) hellos: Vec<Vec<u8>>,
}

impl Hub {
    pub(super) fn new(relay: &'static Identity) -> Self {
        let limits = Arc::new(Limits::default());
        let route = Arc::new(Route::new(Arc::clone(&limits)));
        let switchboard = Switchboard::new(Arc::clone(&limits), Arc::clone(&route), None);
        let wires = BTreeMap::new();
        Self { relay, limits, route, switchboard, wires, lines: 0, nonces: 0, hellos: Vec::new() }
    }

    pub(super) fn open(&mut self, now: Duration) -> Line {
        self.lines += 1;
        let line = Line(self.lines);
        let port = Arc::new(Port::new(line, Arc::clone(&self.limits), now));
        let deadline = now + self.limits.hello_deadline();
        self.switchboard.handle(now, line, Input::Opened(Arc::clone(&port), deadline));
        self.wires.insert(line, Wire { port, greeted: false, session: None });
        line
    }

    pub(super) fn end(&mut self, line: Line, now: Duration) {
        if self.wires.remove(&line).is_some() {
            self.switchboard.handle(now, line, Input::Ended);
        }
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        self.wires.keys().copied().collect()
    }

    /// The relay's end of a session: with it a relay that turns hostile says what it likes.
    pub(super) fn link(&self, line: Line) -> Option<&RelayLink> {
        self.wires.get(&line)?.session.as_ref().map(|session| &session.link)
    }

    /// A binary message came.
    pub(super) fn take(&mut self, line: Line, message: Vec<u8>, now: Duration) {
        let Some(wire) = self.wires.get_mut(&line) else { return };
        match wire.session.clone() {
            Some(session) => self.frame(&session, message, now),
            None => self.hello(line, message, now),
        }
    }

    fn hello(&mut self, line: Line, mut message: Vec<u8>, now: Duration) {
        match AwaitHello::new(self.relay).receive(&mut message) {
            Ok(Hello::Admitted(admitted)) => {
                let wire = self.wires.get_mut(&line).filter(|wire| !wire.greeted);
                // Behind a hello nothing is read before its reply.
                let Some(wire) = wire else { return };
                wire.greeted = true;
                self.hellos.push(message);
                self.switchboard.handle(now, line, Input::Hello(Box::new(admitted)));
            }
            _ => self.end(line, now),
        }
    }

    fn frame(&mut self, session: &Arc<Session>, message: Vec<u8>, now: Duration) {
        self.hear(session.port.line(), now);
        match self.route.frame(session, message, now) {
            Verdict::Queued | Verdict::Done => {}
            Verdict::Hold(_) => panic!("a queue that is emptied at once holds nobody up"),
            Verdict::Command(mut frame) => {
                let Ok(inner) = session.link.open_command(&mut frame) else { return };
                let Ok(command) = ToRelay::parse(inner.command, inner.body) else { return };
                self.switchboard.handle(now, session.port.line(), Input::Command(command));
            }
        }
    }

    /// A sign of life.
    pub(super) fn hear(&mut self, line: Line, now: Duration) {
        let Some(wire) = self.wires.get(&line) else { return };
        if wire.port.life.hear(now) {
            self.switchboard.handle(now, line, Input::Alive);
        }
    }

    /// Time came to `now`; everything that the relay writes.
    pub(super) fn write(&mut self, now: Duration) -> Vec<(Line, Down)> {
        self.switchboard.wake(now);
        let mut written = Vec::new();
        loop {
            let before = written.len();
            for line in self.lines() {
                self.write_line(line, now, &mut written);
            }
            if written.len() == before {
                return written;
            }
        }
    }

    fn write_line(&mut self, line: Line, now: Duration, written: &mut Vec<(Line, Down)>) {
        let Some(port) = self.wires.get(&line).map(|wire| Arc::clone(&wire.port)) else { return };
        let reply = port.take_reply();
        let refused = matches!(reply, Some(Reply::Refused(_)));
        written.extend(reply.map(|reply| (line, self.reply(line, reply))));
        let session = self.wires.get(&line).and_then(|wire| wire.session.clone());
        if let Some(session) = session {
            for out in port.batch(usize::MAX) {
                port.life.tell(now);
                written.push((line, self.out(&session, out, now)));
            }
        }
        if refused || port.closing().is_some() {
            written.push((line, Down::Closed));
            self.end(line, now);
        }
    }

    fn reply(&mut self, line: Line, reply: Reply) -> Down {
        let fresh = self.fresh();
        match reply {
            Reply::Welcome(session) => {
                let ok = Event::Welcome.seal(&session.link, self.relay, fresh);
                self.wires.entry(line).and_modify(|wire| wire.session = Some(session));
                Down::Binary(ok)
            }
            Reply::Refused(refusal) => {
                let mut frame = [0; Refusal::MAX];
                let length = refusal.seal(&mut frame, self.relay, fresh).expect("it fits");
                Down::Binary(frame[..length].to_vec())
            }
        }
    }

    fn out(&mut self, session: &Session, mut out: Out, now: Duration) -> Down {
        let down = match &mut out {
            Out::Ping => Down::Ping,
            Out::Answer(event, _) | Out::Presence(event) | Out::Event(event, _) => {
                Down::Binary(event.seal(&session.link, self.relay, self.fresh()))
            }
            Out::Frame(parcel) => {
                self.route.counts.delivered(1);
                Down::Binary(parcel.take_frame(session))
            }
        };
        session.port.wrote(0, [&out], now);
        down
    }

    fn fresh(&mut self) -> FreshNonce {
        self.nonces += 1;
        let mut bytes = [0; NONCE];
        bytes[..8].copy_from_slice(&self.nonces.to_le_bytes());
        FreshNonce::from_random(bytes)
    }

    /// Between two inputs nothing waits, every frame has its fate, and ids have one session each.
    pub(super) fn check(&self) {
        let totals = self.route.counts.totals();
        assert_eq!(totals.frames, totals.delivered + totals.answered + totals.lost, "{totals:?}");
        let sessions = || self.wires.values().filter_map(|wire| wire.session.as_ref());
        assert_eq!(sessions().count(), self.switchboard.sessions());
        for session in sessions() {
            let found = self.route.find(session.id());
            assert!(found.is_some_and(|found| Arc::ptr_eq(&found, session)), "one session an id");
        }
        assert_eq!(self.switchboard.footprint().lines, self.wires.len());
    }
}
