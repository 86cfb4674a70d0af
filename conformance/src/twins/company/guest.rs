//! A client that takes part in a scene.

use std::time::Duration;

use serde_json::{Value, json};

use crate::live::host::unusable;
use crate::live::outcome::{Outcome, require, same};
use crate::live::process::{Launch, RelayProcess};
use crate::live::seed::Random;
use crate::live::target::{Person, Target};
use crate::live::testee::{Client, Testee};
use crate::live::waits::Waits;
use crate::model::identity::invite_encode;

/// Waits in which a scene has an end.
const WAITS: Waits = Waits {
    first: Duration::from_millis(200),
    longest: Duration::from_millis(800),
    id_in_use: [Duration::from_secs(1); 4],
    ..Waits::SPECIFIED
};

/// Timers of a lenient relay that shows within seconds what it does after a minute.
const TIMERS: [&str; 4] = ["--set", "idle.ping=500ms", "--set", "idle.end=2s"];

/// A relay of a scene.
pub(super) struct Relay {
    /// Where it is.
    pub(super) target: Target,
    _process: RelayProcess,
}

impl Relay {
    /// The lenient one.
    pub(super) async fn lenient() -> Outcome<Self> {
        let (process, target) = RelayProcess::start(&Launch::lenient_twin(), &TIMERS).await?;
        Ok(Self { target, _process: process })
    }

    /// The reference.
    pub(super) async fn reference() -> Outcome<Self> {
        let (process, target) = RelayProcess::start(&Launch::reference(), &[]).await?;
        Ok(Self { target, _process: process })
    }

    /// Where clients find it.
    pub(super) fn url(&self) -> String {
        format!("ws://{}{}", self.target.address.authority, self.target.address.path)
    }
}

/// A running client and who it is.
pub(super) struct Guest {
    /// The client.
    pub(super) client: Client,
    /// Its owner.
    pub(super) me: Person,
}

impl Guest {
    /// Somebody new, whose session with `relay`, found at `url`, stands.
    pub(super) async fn come(
        testee: &Testee,
        relay: &Relay,
        url: &str,
        random: &mut Random,
    ) -> Outcome<Self> {
        Self::come_as(Person::draw(random), testee, relay, url).await
    }

    /// The same for this person.
    pub(super) async fn come_as(
        me: Person,
        testee: &Testee,
        relay: &Relay,
        url: &str,
    ) -> Outcome<Self> {
        let mut client = testee.start_at(url, &relay.target.relay, &me, &WAITS)?;
        client.event_named("ready", "a session").await?;
        Ok(Self { client, me })
    }

    /// Makes somebody a contact.
    pub(super) async fn befriend(&mut self, person: &Person) -> Outcome {
        let invite = invite_encode(&person.public, "").map_err(unusable)?;
        self.client.tell(&json!({ "cmd": "contact", "invite": invite })).await
    }

    /// Waits until the commands so far are carried out, once for each client: nobody else would know
    /// a contact by then. They are taken in order, and one's own presence answers the last.
    async fn has_caught_up(&mut self) -> Outcome {
        self.client.subscribe(&self.me).await?;
        self.client.event_named("presence", "one's own presence").await.map(drop)
    }

    /// The next event but for those of a text that is undeliverable for a moment, as its recipient
    /// is told OK before it is registered: the reference then watches for him, and sends it again.
    pub(super) async fn event(&mut self, awaited: &str) -> Outcome<Value> {
        loop {
            let event = self.client.event(awaited).await?;
            if event["event"] != "undeliverable" && event["event"] != "presence" {
                return Ok(event);
            }
        }
    }

    /// The same, which must be called `name`.
    pub(super) async fn event_named(&mut self, name: &str) -> Outcome<Value> {
        let event = self.event(name).await?;
        require(event["event"] == name, format!("`{name}`"), event.to_string())?;
        Ok(event)
    }
}

/// Each makes the other a contact.
pub(super) async fn acquaint(one: &mut Guest, other: &mut Guest) -> Outcome {
    one.befriend(&other.me).await?;
    other.befriend(&one.me).await?;
    one.has_caught_up().await?;
    other.has_caught_up().await
}

/// A text of `from` is shown to `to` as it was written, and acknowledged.
pub(super) async fn write(from: &mut Guest, to: &mut Guest, text: &str) -> Outcome {
    from.client.send(&to.me, text).await?;
    let shown = to.event_named("message").await?;
    let written = json!([hex::encode(from.me.public.x), text]);
    same("writer and text", &written, &json!([shown["peer"], shown["text"]]))?;
    from.event_named("delivered").await.map(drop)
}

/// One text each way.
pub(super) async fn talk(one: &mut Guest, other: &mut Guest) -> Outcome {
    write(one, other, "there: two\nlines \u{1f40c}").await?;
    write(other, one, "and back").await
}
