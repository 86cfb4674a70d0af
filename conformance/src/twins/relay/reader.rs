//! RFC 6455 as a server must read it: every broken rule has its close code.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, Interest};
use tokio::net::tcp::OwnedReadHalf;
use tokio::time::{Instant, sleep};

use super::admission::LOOK;
use super::table::Relay;
use crate::live::socket::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT};
use crate::twins::faults::relay::Fault;

/// Three bits that only an extension may set.
const RESERVED: u8 = 0x70;
/// How much is asked of the operating system at once.
const READ: usize = 64 * 1024;

/// What came from a client.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inbound {
    /// A binary message.
    Binary(Vec<u8>),
    /// A text message.
    Text(String),
    /// A ping.
    Ping(Vec<u8>),
    /// A pong.
    Pong,
    /// A close, by the rules.
    Close(Option<u16>),
    /// A broken rule, and the code that answers it.
    Broken(u16),
    /// The end of the stream.
    End,
}

/// The header of one frame.
struct Header {
    first: u8,
    length: u64,
    mask_at: usize,
    masked: bool,
}

/// The reading half of a connection.
pub(super) struct Reader {
    half: OwnedReadHalf,
    inbox: Vec<u8>,
    partial: Option<(u8, Vec<u8>)>,
    relay: Arc<Relay>,
    /// When the last byte came.
    pub(super) last_read: Instant,
}

impl Reader {
    /// A reader of what comes behind the upgrade; `inbox` came with it.
    pub(super) fn new(half: OwnedReadHalf, inbox: Vec<u8>, relay: Arc<Relay>) -> Self {
        Self { half, inbox, partial: None, relay, last_read: Instant::now() }
    }

    fn does(&self, fault: Fault) -> bool {
        self.relay.does(fault)
    }

    /// Until the client is no longer there, though not all that it sent may be read yet.
    pub(super) async fn hung_up(&self) {
        while self.half.ready(Interest::READABLE).await.is_ok_and(|ready| !ready.is_read_closed()) {
            sleep(LOOK).await;
        }
    }

    /// The next message, none longer than `limit`. Nothing is lost if this is abandoned.
    pub(super) async fn next(&mut self, limit: usize) -> Inbound {
        loop {
            match self.take(limit) {
                Ok(Some(inbound)) => {
                    if self.does(Fault::FirstOfSegment) {
                        self.forget();
                    }
                    return inbound;
                }
                Ok(None) => {}
                Err(code) => return Inbound::Broken(code),
            }
            if !self.fill().await {
                return Inbound::End;
            }
        }
    }

    /// Reads more; `false` at the end.
    pub(super) async fn fill(&mut self) -> bool {
        self.inbox.reserve(READ);
        let read = matches!(self.half.read_buf(&mut self.inbox).await, Ok(1..));
        self.last_read = Instant::now();
        read
    }

    /// Throws away what was read and not yet taken, and says how much that was.
    pub(super) fn forget(&mut self) -> usize {
        let length = self.inbox.len();
        self.inbox.clear();
        length
    }

    /// A message out of the inbox, if there is a whole one; the code of a broken rule.
    fn take(&mut self, limit: usize) -> Result<Option<Inbound>, u16> {
        loop {
            let [first, second, ..] = *self.inbox else { return Ok(None) };
            self.judge(first, second)?;
            let Some(header) = read_header(&self.inbox)? else { return Ok(None) };
            let room = limit as u64;
            let before = self.partial.as_ref().map_or(0, |(_, joined)| joined.len() as u64);
            let sum = match self.does(Fault::JudgesEachFragment) {
                true => header.length,
                false => header.length.saturating_add(before),
            };
            if sum > room && !self.does(Fault::BuffersFirst) {
                return Err(1009);
            }
            let Some(payload) = self.payload(&header) else { return Ok(None) };
            if sum > room {
                return Err(1009);
            }
            if let Some(inbound) = self.assemble(header.first, payload)? {
                return Ok(Some(inbound));
            }
        }
    }

