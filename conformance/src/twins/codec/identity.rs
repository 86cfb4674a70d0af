//! Faults of chapter 2.

use super::{Fault, forgiving, right};
use crate::model::identity::{
    self, Keys, NICKNAME_WRITE_MAX, Public, TYPE_MARK, base64url_decode, invite_text,
};
use crate::model::primitives::{SAFETY_NUMBER, derive};
use crate::vectors::{Answer, Input, Stop, Written};

/// What this fault makes of `op`.
pub(super) fn deviation(fault: Fault, op: &str, input: &Input) -> Option<Answer> {
    Some(match (fault, op) {
        (Fault::SeedsPadded, "identity.from-seeds") => padded(input),
        (Fault::IdReversed, "identity.import") => reversed(op, input),
        (Fault::ZeroIdTaken, "identity.import") => forgiving(op, input, fault.row().clause, || {
            Written::new().bytes("id", &[0; 8]).answer()
        }),
        (
            Fault::InviteKeysSwapped | Fault::NicknameCountsCharacters | Fault::NicknameOneMore,
            "identity.invite-encode",
        ) => encoded(fault, op, input),
        (Fault::FirstMark, "identity.invite-decode") => first_mark(op, input),
        (_, "identity.invite-decode") => decoded(fault, op, input),
        (Fault::SafetyUnsorted | Fault::SafetyLittleEndian, "identity.safety-number") => {
            safety_number(fault, op, input)
        }
        _ => return None,
    })
}

fn padded(input: &Input) -> Answer {
    let seed = |name| {
        let mut seed = input.bytes(name)?;
        seed.resize(32, 0);
        let seed: Result<[u8; 32], _> = seed.try_into();
        seed.map_err(|_| Stop::Refused("identity/seeds"))
    };
    let keys = Keys::from_seeds(seed("x25519_seed")?, seed("ed25519_seed")?);
    let Public { x, ed } = keys.public();
    Written::new().bytes("x25519", &x).bytes("ed25519", &ed).bytes("id", &keys.id()).answer()
}

fn reversed(op: &str, input: &Input) -> Answer {
    right(op, input)?;
    let x: [u8; 32] = input.array("x25519")?;
    let id: Vec<u8> = x[..8].iter().rev().copied().collect();
    Written::new().bytes("id", &id).answer()
}

fn encoded(fault: Fault, op: &str, input: &Input) -> Answer {
    let public = public(input, "")?;
    let (nickname, keys) = (input.text("nickname")?, public.bytes());
    let text = |keys: &[u8]| {
        let invite = invite_text(&[keys, nickname.as_bytes()].concat());
        Written::new().value("invite", invite).answer()
    };
    let fits = match fault {
        Fault::NicknameCountsCharacters => nickname.chars().count() <= NICKNAME_WRITE_MAX,
        _ => nickname.len() <= NICKNAME_WRITE_MAX + 1,
    };
    match fault {
        Fault::InviteKeysSwapped => {
            right(op, input)?;
            text(&[public.ed, public.x].concat())
        }
        _ if fits => forgiving(op, input, "identity/invite-nickname", || text(&keys)),
        _ => right(op, input),
    }
}

/// The invite, mended before it is read.
fn decoded(fault: Fault, op: &str, input: &Input) -> Answer {
    let text = input.text("invite")?;
    let mended = match fault {
        Fault::TrimsUnicode => text.trim().to_owned(),
        Fault::FragmentFirst => fragment_first(text),
        Fault::PrefixFolded => text.replacen("k0", "K0", 1),
        Fault::PaddingTaken => text.trim_end_matches('=').to_owned(),
        Fault::StandardAlphabet => text.replace('+', "-").replace('/', "_"),
        Fault::InviteFilled => with_payload(text, |payload| {
            payload.resize(payload.len().max(64), 0);
        }),
        Fault::NicknameReadShort => {
            let too_long = payload(text).is_some_and(|it| it.len() > 64 + NICKNAME_WRITE_MAX);
            if too_long {
                return Err(Stop::Refused("identity/invite-nickname-read"));
            }
            text.to_owned()
        }
        Fault::NicknameLossy => with_payload(text, |payload| {
            if payload.len() > 64 {
                let nickname = String::from_utf8_lossy(&payload.split_off(64)).into_owned();
                payload.extend(nickname.into_bytes());
            }
        }),
        _ => text.to_owned(),
    };
    right(op, &input.with("invite", mended))
}

fn fragment_first(text: &str) -> String {
    let fragment = text.split_once('#').map_or("", |(_, fragment)| fragment);
    match fragment.strip_prefix("peer=") {
        Some(code) if text.contains("://") => code.to_owned(),
        _ => text.to_owned(),
    }
}

/// What an invite decodes to, if it does.
fn payload(text: &str) -> Option<Vec<u8>> {
    base64url_decode(text.strip_prefix("K0")?)
}

/// The invite with its payload changed.
fn with_payload(text: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    match payload(text) {
        Some(mut payload) => {
            change(&mut payload);
            invite_text(&payload)
        }
        None => text.to_owned(),
    }
}

fn first_mark(op: &str, input: &Input) -> Answer {
    let mut output = right(op, input)?;
    let nickname = match (output["name"].as_str(), output["contact_type"].as_str()) {
        (Some(name), Some(kind)) => format!("{name}{TYPE_MARK}{kind}"),
        _ => return Ok(output),
    };
    if let Some((name, kind)) = nickname.split_once(TYPE_MARK) {
        output.insert("name".into(), name.into());
        output.insert("contact_type".into(), kind.into());
    }
    Ok(output)
}

fn safety_number(fault: Fault, op: &str, input: &Input) -> Answer {
    right(op, input)?;
    let (a, b) = (public(input, "_a")?, public(input, "_b")?);
    let material = match fault {
        Fault::SafetyUnsorted => [a.bytes(), b.bytes()].concat(),
        _ => identity::safety_material(&a, &b),
    };
    let stream = derive(SAFETY_NUMBER, &material, 60)?;
    let add = |n: u64, byte: &u8| n << 8 | u64::from(*byte);
    let group = |five: &[u8]| match fault {
        Fault::SafetyLittleEndian => five.iter().rev().fold(0, add),
        _ => five.iter().fold(0, add),
    };
    let groups: Vec<_> =
        stream.chunks(5).map(|five| format!("{:05}", group(five) % 100_000)).collect();
    Written::new().value("digits", groups.join(" ")).answer()
}

/// Two public keys, not yet judged.
fn public(input: &Input, suffix: &str) -> Result<Public, Stop> {
    let (x, ed) = (format!("x25519{suffix}"), format!("ed25519{suffix}"));
    Ok(Public { x: input.array(&x)?, ed: input.array_or(&ed, "primitives/ed25519-key-encoding")? })
}
