//! What clients do.

use super::{
    client::{Conn, Manner},
    world::{Noticed, World},
};
use sealwire::{
    frame::address_to,
    handshake::{AwaitHello, HELLO, Hello, hello},
    identity::PeerId,
    primitives::FreshNonce,
    relay::{Keys, ToRelay},
};
use sealwire_relay::exchange::{
    event::Key,
    port::Port,
    route::Verdict,
    session::{Close, Line},
    switchboard::Input,
};
use std::sync::Arc;

/// Bytes that slow readers take each half second. In a window of ten that is less than the default
/// progress asks for, about as much, and more.
const SPEEDS: [usize; 5] = [20, 200, 1_700, 2_500, 20_000];

impl World {
    /// A hello of anybody: often of one who is here already, now and then one that was seen.
    pub(crate) fn connect(&mut self) {
        let owner = self.dice.below(self.people.clients.len());
        let replayed = if self.dice.one_in(10) { self.any_line() } else { None };
        let known = replayed.map(|line| self.conns[&line].hello.clone()).filter(|h| !h.is_empty());
        let line = self.open(owner);
        match known {
            Some(hello) => self.replay(line, hello),
            None => self.greet(line),
        }
    }

    /// A socket is open, and nobody has said hello.
    pub(crate) fn open(&mut self, owner: usize) -> u64 {
        let line = self.lines;
        self.lines += 1;
        let port = Arc::new(Port::new(Line(line), Arc::clone(&self.limits), self.now));
        self.ports.push(Arc::downgrade(&port));
        let deadline = self.now + self.limits.hello_deadline();
        self.switchboard.handle(self.now, Line(line), Input::Opened(Arc::clone(&port), deadline));
        let mut conn = Conn::new(owner, port, self.ready.bell(line), self.now);
        self.index.enter(&mut conn);
        self.conns.insert(line, conn);
        self.ready.add(line);
        line
    }

    /// The client says hello.
    pub(crate) fn greet(&mut self, line: u64) {
        let owner = self.conns[&line].owner;
        let hello = self.fresh_hello(owner);
        self.conns.get_mut(&line).unwrap().hello.clone_from(&hello);
        self.hello(line, hello);
        self.observe_client(owner);
    }

    /// Somebody says a hello again that the relay has seen.
    fn replay(&mut self, line: u64, hello: Vec<u8>) {
        self.hello(line, hello);
        assert_eq!(self.conns[&line].port.closing(), Some(Close::Silent), "a replayed hello");
    }

