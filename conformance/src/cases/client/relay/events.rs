//! What a relay may say to a client, form by form.

use serde_json::json;

use crate::live::case::cases;
use crate::live::host::Said;
use crate::live::meeting::{Before, Meeting, speaks_of, uuid_of};
use crate::live::outcome::{Outcome, Stop, fail, require, same, same_bytes};
use crate::live::target::Person;
use crate::model::handshake::{ERROR, HANDSHAKE_OK, VERSION};
use crate::model::message::TEXT;
use crate::model::packet::{Inner, nonce_of};
use crate::model::relay::{NOTICE, PEER_ONLINE, SERVER_PING, SUBSCRIBE, recipient_offline_body};

cases! { Meeting in "events.rs";
    "relay/notice.text-that-breaks-lines" notice;
    "relay/notice.not-utf-8" notice_not_utf8;
    "relay/server-ping.shows-nothing" server_ping;
    "relay/event-unknown.every-other-command" unknown_events from "rf-plaintext-fuzz";
    "relay/error.recipient-offline-by-its-nonce" offline;
    "relay/error.recipient-offline-for-no-frame" offline_for_nothing;
    "relay/error.short-or-unknown" errors_ignored;
    "handshake/reply-version.ok-inside-a-session" second_ok;
}

/// The relay says `text`, which is shown as it was written, if notices are shown at all.
async fn shown(meeting: &mut Meeting, text: &str) -> Outcome {
    meeting.link()?.event(NOTICE, text.as_bytes()).await?;
    match &meeting.converse().await?.events[..] {
        [] => Err(Stop::Unsupported("shows no notices, as [relay/notice] permits".to_owned())),
        [event] if event["event"] == "notice" => same("its text", &json!(text), &event["text"]),
        [other, ..] => Err(fail("the notice and nothing else", other.to_string())),
    }
}

/// On one line whatever it holds.
async fn notice(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let text = "maintenance\n{\"seq\":3,\"event\":\"ready\"}\r\u{2028}\u{2029}\u{85}\u{1b}[2J ☂";
    shown(meeting, text).await
}

/// Bytes that are no text are not shown; others are.
async fn notice_not_utf8(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    shown(meeting, "text").await?;
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

/// The nonce tells which text failed. Who sends it again when Bob comes does so under another nonce.
async fn offline(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let (packet, Inner { body, .. }) = meeting.write_to_bob().await?;
    // Bytes behind the detail are room to grow.
    let error = [recipient_offline_body(bob.id(), nonce_of(&packet)), vec![1, 2, 3]].concat();
    let before = undeliverable(meeting, &error, &body).await?;
    if !before
        .said
        .iter()
        .try_fold(false, |watched, said| watches(&bob, said).map(|w| w || watched))?
    {
        return Ok(());
    }
    meeting.link()?.event(PEER_ONLINE, &bob.public.x).await?;
    let before = meeting.converse().await?;
    let Some(said) = before.said.first() else { return Ok(()) };
    let Said::Frame(_, again) = said else { return Err(fail("the text again", said.describe())) };
    let inner = meeting.link()?.open_for(&bob, again)?;
    same("the text", &(TEXT, &body), &(inner.command, &inner.body))?;
    require(nonce_of(again) != nonce_of(&packet), "a fresh nonce", "that of the first time")?;
    meeting.delivers(&bob, uuid_of(&inner)?).await
}

/// Whether the client watches Bob by this, the only thing it may say of its own accord.
fn watches(bob: &Person, said: &Said) -> Outcome<bool> {
    match said {
        Said::Command(inner) if inner.command == SUBSCRIBE => {
            same_bytes("the keys", None, &bob.public.x, &inner.body).map(|()| true)
        }
        other => Err(fail("nothing but a subscription", other.describe())),
    }
}

/// This ERROR makes the text in `body` undeliverable; what the client says by the next barrier.
async fn undeliverable(meeting: &mut Meeting, error: &[u8], body: &[u8]) -> Outcome<Before> {
    let bob = meeting.bob;
    meeting.link()?.event(ERROR, error).await?;
    let event = meeting.client()?.event_named("undeliverable", "the failure is reported").await?;
    let uuid = body.first_chunk().copied().unwrap_or_default();
    speaks_of(&event, &bob, uuid)?;
    let before = meeting.converse().await?;
    match before.events.first() {
        None => Ok(before),
        Some(event) => Err(fail("one report", event.to_string())),
    }
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
    let error = recipient_offline_body(bob.id(), nonce);
    undeliverable(meeting, &error, &body).await.map(|_| ())
}

/// Errors that are no errors, codes of another time, and codes that only a reply says.
async fn errors_ignored(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let (packet, _) = meeting.write_to_bob().await?;
    let mut short = recipient_offline_body(bob.id(), nonce_of(&packet));
    short.pop();
    for body in
        [&[][..], &[0x01], &[0x02], &[0x02, 3], &[0x03], &short, &[0x04], &[0x7f, 1], &[0xff]]
    {
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
