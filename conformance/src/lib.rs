//! The judge of the Sealwire protocol: the binary `sealwire`, which is [`main`], and [`storm`], the
//! door of the fuzz targets. Nobody else imports the judge.
#![forbid(unsafe_code)]

mod adapter;
mod book;
mod cases;
mod catalogue;
mod clauses;
mod cli;
mod coverage;
mod explain;
mod holdings;
mod judge;
mod known;
mod layout;
mod live;
mod matrix;
mod model;
mod report;
pub mod storm;
#[cfg(test)]
mod traceability;
mod twins;
mod vectors;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command, Exit, complain};

/// Does what the command line asks, and says how it ended: 0 conforms, 1 does not, 2 usage, 3 the
/// suite could not judge, 4 nothing ran.
#[must_use]
pub fn main() -> ExitCode {
    let asked = match Cli::try_parse() {
        Ok(asked) => asked,
        Err(error) if error.use_stderr() => {
            complain(&cli::in_one_line(&error));
            return Exit::Usage.into();
        }
        // What was asked for: the help, or the version.
        Err(help) => {
            // A reader that goes away early, `| head`, is no fault.
            let _ = help.print();
            return Exit::Conforms.into();
        }
    };
    let exit = match asked.command.unwrap_or_else(|| Command::Check(cli::Run::default())) {
        Command::ReferenceRelay(passed) => {
            die_with_the_judge();
            return sealwire_relay::cli::main(named("sealwire-relay", passed));
        }
        Command::ReferenceClient(passed) => {
            die_with_the_judge();
            return sealwire_client::cli::main(named("sealwire-client", passed));
        }
        Command::TwinRelay(arguments) => {
            die_with_the_judge();
            return twins::relay::main(&arguments);
        }
        Command::TwinClient(arguments) => {
            die_with_the_judge();
            return twins::client::main(&arguments);
        }
        Command::Check(run) => judge::check(&run),
        Command::Relay(relay) => judge::relay(&relay),
        Command::Client(client) => judge::client(&client),
        Command::Adapter(adapter) => judge::adapters::adapter(&adapter),
        Command::Fuzz(asked) => storm::fuzz(&asked),
        Command::Corpus(asked) => storm::corpus(&asked),
        Command::Twins(asked) => twins::run(&asked),
        Command::List(asked) => catalogue::list(&asked),
        Command::Explain(asked) => explain::explain(&asked.id),
        Command::Spec(asked) => book::spec(&asked),
        Command::Vectors(vectors) => judge::files::vectors(&vectors),
        Command::Coverage(asked) => coverage::coverage(&asked),
        Command::Matrix(asked) => matrix::matrix(&asked),
        Command::Completions(asked) => cli::completions(&asked),
        Command::Man(asked) => cli::man(&asked),
        Command::Schema(asked) => schema(asked.of),
        Command::Load(asked) => sealwire_load::load(&asked).into(),
        Command::Ceiling(asked) => sealwire_load::ceiling(&asked).into(),
        Command::Faultproxy(asked) => sealwire_load::faultproxy(&asked).into(),
        Command::Soak(asked) => {
            programs().and_then(|programs| sealwire_load::soak(&asked, &programs)).into()
        }
        Command::Isolation(asked) => {
            programs().and_then(|programs| sealwire_load::isolation(&asked, &programs)).into()
        }
    };
    ended(exit).into()
}

/// What instruments start as processes of their own: this binary.
fn programs() -> Result<sealwire_load::Programs, sealwire_load::Failure> {
    let binary = std::env::current_exe().map_err(|error| {
        sealwire_load::Failure::Broken(format!("cannot find this binary: {error}"))
    })?;
    let command = |name: &str| vec![binary.clone().into(), name.into()];
    let (relay, faultproxy) = (command(live::process::REFERENCE_RELAY), command("faultproxy"));
    Ok(sealwire_load::Programs { relay, faultproxy })
}

/// `sealwire schema`.
fn schema(of: cli::SchemaOf) -> Exit {
    report::print(&match of {
        cli::SchemaOf::Report => report::schema(),
        cli::SchemaOf::Vectors => sealwire_vectors::SCHEMA.to_owned(),
        cli::SchemaOf::Adapter => sealwire_vectors::ADAPTER_SCHEMA.to_owned(),
    });
    Exit::Conforms
}

/// The last word of a run: a report that nobody can read is none, and one that is empty says so.
fn ended(exit: Exit) -> Exit {
    if report::lost() {
        return Exit::Broken;
    }
    if exit == Exit::NothingRan {
        complain("no case that counts has run; the report says why, and `sealwire list` names all");
    }
    exit
}

/// The arguments as a program of its own would get them: its name first.
fn named(program: &str, passed: cli::Passed) -> impl Iterator<Item = OsString> {
    std::iter::once(program.into()).chain(passed.arguments)
}

/// A judge that is killed must not leave relays behind.
fn die_with_the_judge() {
    #[cfg(target_os = "linux")]
    {
        let signal = Some(rustix::process::Signal::KILL);
        // Where the kernel refuses this, the judge still ends its children by their ids.
        let _ = rustix::process::set_parent_process_death_signal(signal);
    }
}
