//! What is being written: which of it the system has taken, and what becomes of the rest.
//!
//! The WebSocket's own buffer is empty when a batch begins, so the n-th byte of the batch is the
//! n-th byte that the socket takes from then on; whatever else is written meanwhile comes behind.

use crate::exchange::{
    route::Route,
    session::{Out, Session},
};
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// A batch on its way. Dropping it answers the frames that are not out whole.
#[derive(Debug)]
pub(super) struct Flight {
    route: Arc<Route>,
    session: Arc<Session>,
    /// Each with the count of written bytes at which it is out.
    batch: VecDeque<(u64, Out)>,
    end: u64,
    /// Bytes that are accounted for.
    written: u64,
}

impl Flight {
    /// Nothing is on its way.
    pub(super) const fn new(route: Arc<Route>, session: Arc<Session>, written: u64) -> Self {
        Self { route, session, batch: VecDeque::new(), end: 0, written }
    }

    /// A new batch begins; the last one is out.
    pub(super) const fn begin(&mut self) {
        self.end = self.written;
    }

    /// A message of the batch; `payloads` are those of its WebSocket messages.
    pub(super) fn push(&mut self, out: Out, payloads: &[usize]) {
        self.end += payloads.iter().map(|payload| on_the_wire(*payload)).sum::<u64>();
        self.batch.push_back((self.end, out));
    }

    /// The socket has taken `written` bytes in all.
    pub(super) fn written(&mut self, written: u64, now: Duration) {
        if written == self.written {
            return;
        }
        self.session.port.took(written - self.written, now);
        self.written = written;
        let out = self.batch.iter().take_while(|(end, _)| *end <= written).count();
        for (_, out) in self.batch.drain(..out) {
            self.session.port.sent(&out);
            if let Out::Frame(_) = out {
                self.route.counts.delivered();
            }
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let left = self.batch.drain(..).map(|(_, out)| out);
        self.route.undelivered(self.session.id(), left);
    }
}

/// Bytes of an unmasked WebSocket frame (RFC 6455, section 5.2).
const fn on_the_wire(payload: usize) -> u64 {
    let header = match payload {
        0..126 => 2,
        126..65_536 => 4,
        _ => 10,
    };
    payload as u64 + header
}