    /// The rules that the first two bytes of a header can break.
    fn judge(&self, first: u8, second: u8) -> Result<(), u16> {
        let (opcode, last) = (first & 0x0f, first & FIN != 0);
        let (masked, long) = (second & 0x80 != 0, second & 0x7f > 125);
        let control = opcode & 0x8 != 0;
        let known = matches!(opcode, CONTINUATION | TEXT | BINARY | CLOSE | PING | PONG);
        let follows = self.partial.is_some();
        let broken = [
            first & RESERVED != 0 && !self.does(Fault::TakesReservedBits),
            !known && !self.does(Fault::TakesAnyOpcode),
            !masked && !self.does(Fault::TakesUnmasked),
            control && (!last || long) && !self.does(Fault::TakesLongControl),
            known
                && !control
                && follows != (opcode == CONTINUATION)
                && !self.does(Fault::TakesNestedMessages),
        ];
        if broken.contains(&true) { Err(1002) } else { Ok(()) }
    }

    /// Takes header and payload out of the inbox once both are whole.
    fn payload(&mut self, header: &Header) -> Option<Vec<u8>> {
        let at = header.mask_at + if header.masked { 4 } else { 0 };
        let end = at.checked_add(usize::try_from(header.length).ok()?)?;
        if self.inbox.len() < end {
            return None;
        }
        let mask: Vec<u8> = self.inbox[header.mask_at..at].to_vec();
        let mut payload: Vec<u8> = self.inbox.drain(..end).skip(at).collect();
        for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
            *byte ^= mask;
        }
        Some(payload)
    }

    /// Joins fragments; control frames stand between them.
    fn assemble(&mut self, first: u8, payload: Vec<u8>) -> Result<Option<Inbound>, u16> {
        match first & 0x0f {
            CLOSE => close(&payload).map(Some),
            PING => Ok(Some(Inbound::Ping(payload))),
            PONG => Ok(Some(Inbound::Pong)),
            CONTINUATION | TEXT | BINARY => self.join(first, payload),
            _ => Ok(None),
        }
    }

    fn join(&mut self, first: u8, payload: Vec<u8>) -> Result<Option<Inbound>, u16> {
        let whole = self.partial.is_none();
        let (kind, mut joined) = self.partial.take().unwrap_or((first & 0x0f, Vec::new()));
        joined.extend(payload);
        if first & FIN == 0 {
            self.partial = Some((kind, joined));
            return Ok(None);
        }
        if !whole && self.does(Fault::DropsFragments) {
            return Ok(None);
        }
        if kind != TEXT {
            return Ok(Some(Inbound::Binary(joined)));
        }
        match String::from_utf8(joined) {
            Ok(text) => Ok(Some(Inbound::Text(text))),
            Err(_) if self.does(Fault::TextUnchecked) => Ok(Some(Inbound::Text(String::new()))),
            Err(_) => Err(1007),
        }
    }
}

/// The header at the beginning of `bytes`, if it is whole up to its mask.
fn read_header(bytes: &[u8]) -> Result<Option<Header>, u16> {
    let [first, second, ..] = *bytes else { return Ok(None) };
    let masked = second & 0x80 != 0;
    let (mask_at, length, least) = match second & 0x7f {
        126 => (4, bytes.get(2..4).map(number), 126),
        127 => (10, bytes.get(2..10).map(number), 0x1_0000),
        short => (2, Some(u64::from(short)), 0),
    };
    let Some(length) = length else { return Ok(None) };
    // A length that a shorter form could say is no length.
    if length < least { Err(1002) } else { Ok(Some(Header { first, length, mask_at, masked })) }
}

/// A big-endian number.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte))
}

/// What a close says: nothing, or a code that may stand on the wire and a reason in UTF-8.
fn close(payload: &[u8]) -> Result<Inbound, u16> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() { Ok(Inbound::Close(None)) } else { Err(1002) };
    };
    let code = u16::from_be_bytes(*code);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(1002);
    }
    if std::str::from_utf8(reason).is_err() { Err(1007) } else { Ok(Inbound::Close(Some(code))) }
}
