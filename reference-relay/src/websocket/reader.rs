//! Bytes of a client in, messages out.

use super::{Kind, Message};
use crate::exchange::session::Close;

const HEADER: usize = Reader::HEADER;
/// How much room is made ahead of bytes that are only announced.
const STEP: usize = 64 * 1024;
/// From here on the rest of a message is worth a system call of its own, and behind such a message
/// the next one, as a rule, too.
const LONG: usize = 16 * 1024;

/// A frame whose header is known.
#[derive(Debug)]
struct Frame {
    /// `None` for a continuation.
    kind: Option<Kind>,
    fin: bool,
    /// Bytes of the payload that have not come.
    left: usize,
    /// The masking key, turned to the next byte.
    mask: [u8; 4],
}

/// The state of one connection: what of its current message is there.
#[derive(Debug, Default)]
pub struct Reader {
    header: [u8; HEADER],
    filled: usize,
    frame: Option<Frame>,
    /// The kind of the message whose fragments come.
    begun: Option<Kind>,
    /// Its payload so far.
    data: Vec<u8>,
    /// The payload so far of the control frame that came between them, or instead.
    control: Vec<u8>,
    /// Whether the last message was long.
    long: bool,
}

impl Reader {
    /// Bytes of the longest header, its mask included.
    pub const HEADER: usize = 14;

    /// The next message, and `input` behind it; `None` once all of `input` is taken in. `limit` is
    /// the longest payload. The payload is unmasked in place.
    ///
    /// # Errors
    /// The close that a broken rule asks for: 1002, 1007, 1009. Nothing can be read after it.
    pub fn next(&mut self, input: &mut &mut [u8], limit: usize) -> Result<Option<Message>, Close> {
        loop {
            let Some(mut frame) = self.frame.take() else {
                match self.header(input, limit)? {
                    None => return Ok(None),
                    frame => self.frame = frame,
                }
                continue;
            };
            let length = frame.left.min(input.len());
            let (bytes, rest) = std::mem::take(input).split_at_mut(length);
            *input = rest;
            unmask(bytes, &mut frame.mask);
            frame.left -= length;
            let payload = match frame.kind {
                Some(kind) if kind.is_control() => &mut self.control,
                _ => &mut self.data,
            };
            take_in(payload, bytes, frame.left);
            if frame.left > 0 {
                self.frame = Some(frame);
                return Ok(None);
            }
            if let Some(message) = self.finish(&frame)? {
                return Ok(Some(message));
            }
        }
    }

    /// Where the rest of a long message is to be read to, and how much at most: a header more than
    /// the rest, so that the next long message needs no read of its own to be known. Its bytes need
    /// not be copied then. Whoever does so calls [`Self::read`], and goes on with [`Self::next`].
    pub fn direct(&mut self) -> Option<(&mut Vec<u8>, usize)> {
        let left = self.frame.as_ref()?.left;
        (left >= LONG).then(|| {
            make_room(&mut self.data, HEADER, left);
            (&mut self.data, left + HEADER)
        })
    }

    /// So many bytes were read to where [`Self::direct`] said. How many of them came behind the
    /// message; `behind` begins with them now, and has room for a header.
    pub fn read(&mut self, bytes: usize, behind: &mut [u8]) -> usize {
        let Some(frame) = &mut self.frame else { return 0 };
        let begin = self.data.len().saturating_sub(bytes);
        let end = self.data.len().min(begin + frame.left);
        unmask(&mut self.data[begin..end], &mut frame.mask);
        frame.left -= end - begin;
        let more = &self.data[end..];
        let length = more.len();
        behind[..length].copy_from_slice(more);
        self.data.truncate(end);
        length
    }

    /// How much is best read next: behind a long message no more than one header beyond what is in
    /// hand, so that what may be another long one can be read to where it stays.
    #[must_use]
    pub fn appetite(&self) -> usize {
        match &self.frame {
            _ if !self.long => usize::MAX,
            Some(frame) => frame.left + HEADER,
            None if self.begun.is_some() => usize::MAX,
            None => HEADER,
        }
    }

    /// Takes in a header, and judges what of it is there.
    fn header(&mut self, input: &mut &mut [u8], limit: usize) -> Result<Option<Frame>, Close> {
        let before = self.filled;
        let more = input.len().min(HEADER - before);
        self.header[before..before + more].copy_from_slice(&input[..more]);
        let header = &self.header[..before + more];
        self.judge(header, limit)?;
        let Some((frame, length)) = parse(header) else {
            self.filled += more;
            *input = &mut [];
            return Ok(None);
        };
        *input = &mut std::mem::take(input)[length - before..];
        self.filled = 0;
        if frame.kind.is_some_and(|kind| !kind.is_control()) {
            self.begun = frame.kind;
        }
        Ok(Some(frame))
    }

