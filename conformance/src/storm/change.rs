//! One change of one member, drawn, made and told.

use core::ops::Range;

use arbitrary::{Result, Unstructured};
use serde_json::Value;

use super::grounds::{GROUNDS, Ground};
use super::known::{FORGERIES, KEYS, LENGTHS, LONG_LENGTHS, NUMBERS, PEOPLE, PIECES, forged};
use super::places::Place;
use super::seals::{self, Envelope, Layer, bytes_of, layers, put};
use crate::model::primitives::sign;
use crate::vectors::Members;

/// Most bytes that a change makes up.
const MADE_UP: usize = 192;
/// How often the lengths beside the limits of frames are tried: they cost a millisecond each.
const LONG_IN: u16 = 24;

/// A change of a member.
#[derive(Clone, Debug)]
pub(crate) struct Mutation {
    pub(super) member: String,
    pub(super) layer: Layer,
    pub(super) change: Change,
}

/// What is changed. Numbers of tables are taken modulo their length.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Nothing but what seals and signs it.
    Again,
    Flip(Place, u8),
    Byte(Place, u8),
    Fill(Place, u8),
    Resize(usize),
    /// So many bytes more, or fewer.
    Longer(i8),
    Append(Vec<u8>),
    /// One of [`PIECES`] in UTF-8.
    Insert(Place, usize),
    Remove(Place, usize),
    /// One of [`KEYS`] over a field.
    Key(Place, usize),
    /// Any bytes in place of all.
    Free(Vec<u8>),
    /// One of [`FORGERIES`] for the signature.
    Forge(usize),
    /// The key or seed of somebody whose seeds are known, by the name of the member.
    Person(usize),
    /// What another vector has under this name.
    Donor(usize),
    Swap(String),
    Number(u64),
    /// One of [`PIECES`] put into a text.
    Piece(usize, usize),
    /// A character taken from a text.
    Drop(usize),
    /// A character of a text in the other case.
    Case(usize),
    /// A text so often.
    Repeat(usize),
}

impl Mutation {
    /// Any change of any member of `ground`.
    pub(super) fn draw(u: &mut Unstructured<'_>, ground: &Ground) -> Result<Self> {
        let member = (*u.choose(&weighed(ground))?).clone();
        let layers = layers(&ground.op, &member);
        // What lies deepest is met least by all other fuzzers.
        let layer = if u.ratio(1, 2)? { *u.choose(layers)? } else { layers[layers.len() - 1] };
        let change = match ground.input.get(&member) {
            Some(Value::Number(_)) => number(u)?,
            Some(Value::String(_)) if is_text(&member) && layer == Layer::Outer => text(u)?,
            _ => bytes(u, ground, &member, layer)?,
        };
        Ok(Self { member, layer, change })
    }

    /// Makes the change, and says what it was; `None` if it changes nothing, or would give `op` what
    /// is no input of it.
    pub(super) fn apply(&self, op: &str, input: &mut Members) -> Option<String> {
        let mut changed = input.clone();
        let told = self.change(op, &mut changed)?;
        if changed == *input || !changed.iter().all(|(name, value)| fits(op, name, value, input)) {
            return None;
        }
        *input = changed;
        let member = &self.member;
        Some(match self.layer {
            Layer::Outer => format!("{member}: {told}"),
            Layer::Header => format!("{member}, below the mask: {told}"),
            Layer::Signed => format!("{member}, signed again: {told}"),
            Layer::Inner => format!("{member}, sealed again: {told}"),
        })
    }

    fn change(&self, op: &str, input: &mut Members) -> Option<String> {
        let Self { member, layer, change } = self;
        match change {
            Change::Donor(at) => {
                let donors = GROUNDS.donors(member);
                let at = at % donors.len().max(1);
                input.insert(member.clone(), donors.get(at)?.clone());
                Some("that of another vector".to_owned())
            }
            Change::Person(at) => {
                put(input, member, &persons(*at, member));
                Some("that of somebody else".to_owned())
            }
            Change::Swap(other) => {
                let (mine, theirs) = (input.get(member)?.clone(), input.get(other)?.clone());
                input.insert(member.clone(), theirs);
                input.insert(other.clone(), mine);
                Some(format!("exchanged with {other}"))
            }
            Change::Number(number) => {
                input.insert(member.clone(), (*number).into());
                Some(number.to_string())
            }
            Change::Forge(kind) => forge(op, input, member, kind % FORGERIES.len()),
            _ if is_text(member) && *layer == Layer::Outer => {
                let (text, told) = of_text(change, input.get(member)?.as_str()?)?;
                input.insert(member.clone(), text.into());
                Some(told)
            }
            _ => {
                let mut content = seals::open(op, input, member, *layer)?;
                let told = of_bytes(change, op, member, *layer, input, &mut content)?;
                seals::close(op, input, member, *layer, &content)?;
                Some(told)
            }
        }
    }
}

