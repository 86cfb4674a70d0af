//! One connection as others see it: what waits for it in two lanes, its signs of life, its end.
//!
//! ```text
//! control  answers to its own messages, pings      unbounded here, bounded by not reading it
//! presence the last state of each watched key      bounded by its subscriptions
//! data     peer frames, introductions, wake-ups    bounded by the marks of its queue
//! ```
//!
//! Control goes out first, then presence, then data. Nothing here waits: whoever puts something
//! in goes on at once, and the connection's own task takes it out. Pure; `now` is the time since
//! the relay began.
//!
//! Clauses: `relay/presence-truth, replies-bounded, slow-*`.

use crate::{
    exchange::{
        event::{Event, Key},
        life::Life,
        queue::{Health, Queue, Room},
        session::{Close, Line, Out, Parcel, Reply},
    },
    limits::Limits,
    sync::{Mutex, MutexGuard},
};
use futures_util::task::AtomicWaker;
use std::{
    collections::{BTreeMap, VecDeque},
    mem::take,
    sync::{Arc, PoisonError},
    time::Duration,
};

/// The state of one watched key that its watcher has not been told.
#[derive(Debug)]
struct Change {
    online: bool,
    merged: u32,
}

#[derive(Debug)]
struct Lanes {
    reply: Option<Reply>,
    control: VecDeque<Out>,
    /// Answers not written yet: their number and weight.
    answers: (usize, usize),
    presence: BTreeMap<Key, Change>,
    data: VecDeque<Out>,
    /// Peer frames that are neither out nor answered.
    parcels: usize,
    queue: Queue,
    /// Who holds a frame for this queue.
    waiters: BTreeMap<Line, Arc<Port>>,
    close: Option<Close>,
    gone: bool,
    /// Its task took everything, and waits to be woken.
    idle: bool,
    /// It stopped watching keys of which something may be on its way to it.
    unsure: bool,
}

/// One connection's lanes. Shared by its task, by those who write to it and by the switchboard.
#[derive(Debug)]
pub struct Port {
    line: Line,
    lanes: Mutex<Lanes>,
    limits: Arc<Limits>,
    /// Its signs of life.
    pub life: Life,
    waker: AtomicWaker,
}

impl Port {
    /// A connection that begins now.
    #[must_use]
    pub fn new(line: Line, limits: Arc<Limits>, now: Duration) -> Self {
        let lanes = Lanes {
            reply: None,
            control: VecDeque::new(),
            answers: (0, 0),
            presence: BTreeMap::new(),
            data: VecDeque::new(),
            parcels: 0,
            queue: Queue::default(),
            waiters: BTreeMap::new(),
            close: None,
            gone: false,
            idle: false,
            unsure: false,
        };
        Self {
            line,
            lanes: Mutex::new(lanes),
            limits,
            life: Life::new(now),
            waker: AtomicWaker::new(),
        }
    }

    /// The connection's number.
    #[must_use]
    pub const fn line(&self) -> Line {
        self.line
    }

    /// Nobody panics while holding this lock, and if somebody did, others live on.
    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the connection's task says how to wake it.
    pub const fn waker(&self) -> &AtomicWaker {
        &self.waker
    }

    // ── For whoever has something for this connection ──

    /// The outcome of its hello.
    pub fn reply(&self, reply: Reply) {
        self.lanes().reply = Some(reply);
        self.waker.wake();
    }

    /// A ping, behind what waits already.
    pub fn ping(&self) {
        let mut lanes = self.lanes();
        lanes.control.push_back(Out::Ping);
        self.rouse(lanes);
    }

    /// Its own message is answered. False if it is gone, and nobody is left to be told.
    pub fn answer(&self, event: Event) -> bool {
        let mut lanes = self.lanes();
        if lanes.gone {
            return false;
        }
        let size = event.size();
        lanes.answers.0 += 1;
        lanes.answers.1 += size;
        lanes.control.push_back(Out::Answer(event, size));
        self.rouse(lanes);
        true
    }

