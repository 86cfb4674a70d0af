//! Clients with lives of their own: they come by chapter 5, talk to their friends, get into
//! trouble, and come back.

use super::{
    client::Manner,
    dice::Dice,
    history::{History, is_online},
    index::Index,
    ledger::Ledger,
    world::{News, Noticed, People, World, relay},
};
use sealwire_relay::exchange::{
    door::{Door, Prefix},
    event::Key,
};
use std::{
    collections::BTreeSet,
    mem::{replace, take},
    sync::Arc,
    time::Duration,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// `[handshake/reconnect]`: what a client waits is drawn below the bound.
const BOUND: (Duration, Duration) = (SECOND, Duration::from_secs(30));
/// `[handshake/id-in-use-retry]`.
const IN_USE: [u64; 4] = [5, 15, 30, 65];
/// How long a second device of somebody stays, if it got in: shorter than those four together.
const VISIT: Duration = MINUTE;
/// How many clients share a network.
const NEIGHBOURS: usize = 50;

/// How a crowd lives.
#[derive(Clone, Copy)]
pub(crate) struct Habits {
    /// The longest time between two acts of one client.
    pub(crate) rest: Duration,
    /// One act in so many is a trouble; none, if zero.
    pub(crate) trouble: usize,
}

pub(crate) struct Crowd {
    pub(crate) world: World,
    pub(crate) habits: Habits,
    clients: Vec<Client>,
    agenda: BTreeSet<(Duration, Who)>,
    door: Door,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Client(usize),
    /// The line of a second device, which leaves.
    Visitor(u64),
}

struct Client {
    stage: Stage,
    due: Option<Duration>,
    bound: Duration,
    /// Tries that ended with id_in_use, one after the other.
    refused: usize,
    /// When it was last welcome.
    since: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Away,
    /// Its socket is open, and its hello waits at the door.
    Knocking(u64),
    /// It has said hello.
    Asking(u64),
    Home(u64),
}

impl Stage {
    const fn line(self) -> Option<u64> {
        match self {
            Self::Away => None,
            Self::Knocking(line) | Self::Asking(line) | Self::Home(line) => Some(line),
        }
    }
}

impl World {
    fn key(&self, owner: usize) -> Key {
        *self.people.clients[owner].public().x25519()
    }

    fn burst_to(&mut self, line: u64, owner: usize, frames: usize) {
        let to = self.people.clients[owner].id();
        self.burst(line, to, frames);
    }

    /// The relay dies without a word, and another begins that knows nothing.
    fn restart(&mut self) {
        let broken = take(&mut self.conns).into_values().map(|conn| News {
            owner: conn.owner,
            line: conn.line.0,
            what: Noticed::Broken,
        });
        self.news.extend(broken);
        (self.route, self.switchboard) = relay(&self.limits, &self.people);
        self.ready = Arc::default();
        self.index = Index::default();
        self.history = History::default();
        self.ledger = Ledger::default();
        self.served.clear();
        // Nobody ended them, and those who wait for each other keep each other.
        self.ports.clear();
    }
}

impl Crowd {
    /// All of them come within the first minute.
    pub(crate) fn new(dice: Dice, people: Arc<People>, habits: Habits) -> Self {
        let count = people.clients.len();
        let world = World::new(dice, people, &[]);
        let door = Door::new(Arc::clone(&world.limits));
        let client = || Client {
            stage: Stage::Away,
            due: None,
            bound: BOUND.0,
            refused: 0,
            since: Duration::ZERO,
        };
        let clients = (0..count).map(|_| client()).collect();
        let mut crowd = Self { world, habits, clients, agenda: BTreeSet::new(), door };
        (0..count).for_each(|owner| crowd.comes_within(owner, MINUTE));
        crowd
    }

    /// Every act and every timer at its time, and the promises after each.
    pub(crate) fn live(&mut self, time: Duration) {
        let until = self.world.now + time;
        let next = |crowd: &Self| {
            let act = crowd.agenda.first().map(|(at, _)| *at);
            crowd.world.next_timer().into_iter().chain(act).min()
        };
        while let Some(at) = next(self).filter(|at| *at <= until) {
            self.world.tick(at);
            self.hear();
            while self.agenda.first().is_some_and(|(at, _)| *at <= self.world.now) {
                let (_, who) = self.agenda.pop_first().unwrap();
                self.act(who);
            }
            self.step();
        }
        self.world.tick(until);
        self.step();
    }

    fn step(&mut self) {
        self.world.pump();
        self.hear();
        self.world.pump();
        self.world.check();
    }

    fn hear(&mut self) {
        for news in take(&mut self.world.news) {
            self.notice(&news);
        }
    }

    /// The machine sleeps, and everybody with it.
    pub(crate) fn sleep(&mut self, time: Duration) {
        self.world.jump(self.world.now + time);
        self.step();
    }

    /// The relay dies and begins anew; everybody notices at once.
    pub(crate) fn restart(&mut self) {
        self.world.restart();
        self.door = Door::new(Arc::clone(&self.world.limits));
        self.step();
    }

    /// Nobody gets into trouble any more, and nobody leaves: in the end all are here, and each
    /// knows that its friends are.
    pub(crate) fn everybody_comes_home(&mut self) {
        let habits = self.habits;
        self.habits.trouble = 0;
        for owner in 0..self.clients.len() {
            match self.clients[owner].stage {
                Stage::Away => self.comes_within(owner, BOUND.1),
                Stage::Home(line) => self.world.behave(line, Manner::Prompt),
                Stage::Knocking(_) | Stage::Asking(_) => {}
            }
        }
        self.step();
        self.live(5 * MINUTE);
        (0..self.clients.len()).for_each(|owner| self.subscribes(owner));
        self.step();
        self.world.sweep();
        for (owner, client) in self.clients.iter().enumerate() {
            let Stage::Home(line) = client.stage else { panic!("client {owner} is not back") };
            let conn = &self.world.conns[&line];
            let knows = |key| conn.watched.get(&key).is_some_and(|turn| is_online(*turn));
            let friends = self.friends(owner).map(|friend| self.world.key(friend));
            assert!(friends.into_iter().all(knows), "client {owner} does not know of a friend");
        }
        self.habits = habits;
    }

    /// In the ordinary way, and nothing is left of anybody.
    pub(crate) fn relay_goes(&mut self) {
        self.world.check_settled();
        self.world.close();
        self.world.check_closed();
    }

    fn friends(&self, owner: usize) -> [usize; 5] {
        let count = self.clients.len();
        [1, 2, count - 1, count - 2, count / 3].map(|step| (owner + step) % count)
    }

    fn schedule(&mut self, owner: usize, at: Option<Duration>) {
        if let Some(old) = replace(&mut self.clients[owner].due, at) {
            self.agenda.remove(&(old, Who::Client(owner)));
        }
        self.agenda.extend(at.map(|at| (at, Who::Client(owner))));
    }

    fn comes_within(&mut self, owner: usize, most: Duration) {
        let wait = self.world.dice.time(most);
        self.schedule(owner, Some(self.world.now + wait));
    }

    fn act(&mut self, who: Who) {
        let owner = match who {
            Who::Visitor(line) => return self.world.end(line, Noticed::Broken),
            Who::Client(owner) => owner,
        };
        self.clients[owner].due = None;
        match self.clients[owner].stage {
            Stage::Away => self.dial(owner),
            Stage::Knocking(line) => {
                self.clients[owner].stage = Stage::Asking(line);
                self.world.greet(line);
            }
            Stage::Asking(_) => {}
            Stage::Home(line) => self.act_at_home(owner, line),
        }
    }

    fn prefix(owner: usize) -> Option<Prefix> {
        let network = owner / NEIGHBOURS;
        Some(Prefix::V4([10, (network >> 8) as u8, network as u8]))
    }

    fn dial(&mut self, owner: usize) {
        let now = self.world.now;
        if self.door.enter(Self::prefix(owner), now).is_err() {
            return self.comes_back(owner);
        }
        let deadline = now + self.world.limits.hello_deadline();
        let at = self.door.hello(Self::prefix(owner), now, deadline);
        let line = self.world.open(owner);
        self.clients[owner].stage = Stage::Knocking(line);
        // Whose turn never comes is closed at its deadline.
        at.into_iter().for_each(|at| self.schedule(owner, Some(at)));
    }

    /// Full jitter below a bound that doubles.
    fn comes_back(&mut self, owner: usize) {
        let client = &mut self.clients[owner];
        client.stage = Stage::Away;
        let bound = client.bound;
        client.bound = (2 * bound).min(BOUND.1);
        self.comes_within(owner, bound);
    }

    fn notice(&mut self, news: &News) {
        let owner = news.owner;
        let stage = self.clients[owner].stage;
        if stage.line() != Some(news.line) {
            if news.what == Noticed::Welcome {
                self.agenda.insert((self.world.now + VISIT, Who::Visitor(news.line)));
            }
            return;
        }
        if !matches!(stage, Stage::Home(_)) {
            self.door.leave(Self::prefix(owner));
        }
        match news.what {
            Noticed::Welcome => self.arrives(owner, news.line),
            Noticed::Refused => {
                let refused = self.clients[owner].refused;
                let wait = IN_USE.get(refused).unwrap_or_else(|| panic!("{owner} is locked out"));
                let wait = Duration::from_secs(*wait);
                let more = self.world.dice.time(wait / 5);
                self.clients[owner].stage = Stage::Away;
                self.clients[owner].refused += 1;
                self.schedule(owner, Some(self.world.now + wait + more));
            }
            Noticed::Closed(_) | Noticed::Broken => {
                if stage == Stage::Home(news.line)
                    && self.world.now >= self.clients[owner].since + MINUTE
                {
                    self.clients[owner].bound = BOUND.0;
                }
                self.comes_back(owner);
            }
        }
    }

    fn arrives(&mut self, owner: usize, line: u64) {
        let client = &mut self.clients[owner];
        (client.stage, client.refused) = (Stage::Home(line), 0);
        client.since = self.world.now;
        self.subscribes(owner);
        self.comes_within(owner, self.habits.rest);
    }

    fn subscribes(&mut self, owner: usize) {
        let friends = self.friends(owner).map(|friend| self.world.key(friend));
        let line = self.clients[owner].stage.line();
        line.into_iter().for_each(|line| self.world.subscribe(line, &friends));
    }

    fn act_at_home(&mut self, owner: usize, line: u64) {
        self.comes_within(owner, self.habits.rest);
        if self.world.conns[&line].manner != Manner::Prompt && self.world.dice.one_in(3) {
            return self.world.behave(line, Manner::Prompt);
        }
        let Habits { trouble, .. } = self.habits;
        if trouble > 0 && self.world.dice.one_in(trouble) {
            return self.trouble(owner, line);
        }
        let friends = self.friends(owner);
        let friend = self.world.dice.pick(&friends).copied().unwrap();
        match self.world.dice.below(10) {
            0..8 => self.world.burst_to(line, friend, 1),
            8 => self.world.burst_to(line, friend, 20),
            _ => self.world.command(line),
        }
    }

    fn trouble(&mut self, owner: usize, line: u64) {
        match self.world.dice.below(16) {
            0..4 => self.world.slows_down(line),
            4 | 5 => self.world.behave(line, Manner::Stalled),
            6..9 => self.is_cut_off(owner, line),
            9 | 10 => self.world.end(line, Noticed::Broken),
            11 | 12 => {
                // Its user goes elsewhere for a while.
                self.clients[owner].stage = Stage::Away;
                self.world.end(line, Noticed::Broken);
            }
            13 | 14 => {
                let second = self.world.open(owner);
                self.world.greet(second);
            }
            _ => self.floods(owner, line),
        }
    }

    /// The relay does not notice, the client does: it dials while its old session is there.
    fn is_cut_off(&mut self, owner: usize, line: u64) {
        let manner = if self.world.dice.one_in(2) { Manner::Dead } else { Manner::Lost };
        self.world.behave(line, manner);
        self.comes_back(owner);
    }

    fn floods(&mut self, owner: usize, line: u64) {
        let friend = self.friends(owner)[0];
        let to = self.world.people.clients[friend].id();
        match self.world.dice.below(3) {
            0 => self.world.burst(line, to, 400),
            // A file: who reads it slowly is waited for as long as a frame may wait.
            1 => (0..20).for_each(|_| self.world.send_frame(line, to, 60_000)),
            _ => (0..1_200).for_each(|_| self.world.command(line)),
        }
    }
}
