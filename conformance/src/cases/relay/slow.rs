//! Readers that do not read, and what a relay owes to everybody else meanwhile.
//!
//! Alice pushes more than operating systems keep for a connection (some 4 MiB) and a queue may
//! hold (4 MiB), so that a relay which neither makes her wait nor answers has to lose frames.
//! Nobody sleeps: Bob's time without reading ends when a whole round with others passed in which
//! Alice got nothing further.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::timeout;
use tokio::try_join;

use crate::live::case::cases;
use crate::live::outcome::{Outcome, fail, require, same};
use crate::live::session::{SMALLEST_PACKET, Seen, Session};
use crate::live::socket::{BINARY, CLOSE, FIN, masked_frame};
use crate::live::trial::Trial;
use crate::model::handshake::ERROR;
use crate::model::identity::RELAY_ID;
use crate::model::packet::nonce_of;
use crate::model::relay::{PEER_OFFLINE, PEER_ONLINE, SUBSCRIBE, recipient_offline_body};

/// Frames of a push; 12 MiB in all.
const FRAMES: usize = 192;
/// The length of their packets: with the header 64 KiB.
const PACKET: usize = 64 * 1024 - 8;
/// How long a frame may wait, where the judge decides that.
const REFUSED: Duration = Duration::from_secs(2);
/// Commands in a burst: 200 more than a relay takes at once.
const COMMANDS: usize = 1_200;

cases! { Trial in "slow.rs";
    "relay/slow-wait.bulk" bulk;
    "relay/slow-isolation.third-parties" third_parties from "rd-fan-in-fairness";
    "relay/none-dropped.recipient-gone" recipient_gone;
    "relay/rate.burst" burst;
    "relay/slow-refused.no-progress" no_progress needs Started;
    "relay/slow-closed.dead-reader" dead_reader needs Started;
}

/// What Alice pushes, and how far she got.
struct Push {
    to: [u8; 8],
    packets: Vec<Vec<u8>>,
    sent: AtomicUsize,
}

impl Push {
    /// Fresh packets for `to`.
    fn new(alice: &mut Session, to: [u8; 8]) -> Self {
        let packets = (0..FRAMES).map(|_| alice.opaque(PACKET)).collect();
        Self { to, packets, sent: AtomicUsize::new(0) }
    }

