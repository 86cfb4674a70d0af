//! Whose presence is watched, and what the relay said last. Whole keys, never ids.

use crate::limits::Limits;
use std::collections::HashMap;

#[derive(Debug)]
pub(super) struct Watch {
    most: usize,
    /// In the order in which they were asked for, as a SUBSCRIBE lists them.
    keys: Vec<[u8; 32]>,
    /// `None` until the relay spoke of the key in this session.
    online: HashMap<[u8; 32], Option<bool>>,
}

impl Watch {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { most: limits.subscriptions, keys: Vec::new(), online: HashMap::new() }
    }

    /// Adds keys; those that are watched already change nothing. `false`, and nothing is added, if
    /// there is not room for all.
    pub(super) fn add(&mut self, keys: &[[u8; 32]]) -> bool {
        let before = self.keys.len();
        for key in keys {
            if self.online.contains_key(key) {
                continue;
            }
            if self.keys.len() == self.most {
                for key in self.keys.drain(before..) {
                    self.online.remove(&key);
                }
                return false;
            }
            self.online.insert(*key, None);
            self.keys.push(*key);
        }
        true
    }

    pub(super) fn keys(&self) -> &[[u8; 32]] {
        &self.keys
    }

    pub(super) fn contains(&self, key: &[u8; 32]) -> bool {
        self.online.contains_key(key)
    }

    /// Notes what the relay says; whether that is a change of a watched key.
    pub(super) fn set(&mut self, key: &[u8; 32], online: bool) -> bool {
        self.online.get_mut(key).is_some_and(|known| known.replace(online) != Some(online))
    }

    /// A session ended, and with it the subscriptions: nothing is known any more.
    pub(super) fn forget(&mut self) {
        self.online.values_mut().for_each(|known| *known = None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_of_watched_keys_count() {
        let mut watch = Watch::new(&Limits::default());
        assert!(watch.add(&[[1; 32], [2; 32], [1; 32]]));
        assert_eq!(watch.keys(), [[1; 32], [2; 32]]);
        assert!(watch.set(&[1; 32], true));
        assert!(!watch.set(&[1; 32], true));
        assert!(watch.set(&[1; 32], false));
        assert!(!watch.set(&[3; 32], true));
        watch.forget();
        assert!(watch.set(&[1; 32], false));
    }

    #[test]
    fn a_list_without_room_adds_nothing() {
        let mut watch = Watch::new(&Limits { subscriptions: 2, ..Limits::default() });
        assert!(watch.add(&[[1; 32]]));
        assert!(!watch.add(&[[2; 32], [3; 32]]));
        assert_eq!(watch.keys(), [[1; 32]]);
        assert!(!watch.contains(&[2; 32]));
        assert!(watch.add(&[[1; 32], [2; 32]]));
    }
}