    fn hello(&mut self, line: u64, mut message: Vec<u8>) {
        let Ok(Hello::Admitted(admitted)) =
            AwaitHello::new(&self.people.relay).receive(&mut message)
        else {
            panic!("a hello of our own is refused");
        };
        self.switchboard.handle(self.now, Line(line), Input::Hello(Box::new(admitted)));
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

    pub(crate) fn any_line(&mut self) -> Option<u64> {
        self.dice.pick(&self.index.here).copied()
    }

    pub(crate) fn change_manner(&mut self) {
        let Some(line) = self.any_line() else { return };
        let manner = match self.dice.below(8) {
            0..4 => Manner::Prompt,
            4 => return self.slows_down(line),
            5 => Manner::Stalled,
            6 => Manner::Dead,
            _ => Manner::Lost,
        };
        self.behave(line, manner);
    }

    pub(crate) fn slows_down(&mut self, line: u64) {
        let speed = *self.dice.pick(&SPEEDS).unwrap();
        self.behave(line, Manner::Slow(speed));
    }

    /// The dead do not come back.
    pub(crate) fn behave(&mut self, line: u64, manner: Manner) {
        let conn = self.conns.get_mut(&line).unwrap();
        if conn.manner.is_alive() {
            (conn.manner, conn.since) = (manner, self.now);
            self.ready.add(line);
        }
    }

    pub(crate) fn leave(&mut self) {
        if let Some(line) = self.any_line() {
            self.end(line, Noticed::Broken);
        }
    }

    /// Now and then to nobody or to the sender itself, sometimes in bursts.
    pub(crate) fn send_frames(&mut self) {
        let Some(line) = self.any_line() else { return };
        let absent = self.dice.one_in(10);
        let target = self.dice.below(self.people.clients.len());
        let to = if absent { PeerId([0xee; 8]) } else { self.people.clients[target].id() };
        let burst = if self.dice.one_in(8) { 12 } else { 1 };
        self.burst(line, to, burst);
    }

    /// Frames of mixed sizes, one after the other, as long as the sender is read.
    pub(crate) fn burst(&mut self, line: u64, to: PeerId, frames: usize) {
        for _ in 0..frames {
            let most = if self.dice.one_in(10) { 12_000 } else { 400 };
            let size = 112 + self.dice.below(most);
            self.send_frame(line, to, size);
        }
    }

    pub(crate) fn send_frame(&mut self, line: u64, to: PeerId, size: usize) {
        let conn = self.conns.get_mut(&line).unwrap();
        if !conn.is_read(self.now) {
            return;
        }
        let session = Arc::clone(conn.session.as_ref().unwrap());
        let mut frame = vec![0xa5; size];
        frame[8..16].copy_from_slice(&self.ledger.send(line, self.now).to_le_bytes());
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

    pub(crate) fn command(&mut self, line: u64) {
        if !self.conns[&line].is_read(self.now) {
            return;
        }
        let target = self.people.clients[self.dice.below(self.people.clients.len())].id();
        let keys = self.some_keys();
        let nickname = vec![b'n'; self.dice.below(1_100)];
        let command = match self.dice.below(7) {
            0..3 => return self.subscribe(line, &keys),
            3 => return self.unsubscribe(line, &keys),
            4 => ToRelay::Introduce { target, nickname: &nickname },
            5 => ToRelay::Wake { target, kind: Some(1) },
            _ => ToRelay::PushRegister { kind: 1, token: &nickname },
        };
        self.give(line, command);
    }

    /// A command, if the client is read; its rate is paid afterwards.
    fn give(&mut self, line: u64, command: ToRelay<'_>) {
        let conn = self.conns.get_mut(&line).unwrap();
        if !conn.is_read(self.now) {
            return;
        }
        if conn.port.life.hear(self.now) {
            self.switchboard.handle(self.now, conn.line, Input::Alive);
        }
        self.switchboard.handle(self.now, conn.line, Input::Command(command));
        let (rate, burst) = (self.limits.command_rate(), self.limits.command_burst());
        conn.resume = conn.commands.take(self.now, rate, burst);
        self.ready.add(line);
    }

    pub(crate) fn subscribe(&mut self, line: u64, keys: &[Key]) {
        if self.conns[&line].is_read(self.now) {
            keys.iter().for_each(|key| self.watch(line, key));
            self.give(line, ToRelay::Subscribe(Keys::new(keys)));
        }
    }

    /// Only who has taken everything: news of a key may still be on their way to others, who cannot
    /// tell it from that of a later subscription.
    fn unsubscribe(&mut self, line: u64, keys: &[Key]) {
        let conn = self.conns.get_mut(&line).unwrap();
        if conn.is_read(self.now) && conn.is_up_to_date() {
            for key in keys {
                if conn.watched.remove(key).is_some() {
                    self.index.unwatch(key, line);
                }
            }
            self.give(line, ToRelay::Unsubscribe(Keys::new(keys)));
        }
    }

    /// What a client believes to watch from now on: it is not told of keys over the limits.
    fn watch(&mut self, line: u64, key: &Key) {
        let conn = self.conns.get_mut(&line).unwrap();
        let watchers = self.index.watchers(key);
        if conn.watched.contains_key(key)
            || conn.watched.len() >= self.limits.subscriptions()
            || watchers >= self.limits.watchers()
        {
            return;
        }
        // It knows of nobody that is here until it is told.
        conn.watched.insert(*key, self.history.turns(key) & !1);
        self.index.watch(key, line);
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
