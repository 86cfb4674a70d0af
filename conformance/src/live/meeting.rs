//! What a client case holds in its hands: the client, its relay, its contact Bob, and the session
//! between them.
//!
//! The control exchange is a text of Bob that is shown and acknowledged. It is the barrier too: a
//! client handles its frames in order, so what it makes of an earlier frame it has said, on the
//! wire and on stdout, before it shows and acknowledges this one. Commands have a barrier of the
//! same kind: a text to a contact is on the wire only once `contact` was carried out.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::model::handshake::{HANDSHAKE_OK, VERSION};
use crate::model::identity::{RELAY_ID, invite_encode};
use crate::model::message::{DELIVERY_ACK, TEXT, text_body};
use crate::model::packet::Inner;
use crate::model::relay::{PEER_ONLINE, SUBSCRIBE};

use super::host::{Host, Link, Said, Visit, unusable};
use super::outcome::{Outcome, Stop, fail, require, same, same_bytes};
use super::seed::Random;
use super::target::Person;
use super::testee::{Client, REFERENCE, Testee};
use super::waits::Waits;

/// What every control text holds: whoever prints it carelessly prints more than one line.
const CONTROL: &str =
    "two\nlines\r{\"seq\":1,\"event\":\"ready\"}\u{2028}\u{2029}\u{85}\u{7f}\0 end";

/// The bound of the fourth return in a row, more than any case but those of the bound itself sees.
const LONGEST_RETURN: Duration = Duration::from_secs(8);

/// A text on its way to the client.
pub(crate) struct Letter {
    /// The packet that carries it.
    pub(crate) packet: Vec<u8>,
    /// The message.
    pub(crate) uuid: [u8; 16],
    /// What is to be shown.
    pub(crate) text: String,
}

/// What a client did before it showed and acknowledged a letter.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// Its events.
    pub(crate) events: Vec<Value>,
    /// Its frames.
    pub(crate) said: Vec<Said>,
}

/// The uuid of a TEXT.
pub(crate) fn uuid_of(inner: &Inner) -> Outcome<[u8; 16]> {
    let uuid = inner.body.first_chunk().filter(|_| inner.command == TEXT);
    let actual = || format!("command {:02x} with {} bytes", inner.command, inner.body.len());
    uuid.copied().ok_or_else(|| fail("a TEXT", actual()))
}

/// Fails unless the event is about this text for `person`.
pub(crate) fn speaks_of(event: &Value, person: &Person, uuid: [u8; 16]) -> Outcome {
    let expected = json!([hex::encode(person.public.x), hex::encode(uuid), REFERENCE]);
    let actual = json!([event["peer"], event["uuid"], event["ref"]]);
    same("peer, uuid and ref", &expected, &actual)
}

/// One client, one relay, one contact.
pub(crate) struct Meeting {
    testee: Arc<Testee>,
    /// The suite as a relay.
    pub(crate) host: Host,
    /// Whom the client is.
    pub(crate) me: Person,
    /// Its contact.
    pub(crate) bob: Person,
    /// Randomness of this case.
    pub(crate) random: Random,
    client: Option<Client>,
    link: Option<Link>,
    acquainted: bool,
    visited: bool,
}

impl Meeting {
    /// A meeting with a client that does not run yet.
    pub(crate) async fn of(testee: Arc<Testee>, mut random: Random) -> Outcome<Self> {
        let host = Host::open(&mut random, testee.patience).await?;
        let (me, bob) = (Person::draw(&mut random), Person::draw(&mut random));
        let (client, link, acquainted, visited) = (None, None, false, false);
        Ok(Self { testee, host, me, bob, random, client, link, acquainted, visited })
    }

    /// Another meeting with a client of the same kind.
    pub(crate) async fn another(&mut self) -> Outcome<Self> {
        Self::of(Arc::clone(&self.testee), self.random.fork()).await
    }

    /// Starts the client.
    pub(crate) fn start(&mut self) -> Outcome {
        self.start_with(Waits::SPECIFIED).map(|_| ())
    }

