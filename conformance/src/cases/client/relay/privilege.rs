//! Who speaks for the relay: nobody but the pinned key, under the id zero.

use crate::live::case::cases;
use crate::live::host::unusable;
use crate::live::meeting::Meeting;
use crate::live::outcome::Outcome;
use crate::live::target::Person;
use crate::model::handshake::{ERROR, HANDSHAKE_OK, ID_IN_USE, VERSION};
use crate::model::identity::RELAY_ID;
use crate::model::packet::{pair_key, seal};
use crate::model::relay::{
    INTRO_FROM, NOTICE, PEER_OFFLINE, PEER_ONLINE, SERVER_PING, SUBSCRIBE, intro_from_body,
};

cases! { Meeting in "privilege.rs";
    "relay/relay-signed.forged-by-a-stranger" forged;
    "relay/relay-signed.signed-by-the-client-itself" by_itself;
    "relay/relay-signed.sealed-for-another" sealed_for_another;
    "relay/relay-signed.own-command-reflected" reflected from "rf-reflection-server";
    "relay/peer-privilege.every-event-from-a-contact" every_event;
    "relay/peer-privilege.every-event-from-a-stranger" from_a_stranger;
}

/// One event of each kind, most of which would show: of Bob, whom the client watches, and `person`.
fn telling(meeting: &Meeting, person: &Person) -> Vec<(u8, Vec<u8>)> {
    let bob = meeting.bob.public.x.to_vec();
    vec![
        (NOTICE, b"forged".to_vec()),
        (PEER_ONLINE, bob.clone()),
        (PEER_OFFLINE, bob),
        (INTRO_FROM, intro_from_body(&person.public, b"Mallory")),
        (ERROR, vec![ID_IN_USE]),
        (HANDSHAKE_OK, vec![VERSION]),
        (SERVER_PING, vec![]),
    ]
}

/// Right header, right seal, signature of somebody else.
async fn forged(meeting: &mut Meeting) -> Outcome {
    let mallory = Person::draw(&mut meeting.random);
    signed_by(meeting, mallory.keys.ed_seed).await
}

/// Right header, right seal, signature of the client.
async fn by_itself(meeting: &mut Meeting) -> Outcome {
    signed_by(meeting, meeting.me.keys.ed_seed).await
}

/// No event under this signature has an effect; the genuine one has.
async fn signed_by(meeting: &mut Meeting, ed_seed: [u8; 32]) -> Outcome {
    meeting.open().await?;
    meeting.watch_bob().await?;
    let mallory = Person::draw(&mut meeting.random);
    for (command, body) in telling(meeting, &mallory) {
        let packet = meeting.link()?.signed_packet(ed_seed, command, &body);
        meeting.refuses_event(&packet, &format!("event {command:02x} signed by another")).await?;
    }
    meeting.bob_comes().await
}

/// The relay's signature over what was sealed under another secret.
async fn sealed_for_another(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    meeting.watch_bob().await?;
    let (key, nonce, bob) = (meeting.random.bytes(), meeting.random.bytes(), meeting.bob.public.x);
    let packet = seal(key, meeting.host.relay.keys.ed_seed, nonce, 0, PEER_ONLINE, &bob);
    meeting.refuses_event(&packet, "an event that was sealed for another client").await?;
    meeting.bob_comes().await
}

/// The client's own SUBSCRIBE comes back from the id zero.
async fn reflected(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let me = meeting.me;
    // PEER_ONLINE has the same body: sealed by the client itself it would be taken for one.
    let shared = meeting.link()?.shared;
    let bob = meeting.bob.public.x;
    meeting.watch_bob().await?;
    for command in [SUBSCRIBE, PEER_ONLINE] {
        let packet = seal(shared, me.keys.ed_seed, meeting.random.bytes(), 0, command, &bob);
        meeting.refuses(RELAY_ID, &packet, "the client's own packet, reflected").await?;
    }
    meeting.bob_comes().await
}

/// Bob says what only the relay may say.
async fn every_event(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    meeting.watch_bob().await?;
    let bob = meeting.bob;
    let carol = Person::draw(&mut meeting.random);
    for (command, body) in telling(meeting, &carol) {
        let packet = meeting.link()?.packet(&bob, command, &body)?;
        meeting.refuses(bob.id(), &packet, &format!("event {command:02x} from a contact")).await?;
    }
    meeting.bob_comes().await
}

/// Somebody unknown says it, and sends a text, too.
async fn from_a_stranger(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    meeting.watch_bob().await?;
    let mallory = Person::draw(&mut meeting.random);
    let key = pair_key(mallory.keys.x_seed, meeting.me.public.x).map_err(unusable)?;
    for (command, body) in telling(meeting, &mallory) {
        let packet = seal(key, mallory.keys.ed_seed, meeting.random.bytes(), 0, command, &body);
        let what = format!("event {command:02x} from a stranger");
        meeting.refuses(mallory.id(), &packet, &what).await?;
    }
    let letter = meeting.letter(&mallory)?;
    meeting.refuses(mallory.id(), &letter.packet, "a stranger's text").await?;
    meeting.bob_comes().await
}
