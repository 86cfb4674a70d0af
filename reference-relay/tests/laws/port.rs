//! [relay/presence-truth], [relay/replies-bounded], [relay/slow-wait], [frame/order]

use super::{SECOND, limits, passes, queue};
use proptest::{collection::vec, prelude::*, sample::select};
use sealwire::{
    handshake::{AwaitHello, HELLO, Hello, hello},
    identity::{Identity, PeerId},
    primitives::{FreshNonce, NonceBytes, Secret},
};
use sealwire_relay::exchange::{
    event::Event,
    port::{Load, Port},
    queue::{Health, Room},
    session::{Close, Line, Out, Parcel, Session},
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    mem::take,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::Wake,
    time::Duration,
};

/// What an answer and a wake-up call weigh: no less than their frames.
const WEIGHT: usize = 115 + 64;

#[derive(Clone, Copy, Debug)]
enum Step {
    Ping,
    Answer,
    Presence(u8, bool),
    Forget(u8),
    Event,
    Offer { from: usize, size: usize },
    Refuse,
    Batch(usize),
    Sent,
    Took(u64),
    Check,
    Close(u16),
}

fn step() -> impl Strategy<Value = Step> {
    // Budgets that the sizes fill to the byte, and others.
    const SIZES: [usize; 4] = [112, 200, 300, 500];
    const BUDGETS: [usize; 7] = [0, 1, 200, 400, 500, 800, 1_500];
    prop_oneof![
        2 => Just(Step::Ping),
        4 => Just(Step::Answer),
        4 => (0..4_u8, any::<bool>()).prop_map(|(key, online)| Step::Presence(key, online)),
        1 => (0..4_u8).prop_map(Step::Forget),
        3 => Just(Step::Event),
        10 => (0..3_usize, select(&SIZES[..])).prop_map(|(from, size)| Step::Offer { from, size }),
        1 => Just(Step::Refuse),
        4 => select(&BUDGETS[..]).prop_map(Step::Batch),
        12 => Just(Step::Sent),
        4 => (0..400_u64).prop_map(Step::Took),
        2 => Just(Step::Check),
        1 => (1_000..1_014_u16).prop_map(Step::Close),
    ]
}

/// Something of the lanes, by a number that nothing else has.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Thing {
    Ping,
    Answer(u8),
    Offline(Vec<u8>),
    Online(Vec<u8>),
    Event(u8, usize),
    Frame(usize, u8, usize),
}

/// A wake that is remembered.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

/// A session that writes to the port, and whether it was told to try again.
struct Sender {
    session: Arc<Session>,
    woken: Arc<Woken>,
}

impl Sender {
    fn new(number: usize) -> Self {
        let byte = number as u8 + 1;
        let seed = |byte| Secret::new([byte; 32]);
        let identity = |byte| Identity::from_seeds(&seed(byte), &seed(byte)).unwrap();
        let (relay, client) = (identity(200), identity(byte));
        let mut message = [0; HELLO];
        let nonce = FreshNonce::from_random([byte; 24]);
        hello(&mut message, &client, relay.public(), nonce).unwrap();
        let Ok(Hello::Admitted(admitted)) = AwaitHello::new(&relay).receive(&mut message) else {
            panic!("an honest hello")
        };
        let port = Arc::new(Port::new(Line(number as u64), limits(&[]), SECOND));
        let woken = Arc::<Woken>::default();
        port.waker().register(&Arc::clone(&woken).into());
        Self { session: Arc::new(Session { port, link: admitted.into_link() }), woken }
    }

    /// Whether it was woken since it waits; then it waits no more.
    fn is_woken(&self) -> bool {
        self.session.port.waker().register(&Arc::clone(&self.woken).into());
        self.woken.0.swap(false, Relaxed)
    }
}

fn thing(out: &Out) -> Thing {
    match out {
        Out::Ping => Thing::Ping,
        Out::Answer(Event::RecipientOffline(_, nonce), _) => Thing::Answer(nonce.0[0]),
        Out::Presence(Event::Offline(keys)) => Thing::Offline(keys.iter().map(|k| k[0]).collect()),
        Out::Presence(Event::Online(keys)) => Thing::Online(keys.iter().map(|k| k[0]).collect()),
        Out::Event(Event::Wake(target, _), size) => Thing::Event(target.0[0], *size),
        Out::Frame(parcel) => {
            let from = parcel.sender.port.line().0;
            Thing::Frame(from as usize, parcel.nonce.0[0], parcel.size)
        }
        other => panic!("nobody put {other:?} in"),
    }
}

