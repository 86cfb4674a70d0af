//! Which messages of one contact came before.

use crate::message::UUID;
use std::collections::{HashSet, VecDeque};

/// The last uuids, oldest forgotten first: a sender repeats what waits in its outbox, and an
/// outbox of the same size forgets no sooner than this does.
#[derive(Debug)]
pub(super) struct Seen {
    most: usize,
    order: VecDeque<[u8; UUID]>,
    known: HashSet<[u8; UUID]>,
}

impl Seen {
    pub(super) fn new(most: usize) -> Self {
        Self { most, order: VecDeque::new(), known: HashSet::new() }
    }

    /// Whether `uuid` is new; it no longer is afterwards.
    pub(super) fn insert(&mut self, uuid: [u8; UUID]) -> bool {
        if !self.known.insert(uuid) {
            return false;
        }
        self.order.push_back(uuid);
        if self.order.len() > self.most
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_known_until_enough_others_came() {
        let mut seen = Seen::new(2);
        let mut insert = |byte| seen.insert([byte; UUID]);
        assert!(insert(1));
        assert!(!insert(1));
        assert!(insert(2));
        assert!(!insert(1));
        assert!(insert(3));
        assert!(insert(1));
        assert!(!insert(3));
        assert_eq!((seen.order.len(), seen.known.len()), (2, 2));
    }
}
