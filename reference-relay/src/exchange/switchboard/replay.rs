//! The memory of hellos: those of live sessions, and the last few of all others.
//!
//! Clauses: `handshake/replay`.

use sealwire::handshake::MARK;
use std::collections::{HashSet, VecDeque};

/// `nonce ‖ tag` of a hello.
pub(super) type Mark = [u8; MARK];

/// Marks of live sessions and waiting hellos, and of the last `capacity` that are neither.
#[derive(Debug, Default)]
pub(super) struct Replays {
    known: HashSet<Mark>,
    past: VecDeque<Mark>,
}

impl Replays {
    /// False if this hello was seen before.
    pub(super) fn first_time(&mut self, mark: Mark) -> bool {
        self.known.insert(mark)
    }

    /// Remembered hellos.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// The hello's session ended, or never began.
    pub(super) fn retire(&mut self, mark: Mark, capacity: usize) {
        self.past.push_back(mark);
        while self.past.len() > capacity {
            let oldest = self.past.pop_front();
            oldest.iter().for_each(|mark| {
                self.known.remove(mark);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_remembered_and_the_live_ones_always() {
        let mut replays = Replays::default();
        let mark = |byte| [byte; MARK];
        assert!(replays.first_time(mark(0)), "a live one");
        for byte in 1..=4 {
            assert!(replays.first_time(mark(byte)));
            replays.retire(mark(byte), 3);
        }
        assert!(replays.first_time(mark(1)), "three were kept");
        assert!((2..=4).all(|byte| !replays.first_time(mark(byte))));
        assert!(!replays.first_time(mark(0)));
    }
}
