//! The command line: arguments in, one line of trouble or an exit code out.

mod bridge;
mod identity;
mod listen;
mod options;
mod send;
mod session;
mod trouble;

use crate::{
    adapter,
    limits::{Limits, parse_time},
};
use clap::{Args, Parser, Subcommand, error::ErrorKind};
use options::RelayOptions;
use std::{ffi::OsString, io, path::PathBuf, process::ExitCode, time::Duration};
use trouble::Trouble;

/// The reference client of the Sealwire protocol
#[derive(Debug, Parser)]
#[command(name = "sealwire-client", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Change a limit of this client; --print-config lists them
    #[arg(long = "set", value_name = "NAME=VALUE", global = true)]
    set: Vec<String>,
    /// Print all limits, with what --set changed, and end; without a command
    #[arg(long)]
    print_config: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new identity; an existing file is never overwritten
    Keygen {
        /// The file to write, mode 0600
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Print the public keys and the id of an identity
    Whoami(IdentityFile),
    /// Print an invite to this identity
    Invite {
        #[command(flatten)]
        file: IdentityFile,
        /// Our own name for ourselves, at most 64 bytes
        #[arg(long, value_name = "NAME", default_value = "")]
        nick: String,
    },
    /// Send one text and wait until it is acknowledged
    Send {
        #[command(flatten)]
        relay: RelayOptions,
        /// The recipient's invite
        #[arg(long, value_name = "INVITE")]
        to: String,
        /// What to send
        text: String,
        /// Introduce ourselves under this name first
        #[arg(long, value_name = "NAME")]
        nick: Option<String>,
        /// How long to wait
        #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_time)]
        timeout: Duration,
    },
    /// Print the texts that come
    Listen {
        #[command(flatten)]
        relay: RelayOptions,
        /// Somebody whose texts are taken; may be repeated
        #[arg(long, value_name = "INVITE")]
        contact: Vec<String>,
        /// Take every introduction as a contact
        #[arg(long)]
        accept: bool,
    },
    /// Speak JSON lines: commands on stdin, events on stdout
    Bridge(RelayOptions),
    /// Speak the adapter protocol of the suite: operations on stdin, outcomes on stdout
    Adapter,
}

#[derive(Debug, Args)]
struct IdentityFile {
    /// An identity file of keygen
    #[arg(long, value_name = "FILE")]
    identity: PathBuf,
}

/// Runs the client with these arguments, the first of which names the program.
///
/// Exit code 0: done; 2: usage, a file, a value; 3: the world outside. Trouble is one line on
/// stderr.
pub fn main<I>(args: I) -> ExitCode
where
    I: IntoIterator<Item: Into<OsString> + Clone>,
{
    let outcome = match Cli::try_parse_from(args) {
        Ok(cli) => run(cli),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                trouble::print(&error.to_string())
            }
            _ => Err(Trouble::arguments(&error)),
        },
    };
    outcome.map_or_else(|trouble| trouble.report(), |()| ExitCode::SUCCESS)
}

fn run(cli: Cli) -> Result<(), Trouble> {
    let mut limits = Limits::default();
    for assignment in &cli.set {
        limits.set(assignment).map_err(Trouble::usage)?;
    }
    if cli.print_config {
        return trouble::print(&limits.print());
    }
    match cli.command {
        None => Err(Trouble::usage("no command; try --help")),
        Some(Command::Keygen { out }) => identity::keygen(&out),
        Some(Command::Whoami(file)) => identity::whoami(&file.identity),
        Some(Command::Invite { file, nick }) => identity::invite(&file.identity, &nick),
        Some(Command::Send { relay, to, text, nick, timeout }) => {
            send::run(relay.resolve(limits)?, &send::Letter { to, text, nick, timeout })
        }
        Some(Command::Listen { relay, contact, accept }) => {
            let mut place = relay.resolve(limits)?;
            place.setup.accept = accept;
            listen::run(place, &contact)
        }
        Some(Command::Bridge(relay)) => bridge::run(relay.resolve(limits)?),
        Some(Command::Adapter) => adapter::serve(io::stdin().lock(), io::stdout().lock())
            .map_err(|error| Trouble::usage(format!("not a suite on stdin and stdout: {error}"))),
    }
}
