//! The frames of WebSocket as a server speaks them (RFC 6455, section 5), without a socket: bytes
//! in, messages out.
//!
//! ```text
//! FIN·RSV·opcode(1) ‖ MASK·length(1) ‖ more length(0, 2, 8) ‖ mask(0, 4) ‖ payload
//! ```
//!
//! A library's reader owns a buffer for each connection: eight kibibytes while it is idle, and what
//! its longest message needed for ever after. This one owns nothing but a partial message; whoever
//! calls it reads into a buffer that many connections share. The whole lengths that are announced,
//! fragments summed, are judged before their bytes are there.
//!
//! Clauses: `frame/too-long, before-hello, fragments, fragments-limit`; the close codes of broken
//! rules are those of the table "Closing" of chapter 6.

mod reader;

pub use reader::Reader;

use crate::exchange::session::Close;

/// What a message is (RFC 6455, section 11.8). A continuation is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8.
    Text = 1,
    /// Bytes.
    Binary = 2,
    /// The end, with or without a code.
    Close = 8,
    /// To be answered with a pong of the same payload.
    Ping = 9,
    /// A sign of life.
    Pong = 10,
}

impl Kind {
    /// What its four bits say; `None` for a continuation and for what is reserved.
    const fn of(opcode: u8) -> Option<Self> {
        match opcode {
            1 => Some(Self::Text),
            2 => Some(Self::Binary),
            8 => Some(Self::Close),
            9 => Some(Self::Ping),
            10 => Some(Self::Pong),
            _ => None,
        }
    }

    /// Whether it may stand between the fragments of another.
    const fn is_control(self) -> bool {
        self as u8 >= 8
    }
}

/// A whole message. The payload of a text is UTF-8; that of a close is empty or begins with a code
/// that may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// Its payload, unmasked, all fragments.
    pub payload: Vec<u8>,
}

impl Message {
    /// A message.
    #[must_use]
    pub fn new(kind: Kind, payload: impl Into<Vec<u8>>) -> Self {
        Self { kind, payload: payload.into() }
    }

    /// The end, for this reason.
    #[must_use]
    pub fn close(close: Close) -> Self {
        match close {
            Close::Silent => Self::new(Kind::Close, []),
            Close::Code(code) => Self::new(Kind::Close, code.to_be_bytes()),
        }
    }

    /// What the header of an unmasked frame with all of it says.
    #[must_use]
    pub fn head(&self) -> Head {
        Head::new(self.kind, self.payload.len())
    }
}

/// The header of a server's frame: whole, unmasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    bytes: [u8; Self::MAX],
    length: u8,
}

impl Head {
    /// Bytes of the longest.
    pub const MAX: usize = 10;

    /// For a payload of this length.
    #[must_use]
    pub fn new(kind: Kind, payload: usize) -> Self {
        let mut bytes = [0; Self::MAX];
        bytes[0] = 0x80 | kind as u8;
        let length = match (u8::try_from(payload), u16::try_from(payload)) {
            (Ok(short @ 0..126), _) => {
                bytes[1] = short;
                2
            }
            (_, Ok(medium)) => {
                bytes[1] = 126;
                bytes[2..4].copy_from_slice(&medium.to_be_bytes());
                4
            }
            _ => {
                bytes[1] = 127;
                bytes[2..].copy_from_slice(&(payload as u64).to_be_bytes());
                10
            }
        };
        Self { bytes, length }
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_takes_the_shortest_of_three_lengths() {
        for (payload, expected) in [
            (0, &[0x82, 0][..]),
            (125, &[0x82, 125]),
            (126, &[0x82, 126, 0, 126]),
            (65_535, &[0x82, 126, 0xff, 0xff]),
            (65_536, &[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            assert_eq!(Head::new(Kind::Binary, payload).bytes(), expected);
        }
    }

    #[test]
    fn a_close_bears_its_code_or_nothing() {
        assert_eq!(Message::close(Close::SLOW), Message::new(Kind::Close, [0x03, 0xf5]));
        assert_eq!(Message::close(Close::Silent).head().bytes(), [0x88, 0]);
    }
}
