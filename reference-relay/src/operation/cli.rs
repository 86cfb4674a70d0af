//! The command line. Whoever links this crate can start a relay with [`main`].
//!
//! Exit codes: 0 ended in good order; 1 ended at once, because it was asked twice; 2 usage, files,
//! values; 3 the environment, as an occupied port. A complaint is one line on stderr that says what,
//! where and what to do.

use crate::{
    exchange::switchboard::Notifier,
    limits,
    operation::{
        config::{self, Settings, Told},
        identity_file, logs, memory,
        server::{Config, Relay},
        signals::{Ended, Signals},
    },
};
use clap::{Parser, Subcommand, error::ErrorKind};
use rustix::io::Errno;
use std::{
    ffi::OsString,
    io::{self, Write, stderr, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
};
use tracing::warn;

/// With fewer, the runtime itself fails instead of telling.
const DESCRIPTORS: u64 = 16;
const RAISE: &str = "raise the limit of descriptors (nofile, as with ulimit -n)";

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
    /// Say whether a relay could start with this configuration file and the variables that are set,
    /// or all that is wrong, line by line.
    Check {
        /// The file.
        file: PathBuf,
    },
}

#[derive(clap::Args)]
struct Serve {
    /// Read settings from this TOML file; variables and flags count more.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to listen, 127.0.0.1:0 by default; port 0 lets the system choose.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The relay's keys, as keygen wrote them; without it, keys for this run.
    #[arg(long, value_name = "FILE")]
    identity: Option<String>,
    /// Who gets wake-up calls: an id (16 hex digits) or a whole X25519 key (64).
    #[arg(long, value_name = "HEX")]
    notifier: Option<String>,
    /// Where health and metrics are, 127.0.0.1:0 by default; off for nowhere.
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<String>,
    /// Let --admin be an address that other machines reach.
    #[arg(long)]
    admin_anywhere: bool,
    /// What a line of the log on stderr looks like: text or json.
    #[arg(long, value_name = "FORM")]
    log: Option<String>,
    /// What is logged: off, error, warn, info or debug.
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Set a limit, as in idle.ping=5s; may be given again.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Show what is in force, in the form of a configuration file, and end.
    #[arg(long)]
    print_config: bool,
}

impl Serve {
    /// All that settings come from.
    fn told(self) -> Told {
        let flags = [
            ("listen", self.listen),
            ("identity", self.identity),
            ("notifier", self.notifier),
            ("admin", self.admin),
            ("admin-anywhere", self.admin_anywhere.then(|| true.to_string())),
            ("log", self.log),
            ("log-level", self.log_level),
        ];
        let flags = flags.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let flags = flags.chain(self.set.into_iter().map(|limit| ("set", limit))).collect();
        Told { file: self.config, environment: environment(), flags }
    }
}

fn environment() -> Vec<(String, OsString)> {
    let variable = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
    std::env::vars_os().filter_map(variable).collect()
}

/// Why the program ends without having served.
enum Failure {
    /// Usage, files, values: a line each.
    Input(Vec<String>),
    /// The machine does not give what is needed.
    Environment(String),
}

impl Failure {
    fn input(complaint: impl ToString) -> Self {
        Self::Input(vec![complaint.to_string()])
    }
}

/// Runs the program; the first of `arguments` is its name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let outcome = match arguments.action {
        Some(Action::Keygen { out }) => keygen(&out),
        Some(Action::Check { file }) => check(file),
        None => serve(arguments.serve),
    };
    let (code, complaints) = match outcome {
        Ok(Ended::InOrder) => return ExitCode::SUCCESS,
        Ok(Ended::Cut) => return ExitCode::from(1),
        Err(Failure::Input(complaints)) => (2, complaints),
        Err(Failure::Environment(complaint)) => (3, vec![complaint]),
    };
    complaints.iter().for_each(|complaint| complain(complaint));
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
    complain(&format!("{what}; --help shows what is understood"));
    ExitCode::from(2)
}

fn keygen(out: &Path) -> Result<Ended, Failure> {
    let drawn = identity_file::draw().map_err(Failure::Environment)?;
    identity_file::create(out, &drawn).map_err(Failure::input)?;
    let public = drawn.identity.public();
    let (x25519, ed25519) = (hex::encode(public.x25519()), hex::encode(public.ed25519()));
    print(&format!("{}\n", serde_json::json!({"x25519": x25519, "ed25519": ed25519})));
    Ok(Ended::InOrder)
}