/// The key or seed of one of [`PEOPLE`] that belongs under this name.
fn persons(at: usize, member: &str) -> [u8; 32] {
    let person = &PEOPLE[at % PEOPLE.len()];
    let (public, edwards) = (person.public(), member.contains("ed25519"));
    match (member.contains("seed") || member == "secret", edwards) {
        (true, true) => person.ed_seed,
        (true, false) => person.x_seed,
        (false, true) => public.ed,
        (false, false) => public.x,
    }
}

/// The members that are texts; all other strings are hex.
pub(super) fn is_text(member: &str) -> bool {
    matches!(member, "context" | "nickname" | "invite")
}

/// Whether `op` takes this for an input at all.
fn fits(op: &str, name: &str, value: &Value, before: &Members) -> bool {
    let Some(before) = before.get(name) else { return false };
    match (value, before) {
        (Value::Number(number), Value::Number(_)) => {
            let most = match name {
                "command" => 255,
                "message_id" => 65_535,
                _ => 4_096,
            };
            number.as_u64().is_some_and(|number| number <= most)
        }
        (Value::String(_), Value::String(_)) if is_text(name) => true,
        (Value::String(new), Value::String(old)) => {
            let long = || new.len() == old.len() || GROUNDS.is_free(op, name);
            new == old || long() && hex::decode(new).is_ok()
        }
        _ => false,
    }
}

fn number(u: &mut Unstructured<'_>) -> Result<Change> {
    Ok(Change::Number(match u.int_in_range(0..=3u8)? {
        0 => u64::from(u.int_in_range(0..=u16::MAX)?),
        1 => u64::from(u.int_in_range(0..=u8::MAX)?),
        _ => *u.choose(&NUMBERS)?,
    }))
}

fn text(u: &mut Unstructured<'_>) -> Result<Change> {
    let at = usize::from(u.int_in_range(0..=u16::MAX)?);
    Ok(match u.int_in_range(0..=9u8)? {
        0 => Change::Drop(at),
        1 => Change::Case(at),
        2 => Change::Repeat(u.int_in_range(2..=100)?),
        3 => Change::Donor(at),
        _ => Change::Piece(at, u.int_in_range(0..=PIECES.len() - 1)?),
    })
}

/// The members, those several times in which most of the protocol stands.
fn weighed(ground: &Ground) -> Vec<&String> {
    let rich = |name: &str| {
        let sealed = layers(&ground.op, name).len() > 1 || seals::is_signed(&ground.op, name);
        sealed || is_text(name) || name == "body"
    };
    let times = |name: &String| if rich(name) { 4 } else { 1 };
    ground.input.keys().flat_map(|name| core::iter::repeat_n(name, times(name))).collect()
}

fn bytes(u: &mut Unstructured<'_>, ground: &Ground, member: &str, layer: Layer) -> Result<Change> {
    let at = Place::draw(u)?;
    let value: u8 = u.arbitrary()?;
    let outer = layer == Layer::Outer;
    let forgeable = outer && seals::is_signed(&ground.op, member);
    Ok(match u.int_in_range(0..=17u8)? {
        0 | 1 => Change::Flip(at, value % 8),
        2 => Change::Byte(at, value),
        3 => Change::Fill(at, *u.choose(&[0, 1, 0xff, 0x80, 0x7f])?),
        4 | 5 => Change::Resize(length(u, ground)?),
        6 => Change::Append(made_up(u, 40)?),
        7 => Change::Remove(at, usize::from(value % 33)),
        8 | 9 => Change::Key(at, u.int_in_range(0..=KEYS.len() - 1)?),
        10 => Change::Free(made_up(u, MADE_UP)?),
        11 => Change::Longer(u.int_in_range(-2..=2)?),
        12 => Change::Insert(at, usize::from(value)),
        13 => Change::Resize(u.int_in_range(0..=255)?),
        14 if outer => Change::Donor(u.int_in_range(0..=1_023)?),
        15 if outer => {
            let names: Vec<&String> = ground.input.keys().collect();
            Change::Swap((*u.choose(&names)?).clone())
        }
        _ if forgeable => Change::Forge(usize::from(value)),
        _ if outer => Change::Person(usize::from(value)),
        _ => Change::Again,
    })
}

fn length(u: &mut Unstructured<'_>, ground: &Ground) -> Result<usize> {
    let long = matches!(ground.op.split_once('.'), Some(("frame", _)));
    if long && !u.ratio(LONG_IN - 1, LONG_IN)? {
        return u.choose(&LONG_LENGTHS).copied();
    }
    u.choose(&LENGTHS).copied()
}

fn made_up(u: &mut Unstructured<'_>, most: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; u.int_in_range(0..=most)?];
    u.fill_buffer(&mut bytes)?;
    Ok(bytes)
}