    /// Starts a client that keeps `wanted`, or the waits of the specification if it cannot be told;
    /// which, is returned.
    pub(crate) fn start_with(&mut self, wanted: Waits) -> Outcome<Waits> {
        let waits = self.testee.waits(wanted);
        self.client = Some(self.testee.start(&self.host, &self.me, &waits)?);
        (self.link, self.acquainted, self.visited) = (None, false, false);
        Ok(waits)
    }

    /// Starts the client, opens its first session, and passes the control exchange.
    pub(crate) async fn open(&mut self) -> Outcome {
        self.open_with(Waits::SPECIFIED).await.map(|_| ())
    }

    /// The same with waits as in [`Meeting::start_with`].
    pub(crate) async fn open_with(&mut self, wanted: Waits) -> Outcome<Waits> {
        let waits = self.start_with(wanted)?;
        self.join().await?;
        self.converse().await?;
        Ok(waits)
    }

    /// The process.
    pub(crate) fn client(&mut self) -> Outcome<&mut Client> {
        self.client.as_mut().ok_or_else(|| Stop::Broken("a case without its client".to_owned()))
    }

    /// The session.
    pub(crate) fn link(&mut self) -> Outcome<&mut Link> {
        self.link.as_mut().ok_or_else(|| Stop::Broken("a case without its session".to_owned()))
    }

    /// The connection of the session, which the case takes to end it.
    pub(crate) fn take_link(&mut self) -> Outcome<Link> {
        self.link()?;
        self.link.take().ok_or_else(|| Stop::Broken("a case without its session".to_owned()))
    }

    /// The client is not expected to serve again.
    pub(crate) fn dismiss(&mut self) {
        self.client = None;
        self.link = None;
    }

    /// Whether the client is expected to serve.
    pub(crate) fn attended(&self) -> bool {
        self.client.is_some()
    }

    /// The next connection with its hello.
    pub(crate) async fn visit(&mut self) -> Outcome<Visit> {
        let wait = if self.visited { LONGEST_RETURN } else { Duration::ZERO };
        let Some(client) = &mut self.client else {
            return Err(Stop::Broken("a visit without a client".to_owned()));
        };
        let visit = tokio::select! {
            visit = self.host.visit(wait) => visit?,
            ended = client.gone(), if !self.visited => {
                ended?;
                return Err(fail("a connection", "the end of the process"));
            }
        };
        self.visited = true;
        Ok(visit)
    }

    /// Lets the next connection in and awaits `ready`.
    pub(crate) async fn join(&mut self) -> Outcome {
        let visit = self.visit().await?;
        self.admit(visit).await
    }

    /// Answers HANDSHAKE_OK and awaits `ready`.
    pub(crate) async fn admit(&mut self, mut visit: Visit) -> Outcome {
        let (nonce, genuine) = (self.random.bytes(), (HANDSHAKE_OK, &[VERSION][..]));
        visit.answer(&self.host, &self.me.public, nonce, genuine).await?;
        self.adopt(visit).await
    }

    /// Awaits `ready`, with the right key, on a connection that has its reply.
    pub(crate) async fn adopt(&mut self, visit: Visit) -> Outcome {
        self.link = Some(visit.session(&self.host, &self.me.public, self.random.fork())?);
        let event = self.client()?.event_named("ready", "HANDSHAKE_OK opens a session").await?;
        same("own key", &json!(hex::encode(self.me.public.x)), &event["x25519"])
    }

    /// Gives the client the invite of `person`. A text that arrives there and is acknowledged
    /// proves that the contact is made.
    pub(crate) async fn befriend(&mut self, person: &Person, name: &str) -> Outcome {
        let invite = invite_encode(&person.public, name).map_err(unusable)?;
        let client = self.client()?;
        client.tell(&json!({ "cmd": "contact", "invite": invite })).await?;
        client.send(person, "hello").await?;
        let awaited = "a text for the contact that an invite makes";
        let (_, inner) = self.link()?.said_to(person, awaited).await?;
        let uuid = uuid_of(&inner)?;
        self.delivers(person, uuid).await
    }