    /// What of a header is there breaks no rule.
    fn judge(&self, header: &[u8], limit: usize) -> Result<(), Close> {
        let [first, second, ..] = *header else { return Ok(()) };
        let (fin, kind) = (first & 0x80 != 0, Kind::of(first & 0x0f));
        let follows = match kind {
            Some(kind) if kind.is_control() => fin && second & 0x7f < 126,
            Some(_) => self.begun.is_none(),
            None => first & 0x0f == 0 && self.begun.is_some(),
        };
        let (reserved, masked) = (first & 0x70 != 0, second & 0x80 != 0);
        let one_byte = kind == Some(Kind::Close) && second & 0x7f == 1;
        if reserved || !masked || !follows || one_byte {
            return Err(Close::PROTOCOL);
        }
        match announced(header) {
            Some(None) => Err(Close::PROTOCOL),
            Some(Some(length)) if length.saturating_add(self.before(kind)) > limit as u64 => {
                Err(Close::TOO_BIG)
            }
            _ => Ok(()),
        }
    }

    /// Bytes of the fragments before it.
    fn before(&self, kind: Option<Kind>) -> u64 {
        if kind.is_none() { self.data.len() as u64 } else { 0 }
    }

    fn finish(&mut self, frame: &Frame) -> Result<Option<Message>, Close> {
        match frame.kind.filter(|kind| kind.is_control()) {
            Some(kind) => {
                let payload = std::mem::take(&mut self.control);
                if kind == Kind::Close {
                    judge_close(&payload)?;
                }
                Ok(Some(Message { kind, payload }))
            }
            None if !frame.fin => Ok(None),
            None => {
                let payload = std::mem::take(&mut self.data);
                self.long = payload.len() >= LONG;
                let Some(kind) = self.begun.take() else { return Err(Close::PROTOCOL) };
                if kind == Kind::Text && std::str::from_utf8(&payload).is_err() {
                    return Err(Close::NOT_TEXT);
                }
                Ok(Some(Message { kind, payload }))
            }
        }
    }
}

/// The length that a header announces, once it does; `Some(None)` if not in the shortest form
/// (RFC 6455, section 5.2).
fn announced(header: &[u8]) -> Option<Option<u64>> {
    let (length, least) = match (header.get(1)? & 0x7f, header.get(2..)?) {
        (126, [a, b, ..]) => (u64::from(u16::from_be_bytes([*a, *b])), 126),
        (127, more) => (u64::from_be_bytes(*more.first_chunk()?), 65_536),
        (126, _) => return None,
        (short, _) => (u64::from(short), 0),
    };
    Some(Some(length).filter(|length| *length >= least))
}

/// A header that is whole and was judged, and its length.
fn parse(header: &[u8]) -> Option<(Frame, usize)> {
    let mask = match header.get(1)? & 0x7f {
        127 => 10,
        126 => 4,
        _ => 2,
    };
    let left = usize::try_from(announced(header)??).ok()?;
    let key = *header.get(mask..)?.first_chunk()?;
    let frame =
        Frame { kind: Kind::of(header[0] & 0x0f), fin: header[0] & 0x80 != 0, left, mask: key };
    Some((frame, mask + key.len()))
}

fn take_in(payload: &mut Vec<u8>, bytes: &[u8], left: usize) {
    make_room(payload, bytes.len(), left);
    payload.extend_from_slice(bytes);
}

/// Room is made as bytes come, not as they are announced: whoever announces a mebibyte and sends
/// nothing has nothing.
fn make_room(payload: &mut Vec<u8>, bytes: usize, left: usize) {
    if payload.capacity() - payload.len() < bytes {
        payload.reserve_exact(bytes + left.min(STEP.max(payload.len())));
    }
}

/// XORs with the masking key, which is turned to the byte that follows.
fn unmask(bytes: &mut [u8], mask: &mut [u8; 4]) {
    let word = u64::from(u32::from_ne_bytes(*mask));
    let word = word | word << 32;
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for bytes in words {
        *bytes = (u64::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
    mask.rotate_left(rest.len() % 4);
}

/// RFC 6455, section 7.4: codes that an endpoint may send, and a reason in UTF-8.
fn judge_close(payload: &[u8]) -> Result<(), Close> {
    let Some((code, reason)) = payload.split_first_chunk() else { return Ok(()) };
    match u16::from_be_bytes(*code) {
        1000..=1003 | 1007..=1014 | 3000..=4999 => {}
        _ => return Err(Close::PROTOCOL),
    }
    if std::str::from_utf8(reason).is_err() { Err(Close::NOT_TEXT) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
