//! iroh-relay from the crate registry, as a process of its own, and what drives it: the same closed
//! loop as `sealwire load`, through the client of the same crate.
//!
//! ```text
//! iroh relay                                        plain HTTP on loopback, no limit of rates
//! iroh drive --url http://… --pid PID --pairs 4 --in-flight 64 --size 128 --duration 3
//! ```
//!
//! A message is as long as a frame of version 2 in the same run, head and all:
//!
//! ```text
//! type(1) ‖ key of the recipient(32) ‖ ECN(1) ‖ contents
//! ```

use std::{
    error::Error,
    fs,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use clap::{Args, Parser};
use futures_util::{SinkExt, StreamExt};
use iroh_base::{PublicKey, RelayUrl, SecretKey};
use iroh_dns::dns::DnsResolver;
use iroh_relay::{
    client::{Client, ClientBuilder, ClientSink, ClientStream},
    protos::relay::{ClientToRelayMsg, Datagrams, RelayToClientMsg},
    server::{RelayConfig, Server, ServerConfig},
    tls::{CaTlsConfig, default_provider},
};
use serde_json::json;
use tokio::{sync::Semaphore, time::sleep};

/// Bytes in front of the contents.
const HEAD: usize = 34;
/// How long what is under way may take at the end.
const SETTLE: Duration = Duration::from_millis(500);
/// Ticks that /proc counts in a second.
const TICKS: f64 = 100.0;

type Failure = Box<dyn Error + Send + Sync>;

/// iroh-relay, or what drives it.
#[derive(Parser)]
enum Command {
    /// Serves until it is killed.
    Relay,
    /// Measures one.
    Drive(Drive),
}

#[derive(Args)]
struct Drive {
    #[arg(long)]
    url: RelayUrl,
    /// The relay's process.
    #[arg(long)]
    pid: u32,
    #[arg(long)]
    pairs: usize,
    #[arg(long)]
    in_flight: usize,
    #[arg(long)]
    size: usize,
    /// Seconds that are measured.
    #[arg(long)]
    duration: f64,
    /// Seconds before them.
    #[arg(long, default_value_t = 0.5)]
    warm_up: f64,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    match Command::parse() {
        Command::Relay => serve().await,
        Command::Drive(drive) => measure(&drive).await,
    }
}

async fn serve() -> Result<(), Failure> {
    let mut config = ServerConfig::default();
    // Limits are off by default.
    config.relay = Some(RelayConfig::new((Ipv4Addr::LOCALHOST, 0)));
    let mut server = Server::spawn(config).await?;
    let address = server.http_addr().ok_or("no address")?;
    println!("{}", json!({ "listening": format!("http://{address}") }));
    Ok(server.join().await??)
}

/// What is counted while all pairs go on.
#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    received: AtomicU64,
}

async fn measure(drive: &Drive) -> Result<(), Failure> {
    let counts = Arc::new(Counts::default());
    let (mut windows, mut pairs) = (Vec::new(), Vec::new());
    for index in 0..drive.pairs {
        pairs.push((enter(&drive.url, 2 * index).await?, enter(&drive.url, 2 * index + 1).await?));
    }
    // The relay confirms a client before others can reach it.
    sleep(SETTLE).await;
    for ((_, sender), (to, recipient)) in pairs {
        let window = Arc::new(Semaphore::new(drive.in_flight));
        // Its other half stays: who drops it is gone.
        let ((idle, sink), (stream, other)) = (sender.split(), recipient.split());
        tokio::spawn(receive(stream, other, Arc::clone(&window), Arc::clone(&counts)));
        let contents = Bytes::from(vec![0xa5; drive.size.saturating_sub(HEAD).max(1)]);
        tokio::spawn(send(sink, idle, to, contents, Arc::clone(&window), Arc::clone(&counts)));
        windows.push(window);
    }
    sleep(Duration::from_secs_f64(drive.warm_up)).await;
    let mark = || {
        let cpu = |process: &str| cpu(process).ok_or("/proc tells no CPU time");
        let (relay, own) = (cpu(&drive.pid.to_string())?, cpu("self")?);
        Ok::<_, Failure>((Instant::now(), relay, own, counts.received.load(Relaxed)))
    };
    let before = mark()?;
    sleep(Duration::from_secs_f64(drive.duration)).await;
    let after = mark()?;
    // Nothing more is sent; what is under way may still arrive.
    windows.iter().for_each(|window| window.close());
    sleep(SETTLE).await;
    let (seconds, frames) = ((after.0 - before.0).as_secs_f64(), (after.3 - before.3) as f64);
    let share = |spent: f64| json!({ "cpu_seconds": spent, "cores": spent / seconds, "per_cpu_second": frames / spent });
    let (sent, received) = (counts.sent.load(Relaxed), counts.received.load(Relaxed));
    let found = json!({
        "traffic": {
            "pairs": drive.pairs,
            "in_flight": drive.in_flight,
            "frame_bytes": drive.size,
            "frames": { "sent": sent, "received": received, "outstanding": sent - received },
            "frames_per_second": frames / seconds,
        },
        "seconds": seconds,
        "relay": share(after.1 - before.1),
        "generator": share(after.2 - before.2),
    });
    println!("{found}");
    Ok(())
}

async fn enter(url: &RelayUrl, index: usize) -> Result<(PublicKey, Client), Failure> {
    let mut seed = [1; 32];
    seed[..8].copy_from_slice(&(index as u64).to_le_bytes());
    let key = SecretKey::from_bytes(&seed);
    let public = key.public();
    let tls = CaTlsConfig::default().client_config(default_provider())?;
    let builder = ClientBuilder::new(url.clone(), key, DnsResolver::new()).tls_client_config(tls);
    Ok((public, builder.connect().await?))
}

/// Sends as many as there is room for, in one write.
async fn send(
    mut sink: ClientSink,
    _idle: ClientStream,
    to: PublicKey,
    contents: Bytes,
    window: Arc<Semaphore>,
    counts: Arc<Counts>,
) -> Result<(), Failure> {
    loop {
        window.acquire().await?.forget();
        let more = window.forget_permits(usize::MAX);
        for _ in 0..=more {
            let datagrams = Datagrams { ecn: None, segment_size: None, contents: contents.clone() };
            sink.feed(ClientToRelayMsg::Datagrams { dst_endpoint_id: to, datagrams }).await?;
        }
        counts.sent.fetch_add(1 + more as u64, Relaxed);
        sink.flush().await?;
    }
}

/// Makes room for the next.
async fn receive(
    stream: ClientStream,
    _sink: ClientSink,
    window: Arc<Semaphore>,
    counts: Arc<Counts>,
) {
    let mut chunks = stream.ready_chunks(64);
    while let Some(messages) = chunks.next().await {
        let is_frame = |message: &&_| matches!(message, Ok(RelayToClientMsg::Datagrams { .. }));
        let frames = messages.iter().filter(is_frame).count();
        counts.received.fetch_add(frames as u64, Relaxed);
        window.add_permits(frames);
    }
}

/// Seconds of CPU that a process has taken: the 14th and 15th field, counted behind its name.
fn cpu(process: &str) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS)
}
