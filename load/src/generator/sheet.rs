//! Frames that are built once and written many at a time.
//!
//! ```text
//! WebSocket head(6 to 14) ‖ masked id(8) ‖ nonce(24) ‖ number(8) ‖ filler …
//! ```
//!
//! A relay does not look into a packet, so the filler is no real seal, and one nonce serves all
//! frames. What differs from frame to frame is the masked id of the recipient, which one nonce
//! makes the same for all frames of a pair, and the number: these 16 bytes are written anew, the
//! rest stands.

use sealwire::frame::HEADER;

use super::session::MASK;
use crate::websocket::{Head, Opcode, apply};

/// Where the number stands in a frame.
const NUMBER: usize = HEADER + 24;
/// Where the number ends.
const TELLING: usize = NUMBER + 8;
/// Bytes of a sheet, one frame at least: what a socket takes at once, as a rule.
const SHEET: usize = 256 * 1_024;
/// The mask key over eight bytes.
const MASKS: u64 = (u32::from_be_bytes(MASK) as u64) << 32 | u32::from_be_bytes(MASK) as u64;
/// The nonce and the filler.
const FILLER: u8 = 0x5c;

/// Frames of one size, in a row.
#[derive(Debug)]
pub(crate) struct Sheet {
    bytes: Vec<u8>,
    head: usize,
    frame: usize,
}

impl Sheet {
    /// Frames of `size` bytes, `most` of them or as many as a sheet holds.
    pub(crate) fn new(size: usize, most: usize) -> Self {
        let head = Head::whole(Opcode::Binary, size, Some(MASK));
        let mut frame = vec![FILLER; head.size() + size];
        head.write(&mut frame);
        apply(&mut frame[head.size()..], MASK);
        let frames = (SHEET / frame.len()).clamp(1, most.max(1));
        Self { bytes: frame.repeat(frames), head: head.size(), frame: frame.len() }
    }

    /// A frame without header and number, as the relay is to see it.
    pub(crate) fn blank(size: usize) -> Vec<u8> {
        vec![FILLER; size]
    }

    /// Bytes of a frame with its WebSocket head.
    pub(crate) const fn frame(&self) -> usize {
        self.frame
    }

    /// Up to `count` frames with this header, numbered from `first`.
    pub(crate) fn frames(&mut self, header: [u8; HEADER], first: u64, count: usize) -> &[u8] {
        let header = (u64::from_be_bytes(header) ^ MASKS).to_be_bytes();
        let count = count.min(self.bytes.len() / self.frame);
        let frames = self.bytes.chunks_exact_mut(self.frame).take(count);
        for (frame, number) in frames.zip(first..) {
            let payload = &mut frame[self.head..];
            payload[..HEADER].copy_from_slice(&header);
            payload[NUMBER..TELLING].copy_from_slice(&(number ^ MASKS).to_be_bytes());
        }
        &self.bytes[..count * self.frame]
    }
}

/// The number of a frame of which these bytes are here, if all others but the header are as they
/// were sent.
pub(crate) fn number(payload: &[u8]) -> Option<u64> {
    let (nonce, rest) = payload.get(HEADER..)?.split_at_checked(NUMBER - HEADER)?;
    let (number, filler) = rest.split_first_chunk()?;
    let untouched = |bytes: &[u8]| bytes.iter().fold(0, |or, byte| or | (byte ^ FILLER)) == 0;
    (untouched(nonce) && untouched(filler)).then(|| u64::from_be_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_holds_whole_frames_that_differ_in_header_and_number() {
        for size in [112, 128, 1_024, 65_536, 1 << 20] {
            let mut sheet = Sheet::new(size, 3);
            let length = sheet.frame();
            let bytes = sheet.frames([7; HEADER], 40, 3).to_vec();
            assert!(!bytes.is_empty() && bytes.len().is_multiple_of(length));
            for (frame, expected) in bytes.chunks_exact(length).zip(40..) {
                let (head, at) = Head::parse(frame).expect("a frame").expect("whole");
                assert_eq!(head, Head::whole(Opcode::Binary, size, Some(MASK)));
                let mut payload = frame[at..].to_vec();
                apply(&mut payload, MASK);
                assert_eq!(number(&payload), Some(expected));
                let mut blank = Sheet::blank(size);
                blank[..HEADER].copy_from_slice(&[7; HEADER]);
                blank[NUMBER..TELLING].copy_from_slice(&expected.to_be_bytes());
                assert_eq!(payload, blank);
            }
        }
    }

    #[test]
    fn a_changed_byte_is_seen_wherever_it_is() {
        let mut frame = Sheet::blank(112);
        frame[NUMBER..TELLING].copy_from_slice(&7_u64.to_be_bytes());
        assert_eq!(number(&frame), Some(7));
        for at in (HEADER..NUMBER).chain(TELLING..112) {
            let mut changed = frame.clone();
            changed[at] ^= 0x10;
            assert_eq!(number(&changed), None, "{at}");
        }
        assert_eq!(number(&frame[..TELLING - 1]), None);
    }
}