    /// A watched key came or went.
    pub fn presence(&self, key: Key, online: bool) {
        let mut lanes = self.lanes();
        if lanes.gone {
            return;
        }
        let change = lanes.presence.entry(key).or_insert(Change { online, merged: 0 });
        change.online = online;
        change.merged += 1;
        self.rouse(lanes);
    }

    /// It watches this key no more.
    pub fn forget(&self, key: &Key) {
        let mut lanes = self.lanes();
        lanes.presence.remove(key);
        lanes.unsure |= !lanes.idle;
    }

    /// Whether what it has not read yet may speak of keys that it stopped watching. If it watches
    /// them again, that one of them is not online is news then.
    pub fn is_unsure(&self) -> bool {
        self.lanes().unsure
    }

    /// An event by somebody else's doing. False if there is no room: commands may be dropped.
    pub fn event(&self, event: Event, now: Duration) -> bool {
        let mut lanes = self.lanes();
        if lanes.gone || lanes.queue.room() != Room::Free {
            return false;
        }
        let size = event.size();
        lanes.push(Out::Event(event, size), size, now, &self.limits);
        self.rouse(lanes);
        true
    }

    /// A peer frame for this connection.
    ///
    /// # Errors
    /// The frame, if it did not go in. After [`Room::Wait`] its sender's port is woken when it is
    /// worth another try.
    pub fn offer(&self, parcel: Parcel, now: Duration) -> Result<(), (Room, Vec<u8>)> {
        let mut lanes = self.lanes();
        match lanes.queue.room() {
            Room::Free if !lanes.gone => {
                let size = parcel.size;
                lanes.parcels += 1;
                lanes.push(Out::Frame(parcel), size, now, &self.limits);
                self.rouse(lanes);
                Ok(())
            }
            Room::Wait if !lanes.gone => {
                let waiter = &parcel.sender.port;
                lanes.waiters.insert(waiter.line, Arc::clone(waiter));
                Err((Room::Wait, parcel.frame))
            }
            _ => Err((Room::Refused, parcel.frame)),
        }
    }

    /// A frame for it waited as long as one may.
    pub fn refuse(&self) {
        let mut lanes = self.lanes();
        lanes.queue.refuse();
        lanes.release();
    }

    /// Ends the connection; the first reason counts.
    pub fn close(&self, close: Close) {
        self.lanes().close.get_or_insert(close);
        self.waker.wake();
    }

    /// Wakes its task, once for all that is put in until it has taken everything: while it works,
    /// or waits for its socket, it needs no waking to find more.
    fn rouse(&self, mut lanes: MutexGuard<'_, Lanes>) {
        let idle = take(&mut lanes.idle);
        drop(lanes);
        if idle {
            self.waker.wake();
        }
    }

    // ── For the connection's own task ──

    /// The outcome of the hello, once.
    pub fn take_reply(&self) -> Option<Reply> {
        self.lanes().reply.take()
    }

    /// Why the relay ends this connection, if it does.
    pub fn closing(&self) -> Option<Close> {
        self.lanes().close
    }

    /// What is to be written next, about `budget` bytes of it. A frame counts as waiting until
    /// [`Self::wrote`].
    pub fn batch(&self, budget: usize) -> VecDeque<Out> {
        let mut lanes = self.lanes();
        let mut batch = take(&mut lanes.control);
        // Behind every answer: an answer is a snapshot, and what changed since must follow it
        // (`[relay/presence-truth]`).
        batch.extend(changes(&take(&mut lanes.presence)).map(Out::Presence));
        if batch.is_empty() && lanes.queue.held().0 <= budget {
            batch = take(&mut lanes.data);
        }
        let mut bytes = 0;
        while bytes < budget
            && let Some(out) = lanes.data.pop_front()
        {
            bytes += out.queued();
            batch.push_back(out);
        }
        lanes.idle = batch.is_empty();
        lanes.unsure &= !lanes.idle;
        batch
    }