/// The lanes as lists.
#[derive(Default)]
struct Model {
    control: VecDeque<Thing>,
    /// Of each key that has news, what is to be told, oldest first.
    presence: BTreeMap<u8, Vec<bool>>,
    data: VecDeque<Thing>,
    queue: queue::Model,
    answers: usize,
    waiting: BTreeSet<usize>,
    close: Option<Close>,
}

impl Model {
    /// Puts something into the data lane.
    fn push(&mut self, thing: Thing, size: usize, now: Duration) {
        self.data.push_back(thing);
        if self.queue.push(size, now) == Health::Dead {
            self.close.get_or_insert(Close::SLOW);
        }
    }

    /// Control, then presence, then as much of the data as the budget begins.
    fn batch(&mut self, budget: usize) -> Vec<Thing> {
        let mut batch: Vec<_> = take(&mut self.control).into();
        let news = take(&mut self.presence);
        let told = |wanted: fn(&[bool]) -> bool| {
            let keys = news.iter().filter(|(_, states)| wanted(states));
            keys.map(|(key, _)| *key).collect::<Vec<_>>()
        };
        // Who kept up is told of an end and a beginning; of more changes only the last.
        let offline = told(|states| states.last() == Some(&false) || states.len() == 2);
        let online = told(|states| states.last() == Some(&true));
        batch.extend((!offline.is_empty()).then_some(Thing::Offline(offline)));
        batch.extend((!online.is_empty()).then_some(Thing::Online(online)));
        let mut bytes = 0;
        while bytes < budget
            && let Some(thing) = self.data.pop_front()
        {
            if let Thing::Event(_, size) | Thing::Frame(_, _, size) = thing {
                bytes += size;
            }
            batch.push(thing);
        }
        batch
    }

    fn load(&self) -> Load {
        Load {
            bytes: self.queue.held.iter().sum(),
            frames: self.queue.held.len(),
            parcels: self.data.iter().filter(|thing| matches!(thing, Thing::Frame(..))).count(),
            answers: self.answers,
            presence: self.presence.len(),
        }
    }
}

/// The port, its model, and what both have handed out and not yet heard of.
struct World {
    port: Port,
    model: Model,
    senders: [Sender; 3],
    flight: VecDeque<Out>,
    now: Duration,
    number: u8,
}

impl World {
    fn new() -> Self {
        let settings = [queue::SETTINGS, &["session.replies=8"]].concat();
        Self {
            port: Port::new(Line(9), limits(&settings), SECOND),
            model: Model::default(),
            senders: std::array::from_fn(Sender::new),
            flight: VecDeque::new(),
            now: SECOND,
            number: 0,
        }
    }

    fn step(&mut self, step: Step) {
        self.number = self.number.wrapping_add(1);
        let (port, model, number, now) = (&self.port, &mut self.model, self.number, self.now);
        match step {
            Step::Ping => {
                port.ping();
                model.control.push_back(Thing::Ping);
            }
            Step::Answer => {
                let nonce = NonceBytes([number; 24]);
                assert!(port.answer(Event::RecipientOffline(PeerId([9; 8]), nonce)));
                model.control.push_back(Thing::Answer(number));
                model.answers += 1;
            }
            Step::Presence(key, online) => {
                port.presence([key; 32], online);
                model.presence.entry(key).or_default().push(online);
            }
            Step::Forget(key) => {
                port.forget(&[key; 32]);
                model.presence.remove(&key);
            }
            Step::Event => self.event(),
            Step::Offer { from, size } => self.offer(from, size),
            Step::Refuse => {
                port.refuse();
                model.queue.refuse();
                self.released();
            }
            Step::Batch(budget) => self.batch(budget),
            Step::Sent => self.sent(),
            Step::Took(bytes) => {
                port.wrote(bytes, [], now);
                model.queue.took(bytes, now);
            }
            Step::Check => self.check(),
            Step::Close(code) => {
                port.close(Close::Code(code));
                model.close.get_or_insert(Close::Code(code));
            }
        }
    }

