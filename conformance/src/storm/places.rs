//! Where in a string of bytes a change is made: by the fields of its layout, so that a short field is
//! met as often as a long one.

use core::ops::Range;

use arbitrary::{Result, Unstructured};

use super::seals::Layer;
use crate::layout::{self, Field};
use crate::vectors::Members;

/// A field and a byte in it, both modulo what there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    field: u8,
    at: u16,
}

impl Place {
    pub(super) fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        Ok(Self { field: u.arbitrary()?, at: u.arbitrary()? })
    }

    /// The field, by name.
    pub(super) fn field(
        self,
        op: &str,
        member: &str,
        layer: Layer,
        input: &Members,
        content: &[u8],
    ) -> Option<(&'static str, Range<usize>)> {
        let fields = fields(op, member, layer, input, content);
        let field = fields.get(usize::from(self.field) % fields.len().max(1))?;
        Some((field.name, field.at.clone()))
    }

    /// The byte in a field that is not empty.
    pub(super) fn byte(self, range: &Range<usize>) -> usize {
        range.start + usize::from(self.at) % range.len().max(1)
    }
}

/// The fields of what a layer holds; bytes without a layout are one field.
fn fields(op: &str, member: &str, layer: Layer, input: &Members, content: &[u8]) -> Vec<Field> {
    let whole = |name| vec![Field { name, at: 0..content.len() }];
    let fields = match layer {
        _ if content.is_empty() => return Vec::new(),
        Layer::Header => whole("the id"),
        Layer::Signed => whole("what is signed"),
        Layer::Outer if member == "body" => {
            let command = input.get("command").and_then(serde_json::Value::as_u64);
            let command = command.and_then(|number| u8::try_from(number).ok()).unwrap_or_default();
            body(command, op != "relay.command", content, 0)
        }
        Layer::Outer => of(layout::object(op, member), content),
        Layer::Inner if op == "handshake.accept" => {
            of(layout::object("handshake.hello", "inner"), content)
        }
        Layer::Inner if op == "identity.invite-decode" => of(layout::object(op, "invite"), content),
        Layer::Inner => match content {
            [_, _, command, rest @ ..] if op != "primitives.aead-open" => {
                let head = [("message id", 0..2), ("command", 2..3)];
                let head = head.map(|(name, at)| Field { name, at });
                head.into_iter().chain(body(*command, true, rest, 3)).collect()
            }
            _ => Vec::new(),
        },
    };
    if fields.is_empty() { whole("all of it") } else { fields }
}

fn of(object: Option<&layout::Object>, content: &[u8]) -> Vec<Field> {
    object.map(|object| object.fields(content.len())).unwrap_or_default()
}

/// The fields of a body that begins at byte `from`.
fn body(command: u8, from_relay: bool, bytes: &[u8], from: usize) -> Vec<Field> {
    let mut fields = of(layout::body(command, from_relay, bytes), bytes);
    for field in &mut fields {
        field.at = field.at.start + from..field.at.end + from;
    }
    fields
}
