//! Who was here and who is: what clients are told of presence is held against it.

use sealwire_relay::exchange::event::Key;
use std::collections::HashMap;

/// How often each key came or went. A session that replaces another is a going and a coming.
#[derive(Default)]
pub(crate) struct History {
    keys: HashMap<Key, Past>,
    /// Keys that came or went in this step.
    pub(crate) turned: Vec<Key>,
}

#[derive(Default)]
struct Past {
    turns: u64,
    line: Option<u64>,
}

/// A key is away at first, so it is here after an odd number of turns.
pub(crate) const fn is_online(turns: u64) -> bool {
    turns % 2 == 1
}

impl History {
    /// The key is on this line now.
    pub(crate) fn see(&mut self, key: &Key, line: Option<u64>) {
        let past = self.keys.entry(*key).or_default();
        if past.line != line {
            past.turns += u64::from(past.line.is_some()) + u64::from(line.is_some());
            past.line = line;
            self.turned.push(*key);
        }
    }

    pub(crate) fn turns(&self, key: &Key) -> u64 {
        self.keys.get(key).map_or(0, |past| past.turns)
    }
}
