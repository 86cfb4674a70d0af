//! The command line. Whoever links this crate can start a relay with [`main`].
//!
//! Exit codes: 0 ended in good order; 2 usage, files, values; 3 the environment, as an occupied
//! port. Complaints are one line on stderr that says what, where and what to do.

use crate::{
    exchange::switchboard::Notifier,
    limits::Limits,
    operation::{
        identity_file,
        server::{Config, Relay, summary},
    },
};
use clap::{Parser, Subcommand, error::ErrorKind};
use std::{
    ffi::OsString,
    io::{Write, stdout},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Notify,
};

/// The reference relay of the Sealwire protocol.
#[derive(Parser)]
#[command(name = "sealwire-relay", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Action {
    /// Draw an identity and write it to a new file (mode 0600).
    Keygen {
        /// The file; it must not exist yet.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(clap::Args)]
struct Serve {
    /// Where to listen; port 0 lets the system choose.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The relay's keys, as keygen wrote them; without it, keys for this run.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Who gets wake-up calls: an id (16 hex digits) or a whole X25519 key (64).
    #[arg(long, value_name = "HEX")]
    notifier: Option<String>,
    /// Set a limit, as in idle.ping=5s; may be given again.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Show the limits that are in force, and end.
    #[arg(long)]
    print_config: bool,
}

/// Why the program ends without having served.
enum Failure {
    /// Usage, files, values.
    Input(String),
    /// The machine does not give what is needed.
    Environment(String),
}

/// Runs the program; the first of `arguments` is its name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let outcome = match arguments.action {
        Some(Action::Keygen { out }) => keygen(&out),
        None => serve(arguments.serve),
    };
    let (code, complaint) = match outcome {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Input(complaint)) => (2, complaint),
        Err(Failure::Environment(complaint)) => (3, complaint),
    };
    log(&complaint);
    ExitCode::from(code)
}

fn usage(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        print(&error.to_string());
        return ExitCode::SUCCESS;
    }
    // The first paragraph says it; usage and tips follow.
    let text = error.to_string();
    let lines = text.trim_start_matches("error: ").lines().take_while(|line| !line.is_empty());
    let what = lines.map(str::trim).collect::<Vec<_>>().join(" ");
    log(&format!("{what}; --help shows what is understood"));
    ExitCode::from(2)
}

fn keygen(out: &std::path::Path) -> Result<(), Failure> {
    let identity = identity_file::create(out).map_err(Failure::Input)?;
    let public = identity.public();
    let (x25519, ed25519) = (hex::encode(public.x25519()), hex::encode(public.ed25519()));
    print(&format!("{}\n", serde_json::json!({"x25519": x25519, "ed25519": ed25519})));
    Ok(())
}

fn serve(arguments: Serve) -> Result<(), Failure> {
    let mut limits = Limits::default();
    for assignment in &arguments.set {
        limits.set(assignment).map_err(|error| Failure::Input(error.to_string()))?;
    }
    let notifier = arguments.notifier.as_deref().map(Notifier::parse).transpose();
    let notifier = notifier.map_err(|why| Failure::Input(format!("--notifier {why}")))?;
    if arguments.print_config {
        print(&limits.table());
        return Ok(());
    }
    let identity = match &arguments.identity {
        Some(path) => identity_file::read(path).map_err(Failure::Input)?,
        None => {
            log("no --identity: keys for this run only; keygen --out FILE makes lasting ones");
            identity_file::ephemeral().map_err(Failure::Environment)?
        }
    };
    let config = Config { listen: arguments.listen, identity, notifier, limits };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Environment(error.to_string()))?;
    let served = runtime.block_on(run(config));
    // Whoever did not leave in time is left behind.
    runtime.shutdown_background();
    served
}

async fn run(config: Config) -> Result<(), Failure> {
    let listen = config.listen;
    let cannot = |error: std::io::Error| {
        Failure::Environment(format!("cannot listen on {listen}: {error}; choose another --listen"))
    };
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let relay = Relay::bind(config).map_err(cannot)?;
    print(&format!("{}\n", relay.announcement().map_err(cannot)?));
    let stop = Notify::new();
    let mut serving = std::pin::pin!(relay.serve(stop.notified()));
    let mut asked = false;
    let hub = loop {
        tokio::select! {
            hub = &mut serving => break hub,
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        // The second time somebody is in a hurry.
        if asked {
            return Ok(());
        }
        asked = true;
        stop.notify_one();
    };
    log(&summary(&hub.route.counts));
    Ok(())
}

/// Whoever started the relay may have stopped listening to it: that is no reason to end.
fn print(text: &str) {
    let mut out = stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn log(line: &str) {
    let _ = writeln!(std::io::stderr(), "sealwire-relay: {line}");
}
