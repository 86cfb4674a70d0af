//! How TCP cuts the bytes must not matter.

use crate::live::case::cases;
use crate::live::outcome::Outcome;
use crate::live::session::SMALLEST_PACKET;
use crate::live::socket::{BINARY, CONTINUATION, FIN, masked_frame};
use crate::live::trial::Trial;
use crate::model::relay::{PEER_OFFLINE, PEER_ONLINE, SUBSCRIBE};

use super::put;

/// Messages in one piece of TCP.
const BURST: usize = 1_000;
/// Fragments without a byte in them.
const EMPTY: usize = 10_000;

cases! { Trial in "segments.rs";
    "frame/binary.burst-in-one-segment" burst from "ws-segmentation";
    "frame/binary.split-at-every-byte" split from "ws-segmentation";
    "frame/binary.cut-short" cut_short from "ws-length-lies";
    "frame/fragments.empty-ones" empty from "ws-fragment-abuse";
}

/// A thousand messages in one piece of TCP stay a thousand messages.
async fn burst(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let packets: Vec<_> = (0..BURST).map(|n| alice.opaque(SMALLEST_PACKET + n % 50)).collect();
    let frames = packets.iter().map(|packet| alice.frame(bob.id(), packet));
    let bytes: Vec<u8> = frames.flat_map(|frame| masked_frame(FIN | BINARY, &frame)).collect();
    let sender = alice.id();
    let receiving = async {
        for (n, packet) in packets.iter().enumerate() {
            bob.frame_is(sender, packet, &format!("message {n} of the burst")).await?;
        }
        Outcome::Ok(())
    };
    tokio::try_join!(put(&mut alice.socket, &bytes), receiving).map(|_| ())
}

/// A message in two pieces, cut at each of its bytes, header and mask included.
async fn split(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let packet = alice.opaque(SMALLEST_PACKET + 30);
    let bytes = masked_frame(FIN | BINARY, &alice.frame(bob.id(), &packet));
    for at in 1..bytes.len() {
        let (first, second) = bytes.split_at(at);
        put(&mut alice.socket, first).await?;
        // The relay's time to read the first piece: it has served Bob meanwhile.
        bob.quiet("nothing of half a message").await?;
        put(&mut alice.socket, second).await?;
        bob.frame_is(alice.id(), &packet, &format!("the message cut at byte {at}")).await?;
    }
    Ok(())
}

/// Of a message whose end never comes nothing is forwarded.
async fn cut_short(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let x = alice.me.public.x;
    bob.command(SUBSCRIBE, &x).await?;
    bob.event_is(PEER_ONLINE, &x, "PEER_ONLINE").await?;
    let packet = alice.opaque(5_000);
    let bytes = masked_frame(FIN | BINARY, &alice.frame(bob.id(), &packet));
    put(&mut alice.socket, &bytes[..bytes.len() - 1]).await?;
    drop(alice);
    bob.event_is(PEER_OFFLINE, &x, "PEER_OFFLINE, and nothing of the message before it").await?;
    bob.quiet("nothing of a message without its end").await
}

/// Ten thousand fragments without a byte between the halves of a message.
async fn empty(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let packet = alice.opaque(SMALLEST_PACKET);
    let frame = alice.frame(bob.id(), &packet);
    let (first, second) = frame.split_at(60);
    let nothing = masked_frame(CONTINUATION, &[]).repeat(EMPTY);
    let last = masked_frame(FIN | CONTINUATION, second);
    put(&mut alice.socket, &[masked_frame(BINARY, first), nothing, last].concat()).await?;
    bob.frame_is(alice.id(), &packet, "the fragments joined").await
}
