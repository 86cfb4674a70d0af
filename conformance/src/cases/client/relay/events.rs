//! What a relay may say to a client, form by form.

use serde_json::{Value, json};

use crate::live::case::cases;
use crate::live::meeting::Meeting;
use crate::live::outcome::{Outcome, require, same};
use crate::live::testee::REFERENCE;
use crate::model::handshake::{ERROR, HANDSHAKE_OK, VERSION};
use crate::model::message::{DELIVERY_ACK, TEXT};
use crate::model::packet::{Inner, nonce_of};
use crate::model::relay::{NOTICE, PEER_ONLINE, SERVER_PING, SUBSCRIBE, recipient_offline_body};

cases! { Meeting;
    "relay/notice.text-that-breaks-lines" notice;
    "relay/notice.not-utf-8" notice_not_utf8;
    "relay/server-ping.shows-nothing" server_ping;
    "relay/event-unknown.every-other-command" unknown_events;
    "relay/error.recipient-offline-by-its-nonce" offline;
    "relay/error.recipient-offline-for-no-frame" offline_for_nothing;
    "relay/error.short-or-unknown" errors_ignored;
    "handshake/reply-version.ok-inside-a-session" second_ok;
}

/// The notice is shown as it was written, on one line whatever it holds.
async fn notice(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let text = "maintenance\n{\"seq\":3,\"event\":\"ready\"}\r\u{2028}\u{2029}\u{85}\u{1b}[2J ☂";
    meeting.link()?.event(NOTICE, text.as_bytes()).await?;
    let event = meeting.client()?.event_named("notice", "the NOTICE is shown").await?;
    same("its text", &json!(text), &event["text"])
}

/// Bytes that are no text are not shown.
async fn notice_not_utf8(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    for body in [&[0xff][..], b"cut \xe2\x98", b"\xc0\x80", b"\xed\xa0\x80"] {
        meeting.ignores(NOTICE, body, "a NOTICE that is not UTF-8").await?;
    }
    Ok(())
}

/// A sign of life shows nothing and is not answered, with or without a body.
async fn server_ping(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    meeting.ignores(SERVER_PING, &[], "SERVER_PING").await?;
    meeting.ignores(SERVER_PING, b"with a body", "SERVER_PING").await
}

/// Commands that the table does not have, or that belong to the other direction or a notifier.
async fn unknown_events(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let known = [HANDSHAKE_OK, PEER_ONLINE, 0x43, 0x47, SERVER_PING, NOTICE, ERROR];
    for command in (0..=0xff).filter(|command| !known.contains(command)) {
        let body = meeting.random.vec(32);
        meeting.link()?.event(command, &body).await?;
    }
    meeting.quiet("no effect of an event that is none").await
}

/// Fails unless the event speaks of the text in `body`.
fn of_text(meeting: &Meeting, event: &Value, body: &[u8]) -> Outcome {
    let expected = json!([hex::encode(meeting.bob.public.x), hex::encode(&body[..16]), REFERENCE]);
    let actual = json!([event["peer"], event["uuid"], event["ref"]]);
    same("peer, uuid and ref", &expected, &actual)
}

/// The nonce tells which text failed: it is kept, Bob is watched, and it goes out again when he
/// comes, under another nonce.
async fn offline(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let (packet, Inner { body, .. }) = meeting.write_to_bob().await?;
    let nonce = nonce_of(&packet);
    // Bytes behind the detail are room to grow.
    let error = [recipient_offline_body(bob.id(), nonce), vec![1, 2, 3]].concat();
    meeting.link()?.event(ERROR, &error).await?;
    let event = meeting.client()?.event_named("undeliverable", "the failure is reported").await?;
    of_text(meeting, &event, &body)?;
    let link = meeting.link()?;
    let keys = link.command(SUBSCRIBE, "Bob is watched from now on").await?;
    same("the keys", &bob.public.x.to_vec(), &keys)?;
    link.event(PEER_ONLINE, &bob.public.x).await?;
    let (packet, inner) = link.said_to(&bob, "the text again").await?;
    same("the text", &(TEXT, &body), &(inner.command, &inner.body))?;
    require(nonce_of(&packet) != nonce, "a fresh nonce", "the nonce of the first time")?;
    let ack = link.packet(&bob, DELIVERY_ACK, &body[..16])?;
    link.deliver(bob.id(), &ack).await?;
    let client = meeting.client()?;
    client.event_named("presence", "Bob is there").await?;
    let event = client.event_named("delivered", "Bob has it").await?;
    of_text(meeting, &event, &body)
}

/// Another nonce, or the nonce with another target, speaks of none of our frames.
async fn offline_for_nothing(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let (packet, Inner { body, .. }) = meeting.write_to_bob().await?;
    let nonce = nonce_of(&packet);
    let (other, target) = (meeting.random.bytes(), meeting.random.bytes());
    for error in [recipient_offline_body(bob.id(), other), recipient_offline_body(target, nonce)] {
        meeting.ignores(ERROR, &error, "recipient_offline for a frame never sent").await?;
    }
    meeting.link()?.event(ERROR, &recipient_offline_body(bob.id(), nonce)).await?;
    let event = meeting.client()?.event_named("undeliverable", "the right nonce").await?;
    of_text(meeting, &event, &body)?;
    meeting.link()?.command(SUBSCRIBE, "Bob is watched from now on").await.map(|_| ())
}

/// Errors that are no errors, and codes of another time.
async fn errors_ignored(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let (packet, _) = meeting.write_to_bob().await?;
    let mut short = recipient_offline_body(bob.id(), nonce_of(&packet));
    short.pop();
    for body in [&[][..], &[0x02], &[0x03], &short, &[0x04], &[0x7f, 1], &[0xff]] {
        let what = format!("an ERROR of {} bytes", body.len());
        meeting.ignores(ERROR, body, &what).await?;
    }
    Ok(())
}

/// HANDSHAKE_OK in an open session opens nothing anew.
async fn second_ok(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    for body in [&[VERSION][..], &[VERSION, 9], &[3], &[]] {
        meeting.ignores(HANDSHAKE_OK, body, "a second HANDSHAKE_OK").await?;
    }
    Ok(())
}
