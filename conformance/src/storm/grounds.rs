//! What mutations start from: the inputs of the vectors, written out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;

use crate::vectors::{self, Expect, Input, Members};

/// Hex digits of an input that is long: milliseconds a run instead of microseconds.
const LONG: usize = 32_768;

/// So many vectors make an operation come once more, up to so many times.
const PER_TIME: usize = 8;
const MOST_TIMES: usize = 6;

/// One input of a vector.
#[derive(Debug)]
pub(crate) struct Ground {
    /// The vector.
    pub(crate) id: String,
    /// Whether it is the last input of a sweep.
    last: bool,
    /// Its operation.
    pub(crate) op: String,
    /// Whether it is to be accepted.
    pub(crate) accepted: bool,
    /// Its members, every byte string in plain hex.
    pub(crate) input: Members,
}

impl Ground {
    /// The clause that the vector exercises.
    pub(crate) fn clause(&self) -> &str {
        self.id.rsplit_once('-').map_or(&self.id, |(clause, _)| clause)
    }

    /// Its id; of the last input of a sweep, one that says so.
    pub(crate) fn name(&self) -> String {
        if self.last { format!("{}.last", self.id) } else { self.id.clone() }
    }

    fn is_long(&self) -> bool {
        self.input.values().filter_map(Value::as_str).map(str::len).sum::<usize>() > LONG
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Grounds {
    short: BTreeMap<String, Vec<Ground>>,
    long: BTreeMap<String, Vec<Ground>>,
    donors: BTreeMap<String, Vec<Value>>,
    free: BTreeSet<(String, String)>,
}

/// Those of the vectors that travel with the suite.
pub(crate) static GROUNDS: LazyLock<Grounds> = LazyLock::new(|| {
    let cases = vectors::cases().unwrap_or_default();
    Grounds::of(cases.iter().flat_map(|case| {
        let inputs = Input::each(&case.input).unwrap_or_default();
        // A sweep differs in one place, and mutations find the rest of it.
        let ends = [(false, inputs.first()), (true, inputs.get(1..).and_then(<[_]>::last))];
        let ground = |(last, input): (bool, Option<&Input>)| {
            let input = input?.plain().ok()?;
            let (id, op) = (case.id.clone(), case.op.clone());
            Some(Ground { id, last, op, accepted: matches!(case.expect, Expect::Ok(_)), input })
        };
        ends.into_iter().filter_map(ground).collect::<Vec<_>>()
    }))
});

impl Grounds {
    fn of(all: impl Iterator<Item = Ground>) -> Self {
        let mut grounds = Self::default();
        let mut lengths = BTreeMap::new();
        for ground in all {
            for (name, value) in &ground.input {
                let of_name = grounds.donors.entry(name.clone()).or_default();
                if !ground.is_long() && !of_name.contains(value) {
                    of_name.push(value.clone());
                }
                let place = (ground.op.clone(), name.clone());
                let length = value.as_str().map(str::len);
                if *lengths.entry(place.clone()).or_insert(length) != length {
                    grounds.free.insert(place);
                }
            }
            let by_op = if ground.is_long() { &mut grounds.long } else { &mut grounds.short };
            by_op.entry(ground.op.clone()).or_default().push(ground);
        }
        grounds
    }

    /// The operations.
    pub(crate) fn ops(&self) -> Vec<&str> {
        self.short.keys().map(String::as_str).collect()
    }

    /// The operations, those more often that have more vectors: there is more to get wrong.
    pub(crate) fn weighed(&self) -> Vec<&str> {
        let times = |grounds: &Vec<Ground>| 2 + grounds.len().min(MOST_TIMES * PER_TIME) / PER_TIME;
        let each = |(op, grounds)| core::iter::repeat_n(String::as_str(op), times(grounds));
        self.short.iter().flat_map(each).collect()
    }

    /// The inputs of an operation: the long ones, if it has any, or the others.
    pub(crate) fn of_op(&self, op: &str, long: bool) -> &[Ground] {
        let long = self.long.get(op).filter(|_| long);
        long.or_else(|| self.short.get(op)).map_or(&[], Vec::as_slice)
    }

    /// What stands under this name in any vector.
    pub(crate) fn donors(&self, name: &str) -> &[Value] {
        self.donors.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether the length of a member is judged. Where every vector has the same, it belongs to the
    /// shape of the operation, and an adapter may call another one a fault of the line.
    pub(crate) fn is_free(&self, op: &str, name: &str) -> bool {
        self.free.contains(&(op.to_owned(), name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_grounds_and_its_lengths_are_told_apart() {
        assert_eq!(GROUNDS.ops().len(), 29);
        for op in GROUNDS.ops() {
            assert!(!GROUNDS.of_op(op, false).is_empty(), "{op}");
        }
        for (op, member) in [
            ("packet.open", "packet"),
            ("identity.import", "ed25519"),
            ("identity.from-seeds", "x25519_seed"),
            ("packet.seal", "body"),
            ("frame.uplink", "frame"),
        ] {
            assert!(GROUNDS.is_free(op, member), "{op} {member}");
        }
        for (op, member) in [("packet.open", "x25519_seed"), ("frame.mask", "nonce")] {
            assert!(!GROUNDS.is_free(op, member), "{op} {member}");
        }
    }
}
