//! What is being written: which of it the system has taken, and what becomes of the rest.

use crate::{
    exchange::{
        route::Route,
        session::{Out, Session},
    },
    websocket::{Head, Message},
};
use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{io::AsyncWrite, net::TcpStream};

/// The longest message that is copied to stand beside others.
const SHORT: usize = 2 * 1024;
/// About how many bytes of short messages go out in one system call.
const ABREAST: usize = 64 * 1024;
/// How many longer messages do.
const GATHER: usize = 32;

thread_local! {
    static WRITE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Messages on their way. Dropping it answers the frames that are not out whole.
#[derive(Debug)]
pub(super) struct Flight {
    route: Arc<Route>,
    session: Option<Arc<Session>>,
    messages: VecDeque<Piece>,
    /// Bytes of the first one that are out.
    begun: usize,
    /// The socket took nothing more the last time.
    stuck: bool,
    /// It has taken something since.
    moved: bool,
}

/// A message as it goes out, and what it stands for.
#[derive(Debug)]
struct Piece {
    head: Head,
    payload: Vec<u8>,
    out: Option<Out>,
}

impl Piece {
    fn len(&self) -> usize {
        self.head.bytes().len() + self.payload.len()
    }
}

impl Flight {
    /// Nothing is on its way.
    pub(super) const fn new(route: Arc<Route>) -> Self {
        let messages = VecDeque::new();
        Self { route, session: None, messages, begun: 0, stuck: false, moved: false }
    }

    /// From now on it is a session's.
    pub(super) fn seat(&mut self, session: Arc<Session>) {
        self.session = Some(session);
    }

    /// A message, and what is done once it is out.
    pub(super) fn push(&mut self, message: Message, out: Option<Out>) {
        let head = message.head();
        self.messages.push_back(Piece { head, payload: message.payload, out });
    }

    /// Writes until nothing is left.
    pub(super) fn poll_write(
        &mut self,
        tcp: &mut TcpStream,
        cx: &mut Context<'_>,
        now: Duration,
    ) -> Poll<io::Result<()>> {
        while !self.messages.is_empty() {
            let written = WRITE.with_borrow_mut(|scratch| self.poll_once(tcp, cx, scratch));
            self.moved |= self.stuck && matches!(written, Poll::Ready(Ok(1..)));
            self.stuck = written.is_pending();
            match ready!(written)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.written(written, now),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Whether a socket that was full has taken something since this was asked: its reader reads.
    pub(super) const fn moved(&mut self) -> bool {
        std::mem::replace(&mut self.moved, false)
    }

    /// One system call: short messages are put side by side before it, which costs less than the
    /// system's care for each piece; long ones are written from where they are.
    fn poll_once(
        &self,
        tcp: &mut TcpStream,
        cx: &mut Context<'_>,
        scratch: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        scratch.clear();
        let short = self.messages.iter().take_while(|piece| piece.payload.len() <= SHORT);
        for piece in short {
            scratch.extend_from_slice(piece.head.bytes());
            scratch.extend_from_slice(&piece.payload);
            if scratch.len() >= ABREAST {
                break;
            }
        }
        if !scratch.is_empty() {
            return Pin::new(tcp).poll_write(cx, &scratch[self.begun..]);
        }
        let mut slices = [IoSlice::new(&[]); 2 * GATHER];
        let count = self.gather(&mut slices);
        Pin::new(tcp).poll_write_vectored(cx, &slices[..count])
    }

    fn gather<'s>(&'s self, slices: &mut [IoSlice<'s>; 2 * GATHER]) -> usize {
        let pieces = self.messages.iter().take(GATHER);
        let parts = pieces.flat_map(|piece| [piece.head.bytes(), piece.payload.as_slice()]);
        let (mut skip, mut count) = (self.begun, 0);
        for part in parts {
            let skipped = skip.min(part.len());
            skip -= skipped;
            if skipped < part.len() {
                slices[count] = IoSlice::new(&part[skipped..]);
                count += 1;
            }
        }
        count
    }

    /// The system has taken bytes.
    fn written(&mut self, bytes: usize, now: Duration) {
        self.begun += bytes;
        let mut out = 0;
        for piece in &self.messages {
            let Some(rest) = self.begun.checked_sub(piece.len()) else { break };
            self.begun = rest;
            out += 1;
        }
        if let Some(session) = &self.session {
            let out = self.messages.range(..out).filter_map(|piece| piece.out.as_ref());
            session.port.wrote(bytes as u64, out.clone(), now);
            self.count(out, now);
        }
        self.messages.drain(..out);
        if self.messages.is_empty() {
            // A connection at rest owns no room either.
            self.messages = VecDeque::new();
        }
    }

    /// Frames that came in one go, as a rule many, are counted in one.
    fn count<'o>(&self, out: impl Iterator<Item = &'o Out>, now: Duration) {
        let mut since = out.filter_map(|out| match out {
            Out::Frame(parcel) => Some(parcel.since),
            _ => None,
        });
        let mut next = since.next();
        while let Some(begin) = next {
            let mut frames = 1;
            next = since.find(|since| {
                frames += u64::from(*since == begin);
                *since != begin
            });
            let waited = now.saturating_sub(begin).as_micros();
            let counts = &self.route.counts;
            counts.queueing.record_many(u64::try_from(waited).unwrap_or(u64::MAX), frames);
            counts.delivered(frames);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if let Some(session) = &self.session {
            let left = self.messages.drain(..).filter_map(|piece| piece.out);
            self.route.undelivered(session.id(), left);
        }
    }
}
