//! The fields of binary objects: where they lie, what they are called, and in which of them two
//! strings differ.
//!
//! Nothing here opens anything. A layout needs the length of an object
//! and, of a body, its command.

mod comparison;
mod difference;
mod objects;

use core::ops::Range;

pub(crate) use comparison::{Comparison, Pair};
pub(crate) use difference::{between, difference};
pub(crate) use objects::{Object, body, object};

/// One field of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// As the specification calls it.
    pub(crate) name: &'static str,
    /// Its bytes.
    pub(crate) at: Range<usize>,
}

/// Fields of known lengths, in order: name and length.
type Fixed = &'static [(&'static str, usize)];

impl Object {
    /// The fields of an object of `length` bytes, which they cover without a gap. Of one that is
    /// too short, the fields at its head as far as they come, and what is left.
    pub(crate) fn fields(&self, length: usize) -> Vec<Field> {
        let sum = |fields: Fixed| fields.iter().map(|(_, size)| size).sum::<usize>();
        let (head, tail) = (sum(self.head), sum(self.tail));
        let whole = length >= head + tail;
        let rest = if whole { length - head - tail } else { length.saturating_sub(head) };
        let tail = if whole { self.tail } else { &[] };
        let all = self.head.iter().copied().chain([(self.rest, rest)]).chain(tail.iter().copied());
        let mut end = 0;
        let placed = all.map(|(name, size)| {
            let start = end;
            end = length.min(start + size);
            Field { name, at: start..end }
        });
        placed.filter(|field| !field.at.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(object: &Object, length: usize) -> Vec<(&'static str, Range<usize>)> {
        object.fields(length).into_iter().map(|Field { name, at }| (name, at)).collect()
    }

    #[test]
    fn fields_are_found_from_both_ends() {
        let packet = object("packet.seal", "packet").unwrap();
        assert_eq!(
            named(packet, 128),
            [("nonce", 0..24), ("ciphertext", 24..48), ("tag", 48..64), ("signature", 64..128)]
        );
        let hello = object("handshake.accept", "hello").unwrap();
        let [key, nonce, ..] = &named(hello, 172)[..] else { panic!() };
        assert_eq!((key, nonce), (&("X25519 key", 0..32), &("nonce", 32..56)));
    }

    #[test]
    fn what_is_too_short_has_the_head_that_it_has() {
        let frame = object("frame.uplink", "frame").unwrap();
        assert_eq!(named(frame, 20), [("header", 0..8), ("nonce", 8..20)]);
        assert_eq!(named(frame, 100)[2], ("ciphertext", 32..100));
        assert_eq!(named(frame, 112)[2], ("tag", 32..48));
        assert_eq!(named(frame, 0), []);
    }
}
