//! Faults of a member's own connection, most of them made by a proxy before it.

use super::{both, breathe, drain, pour};
use crate::{
    Failure,
    faultproxy::{
        After::{Bytes, Time},
        Fault, Proxy,
    },
    isolation::scene::{LOOPBACK, Scene},
    party::{Mark, PATIENCE, Party, ended, told},
};
use futures_util::{SinkExt, StreamExt};
use sha1::{Digest, Sha1};
use std::{process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};
use tokio_websockets::Message;

const MILLISECOND: Duration = Duration::from_millis(1);
/// After the opening handshake and the hello.
const SETTLED: Duration = Duration::from_millis(400);

/// Somebody behind a proxy with faults, and somebody who writes to it.
struct Couple {
    _proxy: Proxy,
    faulty: Party,
    writer: Party,
}

async fn couple(scene: &Scene, up: &[Fault], down: &[Fault]) -> Result<Couple, Failure> {
    let proxy = scene.behind(up, down)?;
    let faulty = Party::enter_by(&scene.relay, proxy.address()).await?;
    Ok(Couple { _proxy: proxy, faulty, writer: scene.party().await? })
}

pub(super) async fn stalled(scene: &Scene) -> Result<(), Failure> {
    let Couple { _proxy, faulty, writer } =
        couple(scene, &[], &[Fault::Stall(Bytes(8_192))]).await?;
    let id = faulty.id();
    // As fast as it may: the queue is full at once, and the writer waits.
    pour(scene, writer, |_| id, 4_096, Duration::ZERO).await
}

pub(super) async fn trickling(scene: &Scene) -> Result<(), Failure> {
    let Couple { _proxy, faulty, writer } = couple(scene, &[], &[Fault::Trickle(4_096)]).await?;
    let id = faulty.id();
    let writes = pour(scene, writer, |_| id, 4_096, Duration::ZERO);
    both(writes, drain(faulty)).await
}

pub(super) async fn split(scene: &Scene) -> Result<(), Failure> {
    let Couple { _proxy, faulty, writer } = couple(scene, &[Fault::Split], &[Fault::Split]).await?;
    let (one, other) = (faulty.id(), writer.id());
    let there = pour(scene, writer, |_| one, 512, 20 * MILLISECOND);
    let back = pour(scene, faulty, |_| other, 512, 20 * MILLISECOND);
    both(there, back).await
}

pub(super) async fn coalesced(scene: &Scene) -> Result<(), Failure> {
    const FRAMES: u64 = 1_000;
    let gather = Fault::Coalesce(Time(SETTLED / 2));
    let Couple { _proxy, mut faulty, writer } = couple(scene, &[gather], &[]).await?;
    let reads = drain(writer);
    let sends = async {
        loop {
            for number in 0..FRAMES {
                let frame = faulty.session.frame(faulty.id(), Mark { number, at: 0 }, 256);
                faulty.ws.feed(Message::binary(frame)).await.map_err(told)?;
                scene.did(256);
            }
            faulty.ws.flush().await.map_err(told)?;
            for _ in 0..FRAMES {
                faulty.next().await?;
            }
        }
    };
    both(reads, sends).await
}

pub(super) async fn dribbled(scene: &Scene) -> Result<(), Failure> {
    let faults = [Fault::Split, Fault::Trickle(4_096)];
    let Couple { _proxy, faulty, writer } = couple(scene, &faults, &[]).await?;
    let id = writer.id();
    let sends = pour(scene, faulty, |_| id, 65_536, MILLISECOND);
    both(sends, drain(writer)).await
}

pub(super) async fn half_open(scene: &Scene) -> Result<(), Failure> {
    let gone = [Fault::HalfOpen(Time(SETTLED))];
    let Couple { _proxy, faulty, writer } = couple(scene, &gone, &gone).await?;
    let id = faulty.id();
    let writes = pour(scene, writer, |_| id, 4_096, MILLISECOND);
    // What it is told on its last day does not matter: it is there, and nothing reaches it.
    let vanishes = async {
        let _ = drain(faulty).await;
        Ok(())
    };
    both(writes, vanishes).await
}

