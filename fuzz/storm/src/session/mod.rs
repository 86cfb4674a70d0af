//! Two clients and a stranger, their relay, and a network that does what it likes.
//!
//! The input says what users ask for, how messages travel, and how time passes: they are lost,
//! doubled, swapped, changed, sent again after days, in the name of others. The relay is the real
//! core; now and then it turns hostile and says anything under its own keys. Clients are the real
//! peers. After each step: no text is shown twice, to somebody else, or that its sender did not
//! write; an acknowledgement comes from who has the text; what is refused changes nothing; the
//! relay loses no frame. In the end the network is honest, and every text arrives.

mod attack;
mod hub;
mod ledger;
mod party;

use crate::support::{draw, party, tampered};
use arbitrary::Unstructured;
use hub::{Down, Hub};
use ledger::Ledger;
use party::Party;
use sealwire::identity::Identity;
use sealwire_client::{
    contract::{Command, Hex, Key},
    peer::{Action, Input},
};
use std::{sync::LazyLock, time::Duration};

static RELAY: LazyLock<Identity> = LazyLock::new(|| party([0xd5; 32], [0xd6; 32]));
/// A contact of the two, with no client: whatever it says is its own.
static MALLORY: LazyLock<Identity> = LazyLock::new(|| party([0xd7; 32], [0xd8; 32]));

/// The last one knows the others and is a stranger to them.
const PARTIES: usize = 3;
/// Steps in one run.
const STEPS: usize = 60;

struct World {
    now: Duration,
    hub: Hub,
    parties: Vec<Party>,
    ledger: Ledger,
    texts: usize,
}

/// Sessions.
pub fn check(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let mut world = World::new();
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        world.step(&mut input);
        world.collect();
        world.hub.check();
    }
    world.settle();
}

impl World {
    fn new() -> Self {
        let parties: Vec<_> = (0..PARTIES).map(|number| Party::new(number, &RELAY)).collect();
        let hub = Hub::new(&RELAY);
        let mallory = Hex(*MALLORY.public().x25519());
        let (now, ledger) = (Duration::from_secs(1), Ledger::new(mallory));
        let mut world = Self { now, hub, parties, ledger, texts: 0 };
        for (user, contact) in [(0, 1), (1, 0), (2, 0), (2, 1)] {
            world.know(user, contact);
        }
        (0..2).for_each(|user| world.vouch(user, mallory, party::invite(&MALLORY)));
        (0..PARTIES).for_each(|who| world.tick(who));
        (0..4).for_each(|_| world.deliver_all());
        world
    }

    fn step(&mut self, input: &mut Unstructured<'_>) {
        let choice: u8 = draw(input);
        let who = usize::from(choice >> 4) % PARTIES;
        let other = (who + 1 + usize::from(choice >> 7)) % PARTIES;
        match choice & 0x0f {
            0..3 => self.write(who, other),
            3 => self.ask(who, other, draw(input)),
            4 => self.pass(Duration::from_millis(draw::<u16>(input).into())),
            5 => self.pass(Duration::from_secs(draw::<u8>(input).into())),
            6 => self.cut(who, draw(input)),
            7 => self.up(who, draw(input), input),
            8 => self.down(who, draw(input), input),
            9 => self.replay(who, other, input),
            10 => self.refused(who, other, input),
            11 => self.lie(who, input),
            12 => self.speak_for_mallory(who, input),
            13 => self.greet_again(input),
            _ => self.deliver_all(),
        }
    }

    /// Gives a client an input, and does what it asks for. How many actions there were.
    fn feed(&mut self, who: usize, input: Input<'_>) -> usize {
        let mut actions = 0;
        let now = self.now;
        self.parties[who].handle(input, now);
        while let Some(action) = self.parties[who].poll() {
            actions += usize::from(!matches!(action, Action::Refused { .. }));
            match action {
                Action::Connect => {
                    let line = self.hub.open(now);
                    self.parties[who].connected(line, now);
                }
                Action::Disconnect => self.hang_up(who),
                Action::Binary(frame) => self.parties[who].up.push_back(frame),
                Action::Pong => self.parties[who].line.iter().for_each(|line| self.hub.hear(*line, now)),
                Action::Event(event) => self.ledger.hear(self.parties[who].key(), &event),
                Action::Refused { .. } => {}
                Action::Stop => self.parties[who].stopped = true,
            }
        }
        actions
    }

    fn hang_up(&mut self, who: usize) {
        let line = self.parties[who].gone();
        line.iter().for_each(|line| self.hub.end(*line, self.now));
    }

    fn tick(&mut self, who: usize) {
        self.feed(who, Input::Tick);
    }

    // ── What users ask for ──

    fn know(&mut self, who: usize, other: usize) {
        let other = &self.parties[other];
        self.vouch(who, other.key(), other.invite.clone());
    }

    fn vouch(&mut self, who: usize, contact: Key, invite: String) {
        self.ledger.vouch(self.parties[who].key(), contact);
        self.feed(who, Input::Command(Command::Contact { invite, name: None, reference: None }));
    }

