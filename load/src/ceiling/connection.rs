//! One client: what has come from it, and what of that is ready to go on.
//!
//! ```text
//! buffer   … written | frames without masks, in a row | … | bytes as they came | free …
//!          0         out.start                     out.end  raw                filled
//! ```

use std::collections::VecDeque;
use std::io;
use std::ops::Range;

use rustix::fd::OwnedFd;
use rustix::io::{Errno, read, write};
use sealwire::frame::{HEADER, MAX};

use crate::websocket::{self, Head, LONGEST_HEAD, Opcode, unmask_down};

/// Bytes of a buffer until the first frame: an idle client sends little.
const SMALL: usize = 8 * 1_024;
/// Bytes that one read takes at most: what a core keeps near.
const READ: usize = 256 * 1_024;
/// Bytes of a buffer that frames go through: the longest one, and a read besides.
const LARGE: usize = MAX + LONGEST_HEAD + READ;

/// How far a client is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    /// Its request comes in.
    Upgrading,
    /// Its hello comes in.
    Greeting,
    /// Its frames go on.
    Live,
}

/// Where the frames of a client go, once the first one has said it, and what stands in front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    /// The connection of the recipient.
    pub(super) target: usize,
    /// The header as the recipient must read it, as long as the nonce stays the same.
    pub(super) header: [u8; HEADER],
}

/// Frames in a row that go to one recipient.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) target: usize,
    pub(super) end: usize,
}

/// One client.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) stage: Stage,
    pub(super) route: Option<Route>,
    /// It is the target of somebody's route.
    pub(super) is_target: bool,
    /// What is ready, by recipient.
    pub(super) runs: VecDeque<Run>,
    /// Who has written part of a frame to this client: nobody else may write meanwhile.
    pub(super) writer: Option<usize>,
    /// Who waits until there is room.
    pub(super) waiting: Vec<usize>,
    /// The end is there, behind what is not read yet.
    pub(super) ended: bool,
    socket: OwnedFd,
    buffer: Vec<u8>,
    out: Range<usize>,
    raw: usize,
    filled: usize,
}

/// What a write came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// All of it.
    All,
    /// The rest waits for room, or for somebody else's rest.
    Part,
}

impl Connection {
    /// One that was accepted.
    pub(super) fn new(socket: OwnedFd) -> Self {
        Self {
            socket,
            stage: Stage::Upgrading,
            route: None,
            is_target: false,
            runs: VecDeque::new(),
            writer: None,
            waiting: Vec::new(),
            ended: false,
            buffer: vec![0; SMALL],
            out: 0..0,
            raw: 0,
            filled: 0,
        }
    }

    /// Reads once. Nothing if nothing is there; otherwise whether more may wait.
    pub(super) fn fill(&mut self) -> io::Result<Option<bool>> {
        self.make_room();
        let end = self.buffer.len().min(self.filled + READ);
        let free = &mut self.buffer[self.filled..end];
        match read(&self.socket, &mut *free) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                // A read that leaves room has taken everything, but for the end.
                let more = self.ended || count == free.len();
                self.filled += count;
                Ok(Some(more))
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Everything ready is written: what is not whole moves to the front when room runs short.
    fn make_room(&mut self) {
        if self.raw == self.filled {
            (self.raw, self.filled) = (0, 0);
        } else if self.buffer.len() - self.filled < READ.min(self.buffer.len()) && self.raw > 0 {
            self.buffer.copy_within(self.raw..self.filled, 0);
            (self.raw, self.filled) = (0, self.filled - self.raw);
        }
        self.out = if self.raw == 0 { 0..0 } else { self.out.end..self.out.end };
    }

    /// Makes the buffer large: this client sends.
    pub(super) fn enlarge(&mut self) {
        if self.buffer.len() < LARGE {
            // Untouched pages of a fresh buffer take no memory.
            let mut large = vec![0; LARGE];
            large[..self.filled].copy_from_slice(&self.buffer[..self.filled]);
            self.buffer = large;
        }
    }

    /// What has come and is not looked at yet.
    pub(super) fn raw(&self) -> &[u8] {
        &self.buffer[self.raw..self.filled]
    }

    /// So much of it is done with.
    pub(super) fn consume(&mut self, count: usize) {
        self.raw += count;
    }

    /// Takes the frame in front, of which `head` takes `size` bytes: writes it behind what is ready,
    /// as a server would send it, and lends its payload. It is not ready yet.
    pub(super) fn unmask(&mut self, head: Head, size: usize) -> &mut [u8] {
        let plain = Head { key: None, ..head };
        let payload = self.out.end + plain.size();
        let from = self.raw + size;
        plain.write(&mut self.buffer[self.out.end..]);
        unmask_down(&mut self.buffer, from, payload, head.length, head.key.unwrap_or_default());
        self.raw = from + head.length;
        &mut self.buffer[payload..payload + head.length]
    }

    /// The frame that [`Self::unmask`] took last is ready for that recipient.
    pub(super) fn ready(&mut self, head: Head, target: usize) {
        self.out.end += Head { key: None, ..head }.size() + head.length;
        let end = self.out.end;
        match self.runs.back_mut() {
            Some(run) if run.target == target => run.end = end,
            _ => self.runs.push_back(Run { target, end }),
        }
    }

    /// Gets the first run of `sender`, which is `index`. When it has it whole, those who waited for
    /// that may go on.
    pub(super) fn write_from(
        &mut self,
        sender: &mut Self,
        index: usize,
        end: usize,
        again: &mut Vec<usize>,
    ) -> io::Result<Written> {
        if self.writer.is_none_or(|writer| writer == index) {
            match write(&self.socket, &sender.buffer[sender.out.start..end]) {
                Ok(count) => sender.out.start += count,
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            if sender.out.start == end {
                if self.writer.take().is_some() {
                    again.append(&mut self.waiting);
                }
                return Ok(Written::All);
            }
            self.writer = Some(index);
        }
        self.waiting.push(index);
        Ok(Written::Part)
    }

    /// The first run is written, or goes nowhere.
    pub(super) fn run_is_done(&mut self) {
        if let Some(run) = self.runs.pop_front() {
            self.out.start = run.end;
        }
    }

    /// Whether its frames go to `target`.
    pub(super) fn leads_to(&self, target: usize) -> bool {
        self.route.is_some_and(|route| route.target == target)
    }

    /// Answers the frame in front, with its own payload if there is no other. Somebody's frame that
    /// is not whole comes first, and is life enough.
    pub(super) fn answer(
        &mut self,
        head: Head,
        size: usize,
        opcode: Opcode,
        payload: Option<&[u8]>,
    ) -> io::Result<()> {
        let own = self.unmask(head, size);
        let frame = websocket::frame(opcode, payload.unwrap_or(own), None);
        if self.writer.is_none() { self.say(&frame) } else { Ok(()) }
    }

    /// Writes what is rare and short.
    pub(super) fn say(&self, bytes: &[u8]) -> io::Result<()> {
        match write(&self.socket, bytes) {
            Ok(count) if count == bytes.len() => Ok(()),
            Ok(_) | Err(Errno::AGAIN) => Err(io::ErrorKind::WriteZero.into()),
            Err(error) => Err(error.into()),
        }
    }
}
