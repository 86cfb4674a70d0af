//! A WebSocket that hides nothing and forbids nothing: RFC 6455 on a TCP stream, for both roles.
//!
//! The judge must see every frame as it came (close codes, pings, what stands before a close) and
//! must be able to send every frame, broken ones included. So it brings its own codec, which shares
//! no line with the libraries of those it judges; `tests` holds it against tungstenite.
//!
//! ```text
//! FIN RSV×3 opcode×4 | MASK length×7 | length 16 or 64, if 126 or 127 | mask 32, if MASK | payload
//! ```

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::outcome::{Outcome, fail};

/// The FIN bit of the first byte.
pub(crate) const FIN: u8 = 0x80;
/// A further fragment.
pub(crate) const CONTINUATION: u8 = 0x0;
/// A text message.
pub(crate) const TEXT: u8 = 0x1;
/// A binary message.
pub(crate) const BINARY: u8 = 0x2;
/// The close of a connection.
pub(crate) const CLOSE: u8 = 0x8;
/// A ping.
pub(crate) const PING: u8 = 0x9;
/// A pong.
pub(crate) const PONG: u8 = 0xa;

/// The mask protects proxies from web pages; a judge needs none that is hard to guess.
const MASK: [u8; 4] = [0x5e, 0xa1, 0x31, 0x9e];
/// How much is asked of the operating system at once.
const READ: usize = 64 * 1024;

/// What came out of a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A binary message, its fragments joined.
    Binary(Vec<u8>),
    /// A text message, its fragments joined.
    Text(String),
    /// A WebSocket ping.
    Ping(Vec<u8>),
    /// A WebSocket pong.
    Pong(Vec<u8>),
    /// A close frame and its code.
    Close(Option<u16>),
    /// The end of the stream: a FIN, or a reset.
    End,
}

impl Heard {
    /// The same in words, short enough for a report.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Binary(bytes) => format!("a binary message of {} bytes", bytes.len()),
            Self::Text(text) => format!("the text {:?}", text.chars().take(40).collect::<String>()),
            Self::Ping(_) => "a WebSocket ping".to_owned(),
            Self::Pong(_) => "a WebSocket pong".to_owned(),
            Self::Close(Some(code)) => format!("close {code}"),
            Self::Close(None) => "a close without a code".to_owned(),
            Self::End => "the end of the TCP stream without a close".to_owned(),
        }
    }
}

/// Which side of the connection this is: clients mask, servers do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The judge came to a relay.
    Client,
    /// A client came to the judge.
    Server,
}

/// One upgraded connection.
pub(crate) struct Socket {
    stream: TcpStream,
    role: Role,
    inbox: Vec<u8>,
    fragments: Option<(u8, Vec<u8>)>,
    ended: bool,
    /// How long something that must come may take.
    pub(crate) patience: Duration,
    /// Whether pings are answered as they are heard.
    pub(crate) answers_pings: bool,
}

impl Socket {
    /// A connection whose upgrade is done; `inbox` is what came behind it.
    pub(crate) fn new(stream: TcpStream, role: Role, inbox: Vec<u8>, patience: Duration) -> Self {
        let (fragments, ended) = (None, false);
        Self { stream, role, inbox, fragments, ended, patience, answers_pings: true }
    }

    /// Sends one whole message.
    pub(crate) async fn send(&mut self, opcode: u8, payload: &[u8]) -> io::Result<()> {
        let frame = self.frame(FIN | opcode, payload);
        self.send_raw(&frame).await
    }

    /// Sends a binary message.
    pub(crate) async fn send_binary(&mut self, payload: &[u8]) -> io::Result<()> {
        self.send(BINARY, payload).await
    }

    /// Sends a text message.
    pub(crate) async fn send_text(&mut self, text: &str) -> io::Result<()> {
        self.send(TEXT, text.as_bytes()).await
    }

