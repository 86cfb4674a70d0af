//! SUBSCRIBE and UNSUBSCRIBE: what is answered, what is watched.

use crate::live::case::cases;
use crate::live::outcome::Outcome;
use crate::live::trial::Trial;
use crate::model::forge::{high_bit_twin, key_with_prefix, non_canonical};
use crate::model::relay::{PEER_ONLINE, SUBSCRIBE, UNSUBSCRIBE};

/// Keys that a session may watch, by the specification.
const WATCHED: usize = 4_096;

cases! { Trial in "subscribe.rs";
    "relay/subscribe.first-appearance" first_appearance from "sc-command-edges";
    "relay/subscribe.nobody-online" nobody_online;
    "relay/subscribe.again" again from "sc-command-edges";
    "relay/key-list.subscribe-of-33-bytes" torn_subscribe from "sc-subscribe-flood";
    "relay/key-list.unsubscribe-of-33-bytes" torn_unsubscribe;
    "relay/subscribe-bytes.aliases-and-garbage" aliases;
    "identity/full-key.same-id-in-a-subscription" same_id from "hs-id-collision-and-grind";
    "relay/subscribe-limit.one-too-many" one_too_many from "sc-subscribe-flood";
    "relay/subscribe-limit.known-keys-count-once" count_once;
    "relay/unsubscribe.no-answer-no-event" unsubscribe from "sc-command-edges";
}

/// One PEER_ONLINE: each once, in the order of the list, the absent left out.
async fn first_appearance(trial: &mut Trial) -> Outcome {
    let (mut alice, bob) = trial.pair().await?;
    let (carol, absent) = (trial.join().await?, trial.person());
    let (a, b, c) = (alice.me.public.x, bob.me.public.x, carol.me.public.x);
    alice.command(SUBSCRIBE, &[c, absent.public.x, a, c, b, a].concat()).await?;
    alice.event_is(PEER_ONLINE, &[c, a, b].concat(), "the online ones, each once").await?;
    alice.quiet("one PEER_ONLINE").await
}

/// Nobody of the list is there, or the list is empty: no answer.
async fn nobody_online(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    alice.command(SUBSCRIBE, &trial.person().public.x).await?;
    alice.command(SUBSCRIBE, &[]).await?;
    alice.quiet("no answer while nobody is online").await
}

/// Asking again is answered again: what counts is the list of this command.
async fn again(trial: &mut Trial) -> Outcome {
    let (mut alice, bob) = trial.pair().await?;
    for _ in 0..2 {
        alice.command(SUBSCRIBE, &bob.me.public.x).await?;
        alice.event_is(PEER_ONLINE, &bob.me.public.x, "PEER_ONLINE").await?;
    }
    alice.quiet("one answer each").await
}

/// A list that is torn in its second key is dropped whole.
async fn torn_subscribe(trial: &mut Trial) -> Outcome {
    let (mut alice, bob) = trial.pair().await?;
    let x = bob.me.public.x;
    for torn in [&[&x[..], &[0]].concat()[..], &[&x[..], &x[..31]].concat(), &x[..31]] {
        alice.command(SUBSCRIBE, torn).await?;
    }
    alice.quiet("no answer to a torn list").await?;
    alice.command(SUBSCRIBE, &x).await?;
    alice.event_is(PEER_ONLINE, &x, "PEER_ONLINE to the whole one").await
}

/// A torn UNSUBSCRIBE removes nothing.
async fn torn_unsubscribe(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    let bob = trial.person();
    alice.command(SUBSCRIBE, &bob.public.x).await?;
    alice.command(UNSUBSCRIBE, &[&bob.public.x[..], &[0]].concat()).await?;
    alice.quiet("no answer").await?;
    let _bob = trial.join_as(&bob).await?;
    alice.event_is(PEER_ONLINE, &bob.public.x, "PEER_ONLINE, as Bob is still watched").await
}

/// Keys that no client can have are watched like any other, and are never online.
async fn aliases(trial: &mut Trial) -> Outcome {
    let (mut alice, bob) = trial.pair().await?;
    let x = bob.me.public.x;
    alice.command(SUBSCRIBE, &high_bit_twin(x)).await?;
    alice.quiet("no answer for an alias of Bob's key").await?;
    let list = [high_bit_twin(x), [0; 32], [0xff; 32], non_canonical(3), x].concat();
    alice.command(SUBSCRIBE, &list).await?;
    alice.event_is(PEER_ONLINE, &x, "PEER_ONLINE with Bob's key as he sent it").await?;
    alice.quiet("nothing about the others").await
}

/// Another key with Bob's id is not Bob.
async fn same_id(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    let bob = trial.person();
    let other = key_with_prefix(&bob.id());
    alice.command(SUBSCRIBE, &other).await?;
    let online = trial.join_as(&bob).await?;
    alice.command(SUBSCRIBE, &other).await?;
    alice.quiet("no PEER_ONLINE for another key of the same id").await?;
    drop(online);
    // A second arrival proves that the first end was handled: the id was free again.
    let _online = trial.join_as(&bob).await?;
    alice.quiet("no PEER_OFFLINE for another key of the same id").await
}

/// The 4,097th key is not watched; it is once another one is given up.
async fn one_too_many(trial: &mut Trial) -> Outcome {
    let (mut alice, bob) = trial.pair().await?;
    let x = bob.me.public.x;
    let others = trial.random.vec(WATCHED * 32);
    alice.command(SUBSCRIBE, &[&others, &x[..]].concat()).await?;
    alice.quiet("no answer for the 4,097th key, though it is online").await?;
    alice.command(UNSUBSCRIBE, &others[..32]).await?;
    alice.command(SUBSCRIBE, &x).await?;
    alice.event_is(PEER_ONLINE, &x, "PEER_ONLINE once there is room").await
}

/// A key that is watched already takes no further room.
async fn count_once(trial: &mut Trial) -> Outcome {
    let (mut alice, bob) = trial.pair().await?;
    let x = bob.me.public.x;
    let others = trial.random.vec((WATCHED - 1) * 32);
    alice.command(SUBSCRIBE, &others).await?;
    alice.command(SUBSCRIBE, &[&others[..], &x].concat()).await?;
    alice.event_is(PEER_ONLINE, &x, "PEER_ONLINE for the 4,096th key").await
}

/// What is no longer watched is no longer told; what never was is no matter.
async fn unsubscribe(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    let (bob, carol) = (trial.person(), trial.person());
    alice.command(SUBSCRIBE, &[bob.public.x, carol.public.x].concat()).await?;
    alice.command(UNSUBSCRIBE, &[trial.person().public.x, bob.public.x].concat()).await?;
    alice.quiet("no answer to UNSUBSCRIBE").await?;
    let _bob = trial.join_as(&bob).await?;
    let _carol = trial.join_as(&carol).await?;
    alice.event_is(PEER_ONLINE, &carol.public.x, "PEER_ONLINE of Carol, and none of Bob").await
}
