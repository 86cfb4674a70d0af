//! A connection that speaks WebSocket: its socket, what of its next message is there, and what is
//! being written.
//!
//! It reads into a buffer of the thread and writes from the frames themselves, many in one call, so
//! a connection at rest owns no buffer.

use super::{Ending, flight::Flight};
use crate::{
    exchange::route::Route,
    limits::READ_AHEAD,
    websocket::{Kind, Message, Reader},
};
use bytes::BufMut;
use std::{
    cell::RefCell,
    io,
    mem::take,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::TcpStream,
};
use tokio_util::io::poll_read_buf;

thread_local! {
    static READ: RefCell<[u8; READ_AHEAD]> = const { RefCell::new([0; READ_AHEAD]) };
}

/// Lends the thread's buffer to whoever reads and does not wait meanwhile.
pub(super) fn with_scratch<T>(act: impl FnOnce(&mut [u8]) -> T) -> T {
    READ.with_borrow_mut(|scratch| act(scratch.as_mut_slice()))
}

/// One client's end of the wire.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) tcp: TcpStream,
    reader: Reader,
    /// Bytes that were read and may not be looked at yet; at most a scratch buffer full.
    ahead: Vec<u8>,
    /// What is being written.
    pub(super) flight: Flight,
    /// Pongs that are being written.
    pongs: usize,
    /// Bytes that came since a message was whole, or since they were counted.
    partial: usize,
}

impl Connection {
    /// `ahead` came behind the HTTP request.
    pub(super) fn new(tcp: TcpStream, ahead: Vec<u8>, route: Arc<Route>) -> Self {
        let (reader, flight) = (Reader::default(), Flight::new(route));
        Self { tcp, reader, ahead, flight, pongs: 0, partial: 0 }
    }

    /// Pongs that are being written.
    pub(super) const fn pongs(&self) -> usize {
        self.pongs
    }

    /// The bytes to be looked at next; few or none if they went straight to a message.
    pub(super) fn poll_bytes<'s>(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &'s mut [u8],
    ) -> Poll<Result<&'s mut [u8], Ending>> {
        let gone = Poll::Ready(Err(Ending::Gone));
        let length = match take(&mut self.ahead) {
            ahead if ahead.is_empty() => {
                if let Some((message, most)) = self.reader.direct() {
                    let tcp = Pin::new(&mut self.tcp);
                    let length = ready!(poll_read_buf(tcp, cx, &mut message.limit(most)))?;
                    self.partial += length;
                    let behind = self.reader.read(length, scratch);
                    return if length == 0 {
                        gone
                    } else {
                        Poll::Ready(Ok(&mut scratch[..behind]))
                    };
                }
                let most = self.reader.appetite().min(scratch.len());
                let mut into = ReadBuf::new(&mut scratch[..most]);
                ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut into))?;
                self.partial += into.filled().len();
                into.filled().len()
            }
            mut ahead => {
                let length = ahead.len().min(scratch.len());
                scratch[..length].copy_from_slice(&ahead[..length]);
                self.ahead = ahead.split_off(length);
                length
            }
        };
        match length {
            0 => gone,
            length => Poll::Ready(Ok(&mut scratch[..length])),
        }
    }

    /// The next message in them that is not WebSocket's own affair.
    pub(super) fn next(
        &mut self,
        bytes: &mut &mut [u8],
        limit: usize,
    ) -> Result<Option<Message>, Ending> {
        let message = self.reader.next(bytes, limit).map_err(Ending::Close)?;
        if let Some(Message { kind, payload }) = &message {
            self.partial = 0;
            match kind {
                Kind::Ping => self.pong(Message::new(Kind::Pong, payload.as_slice())),
                Kind::Close => {
                    let code = payload.get(..2).unwrap_or_default();
                    self.flight.push(Message::new(Kind::Close, code), None);
                    return Err(Ending::Answered);
                }
                _ => {}
            }
        }
        Ok(message)
    }

    /// Whether so many bytes came since this was last true, of a message that is not whole yet.
    pub(super) fn has_come(&mut self, bytes: usize) -> bool {
        let has = self.partial >= bytes;
        if has {
            self.partial = 0;
        }
        has
    }

    /// Bytes that are looked at later.
    pub(super) fn keep(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.ahead = [bytes, &self.ahead].concat();
        }
    }

    /// Answers a ping, of either kind.
    pub(super) fn pong(&mut self, message: Message) {
        self.pongs += 1;
        self.flight.push(message, None);
    }

    /// Writes until nothing is left.
    pub(super) fn poll_flush(
        &mut self,
        cx: &mut Context<'_>,
        now: Duration,
    ) -> Poll<io::Result<()>> {
        ready!(self.flight.poll_write(&mut self.tcp, cx, now))?;
        self.pongs = 0;
        Poll::Ready(Ok(()))
    }
}
