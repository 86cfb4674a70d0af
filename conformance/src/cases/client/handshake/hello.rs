//! The hello, and the silence until its reply.

use std::time::Duration;

use serde_json::json;

use crate::live::case::cases;
use crate::live::host::{Said, unusable};
use crate::live::meeting::{Meeting, uuid_of};
use crate::live::outcome::{Outcome, fail, require, same};
use crate::live::socket::{Heard, PING};
use crate::model::handshake::{HANDSHAKE_OK, VERSION, hello};
use crate::model::identity::invite_encode;
use crate::model::packet::nonce_of;
use crate::model::relay::SUBSCRIBE;

cases! { Meeting in "hello.rs";
    "handshake/hello-layout.byte-for-byte" byte_for_byte;
    "handshake/reply-first.commands-wait" commands_wait;
    "handshake/reply-first.garbage-before-the-reply" garbage_first;
}

/// How long the reply is held back while the client would have something to say.
const HELD_BACK: Duration = Duration::from_millis(400);

/// The same keys and the same nonce leave nothing to choose in a hello.
async fn byte_for_byte(meeting: &mut Meeting) -> Outcome {
    meeting.start()?;
    let visit = meeting.visit().await?;
    same("the length of the hello", &172, &visit.hello.len())?;
    let relay = meeting.host.relay.public.x;
    let honest = hello(&meeting.me.keys, relay, nonce_of(&visit.hello[32..])).map_err(unusable)?;
    let differs = honest.iter().zip(&visit.hello).position(|(a, b)| a != b);
    require(differs.is_none(), "the bytes of the layout", format!("another byte at {differs:?}"))?;
    meeting.admit(visit).await
}

/// With commands on stdin, a text and a ping from the relay: no frame before the reply, and all of
/// them after it.
async fn commands_wait(meeting: &mut Meeting) -> Outcome {
    meeting.start()?;
    let bob = meeting.bob;
    let invite = invite_encode(&bob.public, "Bob").map_err(unusable)?;
    let client = meeting.client()?;
    client.tell(&json!({ "cmd": "contact", "invite": invite })).await?;
    client.subscribe(&bob).await?;
    client.send(&bob, "early").await?;
    let mut visit = meeting.visit().await?;
    let socket = &mut visit.socket;
    let sent = async {
        socket.send_text("hello").await?;
        socket.send(PING, b"alive?").await
    };
    let sent = sent.await;
    require(sent.is_ok(), "a client that waits for the reply", format!("{sent:?}"))?;
    let awaited = Heard::Pong(b"alive?".to_vec());
    same("a WebSocket ping is answered meanwhile", &awaited, &socket.hear("a pong").await?)?;
    if let Some(heard) = socket.hear_within(HELD_BACK).await {
        return Err(fail("no frame before the reply", heard.describe()));
    }
    meeting.admit(visit).await?;
    let (mut subscribed, mut wrote) = (false, false);
    while !(subscribed && wrote) {
        let link = meeting.link()?;
        match link.next("the subscription and the text, once the session stands").await? {
            Said::Command(inner) if inner.command == SUBSCRIBE => subscribed = true,
            Said::Frame(to, packet) if to == bob.id() => {
                uuid_of(&link.open_for(&bob, &packet)?)?;
                wrote = true;
            }
            other => return Err(fail("the subscription and the text", other.describe())),
        }
    }
    Ok(())
}

/// The first binary message is the reply, whatever comes behind it.
async fn garbage_first(meeting: &mut Meeting) -> Outcome {
    meeting.start()?;
    let mut visit = meeting.visit().await?;
    let garbage = meeting.random.vec(116);
    visit.reply(&garbage).await?;
    let nonce = meeting.random.bytes();
    let genuine = (HANDSHAKE_OK, &[VERSION][..]);
    // The client may be gone already.
    let _ = visit.answer(&meeting.host, &meeting.me.public, nonce, genuine).await;
    visit.left().await?;
    meeting.join().await?;
    meeting.names("frame/relay-header")
}