fn check(file: PathBuf) -> Result<Ended, Failure> {
    let name = file.display().to_string();
    let told = Told { file: Some(file), environment: environment(), ..Told::default() };
    let settings = settings(&told)?;
    // The keys are read as for a start, and let go.
    ingredients(&settings)?;
    settings.limits.warnings().iter().for_each(|warning| complain(&format!("warning: {warning}")));
    print(&format!("{name}: good\n"));
    Ok(Ended::InOrder)
}

fn settings(told: &Told) -> Result<Settings, Failure> {
    let lines = |complaints: Vec<config::Complaint>| {
        Failure::Input(complaints.iter().map(ToString::to_string).collect())
    };
    told.settings().map_err(lines)
}

fn serve(arguments: Serve) -> Result<Ended, Failure> {
    let print_config = arguments.print_config;
    let told = arguments.told();
    let settings = settings(&told)?;
    if print_config {
        print(&config::page(&settings));
        return Ok(Ended::InOrder);
    }
    logs::begin(settings.log, settings.log_level);
    settings.limits.warnings().iter().for_each(|warning| warn!("{warning}"));
    let config = ingredients(&settings)?;
    let descriptors = limits::descriptors();
    if descriptors < DESCRIPTORS {
        return Err(Failure::Environment(format!(
            "a relay opens {DESCRIPTORS} descriptors or more, and may open {descriptors}; {RAISE}"
        )));
    }
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().on_thread_park(memory::give_back).build();
    let runtime = runtime.map_err(|error| {
        Failure::Environment(remedied(&error, "give the process what it lacks and start it again"))
    })?;
    // By a worker: this thread would wake one for each connection that it accepts, and is none that
    // gives memory back.
    let serving = runtime.spawn(async move { run(config, &told, &settings).await });
    let served = runtime.block_on(serving).unwrap_or_else(|failed| {
        Err(Failure::Environment(format!("the relay failed inside: {failed}")))
    });
    // Whoever did not leave in time is left behind.
    runtime.shutdown_background();
    served
}

/// What a relay begins with, its keys among them.
fn ingredients(settings: &Settings) -> Result<Config, Failure> {
    let identity = match &settings.identity {
        Some(path) => identity_file::read(path).map_err(Failure::input)?,
        None => {
            warn!("no --identity: keys for this run only; keygen --out FILE makes lasting ones");
            identity_file::draw().map_err(Failure::Environment)?.identity
        }
    };
    let notifier = settings.notifier.as_deref().map(Notifier::parse).transpose();
    let notifier = notifier.map_err(Failure::input)?;
    Ok(Config { listen: settings.listen, identity, notifier, limits: settings.limits.clone() })
}

async fn run(config: Config, told: &Told, settings: &Settings) -> Result<Ended, Failure> {
    let cannot = |name: &'static str, address: std::net::SocketAddr| {
        move |error: io::Error| {
            let why = remedied(&error, &format!("choose another --{name}"));
            Failure::Environment(format!("cannot listen on {address}: {why}"))
        }
    };
    let cannot_listen = cannot("listen", settings.listen);
    let signals = Signals::new().map_err(cannot_listen)?;
    let mut relay = Relay::bind(config).map_err(cannot_listen)?;
    if let Some(admin) = settings.admin {
        relay = relay.with_admin(admin).map_err(cannot("admin", admin))?;
    }
    print(&format!("{}\n", relay.announcement().map_err(cannot_listen)?));
    relay.introduce().map_err(cannot_listen)?;
    Ok(signals.govern(relay, told, settings).await)
}

/// What the system said, and what to do about it.
fn remedied(error: &io::Error, otherwise: &str) -> String {
    match Errno::from_io_error(error) {
        Some(Errno::MFILE | Errno::NFILE) => {
            format!("{error}; {RAISE}")
        }
        _ => format!("{error}; {otherwise}"),
    }
}

/// Whoever started the relay may have stopped listening to it: that is no reason to end.
fn print(text: &str) {
    let mut out = stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn complain(line: &str) {
    let _ = writeln!(stderr(), "sealwire-relay: {line}");
}
