//! Packets as a client opens and seals them.

use crate::live::case::cases;
use crate::live::host::unusable;
use crate::live::meeting::Meeting;
use crate::live::oracle::Oracle;
use crate::live::outcome::{Outcome, fail, require};
use crate::live::target::Person;
use crate::model::message::{TEXT, text_body};
use crate::model::packet::{nonce_of, pair_key, seal, seal_inner, signed};

cases! { Meeting in "opening.rs";
    "packet/nonce-any.clock-in-front" clock_in_front;
    "packet/nonce-any.zero-and-repeated" zero_and_repeated;
    "packet/message-id.every-kind" message_ids from "rf-msgid-wrap";
    "packet/message-id.no-key-of-a-repeat" repeat;
    "packet/signature.bit-flips" bit_flips;
    "packet/signature.of-another-contact" of_another_contact;
    "packet/signature.genuine-from-another-id" genuine_from_another_id;
    "packet/authentic.sealed-for-another" sealed_for_another;
    "packet/authentic.broken-tag-under-a-good-signature" broken_tag;
    "packet/too-short.no-command" no_command;
    "packet/reflection.own-text" own_text from "rf-reflection";
    "packet/no-release.text-that-somebody-else-signed" no_release;
}

/// A second of this month, since 1970.
const NOVEMBER_2026: u64 = 1_793_500_000;

/// Version 2 permits a nonce that begins with a clock. This one is drawn: a run replays.
async fn clock_in_front(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let later = u32::from_le_bytes(meeting.random.bytes()) >> 6;
    let mut nonce: [u8; 24] = meeting.random.bytes();
    nonce[..8].copy_from_slice(&(NOVEMBER_2026 + u64::from(later)).to_le_bytes());
    accepted(meeting, nonce, 0, "a nonce that begins with a clock").await
}

/// Nothing about a nonce is the reader's business, not even whether it came before.
async fn zero_and_repeated(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    for nonce in [[0; 24], [0xff; 24], [0; 24]] {
        accepted(meeting, nonce, 0, &format!("a nonce of bytes {:02x}", nonce[0])).await?;
    }
    Ok(())
}

/// Counters, jumps and repeats are all the same to the reader.
async fn message_ids(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    for id in [7, 7, 0, 0xffff, 1] {
        let nonce = meeting.random.bytes();
        accepted(meeting, nonce, id, &format!("message id {id}")).await?;
    }
    Ok(())
}

/// A text of Bob with this nonce and message id is shown and acknowledged, and nothing else.
async fn accepted(meeting: &mut Meeting, nonce: [u8; 24], id: u16, what: &str) -> Outcome {
    let bob = meeting.bob;
    let letter = meeting.letter_with(&bob, nonce, id, what.to_owned())?;
    let before = meeting.arrives(&bob, &letter).await?;
    require(before.events.is_empty(), "the text and nothing else", format!("{before:?}"))
}

/// The uuid tells a repeat, whatever the message id: acknowledged again, shown once.
async fn repeat(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let letter = meeting.letter(&bob)?;
    meeting.arrives(&bob, &letter).await?;
    let body = text_body(letter.uuid, letter.text.as_bytes());
    let nonce = meeting.random.bytes();
    let again = meeting.link()?.packet_with(&bob, nonce, 9, (TEXT, &body))?;
    meeting.link()?.deliver(bob.id(), &again).await?;
    let said = meeting.acknowledged(&bob, letter.uuid).await?;
    require(said.is_empty(), "an acknowledgement and nothing else", format!("{said:?}"))?;
    meeting.quiet("a repeat is not shown again").await
}

/// One bit of each byte of a packet, nonce, sealed string and signature; then the packet itself.
async fn bit_flips(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let letter = meeting.letter(&bob)?;
    for at in 0..letter.packet.len() {
        let mut packet = letter.packet.clone();
        packet[at] ^= 1 << (meeting.random.bytes::<1>()[0] % 8);
        meeting.link()?.deliver(bob.id(), &packet).await?;
    }
    meeting.quiet("no effect of a packet with one bit turned").await?;
    let before = meeting.arrives(&bob, &letter).await?;
    require(
        before.events.is_empty() && before.said.is_empty(),
        "only the genuine packet has an effect",
        format!("{before:?}"),
    )
}

