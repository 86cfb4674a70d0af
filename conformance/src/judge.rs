//! The runs of the judge: `check`, everything that is here; `relay`, a relay somewhere; `client`, a
//! client that a command starts; `adapter`, an implementation behind a pipe.

pub(crate) mod adapters;
mod again;
mod clients;
pub(crate) mod files;
mod greeting;
pub(crate) mod progress;
pub(crate) mod relays;
mod repeats;

use std::time::Instant;

use tokio::runtime::Builder;

use crate::catalogue::Release;
use crate::cli::{Client, Exit, Format, Relay, Run};
use crate::live::outcome::{Finding, Outcome, Verdict};
use crate::live::runner::{self, WIDTH};
use crate::live::seed::Seed;
use crate::report::style::Style;
use crate::report::{Report, json, print, text};

use progress::Progress;
use relays::{Arranged, Plan};

/// Judges the vectors, the reference relay and the reference client.
pub(crate) fn check(run: &Run) -> Exit {
    judged("the references", run, WIDTH, |plan| async move {
        let mut arranged = relays::references(&plan).await?;
        arranged.jobs.extend(clients::reference(&plan)?);
        arranged.findings.extend(files::findings(run));
        Ok(arranged)
    })
}

/// Judges the relay at a URL.
pub(crate) fn relay(relay: &Relay) -> Exit {
    if let Some(log) = relay.log.iter().find(|log| !log.is_file()) {
        eprintln!(
            "sealwire: --log {}: no such file; the relay has to write it first",
            log.display()
        );
        return Exit::Usage;
    }
    judged(&relay.url, &relay.run, WIDTH, |plan| async move { relays::foreign(&plan, relay).await })
}

/// Judges the client that a command starts.
pub(crate) fn client(client: &Client) -> Exit {
    let words: Vec<_> = client.command.iter().map(|word| word.to_string_lossy()).collect();
    let target = words.join(" ");
    judged(&target, &client.run, client.jobs, |plan| async move { clients::foreign(&plan, client) })
}

/// One run from its seed to its report; `arrange` makes the jobs, and what must live as long;
/// `width` of them are under way at a time.
fn judged<'a, A, H>(
    target: &str,
    run: &'a Run,
    width: usize,
    arrange: impl FnOnce(Plan<'a>) -> A,
) -> Exit
where
    A: Future<Output = Outcome<Arranged<H>>>,
{
    let begun = Instant::now();
    let seed = match run.seed.map_or_else(Seed::fresh, Ok) {
        Ok(seed) => seed,
        Err(error) => return broken(&format!("no randomness: {error}")),
    };
    let runtime = match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return broken(&format!("no runtime: {error}")),
    };
    match runtime.block_on(execute(width, arrange(Plan { seed, attempt: 0, run }))) {
        Ok(findings) => {
            let (target, seed) = (at_level(target, run.level), Some(seed.to_string()));
            publish(run.format, &Report { target, seed, findings, took: begun.elapsed() })
        }
        Err(stop) => broken(&Verdict::from(Err(stop)).detail()),
    }
}

/// The judged party, and the level if not all cases were its.
fn at_level(target: &str, level: Option<Release>) -> String {
    level.map_or_else(|| target.to_owned(), |level| format!("{target}, level {level}"))
}

/// Runs what `arrange` makes.
async fn execute<H>(
    width: usize,
    arrange: impl Future<Output = Outcome<Arranged<H>>>,
) -> Outcome<Vec<Finding>> {
    let Arranged { mut findings, jobs, held } = arrange.await?;
    let mut progress = Progress::new(jobs.len());
    let run = runner::run(jobs, width, |finding| progress.tell(&finding.id)).await;
    findings.extend(repeats::merged(run));
    progress.clear();
    drop(held);
    Ok(findings)
}

/// The suite could not judge.
pub(crate) fn broken(why: &str) -> Exit {
    eprintln!("sealwire: {why}");
    Exit::Broken
}

/// Prints the report and says how the process ends.
fn publish(format: Format, report: &Report) -> Exit {
    print(&match format {
        Format::Text => text::render(report, Style::of(&std::io::stdout())),
        Format::Json => json::render(report),
    });
    report.totals().exit()
}
