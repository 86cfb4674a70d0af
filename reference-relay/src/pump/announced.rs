//! The announced length of the message that is coming in, fragments summed.
//!
//! The WebSocket library judges the length that one frame announces, but the sum of fragments only
//! when the last of them is there. This looks over its shoulder: it reads the headers of the frames
//! as their bytes pass and knows the sum as soon as a fragment announces itself.
//!
//! ```text
//! FIN·RSV·opcode(1) ‖ MASK·length(1) ‖ more length(0, 2, 8) ‖ mask(0, 4) ‖ payload
//! ```
//!
//! Clauses: `frame/fragments-limit`. What breaks RFC 6455 is left to the library, which sees the
//! same bytes.

/// Bytes of the longest header without its mask.
const HEAD: usize = 10;

/// A reader of frame headers.
#[derive(Debug, Default)]
pub(super) struct Announced {
    head: [u8; HEAD],
    filled: usize,
    /// Bytes of mask and payload until the next header.
    skip: u64,
    sum: u64,
}

impl Announced {
    /// Bytes passed.
    pub(super) fn see(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let skipped = bytes.len().min(usize::try_from(self.skip).unwrap_or(usize::MAX));
            self.skip -= skipped as u64;
            bytes = &bytes[skipped..];
            if let Some((first, rest)) = bytes.split_first().filter(|_| self.skip == 0) {
                self.head[self.filled] = *first;
                self.filled += 1;
                bytes = rest;
                self.judge();
            }
        }
    }

    /// The length of the message that began last, as far as it is announced.
    pub(super) const fn sum(&self) -> u64 {
        self.sum
    }

    fn judge(&mut self) {
        let head = &self.head[..self.filled];
        let length = match head {
            [_, short, ..] if short & 0x7f < 126 => u64::from(short & 0x7f),
            [_, short, a, b] if short & 0x7f == 126 => u64::from(u16::from_be_bytes([*a, *b])),
            [_, _, long @ ..] => match <[u8; 8]>::try_from(long) {
                Ok(long) => u64::from_be_bytes(long),
                Err(_) => return,
            },
            _ => return,
        };
        let (opcode, masked) = (head[0] & 0x0f, head[1] & 0x80 != 0);
        match opcode {
            0 => self.sum = self.sum.saturating_add(length),
            1 | 2 => self.sum = length,
            _ => {}
        }
        self.skip = length.saturating_add(if masked { 4 } else { 0 });
        self.filled = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    /// A masked frame with a payload that looks like headers.
    fn frame(first: u8, length: usize) -> Vec<u8> {
        let head: Vec<u8> = match length {
            0..126 => vec![first, 0x80 | length as u8],
            126..65_536 => [&[first, 0xfe], &(length as u16).to_be_bytes()[..]].concat(),
            _ => [&[first, 0xff], &(length as u64).to_be_bytes()[..]].concat(),
        };
        [head, vec![0x82; 4 + length]].concat()
    }

    #[test]
    fn fragments_are_summed_and_control_frames_are_not() {
        let bytes = [frame(0x02, 125), frame(0x89, 5), frame(0x00, 126), frame(0x80, 65_536)];
        for step in [1, 2, 3, 1_000, 100_000] {
            let mut announced = Announced::default();
            bytes.concat().chunks(step).for_each(|chunk| announced.see(chunk));
            assert_eq!(announced.sum(), 125 + 126 + 65_536);
            announced.see(&frame(0x82, 7));
            assert_eq!(announced.sum(), 7, "a new message begins");
        }
    }

    #[test]
    fn a_fragment_counts_as_soon_as_it_announces_itself() {
        let mut announced = Announced::default();
        announced.see(&frame(0x02, 600_000));
        announced.see(&frame(0x80, 600_000)[..9]);
        assert_eq!(announced.sum(), 600_000);
        announced.see(&frame(0x80, 600_000)[9..10]);
        assert_eq!(announced.sum(), 1_200_000);
    }

    proptest! {
        /// However the bytes are cut, the sum is that of the data frames since the last message
        /// began.
        #[test]
        fn segmentation_changes_nothing(
            frames in vec((prop_oneof![Just(0x02_u8), Just(0x00), Just(0x8a)], 0_usize..70_000), 1..8),
            cuts in vec(1_usize..5_000, 1..40),
        ) {
            let mut expected = 0;
            let mut bytes = Vec::new();
            for (first, length) in frames {
                bytes.extend(frame(first, length));
                expected = match first {
                    0x02 => length as u64,
                    0x00 => expected + length as u64,
                    _ => expected,
                };
            }
            let mut announced = Announced::default();
            let mut rest = &bytes[..];
            for cut in cuts.into_iter().cycle() {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                announced.see(now);
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(announced.sum(), expected);
        }
    }

    #[test]
    fn no_length_overflows() {
        let mut announced = Announced::default();
        let huge = [0x02, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        announced.see(&huge);
        assert_eq!(announced.sum(), u64::MAX);
        announced.see(&[0; 100]);
    }
}
