//! Answers that nobody fetches: a relay that owes many stops reading, and forgets none.
//!
//! Alice's connection is narrow, so that the systems on both sides hold a few MiB of answers at
//! most. A relay that goes on reading when they hold no more keeps the rest itself, without end.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::select;
use tokio::time::sleep;

use crate::live::case::cases;
use crate::live::outcome::{Outcome, fail, require};
use crate::live::session::{SMALLEST_PACKET, Seen, Session};
use crate::live::socket::{BINARY, FIN, masked_frame};
use crate::live::trial::Trial;
use crate::model::handshake::ERROR;
use crate::model::packet::nonce_of;
use crate::model::relay::recipient_offline_body;

/// Frames that are made ready at once.
const BATCH: usize = 64;
/// Far more than systems and a bounded relay hold of these frames and their answers: 16 MiB each.
const TOO_MANY: usize = 140_000;
/// The part of the patience with a relay in which nothing is taken from Alice once it has stopped.
const STANDSTILL: u32 = 8;

cases! { Trial in "replies.rs";
    "relay/replies-bounded.errors" errors from "ws-slow-reader";
}

/// Frames for somebody who is not there, and the answers to them that are owed.
struct Unfetched {
    nobody: [u8; 8],
    /// Made ready and not sent yet; the first may be sent in part.
    ready: Vec<u8>,
    /// The answers to all frames made ready, in order.
    owed: Vec<Vec<u8>>,
    /// The length of one frame on the wire.
    length: usize,
}

impl Unfetched {
    /// Frames to `nobody`.
    fn new(nobody: [u8; 8]) -> Self {
        let length = masked_frame(FIN | BINARY, &[0; SMALLEST_PACKET + 8]).len();
        Self { nobody, ready: Vec::new(), owed: Vec::new(), length }
    }

    /// Sends frame after frame, and counts the bytes that were taken.
    async fn send(&mut self, alice: &mut Session, taken: &AtomicUsize) -> Outcome {
        while self.owed.len() < TOO_MANY || !self.ready.is_empty() {
            if self.ready.is_empty() {
                self.make_ready(alice);
            }
            let sent = alice.socket.send_some(&self.ready).await;
            let sent = sent.map_err(|error| fail("an open connection", error.to_string()))?;
            self.ready.drain(..sent);
            taken.fetch_add(sent, Ordering::Relaxed);
        }
        Ok(())
    }

    fn make_ready(&mut self, alice: &mut Session) {
        for _ in 0..BATCH {
            let packet = alice.opaque(SMALLEST_PACKET);
            let frame = alice.frame(self.nobody, &packet);
            self.ready.extend(masked_frame(FIN | BINARY, &frame));
            self.owed.push(recipient_offline_body(self.nobody, nonce_of(&packet)));
        }
    }

    /// Fetches the answer to each frame that was sent whole, then to the one that was sent in part.
    async fn fetch(mut self, alice: &mut Session, taken: usize) -> Outcome {
        let (whole, part) = (taken / self.length, taken % self.length);
        let rest = if part == 0 { 0 } else { self.length - part };
        self.owed.truncate(whole + usize::from(part > 0));
        let last = self.owed.split_off(whole);
        fetch_all(alice, self.owed).await?;
        let sent = alice.socket.send_raw(&self.ready[..rest]).await;
        require(sent.is_ok(), "a relay that reads again", format!("{sent:?}"))?;
        fetch_all(alice, last).await?;
        alice.quiet("one ERROR for each frame").await
    }
}

/// Each of these answers comes, once, and nothing else before the last of them.
async fn fetch_all(alice: &mut Session, owed: Vec<Vec<u8>>) -> Outcome {
    let mut missing: HashSet<Vec<u8>> = owed.into_iter().collect();
    while !missing.is_empty() {
        let seen = alice.next(&format!("{} more answers", missing.len())).await?;
        let found = match &seen {
            Seen::Event(inner) => inner.command == ERROR && missing.remove(&inner.body),
            _ => false,
        };
        require(found, "ERROR recipient_offline for a frame not answered", seen.describe())?;
    }
    Ok(())
}

/// Waits until nothing more is taken from Alice, for a while in which others are served.
async fn stopped(trial: &mut Trial, taken: &AtomicUsize) -> Outcome {
    loop {
        let before = taken.load(Ordering::Relaxed);
        // Windows open by a hundred frames and more at a time; only a wait tells a pause from an end.
        sleep(trial.target.patience / STANDSTILL).await;
        trial.serves().await?;
        if before > 0 && taken.load(Ordering::Relaxed) == before {
            return Ok(());
        }
    }
}

/// Alice reads no ERROR until the relay has stopped reading her; then each of them comes.
async fn errors(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join_narrow().await?;
    let mut frames = Unfetched::new(trial.person().id());
    let taken = AtomicUsize::new(0);
    select! {
        sent = frames.send(&mut alice, &taken) => {
            sent?;
            let actual = format!("{TOO_MANY} frames taken and no answer fetched");
            return Err(fail("a relay that stops reading whom it owes 256 answers", actual));
        }
        stopped = stopped(trial, &taken) => stopped?,
    }
    frames.fetch(&mut alice, taken.into_inner()).await
}
