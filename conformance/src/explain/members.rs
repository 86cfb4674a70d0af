//! The members of a vector: inputs, outputs, intermediate values.

use serde_json::Value;

use super::dump::{Header, dump, rows};
use super::names;
use crate::layout::{Object, body, object};
use crate::model::identity::base64url_decode;
use crate::model::primitives::aead_open;
use crate::report::Page;
use crate::vectors::{Case, Members, read_bytes};

/// Which members are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// What goes in.
    Input,
    /// What comes out, or on the way.
    Output,
}

/// Members that are texts wherever they occur.
const TEXTS: [&str; 6] = ["context", "invite", "name", "contact_type", "digits", "text"];

/// Every member, one after the other.
pub(super) fn write(page: &mut Page, case: &Case, members: &Members, side: Side) {
    for (name, value) in members {
        match (value.get("sweep"), read_bytes(value)) {
            (Some(kind), _) => sweep(page, case, name, kind, value),
            (None, Ok(bytes)) if !is_text(&case.op, name) => {
                binary(page, case, name, &bytes, side);
            }
            _ => plain(page, case, name, value),
        }
    }
}

fn is_text(op: &str, name: &str) -> bool {
    TEXTS.contains(&name) || name == "nickname" && op != "relay.command"
}

fn label(name: &str) -> String {
    format!("  {name}")
}

/// What a sweep does to its bytes, and these.
fn sweep(page: &mut Page, case: &Case, name: &str, kind: &Value, value: &Value) {
    let (from, to) = (&value["from"], &value["to"]);
    let each = match kind.as_str() {
        Some("truncate") => "the first n bytes of these",
        Some("bit-flip") => "these with bit n mod 8 of byte n / 8 flipped",
        _ => "these and n bytes of zero behind them",
    };
    page.line(&format!("{:34}for each n, {from} ≤ n < {to}:", label(name)));
    page.line(&format!("{:34}{each}", ""));
    if let Ok(bytes) = read_bytes(&value["of"]) {
        binary(page, case, name, &bytes, Side::Input);
    }
}

/// Bytes by their fields, or whole, and what is sealed in them if a step tells the key.
fn binary(page: &mut Page, case: &Case, name: &str, bytes: &[u8], side: Side) {
    let Some(object) = object(&case.op, name).or_else(|| command_body(case, name, bytes)) else {
        return rows(page, &label(name), bytes, names::owner(bytes).map(str::to_owned));
    };
    page.line(&format!("{:34}{}, {} bytes", label(name), object.name, bytes.len()));
    dump(page, object, bytes, header(case, side).as_ref());
    if let Some((inner, layout)) = opened(case, object, bytes) {
        page.line(&format!("    {:30}{}, {} bytes", "sealed inside", layout.name, inner.len()));
        dump(page, layout, &inner, None);
    }
}

/// The layout of the body of a command or event.
fn command_body(case: &Case, name: &str, bytes: &[u8]) -> Option<&'static Object> {
    let (direction, member) = (case.op.strip_prefix("relay.")?, case.input.get("command")?);
    let command = u8::try_from(member.as_u64()?).ok()?;
    (name == "body").then_some(())?;
    body(command, direction != "command", bytes)
}

/// A byte string of 32 among the inputs or the steps.
fn key(case: &Case, name: &str) -> Option<[u8; 32]> {
    let value = case.input.get(name).or_else(|| case.steps.get(name))?;
    read_bytes(value).ok()?.try_into().ok()
}

/// What the header of a frame is masked with: as it comes from a client, or as it goes to one.
fn header(case: &Case, side: Side) -> Option<Header> {
    let from_client = match &*case.op {
        "frame.uplink" | "frame.send" => true,
        "frame.forward" => side == Side::Input,
        _ => false,
    };
    let (name, word) = if from_client { ("c2s", "to") } else { ("s2c", "from") };
    key(case, name).map(|key| Header { key, word })
}

/// The inner bytes of a sealed object, if the case knows the key and the seal holds.
fn opened(case: &Case, sealed: &Object, bytes: &[u8]) -> Option<(Vec<u8>, &'static Object)> {
    let key = key(case, "key").or_else(|| key(case, "shared"))?;
    let fields = sealed.fields(bytes.len());
    let place = |name: &str| fields.iter().find(|field| field.name == name).map(|f| f.at.clone());
    let (nonce, tag) = (place("nonce")?, place("tag")?);
    let text = bytes.get(nonce.end..tag.end)?;
    let inner = aead_open(key, bytes.get(nonce)?.try_into().ok()?, text).ok()?;
    let op = if sealed.name == "hello" { "handshake.hello" } else { &case.op };
    Some((inner, object(op, "inner")?))
}

/// Texts, numbers and lists.
fn plain(page: &mut Page, case: &Case, name: &str, value: &Value) {
    match value {
        Value::Array(entries) => {
            for (at, entry) in entries.iter().enumerate() {
                let bytes = read_bytes(entry).unwrap_or_default();
                let label = format!("  {name}[{at}]");
                rows(page, &label, &bytes, names::owner(&bytes).map(str::to_owned));
            }
        }
        Value::Number(number) if name == "command" => {
            let command = number.as_u64().and_then(|number| u8::try_from(number).ok());
            let hex = command.map(|command| format!(" = {command:02x}")).unwrap_or_default();
            let known = command.and_then(names::command).unwrap_or("unknown");
            page.line(&format!("{:34}{number}{hex}, {known}", label(name)));
        }
        _ => text(page, case, name, value),
    }
}

/// A text in quotes; an invite by its payload, too.
fn text(page: &mut Page, case: &Case, name: &str, value: &Value) {
    let text = value.to_string();
    let pieces: Vec<char> = text.chars().collect();
    for (at, piece) in pieces.chunks(66).enumerate() {
        let label = if at == 0 { label(name) } else { String::new() };
        page.line(&format!("{label:34}{}", piece.iter().collect::<String>()));
    }
    let code = value.as_str().and_then(|text| text.strip_prefix("K0")).and_then(base64url_decode);
    if let (Some(payload), Some(layout)) = (code, object(&case.op, name)) {
        page.line(&format!("    {:30}{}, {} bytes", "decoded", layout.name, payload.len()));
        dump(page, layout, &payload, None);
    }
}
