//! Broken twins: implementations with exactly one fault each, which the suite must catch, and one
//! of each kind without a fault, which it must pass.
//!
//! | room | what |
//! |---|---|
//! | [`faults`] | the tables: what each twin does wrong, and which clause that breaks |
//! | [`codec`] | the operations of the vectors, in process |
//! | [`relay`] | a naive second relay, as a process |
//! | [`client`] | a naive second client, as a process |
//! | [`lenient`] | relay and client with every fault that version 2 permits |
//! | [`company`] | the references among lenient peers |
//! | [`matrix`], [`report`], [`lock`] | which case catches which twin |

pub(crate) mod client;
pub(crate) mod codec;
mod company;
mod faults;
mod hello;
mod lenient;
pub(crate) mod lock;
mod matrix;
pub(crate) mod relay;
mod report;
#[cfg(test)]
mod tests;

use tokio::runtime::Builder;

use crate::cli::{Exit, Format, Twins, broken, selects};

use crate::judge::progress::Progress;
use crate::live::outcome::Verdict;
use crate::live::seed::Seed;
use crate::report::print;
pub(crate) use faults::Twin;
use matrix::{Row, Trials};

/// `sealwire twins`.
pub(crate) fn run(asked: &Twins) -> Exit {
    let seed = match asked.seed.map_or_else(Seed::fresh, Ok) {
        Ok(seed) => seed,
        Err(error) => return broken(&format!("no randomness: {error}")),
    };
    let runtime = match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return broken(&format!("no runtime: {error}")),
    };
    let twins: Vec<_> = Twin::all().into_iter().filter(|twin| asked_for(asked, *twin)).collect();
    if twins.is_empty() {
        return Exit::NothingRan;
    }
    let trials = Trials { seed, full: asked.full };
    let progress = Progress::new(asked.voice);
    progress.begin(twins.len());
    let rows = runtime.block_on(trials.run(twins, |row| {
        let word = if row.is_right() { "right" } else { "wrong" };
        progress.tell(word, &row.twin.id(), row.ms);
    }));
    progress.clear();
    match rows {
        Ok(rows) => publish(asked, &rows),
        Err(stop) => broken(&Verdict::from(Err(stop)).detail()),
    }
}

/// Whether `--only` takes a twin, by its own name or by that of its clause.
fn asked_for(asked: &Twins, twin: Twin) -> bool {
    let clause = twin.row().is_some_and(|row| selects(asked.only.as_deref(), row.clause));
    clause || selects(asked.only.as_deref(), &twin.id())
}

/// Prints the matrix and says how the process ends.
fn publish(asked: &Twins, rows: &[Row]) -> Exit {
    print(&match asked.format {
        Format::Text if asked.voice.quiet => report::sum(rows) + "\n",
        Format::Text => report::text(rows),
        Format::Json => report::json(rows),
    });
    if let Some(path) = &asked.lock
        && let Err(exit) = lock::renew(path, rows)
    {
        return exit;
    }
    if rows.iter().any(|row| row.broken().next().is_some()) {
        Exit::Broken
    } else if rows.iter().all(Row::is_right) {
        Exit::Conforms
    } else {
        Exit::Fails
    }
}
