//! As much of RFC 6455 as both ends of a load need: heads, masks, the upgrade.
//!
//! ```text
//! FIN·RSV·opcode(1) ‖ MASK·length(1) ‖ more length(0, 2, 8) ‖ mask key(0, 4) ‖ payload
//! ```

mod mask;
pub(crate) mod upgrade;

pub(crate) use mask::{apply, unmask_down};

/// Bytes of the longest head.
pub(crate) const LONGEST_HEAD: usize = 14;
/// Bytes of a mask key.
pub(crate) const KEY: usize = 4;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opcode {
    /// What follows of a message that began earlier.
    Continuation = 0x0,
    /// UTF-8.
    Text = 0x1,
    /// Bytes.
    Binary = 0x2,
    /// The end, with a code.
    Close = 0x8,
    /// To be answered by a pong.
    Ping = 0x9,
    /// The answer.
    Pong = 0xa,
}

impl Opcode {
    const fn parse(byte: u8) -> Option<Self> {
        Some(match byte {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => return None,
        })
    }
}

/// Everything in front of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// What the frame is.
    pub(crate) opcode: Opcode,
    /// Whether its message ends with it.
    pub(crate) last: bool,
    /// Bytes of the payload.
    pub(crate) length: usize,
    /// The key that hides the payload, from clients only.
    pub(crate) key: Option<[u8; KEY]>,
}

/// The other side does not speak RFC 6455.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotWebSocket;

impl Head {
    /// The head of a whole message.
    pub(crate) const fn whole(opcode: Opcode, length: usize, key: Option<[u8; KEY]>) -> Self {
        Self { opcode, last: true, length, key }
    }

    /// Reads a head and says how many bytes it takes; nothing if it is not here whole.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, NotWebSocket> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        let opcode = Opcode::parse(first & 0x0f).filter(|_| first & 0x70 == 0);
        let opcode = opcode.ok_or(NotWebSocket)?;
        let (length, rest) = match second & 0x7f {
            126 => match rest.split_first_chunk() {
                Some((long, rest)) => (u64::from(u16::from_be_bytes(*long)), rest),
                None => return Ok(None),
            },
            127 => match rest.split_first_chunk() {
                Some((long, rest)) => (u64::from_be_bytes(*long), rest),
                None => return Ok(None),
            },
            short => (u64::from(short), rest),
        };
        let (key, rest) = match (second & 0x80 != 0, rest.split_first_chunk()) {
            (false, _) => (None, rest),
            (true, Some((key, rest))) => (Some(*key), rest),
            (true, None) => return Ok(None),
        };
        let length = usize::try_from(length).map_err(|_| NotWebSocket)?;
        let head = Self { opcode, last: first & 0x80 != 0, length, key };
        Ok(Some((head, bytes.len() - rest.len())))
    }

    /// Bytes that it takes.
    pub(crate) const fn size(&self) -> usize {
        let length = match self.length {
            0..126 => 2,
            126..65_536 => 4,
            _ => 10,
        };
        if self.key.is_some() { length + KEY } else { length }
    }

    /// Writes it at the start of `out`, which holds [`Self::size`] bytes or more.
    pub(crate) fn write(&self, out: &mut [u8]) {
        let masked = if self.key.is_some() { 0x80 } else { 0 };
        out[0] = self.opcode as u8 | if self.last { 0x80 } else { 0 };
        let end = match self.length {
            short @ 0..126 => {
                out[1] = masked | short as u8;
                2
            }
            long @ 126..65_536 => {
                out[1] = masked | 126;
                out[2..4].copy_from_slice(&(long as u16).to_be_bytes());
                4
            }
            long => {
                out[1] = masked | 127;
                out[2..10].copy_from_slice(&(long as u64).to_be_bytes());
                10
            }
        };
        if let Some(key) = self.key {
            out[end..end + KEY].copy_from_slice(&key);
        }
    }
}

/// A whole frame in bytes of its own; for what is rare.
pub(crate) fn frame(opcode: Opcode, payload: &[u8], key: Option<[u8; KEY]>) -> Vec<u8> {
    let head = Head::whole(opcode, payload.len(), key);
    let mut frame = vec![0; head.size()];
    head.write(&mut frame);
    frame.extend_from_slice(payload);
    if let Some(key) = key {
        apply(&mut frame[head.size()..], key);
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_comes_back_at_the_edges_of_each_length() {
        for length in [0, 1, 125, 126, 65_535, 65_536, 1 << 20] {
            for key in [None, Some([1, 2, 3, 4])] {
                let head = Head::whole(Opcode::Binary, length, key);
                let mut bytes = [0xaa; LONGEST_HEAD + 1];
                head.write(&mut bytes);
                assert_eq!(Head::parse(&bytes), Ok(Some((head, head.size()))));
                for short in 0..head.size() {
                    assert_eq!(Head::parse(&bytes[..short]), Ok(None), "{head:?}");
                }
                assert!(bytes[head.size()..].iter().all(|byte| *byte == 0xaa), "{head:?}");
            }
        }
    }

    #[test]
    fn known_bytes_are_a_head() {
        let ping = Head::parse(&[0x89, 0x00]);
        assert_eq!(ping, Ok(Some((Head::whole(Opcode::Ping, 0, None), 2))));
        let part = Head { last: false, ..Head::whole(Opcode::Binary, 300, Some([9; 4])) };
        assert_eq!(Head::parse(&[0x02, 0xfe, 1, 44, 9, 9, 9, 9, 7]), Ok(Some((part, 8))));
        assert_eq!(frame(Opcode::Text, b"ping", None), b"\x81\x04ping");
    }

    #[test]
    fn every_opcode_comes_back() {
        use Opcode::{Binary, Close, Continuation, Ping, Pong, Text};
        for opcode in [Continuation, Text, Binary, Close, Ping, Pong] {
            let head = Head::whole(opcode, 0, None);
            assert_eq!(Head::parse(&frame(opcode, b"", None)), Ok(Some((head, 2))));
        }
    }

    #[test]
    fn a_masked_frame_is_its_payload_under_the_key() {
        assert_eq!(
            frame(Opcode::Binary, &[1, 2, 3, 4, 5], Some([9; 4])),
            [0x82, 0x85, 9, 9, 9, 9, 8, 11, 10, 13, 12]
        );
    }

    #[test]
    fn what_is_no_head_is_refused() {
        for bytes in [[0x83, 0], [0xc2, 0], [0x8b, 0]] {
            assert_eq!(Head::parse(&bytes), Err(NotWebSocket));
        }
    }
}
