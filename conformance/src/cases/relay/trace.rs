//! What a relay writes, searched for what its clients have entrusted to it.

use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use crate::live::case::cases;
use crate::live::oracle::Oracle;
use crate::live::outcome::{Outcome, Stop, broken, fail};
use crate::live::process::PROCESS_PATIENCE;
use crate::live::session::{SMALLEST_PACKET, Session};
use crate::live::target::Person;
use crate::live::trial::Trial;
use crate::model::handshake::ERROR;
use crate::model::packet::nonce_of;
use crate::model::primitives::x25519;
use crate::model::relay::{
    INTRO_FROM, INTRODUCE, PUSH_REGISTER, SUBSCRIBE, WAKE, push_register_body, wake_body,
};

use super::http::get;

cases! { Trial in "trace.rs";
    "relay/no-trace.everything-a-client-does" everything needs Output;
}

/// Where each log file ends before the case: what stands there is others' business.
type Ends = Vec<(PathBuf, u64)>;

/// Joins, subscriptions, introductions, tokens, frames that arrive and frames that do not, commands
/// that are dropped and hellos that are refused; then everything written meanwhile.
async fn everything(trial: &mut Trial) -> Outcome {
    let mut oracle = Oracle::default();
    let logs = trial.target.logs.clone();
    if logs.is_empty() {
        let mut relay = trial.start(&[]).await?;
        let pages = tour(&mut relay, &mut oracle).await?;
        return clean(&oracle, &[pages, output(relay).await?]);
    }
    let ends = logs.into_iter().map(end).collect::<Outcome<Ends>>()?;
    let pages = tour(trial, &mut oracle).await?;
    let written = ends.iter().map(added).collect::<Outcome<Vec<_>>>()?;
    clean(&oracle, &[vec![pages], written].concat())
}

/// Fails if a canary stands in one of these.
fn clean(oracle: &Oracle, written: &[Vec<u8>]) -> Outcome {
    match written.iter().find_map(|written| oracle.search(written)) {
        None => Ok(()),
        Some(found) => Err(fail("nothing of its clients in what a relay writes", found)),
    }
}

/// Everything that gives a relay something to write about; its pages over HTTP meanwhile.
async fn tour(relay: &mut Trial, oracle: &mut Oracle) -> Outcome<Vec<u8>> {
    let (mut alice, mut bob) = relay.pair().await?;
    let (absent, forger) = (relay.person(), relay.person());
    let people = [("Alice", &alice.me), ("Bob", &bob.me), ("somebody absent", &absent)];
    for (whose, person) in people.into_iter().chain([("somebody refused", &forger)]) {
        oracle.plant_person(whose, person);
        let shared = x25519(person.keys.x_seed, relay.target.relay.x);
        let shared = shared.map_err(|clause| Stop::Broken(format!("no secret: [{clause}]")))?;
        oracle.plant(&format!("the secret of {whose} and the relay"), &shared);
    }
    refused(relay, &forger).await?;
    commands(&mut alice, &mut bob, oracle).await?;
    frames(&mut alice, &mut bob, &absent, oracle).await?;
    let (mut pages, _) = get(relay, "/status", "Connection: close\r\n").await?;
    if let Ok((metrics, _)) = get(relay, "/metrics", "Connection: close\r\n").await {
        pages += &metrics;
    }
    Ok(pages.into_bytes())
}

/// A hello with a broken signature.
async fn refused(relay: &mut Trial, forger: &Person) -> Outcome {
    let mut hello = relay.hello(forger)?.bytes();
    if let Some(last) = hello.last_mut() {
        *last ^= 1;
    }
    relay.try_hello(forger, &hello).await.map(drop)
}

/// Every command of a client, one that no table lists, and one that does not open.
async fn commands(alice: &mut Session, bob: &mut Session, oracle: &mut Oracle) -> Outcome {
    let canaries = [0; 4].map(|_| hex::encode(alice.opaque(16)));
    let [nickname, token, unknown, broken] = &canaries;
    for (what, text) in [("a nickname", nickname), ("a push token", token), ("a command", unknown)]
    {
        oracle.plant(what, text.as_bytes());
    }
    alice.command(SUBSCRIBE, &bob.me.public.x).await?;
    alice.command(INTRODUCE, &[&bob.id()[..], nickname.as_bytes()].concat()).await?;
    bob.event(INTRO_FROM, "the introduction").await?;
    alice.command(PUSH_REGISTER, &push_register_body(1, token.as_bytes())).await?;
    alice.command(WAKE, &wake_body(bob.id(), Some(0))).await?;
    alice.command(0x7e, unknown.as_bytes()).await?;
    let mut packet = alice.command_packet(INTRODUCE, broken.as_bytes());
    packet[30] ^= 1;
    alice.send_packet([0; 8], &packet).await?;
    alice.settle().await.map(drop)
}

/// A frame that arrives, one that does not, and one that is too short for a packet.
async fn frames(
    alice: &mut Session,
    bob: &mut Session,
    absent: &Person,
    oracle: &mut Oracle,
) -> Outcome {
    let packet = alice.send_opaque(bob.id(), 300).await?;
    oracle.plant("a packet", &packet[100..132]);
    bob.frame_is(alice.id(), &packet, "the frame").await?;
    let lost = alice.send_opaque(absent.id(), SMALLEST_PACKET).await?;
    oracle.plant("a packet for somebody absent", &nonce_of(&lost));
    alice.event(ERROR, "recipient_offline").await?;
    let short = alice.opaque(100);
    oracle.plant("a message that is too short", &short[..32]);
    alice.send_binary(&short).await?;
    alice.settle().await.map(drop)
}

/// Everything that a relay of the judge's own has written when it ends, its first line excepted,
/// which the judge has read.
async fn output(relay: Trial) -> Outcome<Vec<u8>> {
    let Some(mut process) = relay.process else {
        return Err(Stop::Broken("a relay without its process".to_owned()));
    };
    process.0.terminate()?;
    if process.0.ended(PROCESS_PATIENCE).await?.is_none() {
        return Err(fail("the end after SIGTERM", format!("it runs after {PROCESS_PATIENCE:?}")));
    }
    let mut written = process.0.complaints();
    while let Some(line) = process.0.line().await? {
        written = format!("{written}\n{line}");
    }
    Ok(written.into_bytes())
}

/// Where a log file ends.
fn end(log: PathBuf) -> Outcome<(PathBuf, u64)> {
    let metadata = std::fs::metadata(&log);
    let length = metadata.map_err(broken("cannot read a file of --log"))?.len();
    Ok((log, length))
}

/// What was added to a log file since.
fn added((log, end): &(PathBuf, u64)) -> Outcome<Vec<u8>> {
    let read = || {
        let mut file = std::fs::File::open(log)?;
        file.seek(SeekFrom::Start(*end))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map(|_| bytes)
    };
    read().map_err(broken("cannot read a file of --log"))
}
