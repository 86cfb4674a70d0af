//! Peer frames: who gets them, unchanged, in order, whatever they hold.

use crate::live::case::cases;
use crate::live::outcome::{Outcome, fail, require};
use crate::live::session::{SMALLEST_PACKET, Seen, send};
use crate::live::socket::Heard;
use crate::live::trial::Trial;
use crate::model::frame::{FRAME_MAX, FRAME_MIN, route_keys};
use crate::model::packet::{nonce_of, open, pair_key, seal};
use crate::model::primitives::{keystream, x25519};

cases! { Trial in "forwarding.rs";
    "frame/verbatim.text" text from "rf-happy-kat";
    "frame/verbatim.largest" largest from "ws-max-boundary";
    "frame/header-to.two-recipients" two_recipients;
    "frame/header-from.two-senders" two_senders;
    "frame/mask.reply" reply from "hk-header-kat" needs Bare;
    "frame/mask.equal-prefix" equal_prefix from "rf-header-sender-chosen-nonce";
    "frame/opaque.random-112" random_112;
    "frame/opaque.forged-signature" forged_signature from "rf-sender-swap-and-resign";
    "frame/too-short.every-length" every_short_length from "rf-length-sweep";
    "frame/to-self.smallest" to_self from "rf-route-edges";
    "frame/order.two-hundred-of-mixed-size" order;
}

/// A real TEXT arrives bit for bit.
async fn text(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let key = pair_key(alice.me.keys.x_seed, bob.me.public.x).expect("an honest key");
    let body = [&trial.random.bytes::<16>()[..], b"hello"].concat();
    let packet = seal(key, alice.me.keys.ed_seed, trial.random.bytes(), 7, 0x20, &body);
    alice.send_packet(bob.id(), &packet).await?;
    bob.frame_is(alice.id(), &packet, "Alice's TEXT").await
}

/// The largest frame arrives whole.
async fn largest(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let packet = alice.send_opaque(bob.id(), FRAME_MAX - 8).await?;
    bob.frame_is(alice.id(), &packet, "a frame of 1,048,576 bytes").await
}

/// The header alone decides who gets a frame.
async fn two_recipients(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let mut carol = trial.join().await?;
    let to_carol = alice.send_opaque(carol.id(), SMALLEST_PACKET).await?;
    let to_bob = alice.send_opaque(bob.id(), SMALLEST_PACKET).await?;
    bob.frame_is(alice.id(), &to_bob, "the frame for Bob").await?;
    carol.frame_is(alice.id(), &to_carol, "the frame for Carol").await?;
    bob.quiet("nothing but the frame for Bob").await?;
    carol.quiet("nothing but the frame for Carol").await
}

/// The header names the session that sent the frame, each time.
async fn two_senders(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let mut carol = trial.join().await?;
    let packet = alice.send_opaque(bob.id(), SMALLEST_PACKET).await?;
    bob.frame_is(alice.id(), &packet, "Alice's frame").await?;
    carol.send_packet(bob.id(), &packet).await?;
    bob.frame_is(carol.id(), &packet, "the same packet from Carol").await
}

/// The header of the first frame there is: without it nobody understands the relay.
async fn reply(trial: &mut Trial) -> Outcome {
    let (person, relay) = (trial.person(), trial.target.relay);
    let hello = trial.hello(&person)?.bytes();
    let mut socket = trial.socket().await?;
    send(&mut socket, &hello).await?;
    let reply = match socket.hear("the reply").await? {
        Heard::Binary(reply) if reply.len() >= FRAME_MIN => reply,
        other => return Err(fail("the reply, a binary message of 116 bytes", other.describe())),
    };
    let (header, packet) = reply.split_at(8);
    let shared = x25519(person.keys.x_seed, relay.x).expect("keys that a hello was made with");
    let opened = open(shared, relay.ed, packet);
    require(opened.is_ok(), "a sealed and signed packet behind the header", format!("{opened:?}"))?;
    let (key, nonce) = (route_keys(shared).s2c, nonce_of(packet));
    let mask = |from: usize| keystream(key, nonce[from..from + 12].try_into().expect("12"), 8);
    let tail = if header == mask(12) { ", the mask by its bytes 12..24" } else { "" };
    let expected = format!("zero masked by bytes 0..12 of the nonce: {}", hex::encode(mask(0)));
    require(header == mask(0), expected, format!("{}{tail}", hex::encode(header)))
}