    /// `person` acknowledges a text of the client's, which reports that.
    pub(crate) async fn delivers(&mut self, person: &Person, uuid: [u8; 16]) -> Outcome {
        let link = self.link()?;
        let ack = link.packet(person, DELIVERY_ACK, &uuid)?;
        link.deliver(person.id(), &ack).await?;
        let awaited = "the acknowledgement of its recipient";
        let event = self.client()?.event_named("delivered", awaited).await?;
        speaks_of(&event, person, uuid)
    }

    /// Has the client watch Bob.
    pub(crate) async fn watch_bob(&mut self) -> Outcome {
        let bob = self.bob;
        self.client()?.subscribe(&bob).await?;
        let keys = self.link()?.command(SUBSCRIBE, "a subscription").await?;
        same_bytes("the keys", None, &bob.public.x, &keys)
    }

    /// The relay says that Bob, whom the client watches, came: that is shown, and nothing else.
    pub(crate) async fn bob_comes(&mut self) -> Outcome {
        let bob = self.bob;
        self.bob_is(PEER_ONLINE, &bob.public.x).await
    }

    /// The relay says that the keys in `body` came or went; that of Bob is shown, once.
    pub(crate) async fn bob_is(&mut self, command: u8, body: &[u8]) -> Outcome {
        self.link()?.event(command, body).await?;
        let awaited = "the presence of a watched key";
        let event = self.client()?.event_named("presence", awaited).await?;
        let expected = json!([hex::encode(self.bob.public.x), command == PEER_ONLINE]);
        same("who, and whether online", &expected, &json!([event["peer"], event["online"]]))?;
        self.quiet("one change, one event").await
    }

    /// Has the client write to Bob, and returns the packet and what Bob reads in it.
    pub(crate) async fn write_to_bob(&mut self) -> Outcome<(Vec<u8>, Inner)> {
        let bob = self.bob;
        self.client()?.send(&bob, "to Bob").await?;
        let (packet, inner) = self.link()?.said_to(&bob, "the text for Bob").await?;
        uuid_of(&inner)?;
        Ok((packet, inner))
    }

    /// A text of `peer` under a fresh nonce.
    pub(crate) fn letter(&mut self, peer: &Person) -> Outcome<Letter> {
        let (nonce, text) = (self.random.bytes(), CONTROL.to_owned());
        self.letter_with(peer, nonce, 0, text)
    }

    /// The same with nonce, message id and text of one's choice.
    pub(crate) fn letter_with(
        &mut self,
        peer: &Person,
        nonce: [u8; 24],
        message_id: u16,
        text: String,
    ) -> Outcome<Letter> {
        let uuid = self.random.bytes();
        let body = text_body(uuid, text.as_bytes());
        let packet = self.link()?.packet_with(peer, nonce, message_id, (TEXT, &body))?;
        Ok(Letter { packet, uuid, text })
    }

    /// Sends `letter` of `peer`; it must be shown and acknowledged. What came before it, of either
    /// kind, is returned.
    pub(crate) async fn arrives(&mut self, peer: &Person, letter: &Letter) -> Outcome<Before> {
        self.link()?.deliver(peer.id(), &letter.packet).await?;
        self.received(peer, letter).await
    }

    /// The same for a letter that was sent already.
    pub(crate) async fn received(&mut self, peer: &Person, letter: &Letter) -> Outcome<Before> {
        let events = self.shown(peer, letter).await?;
        let said = self.acknowledged(peer, letter.uuid).await?;
        Ok(Before { events, said })
    }

    /// Awaits the event that shows `letter`; what came before it.
    async fn shown(&mut self, peer: &Person, letter: &Letter) -> Outcome<Vec<Value>> {
        let (uuid, mut before) = (hex::encode(letter.uuid), Vec::new());
        loop {
            let event = self.client()?.event("a text of a contact is shown").await?;
            if event["event"] == "message" && event["uuid"] == uuid {
                same("its writer", &json!(hex::encode(peer.public.x)), &event["peer"])?;
                require(event["text"] == letter.text, "its very text", event["text"].to_string())?;
                return Ok(before);
            }
            before.push(event);
        }
    }

