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
/// its first: the cases will say what is wrong.
pub(crate) async fn attempt(seed: Seed, target: &Target) -> Outcome<u8> {
    for attempt in 0..=u8::MAX {
        if served(seed, attempt, target).await? {
            return Ok(attempt);
        }
        if attempt == 0 {
            let other = Seed::fresh().map_err(|error| Stop::Broken(error.to_string()))?;
            if !served(other, 0, target).await? {
                return Ok(0);
            }
        }
    }
    let why = format!("the relay has met all hellos of seed {seed}: start it anew");
    Err(Stop::Broken(why))
}

/// Whether the relay lets the first hello of this attempt in.
async fn served(seed: Seed, attempt: u8, target: &Target) -> Outcome<bool> {
    let mut random = seed.stream("greeting").at_attempt(attempt);
    let person = Person::draw(&mut random);
    let parts = hello_parts(&person.keys, target.relay.x, random.hello_nonce());
    let Ok(parts) = parts else { return Ok(false) };
    let mut socket = target.address.connect(target.patience).await?;
    send(&mut socket, &parts.bytes()).await?;
    let answer = answer(&mut socket, &person, &target.relay).await?;
    Ok(answer == Answer::Reply(Ok(2)))
}