    /// Sends bytes as they are, whatever they do to the framing.
    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Sends the beginning of `bytes`, as much as the system takes, and says how much. Nothing was
    /// sent if this is abandoned.
    pub(crate) async fn send_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes).await
    }

    /// Breaks the connection off: the other side sees a reset.
    pub(crate) fn reset(self) {
        // Where the option is refused, the plain end that follows is an end as well.
        let _ = self.stream.set_zero_linger();
    }

    /// One frame as this role sends it.
    pub(crate) fn frame(&self, first: u8, payload: &[u8]) -> Vec<u8> {
        match self.role {
            Role::Client => masked_frame(first, payload),
            Role::Server => [header(first, payload.len() as u64, false), payload.to_vec()].concat(),
        }
    }

    /// What comes next, within the patience of this socket; `awaited` says what should.
    pub(crate) async fn hear(&mut self, awaited: &str) -> Outcome<Heard> {
        match self.hear_within(self.patience).await {
            Some(heard) => Ok(heard),
            None => Err(fail(awaited, format!("nothing for {:?}", self.patience))),
        }
    }

    /// What comes within `time`, if anything does.
    pub(crate) async fn hear_within(&mut self, time: Duration) -> Option<Heard> {
        timeout(time, self.next()).await.ok()
    }

    /// What comes next, however long it takes. Nothing is lost if this is abandoned.
    pub(crate) async fn next(&mut self) -> Heard {
        loop {
            let Some((first, payload)) = self.next_frame().await else { return Heard::End };
            if let Some(heard) = self.assemble(first, payload) {
                if let (Heard::Ping(payload), true) = (&heard, self.answers_pings) {
                    // A peer that is gone already is seen by the next read.
                    let _ = self.send(PONG, &payload.clone()).await;
                }
                return heard;
            }
        }
    }

    /// Joins fragments; control frames may stand between them.
    fn assemble(&mut self, first: u8, payload: Vec<u8>) -> Option<Heard> {
        let (opcode, whole) = (first & 0x0f, first & FIN != 0);
        match opcode {
            CLOSE => Some(Heard::Close(payload.get(..2).map(|b| u16::from_be_bytes([b[0], b[1]])))),
            PING => Some(Heard::Ping(payload)),
            PONG => Some(Heard::Pong(payload)),
            _ => {
                let (kind, mut joined) = self.fragments.take().unwrap_or((opcode, Vec::new()));
                joined.extend(payload);
                if !whole {
                    self.fragments = Some((kind, joined));
                    return None;
                }
                Some(match kind {
                    TEXT => Heard::Text(String::from_utf8_lossy(&joined).into_owned()),
                    _ => Heard::Binary(joined),
                })
            }
        }
    }

    /// The first byte and the payload of the next frame.
    async fn next_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let Some((first, at, length, mask)) = read_header(&self.inbox)
                && self.inbox.len() >= at + length
            {
                let mut payload: Vec<u8> = self.inbox.drain(..at + length).skip(at).collect();
                apply(mask, &mut payload);
                return Some((first, payload));
            }
            if self.ended {
                return None;
            }
            self.inbox.reserve(READ);
            self.ended = !matches!(self.stream.read_buf(&mut self.inbox).await, Ok(1..));
        }
    }
}

/// A frame as a client sends it.
pub(crate) fn masked_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(first, payload.len() as u64, true);
    let at = bytes.len();
    bytes.extend_from_slice(payload);
    apply(MASK, &mut bytes[at..]);
    bytes
}

/// The header of a frame that announces `length`, in its shortest form, with the mask behind it.
pub(crate) fn header(first: u8, length: u64, masked: bool) -> Vec<u8> {
    let bit = if masked { 0x80 } else { 0 };
    let mut bytes = match length {
        0..=125 => vec![first, bit | length as u8],
        126..=0xffff => [&[first, bit | 126], &(length as u16).to_be_bytes()[..]].concat(),
        _ => [&[first, bit | 127], &length.to_be_bytes()[..]].concat(),
    };
    if masked {
        bytes.extend(MASK);
    }
    bytes
}

/// First byte, length of the header, length of the payload, mask (zero if there is none).
fn read_header(bytes: &[u8]) -> Option<(u8, usize, usize, [u8; 4])> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    let (at, length) = match second & 0x7f {
        126 => (4, u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)),
        short => (2, u64::from(short)),
    };
    let length = usize::try_from(length).ok()?;
    if second & 0x80 == 0 {
        return Some((first, at, length, [0; 4]));
    }
    Some((first, at + 4, length, bytes.get(at..at + 4)?.try_into().ok()?))
}

/// XOR with the mask, over and over.
fn apply(mask: [u8; 4], payload: &mut [u8]) {
    for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}