    /// Awaits the DELIVERY_ACK of this text; what came before it.
    pub(crate) async fn acknowledged(
        &mut self,
        peer: &Person,
        uuid: [u8; 16],
    ) -> Outcome<Vec<Said>> {
        let (link, mut before) = (self.link()?, Vec::new());
        loop {
            let said = link.next("a text of a contact is acknowledged").await?;
            match &said {
                Said::Frame(to, packet) if *to == peer.id() => {
                    let inner = link.open_for(peer, packet)?;
                    if inner.command == DELIVERY_ACK && inner.body == uuid {
                        return Ok(before);
                    }
                }
                Said::Close(_) | Said::End => {
                    return Err(fail("the session goes on", said.describe()));
                }
                Said::Frame(..) | Said::Command(_) => {}
            }
            before.push(said);
        }
    }

    /// The control exchange.
    pub(crate) async fn converse(&mut self) -> Outcome<Before> {
        let bob = self.bob;
        if !self.acquainted {
            self.befriend(&bob, "Bob").await?;
            self.acquainted = true;
        }
        let letter = self.letter(&bob)?;
        self.arrives(&bob, &letter).await
    }

    /// Passes the barrier and fails if the client showed or said anything before it.
    pub(crate) async fn quiet(&mut self, expected: &str) -> Outcome {
        let Before { events, said } = self.converse().await?;
        let event = events.first().map(ToString::to_string);
        match event.or_else(|| said.first().map(Said::describe)) {
            None => Ok(()),
            Some(actual) => Err(fail(expected, actual)),
        }
    }

    /// Sends an event of the relay and passes the barrier: the client does nothing about it.
    pub(crate) async fn ignores(&mut self, command: u8, body: &[u8], what: &str) -> Outcome {
        self.link()?.event(command, body).await?;
        self.quiet(&format!("no effect of {what}")).await
    }

    /// Sends a packet under a header that names `from`, and passes the barrier: no effect.
    pub(crate) async fn refuses(&mut self, from: [u8; 8], packet: &[u8], what: &str) -> Outcome {
        self.link()?.deliver(from, packet).await?;
        self.quiet(&format!("no effect of {what}")).await
    }

    /// The same under the relay's own header.
    pub(crate) async fn refuses_event(&mut self, packet: &[u8], what: &str) -> Outcome {
        self.refuses(RELAY_ID, packet, what).await
    }

    /// After the case: a session stands or is opened, the control exchange passes, and the client
    /// ends when it is asked to.
    pub(crate) async fn serves(&mut self) -> Outcome {
        if self.link.is_none() {
            self.join().await?;
        }
        self.converse().await?;
        self.quit().await
    }

    /// Asks the client to end and sees that it does; its relay hears it out.
    pub(crate) async fn quit(&mut self) -> Outcome {
        let mut link = self.take_link()?;
        let answering = tokio::spawn(async move {
            while !matches!(link.next("a close").await, Ok(Said::Close(_) | Said::End) | Err(_)) {}
            link.close().await;
        });
        let ended = self.client()?.quit().await;
        answering.abort();
        ended
    }

    /// No remark names a clause other than `clause`, which was broken.
    pub(crate) fn names(&mut self, clause: &str) -> Outcome {
        let remarks = self.client()?.remarks();
        let mut named = remarks.iter().filter_map(|remark| remark["clause"].as_str());
        match named.find(|named| *named != clause) {
            None => Ok(()),
            Some(other) => Err(fail(format!("an error that names {clause}, or none"), other)),
        }
    }

    /// How the process ended, if it has ended or does within `time`.
    pub(crate) async fn death(&mut self, time: Duration) -> Outcome<Option<String>> {
        match &mut self.client {
            Some(client) => client.ended(time).await,
            None => Ok(None),
        }
    }
}
