//! In which field two byte strings differ.

use super::{Field, Object, object};

/// Bytes shown of each side.
const SHOWN: usize = 8;

/// Where the member of an operation departs from what is expected of it; see [`between`].
pub(crate) fn difference(op: &str, member: &str, expected: &[u8], actual: &[u8]) -> Option<String> {
    between(object(op, member), expected, actual)
}

/// Where `actual` departs from `expected`, in one line: the field, the byte, both values, and what
/// the other fields do. `None` if they are equal. Bytes without a layout are one field.
pub(crate) fn between(layout: Option<&Object>, expected: &[u8], actual: &[u8]) -> Option<String> {
    if expected == actual {
        return None;
    }
    let fields = layout.map(|object| object.fields(expected.len())).unwrap_or_default();
    if expected.len() == actual.len() {
        Some(of_equal_length(&fields, expected, actual))
    } else {
        Some(of_other_length(&fields, expected, actual))
    }
}

/// The first byte that differs: within the shorter, or just behind it.
fn first_byte(expected: &[u8], actual: &[u8]) -> usize {
    expected.iter().zip(actual).take_while(|(e, a)| e == a).count()
}

fn of_equal_length(fields: &[Field], expected: &[u8], actual: &[u8]) -> String {
    let from = first_byte(expected, actual);
    let differs = |field: &&Field| expected[field.at.clone()] != actual[field.at.clone()];
    let (different, equal): (Vec<_>, Vec<_>) = fields.iter().partition(differs);
    let Some((first, others)) = different.split_first() else {
        return format!("differs from byte {from}{}", values(expected, actual, from));
    };
    let (e, a) = (&expected[first.at.clone()], &actual[first.at.clone()]);
    let how = if e.len() > 1 && e.iter().eq(a.iter().rev()) {
        " holds its bytes in reverse order".to_owned()
    } else {
        format!(" differs from byte {from}")
    };
    let values = values(&expected[..first.at.end], &actual[..first.at.end], from);
    let also = listed(others, "differs too", "differ too");
    let equal = listed(&equal, "is equal", "are equal");
    format!("{}{how}{values}{also}{equal}", place(first))
}

fn of_other_length(fields: &[Field], expected: &[u8], actual: &[u8]) -> String {
    let lengths = format!("{} bytes instead of {}", actual.len(), expected.len());
    let from = first_byte(expected, actual);
    if from == actual.len() {
        let inside = fields.iter().find(|field| field.at.contains(&from));
        let ends = inside.map(|field| format!(", in {}", place(field))).unwrap_or_default();
        return format!("{lengths}: all equal as far as they go{ends}");
    }
    if from == expected.len() {
        return format!("{lengths}: {} too many at the end", actual.len() - expected.len());
    }
    let inside = fields.iter().find(|field| field.at.contains(&from));
    let inside = inside.map(|field| format!("{} ", place(field))).unwrap_or_default();
    format!("{lengths}: {inside}differs from byte {from}{}", values(expected, actual, from))
}

/// `signature 64..128`.
fn place(field: &Field) -> String {
    format!("{} {}..{}", field.name, field.at.start, field.at.end)
}

/// A few bytes of both, from the first that differs.
fn values(expected: &[u8], actual: &[u8], from: usize) -> String {
    format!(": expected {}, actual {}", shortened(&expected[from..]), shortened(&actual[from..]))
}

fn shortened(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN) {
        Some(start) if bytes.len() > SHOWN => format!("{}…", hex::encode(start)),
        _ => hex::encode(bytes),
    }
}

/// `; nonce and ciphertext are equal`, or nothing.
fn listed(fields: &[&Field], one: &str, many: &str) -> String {
    let names: Vec<_> = fields.iter().map(|field| field.name).collect();
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => format!("; {only} {one}"),
        Some((last, rest)) => format!("; {} and {last} {many}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet() -> Vec<u8> {
        (0..128).collect()
    }

    fn said(op: &str, member: &str, change: impl FnOnce(&mut Vec<u8>)) -> Option<String> {
        let mut actual = packet();
        change(&mut actual);
        difference(op, member, &packet(), &actual)
    }

    #[test]
    fn equal_bytes_have_no_difference() {
        assert_eq!(said("packet.seal", "packet", |_| {}), None);
    }

    #[test]
    fn the_first_field_is_named_with_its_place_and_values_and_the_others_by_name() {
        let all = said("packet.seal", "packet", |bytes| bytes[64..].fill(0)).unwrap();
        assert_eq!(
            all,
            "signature 64..128 differs from byte 64: expected 4041424344454647…, actual \
             0000000000000000…; nonce, ciphertext and tag are equal"
        );
        let two = said("packet.seal", "packet", |bytes| {
            bytes[30] = 0;
            bytes[127] = 0;
        })
        .unwrap();
        assert_eq!(
            two,
            "ciphertext 24..48 differs from byte 30: expected 1e1f202122232425…, actual \
             001f202122232425…; signature differs too; nonce and tag are equal"
        );
    }

    #[test]
    fn a_number_the_wrong_way_round_is_recognised() {
        let swapped = said("packet.open", "inner", |bytes| bytes.swap(0, 1)).unwrap();
        assert!(swapped.starts_with("message id 0..2 holds its bytes in reverse order"));
        assert!(swapped.contains("expected 0001, actual 0100"), "{swapped}");
    }

    #[test]
    fn other_lengths_are_told_before_the_bytes() {
        let short = said("packet.seal", "packet", |bytes| bytes.truncate(100)).unwrap();
        assert_eq!(
            short,
            "100 bytes instead of 128: all equal as far as they go, in signature 64..128"
        );
        let long = said("packet.seal", "packet", |bytes| bytes.extend([1, 2])).unwrap();
        assert_eq!(long, "130 bytes instead of 128: 2 too many at the end");
        let shifted = said("packet.seal", "packet", |bytes| bytes.insert(24, 9)).unwrap();
        assert!(shifted.starts_with("129 bytes instead of 128: ciphertext 24..48 differs from"));
    }

    #[test]
    fn a_member_without_a_layout_is_one_field() {
        let key = difference("primitives.derive", "key", &[1, 2, 3], &[1, 2, 4]);
        assert_eq!(key.as_deref(), Some("differs from byte 2: expected 03, actual 04"));
    }
}
