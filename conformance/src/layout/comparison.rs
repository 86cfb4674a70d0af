//! Two byte strings side by side, field by field.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Field, Object};

/// Bytes of a field that are shown of each side.
const SHOWN: usize = 64;
/// Bytes shown before the first that differs, in a field that is not shown whole.
const BEFORE: usize = 16;

/// What was expected and what came, by the fields of their layout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Comparison {
    /// The member of the output, or what the bytes are.
    pub(crate) what: String,
    /// The layout by which they are read; empty if they have none.
    pub(crate) object: String,
    /// Bytes that were expected.
    pub(crate) expected_length: usize,
    /// Bytes that came.
    pub(crate) actual_length: usize,
    /// Every field, in order.
    pub(crate) fields: Vec<Pair>,
}

/// One field of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Pair {
    /// As the specification calls it.
    pub(crate) name: String,
    /// Its first byte.
    pub(crate) from: usize,
    /// The byte behind its last.
    pub(crate) to: usize,
    /// The first byte that is shown: later than `from` in a long field.
    pub(crate) shown_from: usize,
    /// Lower-case hex of at most 64 bytes that were expected.
    pub(crate) expected: String,
    /// Lower-case hex of the bytes in their place.
    pub(crate) actual: String,
    /// Whether all bytes of the field are equal, those too that are not shown.
    pub(crate) equal: bool,
}

impl Comparison {
    /// Compares by `layout`; without one, all bytes are one field.
    pub(crate) fn of(what: &str, layout: Option<&Object>, expected: &[u8], actual: &[u8]) -> Self {
        let whole = || vec![Field { name: "bytes", at: 0..expected.len() }];
        let mut fields = layout.map_or_else(whole, |object| object.fields(expected.len()));
        if actual.len() > expected.len() {
            fields.push(Field { name: "too many", at: expected.len()..actual.len() });
        }
        Self {
            what: what.to_owned(),
            object: layout.map_or_else(String::new, |object| object.name.to_owned()),
            expected_length: expected.len(),
            actual_length: actual.len(),
            fields: fields.iter().map(|field| Pair::of(field, expected, actual)).collect(),
        }
    }
}

impl Pair {
    /// Whether bytes behind those that are shown are not.
    pub(crate) fn is_cut(&self) -> bool {
        self.shown_from + self.expected.len().max(self.actual.len()) / 2 < self.to
    }

    fn of(field: &Field, expected: &[u8], actual: &[u8]) -> Self {
        let (expected, actual) = (part(field, expected), part(field, actual));
        let first = expected.iter().zip(actual).take_while(|(e, a)| e == a).count();
        let last = expected.len().max(actual.len()).saturating_sub(SHOWN);
        let skipped = first.saturating_sub(BEFORE).min(last);
        let shown = |bytes: &[u8]| {
            hex::encode(bytes.iter().skip(skipped).take(SHOWN).copied().collect::<Vec<_>>())
        };
        Self {
            name: field.name.to_owned(),
            from: field.at.start,
            to: field.at.end,
            shown_from: field.at.start + skipped,
            expected: shown(expected),
            actual: shown(actual),
            equal: expected == actual,
        }
    }
}

/// The bytes of a field, as far as they are there.
fn part<'a>(field: &Field, bytes: &'a [u8]) -> &'a [u8] {
    let end = field.at.end.min(bytes.len());
    bytes.get(field.at.start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::object;
    use super::*;

    fn compared(change: impl FnOnce(&mut Vec<u8>)) -> Comparison {
        let expected: Vec<u8> = (0..200).collect();
        let mut actual = expected.clone();
        change(&mut actual);
        Comparison::of("packet", object("packet.seal", "packet"), &expected, &actual)
    }

    fn unequal(comparison: &Comparison) -> Vec<&str> {
        let unequal = comparison.fields.iter().filter(|pair| !pair.equal);
        unequal.map(|pair| pair.name.as_str()).collect()
    }

    #[test]
    fn every_field_is_there_and_those_that_differ_are_marked() {
        let comparison = compared(|bytes| bytes[140] = 0);
        let names: Vec<_> = comparison.fields.iter().map(|pair| pair.name.as_str()).collect();
        assert_eq!(names, ["nonce", "ciphertext", "tag", "signature"]);
        assert_eq!(unequal(&comparison), ["signature"]);
        let signature = &comparison.fields[3];
        assert_eq!((signature.from, signature.to, signature.shown_from), (136, 200, 136));
        assert_eq!(&signature.expected[..12], "88898a8b8c8d");
        assert_eq!(&signature.actual[..12], "88898a8b008d");
    }

    #[test]
    fn a_long_field_is_shown_from_shortly_before_its_first_difference() {
        let comparison = compared(|bytes| bytes[104] = 0);
        let ciphertext = &comparison.fields[1];
        assert_eq!((ciphertext.from, ciphertext.to), (24, 120));
        assert_eq!(ciphertext.shown_from, 56, "the last 64 bytes hold the difference");
        assert_eq!(ciphertext.expected.len(), 2 * SHOWN);
    }

    #[test]
    fn what_is_missing_or_too_much_differs() {
        assert_eq!(unequal(&compared(|bytes| bytes.truncate(150))), ["signature"]);
        assert_eq!(unequal(&compared(|bytes| bytes.truncate(0))).len(), 4);
        let long = compared(|bytes| bytes.push(7));
        assert_eq!(unequal(&long), ["too many"]);
        assert_eq!(long.fields[4].actual, "07");
        assert!(unequal(&compared(|_| {})).is_empty());
    }
}
