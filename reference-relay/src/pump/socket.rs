//! The socket under the WebSocket: it gives back what HTTP had read ahead, counts what the system
//! takes, and notes what is announced.

use super::announced::Announced;
use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// A TCP stream whose writes are counted.
#[derive(Debug)]
pub struct Socket {
    tcp: TcpStream,
    /// Bytes that came behind the HTTP request, not read yet.
    ahead: Vec<u8>,
    written: u64,
    announced: Announced,
}

impl Socket {
    /// `ahead` is read before anything else.
    #[must_use]
    pub fn new(tcp: TcpStream, ahead: Vec<u8>) -> Self {
        Self { tcp, ahead, written: 0, announced: Announced::default() }
    }

    /// Bytes that the system has taken.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.written
    }

    /// The length of the message that is coming in, as far as its fragments have announced it.
    /// Only while the WebSocket waits for more bytes: until then it may be a later message's.
    #[must_use]
    pub const fn announced(&self) -> u64 {
        self.announced.sum()
    }

    fn read_ahead(&mut self, into: &mut ReadBuf<'_>) {
        let length = self.ahead.len().min(into.remaining());
        into.put_slice(&self.ahead[..length]);
        self.ahead.drain(..length);
        if self.ahead.is_empty() {
            self.ahead = Vec::new();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        if self.ahead.is_empty() {
            ready!(Pin::new(&mut self.tcp).poll_read(cx, into))?;
        } else {
            self.read_ahead(into);
        }
        self.announced.see(&into.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let taken = ready!(Pin::new(&mut self.tcp).poll_write(cx, bytes))?;
        self.written += taken as u64;
        Poll::Ready(Ok(taken))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let taken = ready!(Pin::new(&mut self.tcp).poll_write_vectored(cx, pieces))?;
        self.written += taken as u64;
        Poll::Ready(Ok(taken))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