    /// Sends them all, as fast as the relay takes them.
    async fn run(&self, alice: &mut Session) -> Outcome {
        for packet in &self.packets {
            alice.send_packet(self.to, packet).await?;
            self.sent.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Whether Alice stood still since she had sent `before`, or is done.
    fn still(&self, before: usize) -> bool {
        let now = self.sent();
        now == FRAMES || (now > 0 && now == before)
    }

    /// How many frames are on their way.
    fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Serves newcomers until Alice stands still.
    async fn until_still(&self, trial: &mut Trial) -> Outcome {
        loop {
            let before = self.sent();
            trial.serves().await?;
            if self.still(before) {
                return Ok(());
            }
        }
    }

    /// Bob gets the first `count` of them, intact and in order.
    async fn arrive(&self, bob: &mut Session, alice: [u8; 8], count: usize) -> Outcome {
        for (at, packet) in self.packets.iter().enumerate().take(count) {
            bob.frame_is(alice, packet, &format!("frame {at} of {count}")).await?;
        }
        Ok(())
    }

    /// How many of them, intact and in order, Bob gets before his connection ends, and its end.
    async fn arrive_until_end(&self, bob: &mut Session, alice: [u8; 8]) -> Outcome<(usize, Seen)> {
        let mut arrived = 0;
        loop {
            let awaited = format!("frame {arrived}, or the end");
            match bob.next(&awaited).await? {
                Seen::Frame(from, packet)
                    if from == alice && self.packets.get(arrived) == Some(&packet) =>
                {
                    arrived += 1;
                }
                end @ (Seen::Close(_) | Seen::End) => return Ok((arrived, end)),
                other => return Err(fail(awaited, other.describe())),
            }
        }
    }

    /// Which frame this ERROR answers.
    fn answered(&self, seen: &Seen) -> Outcome<usize> {
        answered(self.to, &self.packets, seen)
    }

    /// Each frame from `first` on is answered, once.
    async fn answered_from(&self, first: usize, alice: &mut Session) -> Outcome {
        all_answered(self.to, &self.packets[first..], alice).await
    }
}

/// Which packet to `to` an ERROR recipient_offline answers.
fn answered(to: [u8; 8], packets: &[Vec<u8>], seen: &Seen) -> Outcome<usize> {
    let names = |packet: &Vec<u8>, body: &[u8]| {
        recipient_offline_body(to, nonce_of(packet)).as_slice() == body
    };
    let found = match seen {
        Seen::Event(inner) if inner.command == ERROR => {
            packets.iter().position(|packet| names(packet, &inner.body))
        }
        _ => None,
    };
    found.ok_or_else(|| fail("ERROR recipient_offline for a frame not answered", seen.describe()))
}

/// Each of these packets is answered with recipient_offline, once, and nothing else comes.
async fn all_answered(to: [u8; 8], packets: &[Vec<u8>], alice: &mut Session) -> Outcome {
    let mut missing = packets.to_vec();
    while !missing.is_empty() {
        let seen = alice.next(&format!("{} more answers", missing.len())).await?;
        let at = answered(to, &missing, &seen)?;
        missing.remove(at);
    }
    alice.quiet("one ERROR for each frame").await
}

/// Twelve MiB to a reader who begins late: every frame arrives, none is refused.
async fn bulk(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let (push, from) = (Push::new(&mut alice, bob.id()), alice.id());
    let reads = async {
        push.until_still(trial).await?;
        push.arrive(&mut bob, from, FRAMES).await
    };
    try_join!(push.run(&mut alice), reads)?;
    alice.quiet("no frame refused").await?;
    bob.quiet("each frame once").await
}

/// Two who talk, one who comes and goes, and presence: as if Bob read.
async fn third_parties(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let (mut carol, mut dave) = trial.pair().await?;
    let (push, from) = (Push::new(&mut alice, bob.id()), alice.id());
    let others = async {
        loop {
            let before = push.sent();
            round(trial, &mut carol, &mut dave).await?;
            if push.still(before) {
                break;
            }
        }
        // That Bob was there all the time, and Alice's frames were for him.
        push.arrive(&mut bob, from, FRAMES).await
    };
    try_join!(push.run(&mut alice), others)?;
    alice.quiet("no frame refused").await
}

/// Carol and Dave exchange frames; Carol watches somebody who comes and goes.
async fn round(trial: &mut Trial, carol: &mut Session, dave: &mut Session) -> Outcome {
    let there = carol.send_opaque(dave.id(), 5_000).await?;
    dave.frame_is(carol.id(), &there, "Carol's frame").await?;
    let back = dave.send_opaque(carol.id(), SMALLEST_PACKET).await?;
    carol.frame_is(dave.id(), &back, "Dave's frame").await?;
    let eve = trial.person();
    carol.command(SUBSCRIBE, &eve.public.x).await?;
    carol.quiet("no answer yet").await?;
    let session = trial.join_as(&eve).await?;
    carol.event_is(PEER_ONLINE, &eve.public.x, "PEER_ONLINE as Eve comes").await?;
    drop(session);
    carol.event_is(PEER_OFFLINE, &eve.public.x, "PEER_OFFLINE as Eve goes").await
}

/// Bob closes while frames wait for him: what he did not get is answered.
async fn recipient_gone(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let (push, from) = (Push::new(&mut alice, bob.id()), alice.id());
    let leaves = async {
        push.until_still(trial).await?;
        let sent = bob.socket.send(CLOSE, &1000u16.to_be_bytes()).await;
        require(sent.is_ok(), "a relay that takes a close", format!("{sent:?}"))?;
        // He reads on: what was handed to the operating system for him is delivered.
        push.arrive_until_end(&mut bob, from).await
    };
    let ((), (arrived, _)) = try_join!(push.run(&mut alice), leaves)?;
    push.answered_from(arrived, &mut alice).await
}

/// More commands at once than the rate allows: each is answered.
async fn burst(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let mut bytes = Vec::new();
    for _ in 0..COMMANDS {
        let packet = alice.command_packet(SUBSCRIBE, &bob.me.public.x);
        bytes.extend(masked_frame(FIN | BINARY, &alice.frame(RELAY_ID, &packet)));
    }
    let sent = alice.socket.send_raw(&bytes).await;
    require(sent.is_ok(), "a relay that takes a burst", format!("{sent:?}"))?;
    for answer in 1..=COMMANDS {
        let awaited = format!("PEER_ONLINE {answer} of {COMMANDS}");
        alice.event_is(PEER_ONLINE, &bob.me.public.x, &awaited).await?;
    }
    alice.quiet("one answer for each SUBSCRIBE").await?;
    let packet = alice.send_opaque(bob.id(), SMALLEST_PACKET).await?;
    bob.frame_is(alice.id(), &packet, "a frame after the burst").await
}

/// Bob takes nothing: what waits is refused, and all later frames, until he has read.
async fn no_progress(trial: &mut Trial) -> Outcome {
    let settings = ["--set", "slow.window=500ms", "--set", "slow.wait=2s"];
    let mut relay = trial.start(&settings).await?;
    let (mut alice, mut bob) = relay.pair().await?;
    let (push, from) = (Push::new(&mut alice, bob.id()), alice.id());
    let refuses = "recipient_offline for what waits longer than 2 s";
    let Ok(pushed) = timeout(REFUSED + relay.target.patience, push.run(&mut alice)).await else {
        return Err(fail(refuses, format!("Alice waits, {} frames sent", push.sent())));
    };
    pushed?;
    let answers = alice.settle().await?;
    let kept = FRAMES - answers.len().min(FRAMES);
    let mut refused = Vec::new();
    for seen in &answers {
        refused.push(push.answered(seen)?);
    }
    refused.sort_unstable();
    require(kept < FRAMES, refuses, "no answer")?;
    same("refused: a frame and all later ones", &(kept..FRAMES).collect(), &refused)?;
    push.arrive(&mut bob, from, kept).await?;
    bob.quiet("nothing that was refused").await?;
    let packet = alice.send_opaque(bob.id(), SMALLEST_PACKET).await?;
    bob.frame_is(from, &packet, "a frame to a reader who has caught up").await
}

/// Bob takes nothing for too long: he is gone for all, and his frames are answered.
async fn dead_reader(trial: &mut Trial) -> Outcome {
    let times = ["slow.window=500ms", "slow.wait=2s", "slow.dead=2s"];
    let settings: Vec<_> = times.iter().flat_map(|time| ["--set", time]).collect();
    let mut relay = trial.start(&settings).await?;
    let (mut alice, mut bob) = relay.pair().await?;
    let mut carol = relay.join().await?;
    let (x, from) = (bob.me.public.x, alice.id());
    carol.command(SUBSCRIBE, &x).await?;
    carol.event_is(PEER_ONLINE, &x, "PEER_ONLINE").await?;
    let push = Push::new(&mut alice, bob.id());
    let ends = carol.event_is(PEER_OFFLINE, &x, "PEER_OFFLINE of a reader who takes nothing");
    try_join!(push.run(&mut alice), ends)?;
    let (arrived, end) = push.arrive_until_end(&mut bob, from).await?;
    let closed = matches!(end, Seen::Close(Some(1013)) | Seen::End);
    require(closed, "close 1013, or the end after what was buffered", end.describe())?;
    push.answered_from(arrived, &mut alice).await?;
    relay.serves().await
}
