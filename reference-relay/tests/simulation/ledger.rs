//! What became of every peer frame, as its sender and its recipient saw it.

use std::{collections::HashMap, time::Duration};

/// Frames of which nothing has become, by the number in their nonce.
#[derive(Default)]
pub(crate) struct Ledger {
    open: HashMap<u64, Sent>,
    last: HashMap<(u64, u64), u64>,
    next: u64,
}

#[derive(Clone, Copy)]
struct Sent {
    by: u64,
    at: Duration,
}

impl Ledger {
    /// A line sends a frame; its number.
    pub(crate) fn send(&mut self, by: u64, at: Duration) -> u64 {
        self.next += 1;
        self.open.insert(self.next, Sent { by, at });
        self.next
    }

    /// A line has a frame, exactly once and in the order of its sender. When it was sent.
    pub(crate) fn deliver(&mut self, number: u64, recipient: u64) -> Duration {
        let sent = self.settle(number);
        let before = self.last.insert((sent.by, recipient), number).unwrap_or(0);
        assert!(before < number, "frame {number} came behind {before}");
        sent.at
    }

    /// Its sender was told that it failed.
    pub(crate) fn answer(&mut self, number: u64, told: u64) {
        assert_eq!(self.settle(number).by, told, "somebody else was told");
    }

    /// The system took it, or its answer, and lost it.
    pub(crate) fn lose(&mut self, number: u64) {
        self.settle(number);
    }

    /// Frames of these lines that nothing has become of.
    pub(crate) fn open(&self, is_here: impl Fn(u64) -> bool) -> Vec<u64> {
        let open = self.open.iter().filter(|(_, sent)| is_here(sent.by));
        open.map(|(number, _)| *number).collect()
    }

    fn settle(&mut self, number: u64) -> Sent {
        self.open.remove(&number).unwrap_or_else(|| panic!("frame {number} arrives a second time"))
    }
}
