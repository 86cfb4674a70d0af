//! What waits for one connection, and the task that writes it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

use super::settings::{HARD, REPLIES, SOFT};
use super::table::Session;
use crate::live::socket::{BINARY, CLOSE, FIN, PING, TEXT, header};

/// How long a close waits until what stands before it is written.
const CLOSE_WAIT: Duration = Duration::from_secs(5);

/// Who sent a peer frame, where to, and its nonce: what an ERROR says if it cannot be delivered.
#[derive(Clone)]
pub(super) struct Origin {
    /// Who is told.
    pub(super) sender: Arc<Session>,
    /// The target.
    pub(super) to: [u8; 8],
    /// The nonce of the frame.
    pub(super) nonce: [u8; 24],
}

/// Why something waits.
enum Kind {
    /// A peer frame.
    Frame(Origin),
    /// An answer that the session itself has caused.
    Reply,
    /// An event that another session has caused.
    Event,
    /// Presence of this key.
    Presence([u8; 32]),
    /// Anything else.
    Other,
    /// The last thing that is written.
    Close,
}

impl Kind {
    /// Whether others have put it there: the only part of a queue that has marks.
    const fn is_others(&self) -> bool {
        matches!(self, Self::Frame(_) | Self::Event)
    }
}

struct Item {
    bytes: Vec<u8>,
    kind: Kind,
}

/// What became of a frame that was offered.
pub(super) enum Offer {
    /// It waits its turn.
    Taken,
    /// The queue is too long: come back.
    Above,
    /// The reader is too slow: nothing for it until it has caught up.
    Refused,
}

/// The queue of one connection.
struct Queue {
    items: VecDeque<Item>,
    bytes: usize,
    frames: usize,
    replies: usize,
    refusing: bool,
    /// From above the soft mark to below the low one.
    choked: bool,
    closed_at: Option<Instant>,
    /// Bytes that the operating system has taken, and when it last took some.
    taken: u64,
    taken_at: Instant,
    last_out: Instant,
}

/// The writing side of one connection.
pub(super) struct Line {
    queue: Mutex<Queue>,
    work: Notify,
    /// Told whenever something was written.
    pub(super) room: Notify,
    closed: watch::Sender<bool>,
}

impl Line {
    /// A line on which nothing waits.
    pub(super) fn new() -> Arc<Self> {
        let now = Instant::now();
        let queue = Queue {
            items: VecDeque::new(),
            bytes: 0,
            frames: 0,
            replies: 0,
            refusing: false,
            choked: false,
            closed_at: None,
            taken: 0,
            taken_at: now,
            last_out: now,
        };
        let (closed, _) = watch::channel(false);
        Arc::new(Self {
            queue: Mutex::new(queue),
            work: Notify::new(),
            room: Notify::new(),
            closed,
        })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, bytes: Vec<u8>, kind: Kind) {
        let mut queue = self.queue();
        if queue.closed_at.is_none() {
            queue.push(bytes, kind);
            self.work.notify_one();
        }
    }

    /// An answer to the session itself.
    pub(super) fn reply(&self, opcode: u8, payload: &[u8]) {
        self.push(message(opcode, payload), Kind::Reply);
    }

    /// An event that somebody else has caused; a slow reader gets none.
    pub(super) fn event(&self, frame: &[u8]) {
        if !self.queue().choked {
            self.push(message(BINARY, frame), Kind::Event);
        }
    }

    /// A presence event; for a slow reader it takes the place of an older one of the same key.
    pub(super) fn presence(&self, key: [u8; 32], frame: &[u8]) {
        let mut queue = self.queue();
        if queue.choked {
            let older = |item: &Item| matches!(item.kind, Kind::Presence(other) if other == key);
            if let Some(at) = queue.items.iter().position(older)
                && let Some(item) = queue.items.remove(at)
            {
                queue.subtract(&item);
            }
        }
        drop(queue);
        self.push(message(BINARY, frame), Kind::Presence(key));
    }

    /// A WebSocket ping if `frame`, the text ping if `text`.
    pub(super) fn ping(&self, frame: bool, text: bool) {
        if frame {
            self.push(message(PING, b""), Kind::Other);
        }
        if text {
            self.push(message(TEXT, b"ping"), Kind::Other);
        }
    }

    /// A peer frame; who has waited already goes on below the low mark only, and who goes `ahead`
    /// overtakes what waits.
    pub(super) fn offer(&self, frame: Vec<u8>, from: &Origin, waited: bool, ahead: bool) -> Offer {
        let mut queue = self.queue();
        if queue.refusing || queue.closed_at.is_some() {
            return Offer::Refused;
        }
        let room = if waited { queue.below_low() } else { !queue.choked };
        if !room {
            return Offer::Above;
        }
        queue.push(message(BINARY, &frame), Kind::Frame(from.clone()));
        if ahead {
            let last = queue.items.pop_back();
            last.into_iter().for_each(|item| queue.items.push_front(item));
        }
        self.work.notify_one();
        Offer::Taken
    }

    /// From now on frames are refused until the reader has caught up.
    pub(super) fn refuse(&self) {
        let mut queue = self.queue();
        queue.refusing = !queue.below_low();
    }

    /// Bytes that the operating system has taken.
    pub(super) fn taken(&self) -> u64 {
        self.queue().taken
    }

    /// Answers that wait.
    pub(super) fn replies(&self) -> usize {
        self.queue().replies
    }

