//! Whether a relay has met the hellos of a seed before.
//!
//! A relay refuses a hello that repeats one ([handshake/replay]), so a run that repeats another one
//! byte for byte would be served by a relay that was started anew, and by no other. The first hello
//! of each run shows which this is; a relay that remembers it gets the same run under other nonces of
//! its hellos, and nothing else changes.

use crate::live::outcome::{Outcome, Stop};
use crate::live::seed::Seed;
use crate::live::session::{Answer, answer, send};
use crate::live::target::{Person, Target};
use crate::model::handshake::hello_parts;

/// The first attempt at this seed that the relay does not remember. A relay that serves nobody has
/// its first, and the cases will say what is wrong, unless it looks as if it were another relay: then
/// there is nothing to judge.
pub(crate) async fn attempt(seed: Seed, target: &Target) -> Outcome<u8> {
    for attempt in 0..=u8::MAX {
        if greeted(seed, attempt, target).await? == SERVED {
            return Ok(attempt);
        }
        if attempt == 0 {
            let other = Seed::fresh().map_err(|error| Stop::Broken(error.to_string()))?;
            let answer = greeted(other, 0, target).await?;
            if answer != SERVED {
                return another_relay(&answer).map_or(Ok(0), |why| Err(Stop::Broken(why)));
            }
        }
    }
    let why = format!("the relay has met all hellos of seed {seed}: start it anew");
    Err(Stop::Broken(why))
}

/// OK, and a session.
const SERVED: Answer = Answer::Reply(Ok(2));

/// What wrong keys on the command line look like.
fn another_relay(answer: &Answer) -> Option<String> {
    let option = match answer {
        Answer::Close(None) => {
            "it refuses every hello in silence, as one does that cannot open \
                                it: is --x25519 its key?"
        }
        Answer::Reply(Err("packet/signature")) => {
            "it signs with another key: is --ed25519 its key?"
        }
        _ => return None,
    };
    Some(format!("the relay cannot be judged: {option}"))
}

/// What the relay says to the first hello of this attempt.
async fn greeted(seed: Seed, attempt: u8, target: &Target) -> Outcome<Answer> {
    let mut random = seed.stream("greeting").at_attempt(attempt);
    let person = Person::draw(&mut random);
    let parts = hello_parts(&person.keys, target.relay.x, random.hello_nonce());
    let parts = parts.map_err(|clause| {
        Stop::Broken(format!("no hello can be made for the key of --x25519: it breaks [{clause}]"))
    })?;
    let mut socket = target.address.connect(target.patience).await?;
    send(&mut socket, &parts.bytes()).await?;
    answer(&mut socket, &person, &target.relay).await
}
