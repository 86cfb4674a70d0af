//! Ten megabytes through the reference relay, to a reader who is slower than the writer: paced by
//! the relay alone, nothing lost, nothing out of order.

use tokio::try_join;

use super::guest::{Guest, Relay, acquaint};
use super::wire::Wire;
use crate::live::outcome::{Outcome, fail, same};
use crate::live::seed::Random;
use crate::live::testee::Testee;

/// How many texts, and how long each is: ten mebibytes.
const TEXTS: usize = 160;
const LENGTH: usize = 64 * 1024;

/// The lenient client writes.
pub(super) async fn from_lenient(random: Random) -> Outcome {
    transfer(random, Testee::lenient_twin()?, Testee::reference()?).await
}

/// The lenient client reads. By default the reference keeps less than this unacknowledged.
pub(super) async fn to_lenient(random: Random) -> Outcome {
    let roomy = Testee::reference()?.with(&["--set", "outbox.bytes=16777216"]);
    transfer(random, roomy, Testee::lenient_twin()?).await
}

async fn transfer(mut random: Random, writer: Testee, reader: Testee) -> Outcome {
    let relay = Relay::reference().await?;
    let narrow = Wire::open(&relay.target.address, true).await?;
    // Ten megabytes are about order and loss; how fast a busy machine seals them is not the matter.
    let (writer, reader) = (writer.patient(super::LIMIT), reader.patient(super::LIMIT));
    let mut from = Guest::come(&writer, &relay, &relay.url(), &mut random).await?;
    let mut to = Guest::come(&reader, &relay, &narrow.url, &mut random).await?;
    acquaint(&mut from, &mut to).await?;
    let texts: Vec<_> = (0..TEXTS).map(|_| hex::encode(random.vec(LENGTH / 2))).collect();
    let person = to.me;
    let writing = async {
        for text in &texts {
            from.client.send(&person, text).await?;
        }
        for _ in &texts {
            from.event_named("delivered").await?;
        }
        Ok(())
    };
    let ((), read) = try_join!(writing, read_all(&mut to))?;
    same("BLAKE3 of all texts, in order", &blake3::hash(texts.concat().as_bytes()), &read)
}

/// The hash of as many texts as were written.
async fn read_all(to: &mut Guest) -> Outcome<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    for number in 1..=TEXTS {
        let event = to.event_named("message").await?;
        let awaited = || fail(format!("text {number}"), event.to_string());
        let text = event["text"].as_str().ok_or_else(awaited)?;
        hasher.update(text.as_bytes());
    }
    Ok(hasher.finalize())
}
