//! Strangers, forgeries and alarms: INTRO_FROM at a client.

use serde_json::{Value, json};

use crate::live::case::cases;
use crate::live::meeting::Meeting;
use crate::live::outcome::{Outcome, fail, same};
use crate::live::target::Person;
use crate::model::forge::{high_bit_twin, low_order_x25519, torsion_siblings};
use crate::model::frame::FRAME_MAX_FROM_RELAY;
use crate::model::identity::{Keys, Public};
use crate::model::message::{TEXT, text_body};
use crate::model::relay::{INTRO_FROM, intro_from_body};

cases! { Meeting in "introductions.rs";
    "relay/intro-from.stranger" stranger;
    "relay/intro-from.longest-nickname" longest_nickname;
    "relay/intro-from.short-body" short_body;
    "relay/intro-from.nickname-not-utf-8" not_utf8;
    "relay/intro-from.torsion-siblings" torsion from "sc-intro-misbinding";
    "relay/intro-from.bit-255-twin" high_bit;
    "relay/intro-from.keys-of-small-order" small_order;
    "identity/full-key.contact-with-another-signing-key" another_signing_key from "hs-ed-rebind";
    "identity/full-key.contact-with-another-exchange-key" another_exchange_key;
}

/// What an INTRO_FROM adds to a nickname, as a frame.
const AROUND_A_NICKNAME: usize = 115 + 64;

/// Shown with its whole keys and its type apart, and no contact by that.
async fn stranger(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let carol = Person::draw(&mut meeting.random);
    let nickname = "Carol\u{241f}info";
    let body = intro_from_body(&carol.public, nickname.as_bytes());
    meeting.link()?.event(INTRO_FROM, &body).await?;
    let event = meeting.client()?.event_named("introduced", "the introduction is shown").await?;
    let (x, ed) = (hex::encode(carol.public.x), hex::encode(carol.public.ed));
    let expected = json!([x, ed, "Carol", "info", false]);
    let actual = ["peer", "ed25519", "name", "contact_type", "known"].map(|name| &event[name]);
    same("keys, name, type, known", &expected, &json!(actual))?;
    let letter = meeting.letter(&carol)?;
    meeting.refuses(carol.id(), &letter.packet, "a text of somebody not accepted").await?;
    meeting.befriend(&carol, "Carol").await?;
    meeting.arrives(&carol, &letter).await.map(|_| ())
}

/// A relay may hand on a nickname that fills the largest frame.
async fn longest_nickname(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let carol = Person::draw(&mut meeting.random);
    let nickname = "n".repeat(FRAME_MAX_FROM_RELAY - AROUND_A_NICKNAME);
    let body = intro_from_body(&carol.public, nickname.as_bytes());
    meeting.link()?.event(INTRO_FROM, &body).await?;
    let event = meeting.client()?.event_named("introduced", "the introduction is shown").await?;
    same("the key", &json!(hex::encode(carol.public.x)), &event["peer"])
}

/// 0 to 63 bytes hold no two keys.
async fn short_body(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let carol = Person::draw(&mut meeting.random);
    let body = intro_from_body(&carol.public, b"");
    for length in [0, 1, 32, 63] {
        meeting.ignores(INTRO_FROM, &body[..length], "an introduction without two keys").await?;
    }
    Ok(())
}

/// A nickname that is no text.
async fn not_utf8(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let carol = Person::draw(&mut meeting.random);
    for nickname in [&b"\xff"[..], b"Carol\xe2\x90", b"\xc0\x80"] {
        let body = intro_from_body(&carol.public, nickname);
        meeting.ignores(INTRO_FROM, &body, "a nickname that is not UTF-8").await?;
    }
    Ok(())
}

/// The client drops an introduction with these keys, one of which fails its import.
async fn not_imported(meeting: &mut Meeting, x: [u8; 32], ed: [u8; 32]) -> Outcome {
    let body = intro_from_body(&Public { x, ed }, b"Bob");
    meeting.ignores(INTRO_FROM, &body, "a key that fails its import").await
}

/// Seven other keys with the same secret, each of another id: of Bob's key, and of a stranger's.
async fn torsion(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    for known in [meeting.bob, Person::draw(&mut meeting.random)] {
        for x in torsion_siblings(known.public.x).expect("an honest key is on the curve") {
            not_imported(meeting, x, known.public.ed).await?;
        }
    }
    Ok(())
}

/// The key with the bit that the function ignores: Bob's, and a stranger's.
async fn high_bit(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    for known in [meeting.bob, Person::draw(&mut meeting.random)] {
        not_imported(meeting, high_bit_twin(known.public.x), known.public.ed).await?;
    }
    Ok(())
}

/// Keys that give everybody the same secret, and a signing key that signs everything.
async fn small_order(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let carol = Person::draw(&mut meeting.random).public;
    for x in low_order_x25519() {
        not_imported(meeting, x, carol.ed).await?;
    }
    let mut identity = [0; 32];
    identity[0] = 1;
    not_imported(meeting, carol.x, identity).await
}

/// Bob's X25519 key with another Ed25519 key: Bob stays who he was.
async fn another_signing_key(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let (bob, mallory) = (meeting.bob, Person::draw(&mut meeting.random));
    let offered = Public { x: bob.public.x, ed: mallory.public.ed };
    conflict(meeting, &offered).await?;
    let forger = Person::of(Keys::from_seeds(bob.keys.x_seed, mallory.keys.ed_seed));
    let body = text_body(meeting.random.bytes(), b"forged");
    let packet = meeting.link()?.packet(&forger, TEXT, &body)?;
    meeting.refuses(bob.id(), &packet, "a text under the key that was offered").await
}

/// Bob's Ed25519 key with another X25519 key: the same.
async fn another_exchange_key(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let (bob, mallory) = (meeting.bob, Person::draw(&mut meeting.random));
    conflict(meeting, &Public { x: mallory.public.x, ed: bob.public.ed }).await?;
    let forger = Person::of(Keys::from_seeds(mallory.keys.x_seed, bob.keys.ed_seed));
    let body = text_body(meeting.random.bytes(), b"forged");
    let packet = meeting.link()?.packet(&forger, TEXT, &body)?;
    meeting.refuses(mallory.id(), &packet, "a text from the key that was offered").await
}

/// Offered keys, one of which is Bob's, are at most shown as somebody who is no contact.
async fn conflict(meeting: &mut Meeting, offered: &Public) -> Outcome {
    meeting.link()?.event(INTRO_FROM, &intro_from_body(offered, b"Bob")).await?;
    let before = meeting.converse().await?;
    let whole = json!([hex::encode(offered.x), hex::encode(offered.ed), false]);
    let stranger = |event: &Value| {
        event["event"] == "introduced"
            && json!([event["peer"], event["ed25519"], event["known"]]) == whole
    };
    match before.events.iter().find(|event| !stranger(event)) {
        None => meeting.names("identity/full-key"),
        Some(event) => Err(fail("nothing, an alarm, or a stranger's request", event.to_string())),
    }
}
