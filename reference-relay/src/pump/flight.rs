//! What is being written: which of it the system has taken, and what becomes of the rest.

use crate::{
    exchange::{
        route::Route,
        session::{Out, Session},
    },
    websocket::{Head, Message},
};
use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{io::AsyncWrite, net::TcpStream};

/// How many messages go out in one system call.
const GATHER: usize = 64;

/// Messages on their way. Dropping it answers the frames that are not out whole.
#[derive(Debug)]
pub(super) struct Flight {
    route: Arc<Route>,
    session: Option<Arc<Session>>,
    messages: VecDeque<Piece>,
    /// Bytes of the first one that are out.
    begun: usize,
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
        Self { route, session: None, messages: VecDeque::new(), begun: 0 }
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
            let mut slices = [IoSlice::new(&[]); 2 * GATHER];
            let count = self.gather(&mut slices);
            match ready!(Pin::new(&mut *tcp).poll_write_vectored(cx, &slices[..count]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.written(written, now),
            }
        }
        Poll::Ready(Ok(()))
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
            let frames = out.filter(|out| matches!(out, Out::Frame(_))).count();
            self.route.counts.delivered(frames as u64);
        }
        self.messages.drain(..out);
        if self.messages.is_empty() {
            // A connection at rest owns no room either.
            self.messages = VecDeque::new();
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
