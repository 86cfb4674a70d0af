//! The references among lenient peers: whatever version 2 permits these to do, the work gets done.
//!
//! Clients are driven by the contract of `spec/testing.md`, as processes; the suite holds the wires.

mod bulk;
mod guest;
mod scenes;
mod wire;

use std::pin::Pin;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use tokio::time::timeout;

use crate::live::outcome::{Outcome, Verdict};
use crate::live::seed::{Random, Seed};

/// Scenes under way at a time.
const WIDTH: usize = 4;
/// The longest time a scene may take, on machines that are busy with other things too.
const LIMIT: Duration = Duration::from_secs(90);

/// What is to go well.
type Scene = fn(Random) -> Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Every scene: who the lenient one is, and what the references do with it.
const SCENES: [(&str, Scene); 9] = [
    ("lenient-relay.texts", |random| Box::pin(scenes::texts(random))),
    ("lenient-relay.presence", |random| Box::pin(scenes::presence(random))),
    ("lenient-relay.introduction", |random| Box::pin(scenes::introduction(random))),
    ("lenient-relay.longest-introduction", |random| Box::pin(scenes::longest_introduction(random))),
    ("lenient-relay.reconnect", |random| Box::pin(scenes::reconnect(random))),
    ("lenient-relay.dead-session", |random| Box::pin(scenes::dead_session(random))),
    ("lenient-client.texts", |random| Box::pin(scenes::lenient_client(random))),
    ("lenient-client.sends-ten-megabytes", |random| Box::pin(bulk::from_lenient(random))),
    ("lenient-client.gets-ten-megabytes", |random| Box::pin(bulk::to_lenient(random))),
];

/// Plays every scene, and says how each went.
pub(super) async fn play(seed: Seed) -> Vec<(&'static str, Verdict)> {
    let play = |(name, scene): &(&'static str, Scene)| {
        let (name, playing) = (*name, scene(seed.stream(name)));
        async move {
            let verdict = match timeout(LIMIT, playing).await {
                Ok(outcome) => Verdict::from(outcome),
                Err(_) => {
                    Verdict::failed("an end of the scene", format!("still waiting after {LIMIT:?}"))
                }
            };
            (name, verdict)
        }
    };
    stream::iter(SCENES.iter().map(play)).buffered(WIDTH).collect().await
}
