//! What became of every peer frame, as its sender and its recipient saw it.

use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Open,
    Delivered,
    Answered,
}

/// Frames by the number in their nonce.
#[derive(Default)]
pub(crate) struct Ledger {
    frames: HashMap<u64, (u64, Fate)>,
    last: HashMap<(u64, u64), u64>,
    next: u64,
}

impl Ledger {
    /// A line sends a frame; its number.
    pub(crate) fn send(&mut self, sender: u64) -> u64 {
        self.next += 1;
        self.frames.insert(self.next, (sender, Fate::Open));
        self.next
    }

    /// A line has a frame, exactly once and in the order of its sender.
    pub(crate) fn deliver(&mut self, number: u64, recipient: u64) {
        let sender = self.settle(number, Fate::Delivered);
        let before = self.last.insert((sender, recipient), number).unwrap_or(0);
        assert!(before < number, "frame {number} came behind {before}");
    }

    /// Its sender was told that it failed.
    pub(crate) fn answer(&mut self, number: u64, told: u64) {
        assert_eq!(self.settle(number, Fate::Answered), told, "somebody else was told");
    }

    /// Frames of these lines that nothing has become of.
    pub(crate) fn open(&self, lines: &[u64]) -> Vec<u64> {
        let open = self
            .frames
            .iter()
            .filter(|(_, (sender, fate))| *fate == Fate::Open && lines.contains(sender));
        open.map(|(number, _)| *number).collect()
    }

    fn settle(&mut self, number: u64, fate: Fate) -> u64 {
        let (sender, old) = self.frames.get_mut(&number).expect("a frame that was sent");
        assert_eq!(*old, Fate::Open, "frame {number} now {fate:?}");
        *old = fate;
        *sender
    }
}