    fn write(&mut self, who: usize, other: usize) {
        let (from, to) = (self.parties[who].key(), self.parties[other].key());
        let text = format!("text {}", self.texts);
        self.texts += 1;
        // Whom the user does not know the client refuses.
        if self.ledger.knows(from, to) {
            self.ledger.send((from, to, text.clone()));
        }
        self.feed(who, Input::Command(Command::Send { peer: to, text, uuid: None, reference: None }));
    }

    fn ask(&mut self, who: usize, other: usize, what: u8) {
        let peer = self.parties[other].key();
        let command = match what % 4 {
            0 => return self.know(who, other),
            1 => Command::Subscribe { peers: vec![peer], reference: None },
            2 => Command::Introduce { peer, name: "name".to_owned(), reference: None },
            _ => return (0..PARTIES).for_each(|who| self.tick(who)),
        };
        self.feed(who, Input::Command(command));
    }

    // ── What the network does ──

    fn pass(&mut self, time: Duration) {
        self.now += time;
        (0..PARTIES).for_each(|who| self.tick(who));
        self.collect();
    }

    /// Takes what the relay writes now.
    fn collect(&mut self) {
        for (line, down) in self.hub.write(self.now) {
            let party = self.parties.iter_mut().find(|party| party.line == Some(line));
            party.into_iter().for_each(|party| party.take(down.clone()));
        }
    }

    /// A connection breaks, and not both ends need notice.
    fn cut(&mut self, who: usize, noticed: u8) {
        if noticed & 1 == 0 {
            return self.hang_up_silently(who);
        }
        let line = self.parties[who].gone();
        if noticed & 2 == 0 {
            line.iter().for_each(|line| self.hub.end(*line, self.now));
        }
        self.feed(who, Input::Closed("cut".to_owned()));
    }

    /// The relay notices the end of a connection, its client does not.
    fn hang_up_silently(&mut self, who: usize) {
        let line = self.parties[who].line;
        line.iter().for_each(|line| self.hub.end(*line, self.now));
    }

    /// The next message of a client's, as the network likes.
    fn up(&mut self, who: usize, how: u8, input: &mut Unstructured<'_>) {
        let party = &mut self.parties[who];
        let Some(line) = party.line else { return };
        for mut frame in mangle(&mut party.up, how) {
            if how & 0x80 != 0 {
                frame = tampered(&frame, input);
            }
            self.hub.take(line, frame, self.now);
        }
        self.collect();
    }

    /// The next message of the relay's, as the network likes.
    fn down(&mut self, who: usize, how: u8, input: &mut Unstructured<'_>) {
        for down in mangle(&mut self.parties[who].down, how) {
            match down {
                Down::Binary(frame) if how & 0x80 != 0 => {
                    let changed = tampered(&frame, input);
                    if self.parties[who].in_session() {
                        self.must_refuse(who, changed);
                    } else {
                        self.receive(who, Down::Binary(changed));
                    }
                }
                down => self.receive(who, down),
            }
        }
    }

    fn receive(&mut self, who: usize, down: Down) {
        match down {
            Down::Binary(mut frame) => drop(self.feed(who, Input::Binary(&mut frame))),
            Down::Ping => drop(self.feed(who, Input::Text("ping"))),
            Down::Closed => {
                self.parties[who].gone();
                self.feed(who, Input::Closed("closed".to_owned()));
            }
        }
    }

    /// Everything that is on its way arrives, in order.
    fn deliver_all(&mut self) {
        for who in 0..PARTIES {
            if let Some(line) = self.parties[who].line {
                for frame in std::mem::take(&mut self.parties[who].up) {
                    self.hub.take(line, frame, self.now);
                }
            }
        }
        self.collect();
        for who in 0..PARTIES {
            while let Some(down) = self.parties[who].down.pop_front() {
                self.receive(who, down);
            }
        }
    }

    // ── The end ──

    /// All connections break, and then nobody is hostile any more.
    fn settle(&mut self) {
        for line in self.hub.lines() {
            self.hub.end(line, self.now);
        }
        for who in 0..PARTIES {
            self.parties[who].gone();
            self.feed(who, Input::Closed("cut".to_owned()));
        }
        for _ in 0..40 {
            (0..3).for_each(|_| self.deliver_all());
            self.pass(Duration::from_secs(3));
            self.hub.check();
        }
        let here = self.parties.iter().filter(|party| !party.stopped).map(Party::key);
        self.ledger.check_settled(&here.collect::<Vec<_>>());
    }
}

/// What becomes of the first in a queue: it arrives, is lost, comes twice, or behind the next.
fn mangle<T: Clone>(queue: &mut std::collections::VecDeque<T>, how: u8) -> Vec<T> {
    let Some(first) = queue.pop_front() else { return Vec::new() };
    match how % 5 {
        0 => Vec::new(),
        1 => vec![first.clone(), first],
        2 => queue.pop_front().into_iter().chain([first]).collect(),
        _ => vec![first],
    }
}