/// Only the key pinned for the id in the header counts, though another contact's is known too.
async fn of_another_contact(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let carol = Person::draw(&mut meeting.random);
    meeting.befriend(&carol, "Carol").await?;
    let packet = text_by(meeting, meeting.bob.keys.x_seed, carol.keys.ed_seed)?;
    meeting.refuses(meeting.bob.id(), &packet, "a text of Bob's that Carol signed").await
}

/// Carol's own text under Bob's id is neither Bob's nor Carol's; under hers it is hers.
async fn genuine_from_another_id(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let carol = Person::draw(&mut meeting.random);
    meeting.befriend(&carol, "Carol").await?;
    let letter = meeting.letter(&carol)?;
    let what = "a text of Carol's under Bob's id";
    meeting.refuses(meeting.bob.id(), &letter.packet, what).await?;
    meeting.arrives(&carol, &letter).await.map(|_| ())
}

/// Bob's signature over what was sealed for somebody else.
async fn sealed_for_another(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let stranger = Person::draw(&mut meeting.random);
    let packet = text_by(meeting, stranger.keys.x_seed, meeting.bob.keys.ed_seed)?;
    meeting.refuses(meeting.bob.id(), &packet, "a packet under another pair's key").await
}

/// Bob signs his own text, of which the last bit of the tag was turned.
async fn broken_tag(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let letter = meeting.letter(&bob)?;
    let mut sealed = letter.packet[24..letter.packet.len() - 64].to_vec();
    *sealed.last_mut().expect("a tag") ^= 1;
    let packet = signed(bob.keys.ed_seed, nonce_of(&letter.packet), &sealed);
    meeting.refuses(bob.id(), &packet, "a text with a broken tag").await?;
    meeting.arrives(&bob, &letter).await.map(|_| ())
}

/// A text sealed with one seed and signed with another.
fn text_by(meeting: &mut Meeting, x_seed: [u8; 32], ed_seed: [u8; 32]) -> Outcome<Vec<u8>> {
    let key = pair_key(x_seed, meeting.me.public.x).map_err(unusable)?;
    let body = text_body(meeting.random.bytes(), b"forged");
    Ok(seal(key, ed_seed, meeting.random.bytes(), 0, TEXT, &body))
}

/// Everything holds, but there are 104, 105 or 106 bytes: no room for a command.
async fn no_command(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let key = pair_key(bob.keys.x_seed, meeting.me.public.x).map_err(unusable)?;
    for inner in [&[][..], &[0], &[0, 0]] {
        let packet = seal_inner(key, bob.keys.ed_seed, meeting.random.bytes(), inner);
        let what = format!("a packet of {} bytes", packet.len());
        meeting.refuses(bob.id(), &packet, &what).await?;
    }
    Ok(())
}

/// The client's own text comes back under the id it was sent to.
async fn own_text(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let (packet, _) = meeting.write_to_bob().await?;
    meeting.refuses(meeting.bob.id(), &packet, "the client's own text").await
}

/// Right key, wrong signature: nothing of the text stands in what the client writes, wherever.
async fn no_release(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let (bob, forger) = (meeting.bob, Person::draw(&mut meeting.random));
    let text = hex::encode(meeting.random.bytes::<16>());
    let key = pair_key(bob.keys.x_seed, meeting.me.public.x).map_err(unusable)?;
    let body = text_body(meeting.random.bytes(), text.as_bytes());
    let packet = seal(key, forger.keys.ed_seed, meeting.random.bytes(), 0, TEXT, &body);
    meeting.refuses(bob.id(), &packet, "a text that somebody else signed").await?;
    meeting.quit().await?;
    let mut oracle = Oracle::default();
    oracle.plant("the text", text.as_bytes());
    let found = oracle.search(&meeting.client()?.written());
    meeting.dismiss();
    match found {
        None => Ok(()),
        Some(found) => Err(fail("nothing of a refused packet on stdout or stderr", found)),
    }
}
