//! Who watches which key. Keys are compared as they come and never imported.
//!
//! Clauses: `relay/subscribe*`, `relay/watchers-limit`, `relay/unsubscribe`,
//! `relay/subscriptions-end`.

use crate::exchange::{crowd::give_back, event::Key, session::Line};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Both directions of the relation, always the mirror of each other.
#[derive(Debug, Default)]
pub(super) struct Presence {
    watchers: HashMap<Key, BTreeSet<Line>>,
    watched: HashMap<Line, HashSet<Key>>,
}

impl Presence {
    /// Adds a key. Whether the line watches it now.
    pub(super) fn watch(&mut self, line: Line, key: Key, keys: usize, watchers: usize) -> bool {
        let watched = self.watched.entry(line).or_default();
        if watched.contains(&key) {
            return true;
        }
        if watched.len() >= keys {
            return false;
        }
        // Looked up before it is entered, so that a refused watcher leaves no empty set behind.
        if self.watchers.get(&key).is_some_and(|lines| lines.len() >= watchers) {
            return false;
        }
        watched.insert(key);
        self.watchers.entry(key).or_default().insert(line)
    }

    /// Takes a key away. Whether the line had watched it.
    pub(super) fn unwatch(&mut self, line: Line, key: &Key) -> bool {
        let had = self.watched.get_mut(&line).is_some_and(|keys| keys.remove(key));
        if had {
            self.unlink(line, key);
        }
        had
    }

    /// The line's session ended.
    pub(super) fn forget(&mut self, line: Line) {
        for key in self.watched.remove(&line).unwrap_or_default() {
            self.unlink(line, &key);
        }
        give_back(&mut self.watched);
    }

    /// Who watches a key.
    pub(super) fn watchers(&self, key: &Key) -> impl Iterator<Item = Line> {
        self.watchers.get(key).into_iter().flatten().copied()
    }

    /// Keys watched, each by each line.
    pub(super) fn len(&self) -> usize {
        self.watched.values().map(HashSet::len).sum()
    }

    fn unlink(&mut self, line: Line, key: &Key) {
        if let Some(lines) = self.watchers.get_mut(key) {
            lines.remove(&line);
            if lines.is_empty() {
                self.watchers.remove(key);
                give_back(&mut self.watchers);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Key {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&number.to_le_bytes());
        key
    }

    #[test]
    fn a_line_watches_as_many_keys_as_the_limit() {
        let mut presence = Presence::default();
        let watched = (0..5).map(|number| presence.watch(Line(1), key(number), 4, 9));
        assert_eq!(watched.collect::<Vec<_>>(), [true, true, true, true, false]);
        assert!(presence.watch(Line(1), key(0), 4, 9), "it counts once");
        assert!(presence.unwatch(Line(1), &key(0)) && presence.watch(Line(1), key(4), 4, 9));
    }

    #[test]
    fn a_key_has_as_many_watchers_as_the_limit() {
        let mut presence = Presence::default();
        let taken = (0..4).map(|line| presence.watch(Line(line), key(0), 9, 3));
        assert_eq!(taken.collect::<Vec<_>>(), [true, true, true, false]);
        presence.forget(Line(1));
        assert!(presence.watch(Line(3), key(0), 9, 3));
        assert_eq!(presence.watchers(&key(0)).collect::<Vec<_>>(), [Line(0), Line(2), Line(3)]);
    }

    #[test]
    fn nothing_is_left_of_who_left() {
        let mut presence = Presence::default();
        for number in 0..10 {
            assert!(presence.watch(Line(1), key(number), 99, 99));
        }
        presence.forget(Line(1));
        assert!(presence.watchers.is_empty() && presence.watched.is_empty());
        assert!(!presence.unwatch(Line(1), &key(0)));
    }
}
