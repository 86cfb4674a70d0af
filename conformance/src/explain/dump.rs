//! Bytes by their fields, and what the fields say.
//!
//! ```text
//!     0..8      header          7977c9813a7ea7eb  to: id of Bob, 493e82fc74464a59
//!     8..32     nonce           000102030405060708090a0b0c0d0e0f1011121314151617
//! ```

use super::names;
use crate::layout::{Field, Object};
use crate::model::frame::masked;
use crate::report::Page;

/// Bytes of a row, where there is room for them.
const ROW: usize = 32;
/// Bytes of the shortest row, and of the steps by which a row is shorter.
const STEP: usize = 8;
/// Rows of a field that are shown.
const ROWS: usize = 3;
/// Where the bytes begin.
const INDENT: usize = 34;

/// What unmasks a header, and whether it says to whom or from whom.
pub(super) struct Header {
    /// `K_c2s` or `K_s2c`.
    pub(super) key: [u8; 32],
    /// `to` or `from`.
    pub(super) word: &'static str,
}

/// The fields of `object`, each with its place, name, bytes and meaning.
pub(super) fn dump(page: &mut Page, object: &Object, bytes: &[u8], header: Option<&Header>) {
    for field in object.fields(bytes.len()) {
        let meaning = match (field.name, header) {
            ("header", Some(header)) => addressed(bytes, header),
            _ => meaning(&field, &bytes[field.at.clone()]),
        };
        let place = format!("{}..{}", field.at.start, field.at.end);
        let label = format!("    {place:12}{}", field.name);
        rows(page, &label, &bytes[field.at], meaning);
    }
}

/// A label, the rows of its bytes, and a meaning behind the last if there is room, or below.
pub(super) fn rows(page: &mut Page, label: &str, bytes: &[u8], meaning: Option<String>) {
    let row = (page.width().saturating_sub(INDENT) / 2 / STEP * STEP).clamp(STEP, ROW);
    let all: Vec<_> = bytes.chunks(row).map(hex::encode).collect();
    let shown = if all.len() > ROWS { ROWS - 1 } else { all.len() };
    let mut lines = all[..shown].to_vec();
    if shown < all.len() {
        lines.push(format!("… {} bytes more", bytes.len() - shown * row));
    }
    let meaning = meaning.unwrap_or_default();
    match lines.last_mut() {
        Some(last) if INDENT + last.len() + 2 + meaning.chars().count() <= page.width() => {
            *last = format!("{last}  {meaning}");
        }
        _ if !meaning.is_empty() => lines.push(meaning),
        Some(_) => {}
        None => lines.push("no bytes".to_owned()),
    }
    for (at, line) in lines.iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        page.line(&format!("{label:INDENT$}{line}"));
    }
}

/// The id behind the mask.
fn addressed(frame: &[u8], header: &Header) -> Option<String> {
    let (id, rest) = frame.split_first_chunk()?;
    let id = masked(header.key, *rest.first_chunk()?, *id);
    let owner = names::owner(&id).map(|owner| format!("{owner}, ")).unwrap_or_default();
    Some(format!("{}: {owner}{}", header.word, hex::encode(id)))
}

/// What the bytes of a field say by themselves.
fn meaning(field: &Field, bytes: &[u8]) -> Option<String> {
    let named = |name: fn(u8) -> Option<&'static str>| match bytes {
        [byte] => Some(name(*byte).unwrap_or("unknown").to_owned()),
        _ => None,
    };
    match field.name {
        "message id" => {
            let number = bytes.first_chunk().map(|bytes| u16::from_le_bytes(*bytes));
            number.map(|number| format!("little-endian: {number}"))
        }
        "command" => named(names::command),
        "code" => named(names::error),
        "nickname" | "text" => Some(match core::str::from_utf8(bytes) {
            Ok(text) => format!("{:?}", text.chars().take(40).collect::<String>()),
            Err(_) => "not UTF-8".to_owned(),
        }),
        _ => names::owner(bytes).map(str::to_owned),
    }
}
