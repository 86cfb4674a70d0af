//! What clients do.

use super::{
    client::{Conn, Manner},
    world::World,
};
use sealwire::{
    frame::address_to,
    handshake::{AwaitHello, HELLO, Hello, hello},
    identity::PeerId,
    primitives::FreshNonce,
    relay::{Keys, ToRelay},
};
use sealwire_relay::exchange::{
    bucket::Bucket,
    event::Key,
    port::Port,
    route::Verdict,
    session::{Close, Line},
    switchboard::Input,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

impl World {
    /// A hello of anybody: often of one who is here already, now and then one that was seen.
    pub(crate) fn connect(&mut self) {
        let owner = self.dice.below(self.people.clients.len());
        let lines: Vec<_> = self.conns.keys().copied().collect();
        let replayed = if self.dice.one_in(10) { self.dice.pick(&lines) } else { None };
        let mut message = match replayed {
            Some(line) => self.conns[line].hello.clone(),
            None => self.fresh_hello(owner),
        };
        let sent = message.clone();
        let Ok(Hello::Admitted(admitted)) =
            AwaitHello::new(&self.people.relay).receive(&mut message)
        else {
            panic!("a hello of our own is refused");
        };
        let line = Line(self.lines);
        self.lines += 1;
        let port = Arc::new(Port::new(line, Arc::clone(&self.limits), self.now));
        let deadline = self.now + self.limits.hello_deadline();
        self.switchboard.handle(self.now, line, Input::Opened(Arc::clone(&port), deadline));
        self.switchboard.handle(self.now, line, Input::Hello(Box::new(admitted)));
        if replayed.is_some() {
            assert_eq!(port.closing(), Some(Close::Silent), "a replayed hello");
            self.switchboard.handle(self.now, line, Input::Ended);
            return;
        }
        let conn = Conn {
            owner,
            line,
            session: None,
            hello: sent,
            bell: self.ready.bell(line.0),
            timer: None,
            load: port.load(),
            port,
            manner: Manner::Prompt,
            held: None,
            held_since: Duration::ZERO,
            flight: VecDeque::new(),
            commands: Bucket::FULL,
            resume: Duration::ZERO,
            watched: BTreeSet::new(),
            told: BTreeMap::new(),
        };
        self.conns.insert(line.0, conn);
        self.ready.add(line.0);
    }

    fn fresh_hello(&mut self, owner: usize) -> Vec<u8> {
        let mut nonce = [0; 24];
        nonce[..8].copy_from_slice(&self.dice.roll().to_le_bytes());
        nonce[8..16].copy_from_slice(&self.dice.roll().to_le_bytes());
        let mut bytes = [0; HELLO];
        let nonce = FreshNonce::from_random(nonce);
        hello(&mut bytes, &self.people.clients[owner], self.people.relay.public(), nonce).unwrap();
        bytes.to_vec()
    }

    fn any_line(&mut self) -> Option<u64> {
        let lines: Vec<_> = self.conns.keys().copied().collect();
        self.dice.pick(&lines).copied()
    }

    pub(crate) fn change_manner(&mut self) {
        let manners = [
            Manner::Prompt,
            Manner::Prompt,
            Manner::Prompt,
            Manner::Slow,
            Manner::Stalled,
            Manner::Dead,
        ];
        let manner = *self.dice.pick(&manners).unwrap();
        if let Some(line) = self.any_line() {
            let conn = self.conns.get_mut(&line).unwrap();
            // The dead do not come back.
            if conn.manner != Manner::Dead {
                conn.manner = manner;
                self.ready.add(line);
            }
        }
    }

    pub(crate) fn leave(&mut self) {
        if let Some(line) = self.any_line() {
            self.end(line);
        }
    }

    /// Now and then to nobody or to the sender itself, sometimes in bursts.
    pub(crate) fn send_frames(&mut self) {
        let Some(line) = self.any_line() else { return };
        let absent = self.dice.one_in(10);
        let target = self.dice.below(self.people.clients.len());
        let to = if absent { PeerId([0xee; 8]) } else { self.people.clients[target].id() };
        let burst = if self.dice.one_in(8) { 12 } else { 1 };
        for _ in 0..burst {
            let most = if self.dice.one_in(10) { 12_000 } else { 400 };
            let size = 112 + self.dice.below(most);
            self.send_frame(line, to, size);
        }
    }

    fn send_frame(&mut self, line: u64, to: PeerId, size: usize) {
        let conn = self.conns.get_mut(&line).unwrap();
        if !conn.is_read(self.now) {
            return;
        }
        let session = Arc::clone(conn.session.as_ref().unwrap());
        let mut frame = vec![0xa5; size];
        frame[8..16].copy_from_slice(&self.ledger.send(line).to_le_bytes());
        address_to(&mut frame, session.link.routes(), to).unwrap();
        if conn.port.life.hear(self.now) {
            self.switchboard.handle(self.now, conn.line, Input::Alive);
        }
        match self.route.frame(&session, frame, self.now) {
            Verdict::Queued => self.touch(to),
            Verdict::Done => {}
            Verdict::Hold(held) => {
                (conn.held, conn.held_since) = (Some(held), self.now);
                self.ready.add(line);
            }
            Verdict::Command(_) => panic!("a peer frame is no command"),
        }
    }

    pub(crate) fn ping(&mut self) {
        let Some(line) = self.any_line() else { return };
        self.hear(line);
    }

    pub(crate) fn hear(&mut self, line: u64) {
        let conn = &self.conns[&line];
        if conn.is_read(self.now) && conn.port.life.hear(self.now) {
            self.switchboard.handle(self.now, conn.line, Input::Alive);
        }
    }

    pub(crate) fn command(&mut self) {
        let Some(line) = self.any_line() else { return };
        if !self.conns[&line].is_read(self.now) {
            return;
        }
        self.hear(line);
        let target = self.people.clients[self.dice.below(self.people.clients.len())].id();
        let keys = self.some_keys();
        let nickname = vec![b'n'; self.dice.below(1_100)];
        let command = match self.dice.below(7) {
            0..3 => {
                keys.iter().for_each(|key| self.watch(line, key));
                ToRelay::Subscribe(Keys::new(&keys))
            }
            3 => {
                let conn = self.conns.get_mut(&line).unwrap();
                keys.iter().for_each(|key| {
                    conn.watched.remove(key);
                    conn.told.remove(key);
                });
                ToRelay::Unsubscribe(Keys::new(&keys))
            }
            4 => ToRelay::Introduce { target, nickname: &nickname },
            5 => ToRelay::Wake { target, kind: Some(1) },
            _ => ToRelay::PushRegister { kind: 1, token: &nickname },
        };
        let conn = self.conns.get_mut(&line).unwrap();
        self.switchboard.handle(self.now, conn.line, Input::Command(command));
        let (rate, burst) = (self.limits.command_rate(), self.limits.command_burst());
        conn.resume = conn.commands.take(self.now, rate, burst);
        self.ready.add(line);
    }

    /// What a client believes to watch from now on: it is not told of keys over the limits.
    fn watch(&mut self, line: u64, key: &Key) {
        let watchers = self.conns.values().filter(|conn| conn.watched.contains(key)).count();
        let conn = self.conns.get_mut(&line).unwrap();
        if conn.watched.len() < self.limits.subscriptions() && watchers < self.limits.watchers() {
            conn.watched.insert(*key);
        }
    }

    /// Keys of clients, some twice, and one that is nobody's.
    fn some_keys(&mut self) -> Vec<Key> {
        let mut keys = vec![[0xff; 32]];
        for _ in 0..self.dice.below(6) {
            let owner = self.dice.below(self.people.clients.len());
            keys.push(*self.people.clients[owner].public().x25519());
        }
        keys
    }
}
