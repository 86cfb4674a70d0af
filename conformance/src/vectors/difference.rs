//! Where two outputs differ, by member, field and byte.

use serde_json::Value;

use super::input::{Members, read_bytes, same};
use crate::layout::{self, Comparison};

/// Bytes of up to this length are shown whole.
const SHOWN_WHOLE: usize = 32;
/// How many bytes of longer ones are shown.
const SHOWN: usize = 16;

/// One line for each member that is missing, superfluous or different.
pub(crate) fn differences(op: &str, expected: &Members, actual: &Members) -> Vec<String> {
    let of_expected = expected.iter().filter_map(|(name, value)| match actual.get(name) {
        None => Some(format!("{name} is missing")),
        Some(other) if same(value, other) => None,
        Some(other) => Some(format!("{name}: {}", difference(op, name, value, other))),
    });
    let superfluous = actual.keys().filter(|name| !expected.contains_key(*name));
    of_expected.chain(superfluous.map(|name| format!("{name} should not be there"))).collect()
}

/// The members of bytes that differ, field by field.
pub(crate) fn comparisons(op: &str, expected: &Members, actual: &Members) -> Vec<Comparison> {
    let compared = |(name, value): (&String, &Value)| {
        let (expected, actual) = (read_bytes(value).ok()?, read_bytes(actual.get(name)?).ok()?);
        (expected != actual)
            .then(|| Comparison::of(name, layout::object(op, name), &expected, &actual))
    };
    expected.iter().filter_map(compared).collect()
}

/// The first member, in the order of `expected`, that both have and that differs.
pub(crate) fn first_difference(op: &str, expected: &Members, actual: &Members) -> Option<String> {
    expected.iter().find_map(|(name, value)| {
        let other = actual.get(name).filter(|other| !same(value, other))?;
        Some(format!("{name}: {}", difference(op, name, value, other)))
    })
}

fn difference(op: &str, member: &str, expected: &Value, actual: &Value) -> String {
    match (expected, actual) {
        (Value::Array(expected), Value::Array(actual)) => list_difference(expected, actual),
        _ => match (read_bytes(expected), read_bytes(actual)) {
            (Ok(expected), Ok(actual)) => layout::difference(op, member, &expected, &actual)
                .unwrap_or_else(|| "the same bytes, but not in plain lower-case hex".to_owned()),
            _ => format!("expected {}, actual {}", shown(expected), shown(actual)),
        },
    }
}

fn list_difference(expected: &[Value], actual: &[Value]) -> String {
    if expected.len() != actual.len() {
        return format!("expected {} entries, actual {}", expected.len(), actual.len());
    }
    let mut pairs = expected.iter().zip(actual).enumerate();
    let first = pairs.find(|(_, (expected, actual))| expected != actual);
    first.map_or_else(String::new, |(at, (expected, actual))| {
        format!("entry {at}: expected {}, actual {}", shown(expected), shown(actual))
    })
}

/// Members in one line; long bytes by their beginning and their length.
pub(crate) fn summary(members: &Members) -> String {
    let member = |(name, value): (&String, &Value)| format!("{name} {}", shown(value));
    let mut shown: Vec<_> = members.iter().map(member).collect();
    // Two outputs are easier to compare in one order.
    shown.sort();
    if shown.is_empty() { "{}".to_owned() } else { shown.join(", ") }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Array(entries) => {
            format!("[{}]", entries.iter().map(shown).collect::<Vec<_>>().join(", "))
        }
        Value::String(_) | Value::Object(_) => {
            read_bytes(value).map_or_else(|_| value.to_string(), |bytes| hex_shown(&bytes))
        }
        _ => value.to_string(),
    }
}

fn hex_shown(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN) {
        _ if bytes.is_empty() => "no bytes".to_owned(),
        Some(beginning) if bytes.len() > SHOWN_WHOLE => {
            format!("{}… ({} bytes)", hex::encode(beginning), bytes.len())
        }
        _ => hex::encode(bytes),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn compared(expected: Value, actual: Value) -> Vec<String> {
        let members = |value: Value| value.as_object().expect("an object").clone();
        differences("packet.seal", &members(expected), &members(actual))
    }

    #[test]
    fn equal_outputs_have_no_difference() {
        let rule = json!({ "body": { "repeat": "00", "count": 2 } });
        assert_eq!(compared(rule, json!({ "body": "0000" })), Vec::<String>::new());
    }

    #[test]
    fn members_that_are_missing_or_too_many_are_named() {
        let lines = compared(json!({ "to": "00" }), json!({ "from": "00" }));
        assert_eq!(lines, ["to is missing", "from should not be there"]);
    }

    #[test]
    fn a_packet_differs_by_its_fields() {
        let expected = "00".repeat(24 + 3 + 16 + 64);
        let actual = expected[..214 - 128].to_owned() + &"01".repeat(64);
        let lines = compared(json!({ "packet": expected }), json!({ "packet": actual }));
        assert!(
            lines[0].starts_with("packet: signature 43..107 differs from byte 43"),
            "{lines:?}"
        );
    }

    #[test]
    fn a_text_in_the_wrong_case_is_not_the_same_hex() {
        let lines = compared(json!({ "id": "ab" }), json!({ "id": "AB" }));
        assert_eq!(lines, ["id: the same bytes, but not in plain lower-case hex"]);
    }

    #[test]
    fn lists_and_numbers_differ_by_value() {
        assert_eq!(
            compared(
                json!({ "keys": ["00", "01"], "n": 1 }),
                json!({ "keys": ["00", "02"], "n": 2 })
            ),
            ["keys: entry 1: expected 01, actual 02", "n: expected 1, actual 2"]
        );
    }
}
