//! Peer frames that cannot be delivered: every one is answered.

use crate::live::case::cases;
use crate::live::outcome::{Outcome, require};
use crate::live::session::{SMALLEST_PACKET, Seen};
use crate::live::socket::{BINARY, FIN, masked_frame};
use crate::live::trial::Trial;
use crate::model::handshake::ERROR;
use crate::model::packet::nonce_of;
use crate::model::relay::{PEER_OFFLINE, PEER_ONLINE, SUBSCRIBE, recipient_offline_body};

/// More than the answers a relay lets wait.
const MANY: usize = 600;

cases! { Trial in "delivery.rs";
    "relay/recipient-offline.never-seen" never_seen from "rf-route-edges";
    "relay/recipient-offline.just-left" just_left;
    "relay/none-dropped.absent-among-present" absent_among_present from "rf-route-edges";
    "relay/none-dropped.many-in-one-burst" many;
}

/// An id that nobody holds; all of its bytes set, too.
async fn never_seen(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    for nobody in [trial.person().id(), [0xff; 8]] {
        let packet = alice.send_opaque(nobody, SMALLEST_PACKET).await?;
        alice.offline_is(nobody, &packet).await?;
    }
    alice.quiet("one ERROR for a frame").await
}

/// Somebody who was there.
async fn just_left(trial: &mut Trial) -> Outcome {
    let (mut alice, bob) = trial.pair().await?;
    let me = bob.me;
    alice.command(SUBSCRIBE, &me.public.x).await?;
    alice.event_is(PEER_ONLINE, &me.public.x, "PEER_ONLINE").await?;
    drop(bob);
    alice.event_is(PEER_OFFLINE, &me.public.x, "PEER_OFFLINE").await?;
    let packet = alice.send_opaque(me.id(), 5_000).await?;
    alice.offline_is(me.id(), &packet).await
}

/// Of three frames the middle one fails, and only that one.
async fn absent_among_present(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let nobody = trial.person().id();
    let first = alice.send_opaque(bob.id(), SMALLEST_PACKET).await?;
    let lost = alice.send_opaque(nobody, SMALLEST_PACKET).await?;
    let last = alice.send_opaque(bob.id(), SMALLEST_PACKET).await?;
    alice.offline_is(nobody, &lost).await?;
    bob.frame_is(alice.id(), &first, "the first frame").await?;
    bob.frame_is(alice.id(), &last, "the last frame").await
}

/// Six hundred frames in one piece of TCP, to nobody: six hundred answers, each with its nonce.
async fn many(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    let nobody = trial.person().id();
    let packets: Vec<_> = (0..MANY).map(|_| alice.opaque(SMALLEST_PACKET)).collect();
    let frames = packets.iter().map(|packet| alice.frame(nobody, packet));
    let bytes: Vec<u8> = frames.flat_map(|frame| masked_frame(FIN | BINARY, &frame)).collect();
    let sent = alice.socket.send_raw(&bytes).await;
    require(sent.is_ok(), "a relay that takes a burst", format!("{sent:?}"))?;
    let mut missing: Vec<_> =
        packets.iter().map(|packet| recipient_offline_body(nobody, nonce_of(packet))).collect();
    while !missing.is_empty() {
        let seen = alice.next(&format!("{} more answers", missing.len())).await?;
        let found = match &seen {
            Seen::Event(inner) if inner.command == ERROR => {
                missing.iter().position(|body| *body == inner.body)
            }
            _ => None,
        };
        match found {
            Some(at) => drop(missing.remove(at)),
            None => require(false, "one ERROR for each frame", seen.describe())?,
        }
    }
    alice.quiet("one ERROR for each frame").await
}
