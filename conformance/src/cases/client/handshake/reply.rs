//! Replies that a client refuses, each followed by a genuine one on its next connection.

use crate::live::case::cases;
use crate::live::host::unusable;
use crate::live::meeting::Meeting;
use crate::live::outcome::{Outcome, Stop};
use crate::live::target::Person;
use crate::model::frame::{downlink, route_keys};
use crate::model::handshake::{ERROR, HANDSHAKE_OK, VERSION, read_reply, relay_frame};
use crate::model::identity::RELAY_ID;
use crate::model::packet::{seal, seal_inner};
use crate::model::primitives::x25519;
use crate::model::relay::NOTICE;

cases! { Meeting in "reply.rs";
    "packet/signature.reply-of-another-relay" another_relay;
    "packet/authentic.reply-under-another-secret" another_secret;
    "packet/too-short.reply-without-command" without_command;
    "frame/relay-header.reply-of-a-peer" of_a_peer;
    "frame/too-short.reply-truncated" truncated;
    "handshake/reply-command.notice" notice;
    "handshake/reply-version.another" another_version;
    "handshake/reply-version.none" no_version;
    "handshake/reply-version.trailing-bytes" trailing_bytes;
    "relay/error.unknown-code-as-reply" unknown_code;
    "relay/error.empty-as-reply" empty_error;
}

/// Starts the client and answers with `reply`, which is none: it closes, sends nothing, and comes
/// back to the genuine one. If it says which clause was broken, then this.
async fn refused(meeting: &mut Meeting, reply: &[u8], clause: &'static str) -> Outcome {
    let judged = read_reply(meeting.me.keys.x_seed, &meeting.host.relay.public, reply);
    if judged != Err(clause) {
        return Err(Stop::Broken(format!("a reply meant to break [{clause}] is {judged:?}")));
    }
    meeting.start()?;
    let mut visit = meeting.visit().await?;
    visit.reply(reply).await?;
    visit.left().await?;
    meeting.join().await?;
    meeting.names(clause)
}

/// A frame of the relay's own, as the relay would make it.
fn genuine(meeting: &mut Meeting, command: u8, body: &[u8]) -> Outcome<Vec<u8>> {
    let nonce = meeting.random.bytes();
    let (relay, client) = (&meeting.host.relay.keys, meeting.me.public.x);
    relay_frame(relay, client, nonce, command, body).map_err(unusable)
}

/// `S`.
fn secret(meeting: &Meeting) -> Outcome<[u8; 32]> {
    x25519(meeting.host.relay.keys.x_seed, meeting.me.public.x).map_err(unusable)
}

/// Header and seal of the pinned relay, signature of another.
async fn another_relay(meeting: &mut Meeting) -> Outcome {
    let (shared, other) = (secret(meeting)?, Person::draw(&mut meeting.random));
    let nonce = meeting.random.bytes();
    let packet = seal(shared, other.keys.ed_seed, nonce, 0, HANDSHAKE_OK, &[VERSION]);
    let reply = downlink(route_keys(shared).s2c, RELAY_ID, &packet);
    refused(meeting, &reply, "packet/signature").await
}

/// Header and signature of the pinned relay, seal of another.
async fn another_secret(meeting: &mut Meeting) -> Outcome {
    let (shared, key) = (secret(meeting)?, meeting.random.bytes());
    let (relay, nonce) = (meeting.host.relay.keys.ed_seed, meeting.random.bytes());
    let packet = seal(key, relay, nonce, 0, HANDSHAKE_OK, &[VERSION]);
    let reply = downlink(route_keys(shared).s2c, RELAY_ID, &packet);
    refused(meeting, &reply, "packet/authentic").await
}

/// 112 bytes that hold in everything and carry nothing.
async fn without_command(meeting: &mut Meeting) -> Outcome {
    let (shared, nonce) = (secret(meeting)?, meeting.random.bytes());
    let packet = seal_inner(shared, meeting.host.relay.keys.ed_seed, nonce, &[]);
    let reply = downlink(route_keys(shared).s2c, RELAY_ID, &packet);
    refused(meeting, &reply, "packet/too-short").await
}

/// The relay's very packet under a header that does not unmask to zero.
async fn of_a_peer(meeting: &mut Meeting) -> Outcome {
    let mut reply = genuine(meeting, HANDSHAKE_OK, &[VERSION])?;
    reply[7] ^= 1;
    refused(meeting, &reply, "frame/relay-header").await
}

/// The first 111 bytes of a genuine reply.
async fn truncated(meeting: &mut Meeting) -> Outcome {
    let mut reply = genuine(meeting, HANDSHAKE_OK, &[VERSION])?;
    reply.truncate(111);
    refused(meeting, &reply, "frame/too-short").await
}

/// An authentic event that is no reply.
async fn notice(meeting: &mut Meeting) -> Outcome {
    let reply = genuine(meeting, NOTICE, &[VERSION])?;
    refused(meeting, &reply, "handshake/reply-command").await
}

/// HANDSHAKE_OK for version 3.
async fn another_version(meeting: &mut Meeting) -> Outcome {
    let reply = genuine(meeting, HANDSHAKE_OK, &[3])?;
    refused(meeting, &reply, "handshake/reply-version").await
}

/// HANDSHAKE_OK for no version.
async fn no_version(meeting: &mut Meeting) -> Outcome {
    let reply = genuine(meeting, HANDSHAKE_OK, &[])?;
    refused(meeting, &reply, "handshake/reply-version").await
}

/// Bytes behind the version are room to grow.
async fn trailing_bytes(meeting: &mut Meeting) -> Outcome {
    let reply = genuine(meeting, HANDSHAKE_OK, &[VERSION, 0xff, 0, 7])?;
    meeting.start()?;
    let mut visit = meeting.visit().await?;
    visit.reply(&reply).await?;
    meeting.adopt(visit).await
}

/// An error of another time opens no session.
async fn unknown_code(meeting: &mut Meeting) -> Outcome {
    let reply = genuine(meeting, ERROR, &[0x7f, 1, 2])?;
    refused(meeting, &reply, "relay/error").await
}

/// An error without a code.
async fn empty_error(meeting: &mut Meeting) -> Outcome {
    let reply = genuine(meeting, ERROR, &[])?;
    refused(meeting, &reply, "relay/error").await
}
