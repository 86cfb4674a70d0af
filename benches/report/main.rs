//! Runs the benchmarks with all peers, and writes `docs/benchmarks.md` and its chart.
//!
//! ```text
//! cargo run --release -p sealwire-benches --features report --bin report
//! ```
//!
//! `--quick` measures for a few seconds, to try out; `--render` measures nothing and writes the
//! page again from what the last run left.

mod chart;
mod machine;
mod page;
mod results;
mod targets;

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// Whole passes over all benchmarks. A ratio is the median of theirs.
const ROUNDS: usize = 3;
const BENCHES: [&str; 4] = ["primitives", "packet", "frame", "handshake"];

/// What the demonstration of batches said, beside criterion's directories.
const BATCH: &str = "batch.txt";
/// The machine as it was when it was measured.
const FACTS: &str = "machine.md";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => measure(ROUNDS, &[]).and_then(|()| write()),
        ["--quick"] => {
            let short = ["--warm-up-time", "0.05", "--measurement-time", "0.1"];
            measure(1, &[&short[..], &["--sample-size", "20"]].concat()).and_then(|()| write())
        }
        ["--render"] => write(),
        _ => Err("give nothing, --quick or --render".into()),
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
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where criterion keeps what it measured, apart from other runs.
fn home() -> PathBuf {
    root().join("target/benchmarks")
}

fn measure(rounds: usize, options: &[&str]) -> Result<()> {
    if home().exists() {
        fs::remove_dir_all(home())?;
    }
    fs::create_dir_all(home())?;
    run(cargo_bench(&BENCHES)?.arg("--no-run"))?;
    let begin = machine::load();
    for round in 0..rounds {
        let mut command = cargo_bench(&BENCHES)?;
        run(command.args(["--", "--noplot", "--save-baseline", &round.to_string()]).args(options))?;
    }
    let batch = cargo_bench(&["batch"])?.output()?;
    fs::write(home().join(BATCH), batch.stdout)?;
    fs::write(home().join(FACTS), machine::facts(&root(), rounds, &begin))?;
    Ok(())
}

fn cargo_bench(names: &[&str]) -> Result<Command> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).env("CRITERION_HOME", fs::canonicalize(home())?);
    command.args(["bench", "--locked", "-p", "sealwire-benches", "--features", "batch,peers"]);
    names.iter().for_each(|name| {
        command.args(["--bench", name]);
    });
    Ok(command)
}

fn run(command: &mut Command) -> Result<()> {
    match command.status()? {
        status if status.success() => Ok(()),
        status => Err(format!("cargo bench ended with {status}; its message is above").into()),
    }
}

fn write() -> Result<()> {
    let results = results::read(&home())?;
    let docs = root().join("docs");
    fs::create_dir_all(&docs)?;
    let notes = fs::read_to_string(docs.join("benchmarks-notes.md"))
        .map_err(|error| format!("docs/benchmarks-notes.md: {error}"))?;
    let left = |file: &str| {
        fs::read_to_string(home().join(file)).map_err(|_| "no run to render: run without --render")
    };
    let counts = fs::read_to_string(root().join("benches/counts.lock")).unwrap_or_default();
    let page = page::page(&results, &counts, &notes, &left(BATCH)?, &left(FACTS)?);
    fs::write(docs.join("benchmarks.md"), page)?;
    fs::write(docs.join("benchmarks.svg"), chart::svg(&results)?)?;
    println!("docs/benchmarks.md and docs/benchmarks.svg are written");
    Ok(())
}
