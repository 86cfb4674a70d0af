//! Faults of members: floods of what a session may send.

use super::{both, breathe, drain, pour, repeat};
use crate::{
    Failure,
    isolation::scene::Scene,
    party::{Party, random},
};
use futures_util::future::try_join_all;
use sealwire::{
    identity::PeerId,
    relay::{Keys, ToRelay},
};
use std::time::Duration;
use tokio::time::sleep;

/// Keys that one session may watch.
const WATCHED: usize = 4_096;
/// From one SUBSCRIBE of so many keys to the next.
const SUBSCRIBES: Duration = Duration::from_millis(30);
/// Sessions that watch as many.
const WATCHERS: usize = 16;

pub(super) async fn bad_signatures(scene: &Scene) -> Result<(), Failure> {
    let party = scene.party().await?;
    let mut command = party.session.command(&ToRelay::Subscribe(Keys::new(&[])))?;
    if let Some(last) = command.last_mut() {
        // The scalar stays below the group's order: it is the equation that fails.
        *last ^= 1;
    }
    repeat(scene, party, vec![command]).await
}

pub(super) async fn subscribes(scene: &Scene) -> Result<(), Failure> {
    let party = scene.party().await?;
    let keys = (0..1_000).map(|_| random()).collect::<Result<Vec<_>, _>>()?;
    let watch = party.session.command(&ToRelay::Subscribe(Keys::new(&keys)))?;
    let forget = party.session.command(&ToRelay::Unsubscribe(Keys::new(&keys)))?;
    repeat(scene, party, vec![watch, forget]).await
}

pub(super) async fn introduces(scene: &Scene) -> Result<(), Failure> {
    let (party, bothered) = (scene.party().await?, scene.party().await?);
    let introduce = ToRelay::Introduce { target: bothered.id(), nickname: &[b'x'; 1_024] };
    let command = party.session.command(&introduce)?;
    both(drain(bothered), repeat(scene, party, vec![command])).await
}

pub(super) async fn absent(scene: &Scene) -> Result<(), Failure> {
    let party = scene.party().await?;
    pour(scene, party, nobody, sealwire::frame::MIN, Duration::ZERO).await
}

pub(super) async fn absent_unread(scene: &Scene) -> Result<(), Failure> {
    let mut party = scene.party().await?;
    let frame = party.session.frame(nobody(0), crate::party::Mark { number: 0, at: 0 }, 0);
    loop {
        // Until the relay reads no more.
        party.send(frame.clone()).await?;
        scene.did(frame.len());
    }
}

/// Ids that nobody has, and that differ in their upper bytes only.
fn nobody(number: u64) -> PeerId {
    PeerId((number << 32 | 0xffff_ffff).to_be_bytes())
}

/// Watched keys are chosen by whoever watches, and so are the ids of frames: all of them collide
/// in a table whose hash looks at some of their bytes.
pub(super) async fn same_hash(scene: &Scene) -> Result<(), Failure> {
    let watching = (0..WATCHERS as u64).map(|watcher| async move {
        let mut party = scene.party().await?;
        let key = |number: u64| {
            let mut key = [0xff; 32];
            key[..8].copy_from_slice(&nobody(number).0);
            key
        };
        // One after the other: it is the table that is tried, not the size of a command.
        sleep(SUBSCRIBES * watcher as u32).await;
        let first = watcher * WATCHED as u64;
        let keys: Vec<_> = (first..first + WATCHED as u64).map(key).collect();
        let watch = party.session.command(&ToRelay::Subscribe(Keys::new(&keys)))?;
        party.send(watch).await?;
        drain(party).await
    });
    let writes = async {
        let party = scene.party().await?;
        pour(scene, party, nobody, sealwire::frame::MIN, Duration::from_millis(1)).await
    };
    tokio::try_join!(try_join_all(watching), writes).map(|_| ())
}

pub(super) async fn churn(scene: &Scene) -> Result<(), Failure> {
    let churning = (0..4).map(|_| async {
        loop {
            let (mut watcher, comer) = (scene.party().await?, scene.party().await?);
            let key = [*comer.key()];
            watcher.send(watcher.session.command(&ToRelay::Subscribe(Keys::new(&key)))?).await?;
            // The answer: it is there. Then: it is gone.
            watcher.next().await?;
            drop(comer);
            watcher.next().await?;
            scene.did(0);
            breathe().await;
        }
    });
    try_join_all(churning).await.map(|_: Vec<()>| ())
}

pub(super) async fn hog(scene: &Scene) -> Result<(), Failure> {
    let (party, reader): (Party, Party) = (scene.party().await?, scene.party().await?);
    let id = reader.id();
    both(drain(reader), pour(scene, party, |_| id, 1_024, Duration::ZERO)).await
}