/// Bytes 12..24 of the nonce have no influence on the mask, in both directions.
async fn equal_prefix(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let first = alice.opaque(SMALLEST_PACKET);
    let mut second = first.clone();
    second[12..24].copy_from_slice(&trial.random.bytes::<12>());
    let (a, b) = (alice.frame(bob.id(), &first), alice.frame(bob.id(), &second));
    // The judge's own header, computed once: a relay that masks with the tail misroutes the second.
    alice.send_binary(&a).await?;
    alice.send_binary(&[&a[..8], &b[8..]].concat()).await?;
    bob.frame_is(alice.id(), &first, "the first frame").await?;
    bob.frame_is(alice.id(), &second, "the frame with another tail of the nonce").await
}

/// 112 bytes of anything are a frame.
async fn random_112(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let packet = alice.send_opaque(bob.id(), SMALLEST_PACKET).await?;
    bob.frame_is(alice.id(), &packet, "112 bytes of anything").await
}

/// A packet that somebody else signed is none of the relay's business.
async fn forged_signature(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let stranger = trial.person();
    let key = pair_key(alice.me.keys.x_seed, bob.me.public.x).expect("an honest key");
    let packet = seal(key, stranger.keys.ed_seed, trial.random.bytes(), 0, 0x20, b"forged");
    alice.send_packet(bob.id(), &packet).await?;
    bob.frame_is(alice.id(), &packet, "the packet, forged or not").await
}

/// Every length below 112 is dropped; neither side hears of it and the session goes on.
async fn every_short_length(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let whole = alice.opaque(SMALLEST_PACKET);
    let frame = alice.frame(bob.id(), &whole);
    for length in 0..frame.len() {
        send(&mut alice.socket, &frame[..length]).await?;
    }
    alice.quiet("no answer to a message of fewer than 112 bytes").await?;
    bob.quiet("no frame of fewer than 112 bytes").await?;
    alice.send_binary(&frame).await?;
    bob.frame_is(alice.id(), &whole, "the same frame whole").await
}

/// A frame to one's own id comes back.
async fn to_self(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    let packet = alice.send_opaque(alice.id(), SMALLEST_PACKET).await?;
    alice.frame_is(alice.id(), &packet, "a frame to oneself").await
}

/// Two hundred frames, large and small in turn, arrive in the order in which they were sent.
async fn order(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let (sender, recipient) = (alice.id(), bob.id());
    let length = |n: usize| SMALLEST_PACKET + [0, 7_000, 90, 40_000][n % 4];
    let packets: Vec<_> = (0..200).map(|n| alice.opaque(length(n))).collect();
    let sending = async {
        for packet in &packets {
            alice.send_packet(recipient, packet).await?;
        }
        Outcome::Ok(())
    };
    let receiving = async {
        for (n, packet) in packets.iter().enumerate() {
            match bob.next("the next frame in order").await? {
                Seen::Frame(from, bytes) if from == sender && bytes == *packet => {}
                other => {
                    let at = packets.iter().position(
                        |packet| matches!(&other, Seen::Frame(_, bytes) if bytes == packet),
                    );
                    let actual = format!("{}, sent as number {at:?}", other.describe());
                    require(false, format!("frame {n}"), actual)?;
                }
            }
        }
        Outcome::Ok(())
    };
    tokio::try_join!(sending, receiving).map(|_| ())
}