    /// Whether the reader is lost: at the hard mark, or above the soft one without taking anything
    /// for `dead`.
    pub(super) fn lost(&self, dead: Duration) -> bool {
        let queue = self.queue();
        let hard = queue.bytes >= HARD.0 || queue.frames >= HARD.1;
        hard || (queue.choked && queue.taken_at.elapsed() >= dead)
    }

    /// Leaves answers out that have no room.
    pub(super) fn drop_replies(&self) {
        let mut queue = self.queue();
        while queue.replies > REPLIES {
            let reply = |item: &Item| matches!(item.kind, Kind::Reply);
            let Some(at) = queue.items.iter().position(reply) else { return };
            if let Some(item) = queue.items.remove(at) {
                queue.subtract(&item);
            }
        }
    }

    /// Whether the line is closed.
    pub(super) fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// When something was last sent.
    pub(super) fn last_out(&self) -> Instant {
        self.queue().last_out
    }

    /// Closes behind what waits; frames of others that wait are given back.
    pub(super) fn close(&self, code: Option<u16>) -> Vec<Origin> {
        let mut queue = self.queue();
        if queue.closed_at.is_some() {
            return Vec::new();
        }
        queue.closed_at = Some(Instant::now());
        let (frames, rest) = std::mem::take(&mut queue.items)
            .into_iter()
            .partition::<Vec<_>, _>(|item| matches!(item.kind, Kind::Frame(_)));
        queue.items = rest.into();
        let payload = code.map(u16::to_be_bytes);
        let close = message(CLOSE, payload.as_ref().map_or(&[], |code| &code[..]));
        queue.push(close, Kind::Close);
        self.work.notify_one();
        self.closed.send_replace(true);
        frames.into_iter().filter_map(Item::origin).collect()
    }

    /// Ends without a word: what is written is written.
    pub(super) fn cut(&self) {
        let mut queue = self.queue();
        queue.closed_at = Some(Instant::now());
        queue.push(Vec::new(), Kind::Close);
        self.work.notify_one();
        self.closed.send_replace(true);
    }

    /// Returns once the line is closed.
    pub(super) async fn closed(&self) {
        // The sender lives as long as the line.
        let _ = self.closed.subscribe().wait_for(|closed| *closed).await;
    }

    /// Writes what waits, to the close or to a broken connection; the frame in hand at that moment
    /// is given back.
    pub(super) async fn write(&self, mut half: OwnedWriteHalf) -> Option<Origin> {
        loop {
            let Some(item) = self.take().await else { continue };
            if !self.write_item(&mut half, &item.bytes).await {
                self.close(None);
                return item.origin();
            }
            let last = matches!(item.kind, Kind::Close);
            self.done(&item);
            if last {
                // Whoever is gone already does not hear it.
                let _ = half.shutdown().await;
                return None;
            }
        }
    }

    async fn take(&self) -> Option<Item> {
        let item = self.queue().items.pop_front();
        if item.is_none() {
            self.work.notified().await;
        }
        item
    }

    async fn write_item(&self, half: &mut OwnedWriteHalf, bytes: &[u8]) -> bool {
        let mut rest = bytes;
        while !rest.is_empty() {
            let written = tokio::select! {
                written = half.write(rest) => written.unwrap_or(0),
                () = self.given_up() => 0,
            };
            if written == 0 {
                return false;
            }
            rest = &rest[written..];
            let mut queue = self.queue();
            queue.taken += written as u64;
            queue.taken_at = Instant::now();
        }
        true
    }

    /// Returns when a closed line has waited long enough.
    async fn given_up(&self) {
        self.closed().await;
        let closed_at = self.queue().closed_at.unwrap_or_else(Instant::now);
        sleep_until(closed_at + CLOSE_WAIT).await;
    }

    fn done(&self, item: &Item) {
        let mut queue = self.queue();
        queue.subtract(item);
        queue.refusing &= !queue.below_low();
        drop(queue);
        self.room.notify_waiters();
    }
}

impl Queue {
    fn push(&mut self, bytes: Vec<u8>, kind: Kind) {
        if !self.choked {
            self.taken_at = Instant::now();
        }
        if kind.is_others() {
            self.bytes += bytes.len();
            self.frames += 1;
            self.choked |= self.above();
        }
        self.replies += usize::from(matches!(kind, Kind::Reply));
        self.last_out = Instant::now();
        self.items.push_back(Item { bytes, kind });
    }

    fn subtract(&mut self, item: &Item) {
        if item.kind.is_others() {
            self.bytes -= item.bytes.len();
            self.frames -= 1;
            self.choked &= !self.below_low();
        }
        self.replies -= usize::from(matches!(item.kind, Kind::Reply));
    }

    fn above(&self) -> bool {
        self.bytes > SOFT.0 || self.frames > SOFT.1
    }

    fn below_low(&self) -> bool {
        self.bytes < SOFT.0 / 2 && self.frames < SOFT.1 / 2
    }
}

impl Item {
    fn origin(self) -> Option<Origin> {
        match self.kind {
            Kind::Frame(origin) => Some(origin),
            _ => None,
        }
    }
}

/// One whole message as a server sends it.
fn message(opcode: u8, payload: &[u8]) -> Vec<u8> {
    [&header(FIN | opcode, payload.len() as u64, false), payload].concat()
}
