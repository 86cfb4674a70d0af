//! The relay twin: a second relay on the model, naive and whole, with the faults it is told.
//!
//! One locked list of sessions, one queue and three tasks a connection (reader, writer, clock), and
//! whoever waits looks again every few milliseconds. Without a fault it keeps chapters 4 to 6, so
//! the suite can be tried on it as on any relay.

mod admission;
mod connection;
mod line;
mod reader;
mod settings;
mod table;
mod traffic;

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::faults::relay::Fault;
use super::lenient;
use crate::model::identity::Keys;
use connection::Waiting;
use settings::{SEND_BUFFER, Settings};
use table::{Notifier, Relay};

/// How long the last connections may take when the relay goes.
const LEAVE: Duration = Duration::from_secs(5);

/// The command line of the reference relay, as far as the live cases use it.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// What it does wrong; may be given again.
    #[arg(long)]
    fault: Vec<Fault>,
    /// It does all that version 2 permits and the specification asks a new relay not to do.
    #[arg(long, conflicts_with = "fault")]
    lenient: bool,
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Who gets wake-up calls.
    #[arg(long)]
    notifier: Option<String>,
    /// A limit.
    #[arg(long)]
    set: Vec<String>,
}

/// Serves until SIGTERM.
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let served = runtime.map_err(|error| error.to_string()).and_then(|runtime| {
        let served = runtime.block_on(run(arguments));
        runtime.shutdown_background();
        served
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            eprintln!("twin-relay: {complaint}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), String> {
    let words = |error: std::io::Error| error.to_string();
    let mut settings = Settings::default();
    arguments.set.iter().try_for_each(|assignment| settings.set(assignment))?;
    let faults = if arguments.lenient { lenient::RELAY } else { &arguments.fault[..] }.to_vec();
    let takes_zero = faults.contains(&Fault::TakesNotifierZero);
    let notifier = arguments.notifier.as_deref().map(|text| notifier(text, takes_zero));
    let notifier = notifier.transpose()?;
    let mut terminate = signal(SignalKind::terminate()).map_err(words)?;
    let listener = listen(arguments.listen).map_err(words)?;
    let port = listener.local_addr().map_err(words)?.port();
    let relay = Relay::new(fresh_keys()?, faults, settings, notifier);
    let public = relay.keys.public();
    let (x25519, ed25519) = (hex::encode(public.x), hex::encode(public.ed));
    let url = format!("ws://127.0.0.1:{port}/ws");
    let line = json!({ "listening": url, "x25519": x25519, "ed25519": ed25519 });
    // Whoever started it may have stopped listening to it.
    let _ = writeln!(std::io::stdout(), "{line}");
    let mut connections = JoinSet::new();
    tokio::select! {
        () = accept(&relay, &listener, &mut connections) => {}
        _ = terminate.recv() => {}
    }
    drop(listener);
    if relay.does(Fault::LeavesWithoutWord) {
        return Ok(());
    }
    relay.going.send_replace(true);
    relay.sessions().iter().for_each(|session| relay.end(session, Some(1012)));
    // Who does not leave in time is left behind.
    let _ = timeout(LEAVE, connections.join_all()).await;
    Ok(())
}

/// Takes connections for ever.
async fn accept(relay: &Arc<Relay>, listener: &TcpListener, connections: &mut JoinSet<()>) {
    let waiting = Arc::new(AtomicUsize::new(0));
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else { continue };
        let place = Waiting(Arc::clone(&waiting));
        let others = waiting.fetch_add(1, Ordering::SeqCst);
        let room = others < relay.settings.sockets || relay.does(Fault::SocketsWithoutLimit);
        if room && stream.set_nodelay(true).is_ok() {
            connections.spawn(Arc::clone(relay).serve(stream, place));
        }
    }
}

/// A listener whose connections keep little in the system, so that queues show early.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(1024)
}

fn fresh_keys() -> Result<Keys, String> {
    let mut seeds = [[0; 32]; 2];
    for seed in &mut seeds {
        getrandom::fill(seed).map_err(|error| error.to_string())?;
    }
    Ok(Keys::from_seeds(seeds[0], seeds[1]))
}

/// An id or a whole key; the id zero is the relay's own.
fn notifier(text: &str, takes_zero: bool) -> Result<Notifier, String> {
    let bytes = hex::decode(text).unwrap_or_default();
    let named = match *bytes.as_slice() {
        [a, b, c, d, e, f, g, h] => Notifier::Id([a, b, c, d, e, f, g, h]),
        _ => {
            let wrong = || format!("--notifier {text}: 16 or 64 hex digits");
            Notifier::Key(bytes.as_slice().try_into().map_err(|_| wrong())?)
        }
    };
    if bytes.starts_with(&[0; 8]) && !takes_zero {
        return Err(format!("--notifier {text}: the id zero is the relay's own"));
    }
    Ok(named)
}
