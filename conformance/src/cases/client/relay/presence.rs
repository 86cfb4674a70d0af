//! Presence as a client shows it: by whole keys, by whole lists.

use crate::live::case::cases;
use crate::live::meeting::Meeting;
use crate::live::outcome::Outcome;
use crate::live::target::Person;
use crate::model::relay::{PEER_OFFLINE, PEER_ONLINE};

cases! { Meeting in "presence.rs";
    "relay/presence-online.shown-by-a-client" shown;
    "relay/key-list.no-multiple-to-a-client" no_multiple;
    "identity/full-key.presence-of-the-same-id" same_id;
}

/// Came, went, came; keys that nobody watches do not show.
async fn shown(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    meeting.watch_bob().await?;
    let (bob, carol) = (meeting.bob.public.x, Person::draw(&mut meeting.random).public.x);
    let both = [carol, bob].concat();
    for command in [PEER_ONLINE, PEER_OFFLINE, PEER_ONLINE] {
        meeting.bob_is(command, &both).await?;
        meeting.ignores(command, &[], "an empty list").await?;
        meeting.ignores(command, &carol, "a key that nobody watches").await?;
    }
    Ok(())
}

/// A list with a byte too many or too few is dropped whole, the good key in it too.
async fn no_multiple(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    meeting.watch_bob().await?;
    let bob = meeting.bob.public.x;
    let lists = [[&bob[..], &[0]].concat(), [&bob[..], &bob[..31]].concat(), bob[..31].to_vec()];
    for list in &lists {
        meeting.ignores(PEER_ONLINE, list, "a list of broken length").await?;
    }
    meeting.bob_is(PEER_ONLINE, &bob).await?;
    for list in &lists {
        meeting.ignores(PEER_OFFLINE, list, "a list of broken length").await?;
    }
    meeting.bob_is(PEER_OFFLINE, &bob).await
}

/// A key that begins like Bob's is not Bob's.
async fn same_id(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    meeting.watch_bob().await?;
    let bob = meeting.bob.public.x;
    let mut other = bob;
    other[8..].copy_from_slice(&meeting.random.bytes::<24>());
    meeting.ignores(PEER_ONLINE, &other, "another key with Bob's id that came").await?;
    meeting.bob_is(PEER_ONLINE, &bob).await?;
    meeting.ignores(PEER_OFFLINE, &other, "another key with Bob's id that went").await
}
