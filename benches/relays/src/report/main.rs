//! Measures the reference relay, others beside it and the machine's limit, and writes
//! `docs/relay.md`, its chart and its raw results.
//!
//! ```text
//! benches/relays/run
//! ```
//!
//! `--rounds N` makes another number of rounds than five; `--quick` does everything once, for a second
//! each, to try out; `--render` measures nothing and writes the page again from the results beside it.

mod chart;
mod contender;
mod figures;
#[path = "../../../report/machine.rs"]
mod machine;
mod page;
mod results;
mod targets;

use std::{
    env,
    error::Error,
    fs,
    io::{IsTerminal, Write, stderr},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use crate::{
    figures::{Extent, Meter},
    results::Results,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => measure(Extent::FULL, &docs()),
        ["--rounds", rounds] => match rounds.parse() {
            Ok(rounds @ 1..=99) => measure(Extent::FULL.of(rounds), &docs()),
            _ => Err(format!("--rounds {rounds}: give a number from 1 to 99").into()),
        },
        ["--quick"] => measure(Extent::QUICK, &home()),
        ["--render"] => read(&docs()).and_then(|results| write(&results, &docs())),
        _ => Err("give nothing, --rounds N, --quick or --render".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("report: {error}");
            ExitCode::FAILURE
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn docs() -> PathBuf {
    root().join("docs")
}

/// Where this workspace is built, what contenders complain of is kept, and a trial writes.
fn home() -> PathBuf {
    root().join("target/relays")
}

/// How far it is, on a terminal.
fn say(what: &str) {
    if stderr().is_terminal() {
        // Whoever looked may be gone: that is no reason to end.
        let _ = write!(stderr(), "\r\x1b[K{what}").and_then(|()| stderr().flush());
    }
}

fn measure(extent: Extent, into: &Path) -> Result<()> {
    let (load, began) = (machine::load(), Instant::now());
    let mut meter = Meter::new(extent);
    (0..extent.rounds).for_each(|round| meter.round(round));
    say("");
    let results = Results {
        facts: machine::facts(&root(), extent.rounds, &load),
        rounds: extent.rounds,
        sessions: extent.sessions,
        seconds: began.elapsed().as_secs_f64(),
        runs: meter.runs,
    };
    fs::write(into.join("relay.json"), serde_json::to_string(&results)? + "\n")?;
    write(&results, into)
}

fn read(from: &Path) -> Result<Results> {
    let text = fs::read_to_string(from.join("relay.json"))
        .map_err(|_| "no run to render: run without --render")?;
    Ok(serde_json::from_str(&text)?)
}

fn write(results: &Results, into: &Path) -> Result<()> {
    let notes = docs().join("relay-notes.md");
    let notes =
        fs::read_to_string(&notes).map_err(|error| format!("{}: {error}", notes.display()))?;
    fs::write(into.join("relay.svg"), chart::svg(results)?)?;
    fs::write(into.join("relay.md"), page::page(results, &notes))?;
    let page = if into == docs() { "docs/relay.md" } else { "target/relays/relay.md" };
    println!("{page} is written");
    Ok(())
}
