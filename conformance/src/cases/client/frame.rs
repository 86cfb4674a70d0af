//! Frames as a client sends and takes them.

use serde_json::json;

use crate::layout;
use crate::live::case::cases;
use crate::live::host::Said;
use crate::live::meeting::{Meeting, uuid_of};
use crate::live::outcome::{Outcome, require, same, same_bytes};
use crate::live::socket::{BINARY, CONTINUATION, FIN, PING};
use crate::live::target::Person;
use crate::model::frame::{FRAME_MAX_FROM_RELAY, downlink};
use crate::model::relay::{INTRODUCE, PEER_ONLINE, SUBSCRIBE};

cases! { Meeting in "frame.rs";
    "frame/binary.each-kind-of-a-client" each_kind;
    "frame/header-to.contacts-and-relay" contacts_and_relay;
    "frame/client-limit.largest" largest;
    "frame/client-limit.one-byte-over" one_byte_over;
    "frame/relay-header.event-under-a-peers-id" event_under_a_peers_id;
    "frame/relay-header.text-under-the-relays-id" text_under_the_relays_id;
    "frame/fragments.to-a-client" fragments;
}

/// What TEXT and frame add to the bytes of a text.
const AROUND_A_TEXT: usize = 8 + 24 + 3 + 16 + 16 + 64;

/// A subscription, an introduction, two texts and an acknowledgement are one binary message each.
async fn each_kind(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let peer = hex::encode(bob.public.x);
    let client = meeting.client()?;
    client.subscribe(&bob).await?;
    client.tell(&json!({ "cmd": "introduce", "peer": peer, "name": "Alice" })).await?;
    for text in ["one", "two"] {
        client.send(&bob, text).await?;
    }
    let link = meeting.link()?;
    same_bytes("the keys", None, &bob.public.x, &link.command(SUBSCRIBE, "SUBSCRIBE").await?)?;
    let introduction = [&bob.id()[..], b"Alice"].concat();
    let layout = layout::body(INTRODUCE, false, &introduction);
    let body = link.command(INTRODUCE, "INTRODUCE").await?;
    same_bytes("target and name", layout, &introduction, &body)?;
    for text in ["one", "two"] {
        let (_, inner) = link.said_to(&bob, "the texts, in their order").await?;
        let body = [&uuid_of(&inner)?, text.as_bytes()].concat();
        same_bytes("the text", None, &body, &inner.body)?;
    }
    meeting.quiet("nothing behind the last text").await
}

/// The header names the recipient, and zero for the relay; the relay alone can unmask it.
async fn contacts_and_relay(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let (bob, carol) = (meeting.bob, Person::draw(&mut meeting.random));
    meeting.befriend(&carol, "Carol").await?;
    for person in [&carol, &bob, &carol] {
        meeting.client()?.send(person, "hello").await?;
        let awaited = "a text under the id of its recipient";
        let (_, inner) = meeting.link()?.said_to(person, awaited).await?;
        meeting.delivers(person, uuid_of(&inner)?).await?;
    }
    meeting.watch_bob().await
}

/// A text that makes a frame of 1,048,640 bytes.
async fn largest(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let (nonce, text) = (meeting.random.bytes(), "x".repeat(FRAME_MAX_FROM_RELAY - AROUND_A_TEXT));
    let letter = meeting.letter_with(&bob, nonce, 0, text)?;
    same("the frame of the suite", &FRAME_MAX_FROM_RELAY, &(8 + letter.packet.len()))?;
    meeting.arrives(&bob, &letter).await.map(|_| ())
}

/// One byte more is refused: with or without the connection, the text is not shown.
async fn one_byte_over(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let length = FRAME_MAX_FROM_RELAY - AROUND_A_TEXT + 1;
    let (nonce, text) = (meeting.random.bytes(), "x".repeat(length));
    let letter = meeting.letter_with(&bob, nonce, 0, text)?;
    let marker = meeting.letter(&bob)?;
    // The client may close in the middle: a failed send is as good as a finished one.
    let link = meeting.link()?;
    let _ = link.deliver(bob.id(), &letter.packet).await;
    let _ = link.deliver(bob.id(), &marker.packet).await;
    let said =
        link.next("the end of the session, or an acknowledgement of what came behind").await?;
    if let Said::Frame(to, packet) = &said {
        same("the recipient", &bob.id(), to)?;
        let uuid = link.open_for(&bob, packet)?.body;
        return same_bytes("acknowledged, not the long text", None, &marker.uuid, &uuid);
    }
    require(matches!(said, Said::Close(_) | Said::End), "a refusal", said.describe())?;
    drop(meeting.take_link()?);
    meeting.join().await
}

/// An event sealed and signed by the relay speaks for it only under the id zero.
async fn event_under_a_peers_id(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    meeting.watch_bob().await?;
    let (bob, stranger) = (meeting.bob, Person::draw(&mut meeting.random));
    for (id, whose) in [(bob.id(), "Bob's"), (stranger.id(), "a stranger's")] {
        let packet = meeting.link()?.event_packet(PEER_ONLINE, &bob.public.x);
        meeting.refuses(id, &packet, &format!("a PEER_ONLINE under {whose} id")).await?;
    }
    meeting.bob_comes().await
}

/// A contact's text under the relay's id is no text.
async fn text_under_the_relays_id(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let letter = meeting.letter(&bob)?;
    meeting.refuses_event(&letter.packet, "Bob's text under the relay's id").await?;
    let before = meeting.arrives(&bob, &letter).await?;
    require(before.events.is_empty(), "the text under Bob's id", format!("{before:?}"))
}

/// RFC 6455 asks everyone to take fragments, with control frames between them.
async fn fragments(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let letter = meeting.letter(&bob)?;
    let link = meeting.link()?;
    let frame = downlink(link.routes.s2c, bob.id(), &letter.packet);
    let (start, end) = frame.split_at(50);
    let socket = &mut link.socket;
    let pieces = [
        socket.frame(BINARY, start),
        socket.frame(FIN | PING, b"between"),
        socket.frame(CONTINUATION, &[]),
        socket.frame(FIN | CONTINUATION, end),
    ];
    let sent = socket.send_raw(&pieces.concat()).await;
    require(sent.is_ok(), "a client that takes fragments", format!("{sent:?}"))?;
    meeting.received(&bob, &letter).await.map(|_| ())
}
