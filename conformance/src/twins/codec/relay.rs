//! Faults of chapter 6.

use super::{Fault, forgiving, right};
use crate::model::handshake::ERROR;
use crate::model::relay as r;
use crate::vectors::{Answer, Input, Stop, Written};

/// What this fault makes of `op`.
pub(super) fn deviation(fault: Fault, op: &str, input: &Input) -> Option<Answer> {
    Some(match op {
        "relay.command" => command(fault, op, input),
        "relay.event" => event(fault, op, input),
        "relay.open" if fault == Fault::EventUnsigned => unsigned(op, input),
        _ => return None,
    })
}

fn command(fault: Fault, op: &str, input: &Input) -> Answer {
    let (command, mut body) = (input.number::<u8>("command")?, input.bytes("body")?);
    let with = |body: &[u8]| right(op, &input.with("body", hex::encode(body)));
    match (fault, command) {
        (Fault::TornListTaken, r::SUBSCRIBE | r::UNSUBSCRIBE) => with(whole_keys(&body)),
        (Fault::UnknownCommandNamed, _) => forgiving(op, input, fault.row().clause, || {
            Written::new().value("name", "SUBSCRIBE").keys("keys", &[]).answer()
        }),
        (Fault::DirectionForgotten, _) => {
            forgiving(op, input, fault.row().clause, || Err(Stop::Refused("relay/unknown-command")))
        }
        (Fault::IntroduceUnnamed, r::INTRODUCE) if body.len() >= 8 => {
            body.rotate_right(8);
            with(&body)
        }
        (Fault::IntroduceShort, r::INTRODUCE) => {
            body.resize(body.len().max(8), 0);
            with(&body)
        }
        (Fault::NicknameOneLess, r::INTRODUCE) if body.len() >= 8 + r::INTRODUCE_NICKNAME_MAX => {
            Err(Stop::Refused("relay/introduce-nickname"))
        }
        (Fault::WakeTypeFilled, r::WAKE) => typed(right(op, input)?),
        (Fault::TokenOneMore, r::PUSH_REGISTER) => forgiving(op, input, fault.row().clause, || {
            let token = body.get(1..).unwrap_or_default();
            let kind = body.first().copied();
            Written::new()
                .value("name", "PUSH_REGISTER")
                .value("kind", kind)
                .bytes("token", token)
                .answer()
        }),
        _ => right(op, input),
    }
}

fn event(fault: Fault, op: &str, input: &Input) -> Answer {
    let (command, mut body) = (input.number::<u8>("command")?, input.bytes("body")?);
    let with = |body: &[u8]| right(op, &input.with("body", hex::encode(body)));
    match (fault, command) {
        (Fault::TornListTaken, r::PEER_ONLINE | r::PEER_OFFLINE) => with(whole_keys(&body)),
        (Fault::IntroKeysUnchecked, r::INTRO_FROM) if body.len() >= 64 => intro(op, input, &body),
        (Fault::PushSenderLast, r::PUSH_REGISTER) if body.len() >= 9 => {
            body.rotate_right(8);
            with(&body)
        }
        (Fault::ErrorExact, ERROR) => match (body.first(), body.len()) {
            (Some(1), 2..) | (Some(2), 3..) | (Some(3), 34..) => Err(Stop::Refused("relay/error")),
            _ => right(op, input),
        },
        (Fault::NonceBeforeTarget, ERROR) if body.len() >= 33 && body[0] == 3 => {
            body[1..33].rotate_left(24);
            with(&body)
        }
        (Fault::NoticeLossy, r::NOTICE) => with(String::from_utf8_lossy(&body).as_bytes()),
        (Fault::PingExact, r::SERVER_PING) if !body.is_empty() => {
            Err(Stop::Refused("relay/server-ping"))
        }
        (Fault::EventOfAnotherTime, _) => forgiving(op, input, fault.row().clause, || {
            Written::new().value("name", "SERVER_PING").answer()
        }),
        (Fault::WakeTypeFilled, r::WAKE) => typed(right(op, input)?),
        _ => right(op, input),
    }
}

/// The whole keys of a list.
fn whole_keys(body: &[u8]) -> &[u8] {
    &body[..body.len() - body.len() % 32]
}

/// A type where there is none.
fn typed(mut output: crate::vectors::Members) -> Answer {
    if output["kind"].is_null() {
        output.insert("kind".into(), 0.into());
    }
    Ok(output)
}

/// Whatever stands where the keys should.
fn intro(op: &str, input: &Input, body: &[u8]) -> Answer {
    let Ok(nickname) = std::str::from_utf8(&body[64..]) else { return right(op, input) };
    Written::new()
        .value("name", "INTRO_FROM")
        .bytes("x25519", &body[..32])
        .bytes("ed25519", &body[32..64])
        .value("nickname", nickname)
        .answer()
}

/// Header and seal are enough: who signed does not matter.
fn unsigned(op: &str, input: &Input) -> Answer {
    forgiving(op, input, "packet/signature", || {
        Written::new().value("message_id", 0).value("command", 0).bytes("body", &[]).answer()
    })
}
