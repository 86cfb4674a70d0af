//! Conversations: texts, presence, introductions, and what happens when the wire is cut.

use serde_json::json;

use super::guest::{Guest, Relay, acquaint, talk, write};
use super::wire::{Cut, Wire};
use crate::live::outcome::{Outcome, fail, require, same};
use crate::live::seed::Random;
use crate::live::session::Session;
use crate::live::target::Person;
use crate::live::testee::Testee;
use crate::model::frame::FRAME_MAX;
use crate::model::relay::{INTRODUCE, introduce_body};

/// The bytes of a command's frame around its body.
const AROUND: usize = 115;

/// Two reference clients who know each other, on a lenient relay.
async fn pair(relay: &Relay, random: &mut Random) -> Outcome<(Guest, Guest)> {
    let (testee, url) = (Testee::reference()?, relay.url());
    let mut alice = Guest::come(&testee, relay, &url, random).await?;
    let mut bob = Guest::come(&testee, relay, &url, random).await?;
    acquaint(&mut alice, &mut bob).await?;
    Ok((alice, bob))
}

/// Texts go both ways.
pub(super) async fn texts(mut random: Random) -> Outcome {
    let relay = Relay::lenient().await?;
    let (mut alice, mut bob) = pair(&relay, &mut random).await?;
    talk(&mut alice, &mut bob).await?;
    talk(&mut bob, &mut alice).await?;
    alice.client.quit().await?;
    bob.client.quit().await
}

/// Alice sees Bob, sees him go, and sees him come back.
pub(super) async fn presence(mut random: Random) -> Outcome {
    let relay = Relay::lenient().await?;
    let (mut alice, mut bob) = pair(&relay, &mut random).await?;
    alice.client.subscribe(&bob.me).await?;
    shown(&mut alice, &bob.me, true).await?;
    bob.client.quit().await?;
    shown(&mut alice, &bob.me, false).await?;
    let _bob = Guest::come_as(bob.me, &Testee::reference()?, &relay, &relay.url()).await?;
    shown(&mut alice, &bob.me, true).await
}

async fn shown(to: &mut Guest, person: &Person, online: bool) -> Outcome {
    let event = to.client.event_named("presence", "the presence of a contact").await?;
    let expected = json!([hex::encode(person.public.x), online]);
    same("who is there", &expected, &json!([event["peer"], event["online"]]))
}

/// Bob introduces himself to Alice, who does not know him.
pub(super) async fn introduction(mut random: Random) -> Outcome {
    let relay = Relay::lenient().await?;
    let (testee, url) = (Testee::reference()?, relay.url());
    let mut alice = Guest::come(&testee, &relay, &url, &mut random).await?;
    let mut bob = Guest::come(&testee, &relay, &url, &mut random).await?;
    bob.befriend(&alice.me).await?;
    let peer = hex::encode(alice.me.public.x);
    bob.client.tell(&json!({ "cmd": "introduce", "peer": peer, "name": "Bob" })).await?;
    let event = alice.client.event_named("introduced", "an introduction").await?;
    let Person { public, .. } = bob.me;
    let expected = json!([hex::encode(public.x), hex::encode(public.ed), "Bob", false]);
    let actual = json!([event["peer"], event["ed25519"], event["name"], event["known"]]);
    same("who was introduced", &expected, &actual)
}

/// A stranger introduces himself by the longest frame there is, which such a relay hands on with 56
/// bytes more: Alice keeps her session.
pub(super) async fn longest_introduction(mut random: Random) -> Outcome {
    let relay = Relay::lenient().await?;
    let (mut alice, mut bob) = pair(&relay, &mut random).await?;
    talk(&mut alice, &mut bob).await?;
    let target = &relay.target;
    let socket = target.address.connect(target.patience).await?;
    let stranger = Person::draw(&mut random);
    let mut session = Session::open(socket, stranger, target.relay, random.fork()).await?;
    let nickname = vec![b'n'; FRAME_MAX - AROUND - 8];
    session.command(INTRODUCE, &introduce_body(alice.me.id(), &nickname)).await?;
    session.settle().await?;
    let event = alice.event_named("introduced").await?;
    let length = event["name"].as_str().map(str::len);
    same("the length of the name", &Some(nickname.len()), &length)?;
    write(&mut bob, &mut alice, "still there").await?;
    let remarks = alice.client.remarks();
    let kept = remarks.iter().all(|remark| remark["code"] != "disconnected");
    require(kept, "no end of the session", format!("{remarks:?}"))
}

/// Two clients, the first of them on a wire that is cut; a text was on its way each way before.
async fn cut(random: &mut Random, relay: &Relay, how: Cut) -> Outcome<(Guest, Guest, Wire)> {
    let wire = Wire::open(&relay.target.address, false).await?;
    let testee = Testee::reference()?;
    let mut alice = Guest::come(&testee, relay, &wire.url, random).await?;
    let mut bob = Guest::come(&testee, relay, &relay.url(), random).await?;
    acquaint(&mut alice, &mut bob).await?;
    talk(&mut alice, &mut bob).await?;
    wire.cut(how);
    Ok((alice, bob, wire))
}

/// The wire is cut: Alice comes back by herself.
pub(super) async fn reconnect(mut random: Random) -> Outcome {
    let relay = Relay::lenient().await?;
    let (mut alice, mut bob, _wire) = cut(&mut random, &relay, Cut::Clean).await?;
    alice.event_named("ready").await?;
    talk(&mut alice, &mut bob).await?;
    talk(&mut bob, &mut alice).await
}

/// The relay does not notice that Alice has gone and holds her id: she says so, and comes back once
/// it has let go.
pub(super) async fn dead_session(mut random: Random) -> Outcome {
    let relay = Relay::lenient().await?;
    let (mut alice, mut bob, _wire) = cut(&mut random, &relay, Cut::Silent).await?;
    let mut alarms = 0;
    loop {
        let event = alice.event("a session once the dead one has ended").await?;
        match (event["event"].as_str(), event["code"].as_str()) {
            (Some("ready"), _) => break,
            (_, Some("id_in_use")) if event["fatal"] != true => alarms += 1,
            _ => return Err(fail("`ready`", event.to_string())),
        }
    }
    require(alarms > 0, "an alarm while the id is held", "none")?;
    write(&mut alice, &mut bob, "back again").await?;
    talk(&mut bob, &mut alice).await
}

/// Texts go both ways between a lenient client and a reference client, through the reference relay.
pub(super) async fn lenient_client(mut random: Random) -> Outcome {
    let relay = Relay::reference().await?;
    let url = relay.url();
    let mut alice = Guest::come(&Testee::reference()?, &relay, &url, &mut random).await?;
    let mut bob = Guest::come(&Testee::lenient_twin()?, &relay, &url, &mut random).await?;
    acquaint(&mut alice, &mut bob).await?;
    talk(&mut alice, &mut bob).await?;
    talk(&mut bob, &mut alice).await?;
    alice.client.quit().await?;
    bob.client.quit().await
}