pub(super) async fn reset(scene: &Scene) -> Result<(), Failure> {
    let proxy = scene.behind(&[Fault::Reset(Bytes(10_000))], &[])?;
    let reader = scene.party().await?;
    let id = reader.id();
    let resets = async {
        loop {
            if let Ok(faulty) = Party::enter_by(&scene.relay, proxy.address()).await {
                // Until it is broken.
                let _ = pour(scene, faulty, |_| id, 4_096, Duration::ZERO).await;
            }
            breathe().await;
        }
    };
    both(drain(reader), resets).await
}

pub(super) async fn killed(scene: &Scene) -> Result<(), Failure> {
    loop {
        let (mut process, way) = proxy_process(scene).await?;
        let faulty = Party::enter_by(&scene.relay, way).await?;
        let id = faulty.id();
        let writer = scene.party().await?;
        let writes = pour(scene, writer, |_| id, 4_096, Duration::ZERO);
        let _ = timeout(SETTLED / 4, async { tokio::try_join!(writes, drain(faulty)) }).await;
        process.kill().await.map_err(|error| Failure::Broken(error.to_string()))?;
    }
}

/// A proxy that is a process, and where it listens: who holds a socket to the relay can be killed.
async fn proxy_process(scene: &Scene) -> Result<(Child, std::net::SocketAddr), Failure> {
    let broken = |error: std::io::Error| Failure::Broken(format!("a faultproxy: {error}"));
    let (program, arguments) = scene
        .proxy
        .split_first()
        .ok_or_else(|| Failure::Broken("no command that starts a faultproxy".to_owned()))?;
    let mut command = Command::new(program);
    command.args(arguments).args(["--to", &scene.relay.address.to_string()]);
    command.args(["--listen", &LOOPBACK.to_string()]).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(broken)?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = BufReader::new(stdout);
        let _ = timeout(PATIENCE, stdout.read_line(&mut line)).await;
    }
    let said: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
    let address = said["listening"].as_str().and_then(|address| address.parse().ok());
    Ok((child, address.ok_or_else(|| Failure::Broken(format!("a faultproxy says {line:?}")))?))
}

/// Whole, in order, bit for bit: the same hash on both sides.
pub(super) async fn bulk(scene: &Scene) -> Result<(), Failure> {
    const LENGTH: usize = 32 * 1_024;
    let slow = [Fault::Trickle(8 << 20)];
    let Couple { _proxy, mut faulty, mut writer } = couple(scene, &[], &slow).await?;
    let (to, frames) = (faulty.id(), scene.scale.bulk);
    let sends = async {
        let mut hash = Sha1::new();
        for number in 0..frames {
            let mark = Mark { number: number.into(), at: 0 };
            let mut frame = writer.session.frame(to, mark, LENGTH);
            let filling = (0..).map(|at: u32| (at.wrapping_mul(2_654_435_761) ^ number) as u8);
            frame[32..].iter_mut().zip(filling).for_each(|(byte, fill)| *byte = fill);
            hash.update(&frame[8..]);
            writer.send(frame).await?;
            scene.did(LENGTH);
        }
        Ok(hash.finalize())
    };
    let reads = async {
        let mut hash = Sha1::new();
        let mut left = frames;
        while left > 0 {
            let next = timeout(PATIENCE, faulty.ws.next()).await;
            let lost = |_| Failure::Fails(format!("{left} frames of a bulk transfer are missing"));
            let message = next.map_err(lost)?.ok_or_else(ended)?.map_err(told)?;
            if message.is_binary() {
                hash.update(message.as_payload().get(8..).unwrap_or_default());
                left -= 1;
            }
        }
        Ok(hash.finalize())
    };
    let (sent, received) = tokio::try_join!(sends, reads)?;
    if sent == received {
        return Ok(());
    }
    Err(Failure::Fails("a bulk transfer arrived otherwise than it was sent".to_owned()))
}
