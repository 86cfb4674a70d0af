//! Tables that a crowd made large and left.

use std::{collections::HashMap, hash::Hash};

/// Entries below which a table keeps its room.
const KEPT: usize = 1_024;

/// Gives the room back of which less than an eighth is in use. Whoever takes entries out one by one
/// calls it after each: the work is done once for many.
pub(crate) fn give_back<K: Eq + Hash, V>(table: &mut HashMap<K, V>) {
    if table.capacity() > KEPT && table.len() < table.capacity() / 8 {
        table.shrink_to(2 * table.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_shrinks_behind_a_crowd_and_not_behind_a_few() {
        let mut table: HashMap<_, _> = (0..10_000).map(|number| (number, ())).collect();
        (0..5_000).for_each(|number| {
            table.remove(&number);
            give_back(&mut table);
        });
        assert!(table.capacity() >= 5_000, "half of it is in use");
        (5_000..9_999).for_each(|number| {
            table.remove(&number);
            give_back(&mut table);
        });
        assert!(table.capacity() <= 2 * KEPT && table.len() == 1, "{}", table.capacity());
    }
}