/// Changes what a layer holds: at a place in it, or the whole of it.
fn of_bytes(
    change: &Change,
    op: &str,
    member: &str,
    layer: Layer,
    input: &Members,
    content: &mut Vec<u8>,
) -> Option<String> {
    let (Change::Flip(at, _)
    | Change::Byte(at, _)
    | Change::Fill(at, _)
    | Change::Remove(at, _)
    | Change::Insert(at, _)
    | Change::Key(at, _)) = change
    else {
        let fixed = layer == Layer::Outer && !GROUNDS.is_free(op, member);
        return whole(change, fixed, content);
    };
    let (field, range) = at.field(op, member, layer, input, content)?;
    Some(format!("{}, in {field}", in_field(change, at.byte(&range), range, content)?))
}

fn in_field(
    change: &Change,
    at: usize,
    range: Range<usize>,
    content: &mut Vec<u8>,
) -> Option<String> {
    Some(match change {
        Change::Flip(_, bit) => {
            content[at] ^= 1 << bit;
            format!("bit {bit} of byte {at} flipped")
        }
        Change::Byte(_, value) => {
            content[at] = *value;
            format!("byte {at} is {value:02x}")
        }
        Change::Fill(_, value) => {
            content[range.clone()].fill(*value);
            format!("bytes {} to {} are {value:02x}", range.start, range.end - 1)
        }
        Change::Remove(_, count) => {
            let end = content.len().min(at + count);
            content.drain(at..end);
            format!("{} bytes removed at byte {at}", end - at)
        }
        Change::Insert(_, piece) => {
            let piece = PIECES[piece % PIECES.len()];
            content.splice(at..at, piece.bytes());
            format!("{piece:?} put in at byte {at}")
        }
        Change::Key(_, key) => {
            let (what, key) = KEYS.get(key % KEYS.len())?;
            let at = if range.len() < key.len() { 0 } else { range.start };
            content.get_mut(at..at + key.len())?.copy_from_slice(key);
            format!("{what} at byte {at}")
        }
        _ => return None,
    })
}

/// What has no place; `fixed` if the length must stay.
fn whole(change: &Change, fixed: bool, content: &mut Vec<u8>) -> Option<String> {
    Some(match change {
        Change::Again => "the same".to_owned(),
        Change::Resize(length) => {
            content.resize(*length, 0);
            format!("cut or filled with zeros to {length} bytes")
        }
        Change::Longer(by) => {
            let length = content.len().checked_add_signed(isize::from(*by))?;
            content.resize(length, 0);
            format!("{length} bytes instead of {}", length.checked_add_signed(-isize::from(*by))?)
        }
        Change::Append(more) => {
            content.extend(more);
            format!("{} bytes more", more.len())
        }
        Change::Free(bytes) => {
            let length = if fixed { content.len() } else { bytes.len() };
            content.clone_from(bytes);
            content.resize(length, 0);
            "other bytes".to_owned()
        }
        _ => return None,
    })
}

fn of_text(change: &Change, text: &str) -> Option<(String, String)> {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let start = |at: &usize| places.get(at % places.len().max(1)).copied();
    let put = |at: usize, more: &str| [&text[..at], more, &text[at..]].concat();
    Some(match change {
        Change::Piece(at, piece) => {
            let piece = PIECES[piece % PIECES.len()];
            // The ends are where most of them matter.
            let at = match at % 4 {
                0 => 0,
                1 => text.len(),
                _ => start(&(at / 4)).unwrap_or_default(),
            };
            (put(at, piece), format!("{piece:?} at byte {at}"))
        }
        Change::Drop(at) => {
            let at = start(at)?;
            let end = at + text[at..].chars().next()?.len_utf8();
            ([&text[..at], &text[end..]].concat(), format!("without the character at byte {at}"))
        }
        Change::Case(at) => {
            let at = if at % 2 == 0 { 0 } else { start(&(at / 2))? };
            let mut bytes = text.as_bytes().to_vec();
            if !bytes.get(at)?.is_ascii_alphabetic() {
                return None;
            }
            bytes[at] ^= 0x20;
            (String::from_utf8(bytes).ok()?, format!("the other case at byte {at}"))
        }
        Change::Resize(length) => {
            (text.chars().take(*length).collect(), format!("cut to {length} characters"))
        }
        Change::Repeat(count) if text.len() * count <= 8_192 => {
            (text.repeat(*count), format!("{count} times"))
        }
        _ => return None,
    })
}

/// Puts a forged signature into the member that ends in one, or is one.
fn forge(op: &str, input: &mut Members, member: &str, kind: usize) -> Option<String> {
    let bytes = bytes_of(input, member)?;
    let (seed, message, head) = if (op, member) == ("primitives.verify", "signature") {
        (seals::signer(input, "key"), bytes_of(input, "message")?, Vec::new())
    } else {
        let envelope = Envelope::of(op, input, &bytes)?;
        let head = bytes.get(..bytes.len().checked_sub(64)?)?.to_vec();
        (envelope.signer, envelope.signed_part(&bytes).to_vec(), head)
    };
    let signature = forged(kind, seed, sign(seed, &message), &message);
    put(input, member, &[head, signature.to_vec()].concat());
    Some(FORGERIES[kind].to_owned())
}
