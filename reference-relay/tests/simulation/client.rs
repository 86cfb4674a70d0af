//! One simulated connection: what the pump would do for it, and what its client believes.

use super::{
    history::{History, is_online},
    index::Sums,
};
use sealwire_relay::exchange::{
    bucket::Bucket,
    event::{Event, Key},
    port::{Load, Port},
    route::Held,
    session::{Line, Out, Session},
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    mem::take,
    sync::{Arc, Mutex},
    task::{Wake, Waker},
    time::Duration,
};

/// Lines whose task would run, as the ports' wakers say: a wake-up that is forgotten is a line that
/// stands still, and the promises see it.
#[derive(Default)]
pub(crate) struct Ready(Mutex<BTreeSet<u64>>);

struct Bell(u64, Arc<Ready>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.1.add(self.0);
    }
}

impl Ready {
    pub(crate) fn bell(self: &Arc<Self>, line: u64) -> Waker {
        Waker::from(Arc::new(Bell(line, Arc::clone(self))))
    }

    pub(crate) fn add(&self, line: u64) {
        self.0.lock().unwrap().insert(line);
    }

    pub(crate) fn take(&self) -> BTreeSet<u64> {
        take(&mut self.0.lock().unwrap())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }
}

/// How a client behaves at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Takes whatever comes, answers pings.
    Prompt,
    /// Takes about so many bytes each half second, answers pings it has read.
    Slow(usize),
    /// Takes nothing and still writes.
    Stalled,
    /// Half-open, and its socket is full: neither takes nor writes.
    Dead,
    /// Half-open, and the system takes what nobody will get.
    Lost,
}

impl Manner {
    /// Whether there is a client at the other end.
    pub(crate) const fn is_alive(self) -> bool {
        !matches!(self, Self::Dead | Self::Lost)
    }
}

pub(crate) struct Conn {
    pub(crate) owner: usize,
    pub(crate) line: Line,
    pub(crate) port: Arc<Port>,
    pub(crate) session: Option<Arc<Session>>,
    pub(crate) hello: Vec<u8>,
    pub(crate) bell: Waker,
    /// When its task runs without being woken.
    pub(crate) timer: Option<Duration>,
    /// What waited for it when something last happened to it.
    pub(crate) load: Load,
    pub(crate) manner: Manner,
    /// Since when it behaves so.
    pub(crate) since: Duration,
    /// When something last arrived at its client.
    pub(crate) reached: Duration,
    pub(crate) held: Option<Held>,
    pub(crate) held_since: Duration,
    /// What is being written, with the bytes that are still to be taken of it.
    pub(crate) flight: VecDeque<(usize, Out)>,
    /// When a slow one takes something again, and when it last took how many bytes and frames.
    pub(crate) takes_at: Duration,
    pub(crate) takes: Vec<(Duration, usize, usize)>,
    /// Since when its queue lets nobody in, at the latest.
    pub(crate) choked: Option<Duration>,
    pub(crate) commands: Bucket,
    pub(crate) resume: Duration,
    /// What the client watches, and at which turn of each key's history it is.
    pub(crate) watched: BTreeMap<Key, u64>,
    /// Its place among those to draw from, and its share of the sums, as the index knows them.
    pub(crate) place: usize,
    pub(crate) counted: Sums,
}

impl Conn {
    pub(crate) fn new(owner: usize, port: Arc<Port>, bell: Waker, now: Duration) -> Self {
        Self {
            owner,
            line: port.line(),
            session: None,
            hello: Vec::new(),
            bell,
            timer: None,
            load: port.load(),
            port,
            manner: Manner::Prompt,
            since: now,
            reached: now,
            held: None,
            held_since: Duration::ZERO,
            flight: VecDeque::new(),
            takes_at: now,
            takes: Vec::new(),
            choked: None,
            commands: Bucket::FULL,
            resume: Duration::ZERO,
            watched: BTreeMap::new(),
            place: 0,
            counted: Sums::default(),
        }
    }

    /// Whether the pump would read a message now.
    pub(crate) fn is_read(&self, now: Duration) -> bool {
        self.session.is_some()
            && self.manner.is_alive()
            && self.held.is_none()
            && now >= self.resume
            && self.port.closing().is_none()
            && !self.port.owes_much(0)
    }

    /// Everything that was for it has been taken by it.
    pub(crate) fn is_up_to_date(&self) -> bool {
        let load = &self.load;
        self.flight.is_empty() && load.frames + load.answers + load.presence == 0
    }

    /// Peer frames in its queue, on their way to it, and in its own hand.
    pub(crate) fn frames_waiting(&self) -> usize {
        let flying = self.flight.iter().filter(|(_, out)| is_frame(out)).count();
        self.load.parcels + flying + usize::from(self.held.is_some())
    }

    /// Bytes and frames that it took since then.
    pub(crate) fn taken_since(&self, since: Duration) -> (usize, usize) {
        let recent = self.takes.iter().filter(|(at, ..)| *at >= since);
        recent.fold((0, 0), |(bytes, frames), take| (bytes + take.1, frames + take.2))
    }

    /// Hears of presence: never of what was not, and never of the older behind the newer
    /// (`[relay/presence-truth]`).
    pub(crate) fn told(&mut self, event: &Event, history: &History) {
        let (keys, online) = match event {
            Event::Online(keys) => (keys, true),
            Event::Offline(keys) => (keys, false),
            _ => return,
        };
        for key in keys {
            let Some(turn) = self.watched.get_mut(key) else { continue };
            *turn += u64::from(is_online(*turn) != online);
            let turns = history.turns(key);
            assert!(*turn <= turns, "told online={online} of {key:?}, which has not been so since");
        }
    }
}

/// Bytes of the message on the wire, near enough for a simulation.
pub(crate) fn weight(out: &Out) -> usize {
    match out {
        Out::Ping => 8,
        Out::Answer(event, _) | Out::Presence(event) | Out::Event(event, _) => event.size(),
        Out::Frame(parcel) => parcel.size + 4,
    }
}

fn is_frame(out: &Out) -> bool {
    matches!(out, Out::Frame(_))
}