    /// The socket took bytes, and with them the whole rest of these things of a batch.
    pub fn wrote<'o>(&self, bytes: u64, out: impl IntoIterator<Item = &'o Out>, now: Duration) {
        let mut lanes = self.lanes();
        lanes.queue.took(bytes, now);
        for out in out {
            if let Out::Answer(_, size) = out {
                lanes.answers.0 -= 1;
                lanes.answers.1 -= size;
            }
            lanes.parcels -= usize::from(matches!(out, Out::Frame(_)));
            if matches!(out, Out::Event(..) | Out::Frame(_))
                && lanes.queue.pop(out.queued(), &self.limits)
            {
                lanes.release();
            }
        }
    }

    /// Whether the relay owes it so much, its `pongs` included, that it is not read
    /// (`[relay/replies-bounded]`).
    pub fn owes_much(&self, pongs: usize) -> bool {
        let (count, bytes) = self.lanes().answers;
        count + pongs >= self.limits.replies() || bytes >= self.limits.soft_bytes()
    }

    /// Judges how it reads; to be asked at the time that the last call gave.
    pub fn check(&self, now: Duration) -> Option<Duration> {
        let mut lanes = self.lanes();
        if lanes.queue.check(now, &self.limits) == Health::Dead {
            lanes.close.get_or_insert(Close::SLOW);
        }
        if lanes.queue.room() == Room::Refused {
            lanes.release();
        }
        lanes.queue.next_check(&self.limits)
    }

    /// The end: nothing goes in any more. What was still in the data lane.
    pub fn end(&self) -> Vec<Out> {
        let mut lanes = self.lanes();
        lanes.gone = true;
        lanes.reply = None;
        lanes.control.clear();
        lanes.presence.clear();
        lanes.release();
        let left: Vec<_> = take(&mut lanes.data).into();
        lanes.parcels -= left.iter().filter(|out| matches!(out, Out::Frame(_))).count();
        left
    }

    /// What its queue would say to a frame.
    pub fn room(&self) -> Room {
        self.lanes().queue.room()
    }

    /// Peer frames that wait for it, those that are being written among them: a term of the
    /// conservation law (`[relay/none-dropped]`).
    pub fn parcels(&self) -> usize {
        self.lanes().parcels
    }

    /// What waits for it.
    pub fn load(&self) -> Load {
        let lanes = self.lanes();
        let (bytes, frames) = lanes.queue.held();
        let parcels = lanes.data.iter().filter(|out| matches!(out, Out::Frame(_))).count();
        Load { bytes, frames, parcels, answers: lanes.answers.0, presence: lanes.presence.len() }
    }
}

/// What waits for one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Bytes in its queue.
    pub bytes: usize,
    /// Frames in its queue, those that are being written among them.
    pub frames: usize,
    /// Peer frames in its data lane, those that are being written not.
    pub parcels: usize,
    /// Answers to its own messages.
    pub answers: usize,
    /// Watched keys with news.
    pub presence: usize,
}

impl Lanes {
    fn push(&mut self, out: Out, size: usize, now: Duration, limits: &Limits) {
        self.data.push_back(out);
        let before = self.queue.room();
        if self.queue.push(size, now, limits) == Health::Dead {
            self.close.get_or_insert(Close::SLOW);
        }
        // Its task, though it waits for its socket, judges from now on how it reads.
        self.idle |= self.queue.room() != before || self.close.is_some();
    }

    fn release(&mut self) {
        take(&mut self.waiters).values().for_each(|port| port.waker.wake());
    }
}

/// At most one PEER_OFFLINE and then one PEER_ONLINE. A session that was replaced while its watcher
/// kept up is told as an end and a beginning; whoever fell behind gets the last state only.
fn changes(pending: &BTreeMap<Key, Change>) -> impl Iterator<Item = Event> + use<> {
    let keys = |wanted: fn(&Change) -> bool| {
        let chosen = pending.iter().filter(|(_, change)| wanted(change));
        chosen.map(|(key, _)| *key).collect::<Vec<_>>()
    };
    let offline = keys(|change| !change.online || change.merged == 2);
    let online = keys(|change| change.online);
    [Event::Offline(offline), Event::Online(online)].into_iter().filter(
        |event| matches!(event, Event::Offline(keys) | Event::Online(keys) if !keys.is_empty()),
    )
}

#[cfg(test)]
mod tests;
