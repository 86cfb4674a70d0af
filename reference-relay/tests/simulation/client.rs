//! One simulated connection: what the pump would do for it, and what its client believes.

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
}

/// How a client behaves at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Takes whatever comes, answers pings.
    Prompt,
    /// Takes a little at a time, answers pings it has read.
    Slow,
    /// Takes nothing and still writes.
    Stalled,
    /// Half-open: neither takes nor writes.
    Dead,
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
    pub(crate) held: Option<Held>,
    pub(crate) held_since: Duration,
    /// What is being written, with the bytes that are still to be taken of it.
    pub(crate) flight: VecDeque<(usize, Out)>,
    pub(crate) commands: Bucket,
    pub(crate) resume: Duration,
    /// What the client watches, and what it was told last of each key.
    pub(crate) watched: BTreeSet<Key>,
    pub(crate) told: BTreeMap<Key, bool>,
}

impl Conn {
    /// Whether the pump would read a message now.
    pub(crate) fn is_read(&self, now: Duration) -> bool {
        self.session.is_some()
            && self.manner != Manner::Dead
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

    /// Hears of presence.
    pub(crate) fn told(&mut self, event: &Event) {
        let (keys, online) = match event {
            Event::Online(keys) => (keys, true),
            Event::Offline(keys) => (keys, false),
            _ => return,
        };
        for key in keys {
            if self.watched.contains(key) {
                self.told.insert(*key, online);
            }
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

pub(crate) fn is_frame(out: &Out) -> bool {
    matches!(out, Out::Frame(_))
}
