//! What one client can do to a relay, a row each. Each goes on until it is dropped, and its sockets
//! with it.

mod members;
mod strangers;
mod streams;

use super::scene::Scene;
use crate::{Failure, party::Party};
use futures_util::{SinkExt, StreamExt, stream::SplitStream};
use sealwire::identity::PeerId;
use std::{future::Future, pin::Pin, sync::Arc, time::Duration};
use tokio::time::sleep;
use tokio_websockets::Message;

use crate::party::{Mark, Socket, ended, told};

/// A fault that is going on.
pub(crate) type Inflicted = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// What a fault takes of the machine itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// Next to nothing: whoever waits longer, waits for it.
    Little,
    /// A core, if it can: whoever waits longer may wait for the machine.
    Much,
}

/// When a row asks for something of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Nothing,
    /// It comes to an end, and is waited for.
    Whole,
    /// The relay has few descriptors, and nobody can come in meanwhile.
    Descriptors,
}

/// One fault.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// What the one client does.
    pub(crate) does: &'static str,
    pub(crate) cost: Cost,
    pub(crate) need: Need,
    pub(crate) inflict: fn(Arc<Scene>) -> Inflicted,
}

/// A table of faults: name, cost, need, function, what it does.
macro_rules! rows {
    ($($name:literal $cost:ident $need:ident $inflict:path, $does:literal;)*) => {
        /// All rows, mild ones first.
        pub(crate) const ROWS: &[Row] = &[$(Row {
            name: $name,
            does: $does,
            cost: Cost::$cost,
            need: Need::$need,
            inflict: |scene| Box::pin(async move { $inflict(&scene).await }),
        },)*];
    };
}

rows! {
    "stalled-reader" Little Nothing streams::stalled, "stops reading while somebody writes to it";
    "trickling-reader" Little Nothing streams::trickling, "reads 4 KiB a second of what comes";
    "split" Much Nothing streams::split, "sends and gets each byte as a segment of its own";
    "coalesced" Much Nothing streams::coalesced, "sends a thousand frames in one go";
    "dribbled" Little Nothing streams::dribbled, "sends a frame of 64 KiB byte by byte";
    "half-open" Little Nothing streams::half_open, "vanishes without a word while somebody writes to it";
    "reset" Much Nothing streams::reset, "resets its connection in mid-frame, again and again";
    "killed" Much Nothing streams::killed, "is a process that SIGKILL ends, again and again";
    "bulk" Much Whole streams::bulk, "gets a bulk transfer and reads it more slowly than it is sent";
    "silent-sockets" Much Nothing strangers::silent, "opens sockets that never say hello";
    "slow-hellos" Little Whole strangers::slow, "says hello a byte at a time";
    "wrong-hellos" Much Nothing strangers::wrong, "floods with hellos to another relay's key";
    "garbage" Much Nothing strangers::garbage, "floods with bytes that mean nothing";
    "descriptors" Much Descriptors strangers::descriptors, "takes all descriptors that the relay may have";
    "bad-signatures" Much Nothing members::bad_signatures, "floods with commands that do not verify";
    "subscribes" Much Nothing members::subscribes, "floods with SUBSCRIBE of a thousand keys";
    "introduces" Much Nothing members::introduces, "floods somebody with INTRODUCE";
    "absent" Much Nothing members::absent, "floods with frames to nobody, and reads the answers";
    "absent-unread" Little Nothing members::absent_unread, "floods with frames to nobody, and does not read the answers";
    "same-hash" Much Nothing members::same_hash, "watches and writes to ids that share their low bytes";
    "churn" Much Nothing members::churn, "comes and goes, watched by somebody";
    "hog" Much Nothing members::hog, "sends to somebody as fast as it can";
}

/// Waits a moment, so that a relay that refuses is not asked in a tight loop.
async fn breathe() {
    sleep(Duration::from_millis(10)).await;
}

/// Sends frames of this length to a peer, at this pace, and reads away what comes.
async fn pour(
    scene: &Scene,
    party: Party,
    to: impl Fn(u64) -> PeerId,
    length: usize,
    pause: Duration,
) -> Result<(), Failure> {
    let Party { ws, session } = party;
    let (mut sink, stream) = ws.split();
    let sends = async {
        for number in 0.. {
            let frame = session.frame(to(number), Mark { number, at: 0 }, length);
            sink.send(Message::binary(frame)).await.map_err(told)?;
            scene.did(length);
            if !pause.is_zero() {
                sleep(pause).await;
            }
        }
        Ok(())
    };
    both(sends, read_away(scene, stream)).await
}

/// Sends the same message again and again as fast as the relay takes it, and reads away what comes.
async fn repeat(scene: &Scene, party: Party, messages: Vec<Vec<u8>>) -> Result<(), Failure> {
    let (mut sink, stream) = party.ws.split();
    let sends = async {
        for message in messages.iter().cycle() {
            sink.send(Message::binary(message.clone())).await.map_err(told)?;
            scene.did(message.len());
        }
        Ok(())
    };
    both(sends, read_away(scene, stream)).await
}

async fn read_away(scene: &Scene, mut stream: SplitStream<Socket>) -> Result<(), Failure> {
    while let Some(message) = stream.next().await {
        scene.got(message.map_err(told)?.as_payload().len());
    }
    Err(ended())
}

/// Until one of the two fails.
async fn both(
    one: impl Future<Output = Result<(), Failure>>,
    other: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    tokio::try_join!(one, other).map(|((), ())| ())
}

/// Reads away whatever comes.
async fn drain(mut party: Party) -> Result<(), Failure> {
    loop {
        party.next().await?;
    }
}