    fn event(&mut self) {
        let free = self.model.queue.room() == Room::Free;
        let wake = Event::Wake(PeerId([self.number; 8]), None);
        assert_eq!(self.port.event(wake, self.now), free);
        if free {
            self.model.push(Thing::Event(self.number, WEIGHT), WEIGHT, self.now);
        }
    }

    fn batch(&mut self, budget: usize) {
        let batch = self.port.batch(budget);
        let things: Vec<_> = batch.iter().map(thing).collect();
        assert_eq!(things, self.model.batch(budget));
        self.flight.extend(batch);
    }

    fn check(&mut self) {
        if self.model.queue.check(self.now) == Health::Dead {
            self.model.close.get_or_insert(Close::SLOW);
        }
        assert_eq!(self.port.check(self.now), self.model.queue.next_check());
        if self.model.queue.room() == Room::Refused {
            self.released();
        }
    }

    fn offer(&mut self, from: usize, size: usize) {
        let (nonce, sender) =
            (NonceBytes([self.number; 24]), Arc::clone(&self.senders[from].session));
        let frame = vec![self.number; size];
        let parcel = Parcel { frame: frame.clone(), size, nonce, sender, since: self.now };
        let taken = self.port.offer(parcel, self.now);
        match self.model.queue.room() {
            Room::Free => {
                assert_eq!(taken, Ok(()));
                self.model.push(Thing::Frame(from, self.number, size), size, self.now);
            }
            room => {
                assert_eq!(taken, Err((room, frame)), "a frame that did not go in comes back");
                self.model.waiting.extend((room == Room::Wait).then_some(from));
            }
        }
    }

    /// The oldest thing of the batches is out whole.
    fn sent(&mut self) {
        let Some(out) = self.flight.pop_front() else { return };
        self.port.wrote(0, [&out], self.now);
        match out {
            Out::Answer(..) => self.model.answers -= 1,
            Out::Event(..) | Out::Frame(_) if self.model.queue.pop() => self.released(),
            _ => {}
        }
    }

    /// Whoever waits is told, and nobody else.
    fn released(&mut self) {
        let waiting = take(&mut self.model.waiting);
        for (n, sender) in self.senders.iter().enumerate() {
            assert_eq!(sender.is_woken(), waiting.contains(&n), "sender {n}");
        }
    }

    fn compare(&self) {
        assert_eq!(self.port.load(), self.model.load());
        assert_eq!(self.port.room(), self.model.queue.room());
        assert_eq!(self.port.closing(), self.model.close);
        for pongs in [0, 1, 7, 8] {
            let count = self.model.answers + pongs;
            let owes = count >= 8 || self.model.answers * WEIGHT >= 1_000;
            assert_eq!(self.port.owes_much(pongs), owes, "{count} answers");
        }
        assert!(self.senders.iter().all(|sender| !sender.is_woken()), "woken for nothing");
    }

    /// What is still in the data lane comes back, and nothing goes in any more.
    fn end(mut self) {
        let left: Vec<_> = self.port.end().iter().map(thing).collect();
        assert_eq!(left, Vec::from(take(&mut self.model.data)));
        self.released();
        let (now, wake) = (self.now, Event::Wake(PeerId([1; 8]), None));
        assert!(!self.port.answer(wake.clone()) && !self.port.event(wake, now));
        let sender = Arc::clone(&self.senders[0].session);
        let nonce = NonceBytes([0; 24]);
        let parcel = Parcel { frame: vec![1], size: 1, nonce, sender, since: Duration::ZERO };
        assert_eq!(self.port.offer(parcel, now), Err((Room::Refused, vec![1])));
        self.port.presence([1; 32], true);
        assert!(self.port.batch(usize::MAX).is_empty());
    }
}

proptest! {
    /// [frame/order], [relay/presence-truth], [relay/replies-bounded], [relay/slow-wait],
    /// [relay/none-dropped]
    #[test]
    fn a_port_is_the_lists_of_its_lanes(steps in vec((passes(7_000), step()), 0..80)) {
        let mut world = World::new();
        for (passed, step) in steps {
            world.now += passed;
            world.step(step);
            world.compare();
        }
        world.end();
    }
}
