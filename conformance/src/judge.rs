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
mod reporter;

use tokio::runtime::Builder;

use crate::cli::{Client, Exit, Relay, Run, broken, unusable};
use crate::live::outcome::{Outcome, Stop, Verdict};
use crate::live::runner::{self, WIDTH};
use crate::live::seed::Seed;
use crate::report::Kind;

use relays::{Arranged, Plan};
use reporter::Reporter;

/// Judges the vectors, the reference relay and the reference client.
pub(crate) fn check(run: &Run) -> Exit {
    judged(Kind::Check, "the references", run, WIDTH, |plan| async move {
        // They compute for seconds, in which an interruption must be heard.
        let asked = run.clone();
        let files = tokio::task::spawn_blocking(move || files::findings(&asked));
        let files = files.await.map_err(|error| Stop::Broken(format!("the vectors: {error}")))?;
        let mut arranged = relays::references(&plan).await?;
        arranged.jobs.extend(clients::reference(&plan)?);
        arranged.findings.extend(files);
        Ok(arranged)
    })
}

/// Judges the relay at a URL.
pub(crate) fn relay(relay: &Relay) -> Exit {
    if let Some(log) = relay.log.iter().find(|log| !log.is_file()) {
        let log = log.display();
        return unusable(&format!("--log {log}: no such file; the relay has to write it first"));
    }
    judged(Kind::Relay, &relay.url, &relay.run, WIDTH, |plan| async move {
        relays::foreign(&plan, relay).await
    })
}

/// Judges the client that a command starts.
pub(crate) fn client(client: &Client) -> Exit {
    let words: Vec<_> = client.command.iter().map(|word| word.to_string_lossy()).collect();
    let target = words.join(" ");
    judged(Kind::Client, &target, &client.run, client.jobs, |plan| async move {
        clients::foreign(&plan, client)
    })
}

/// One run from its seed to its report; `arrange` makes the jobs, and what must live as long;
/// `width` of them are under way at a time.
fn judged<'a, A, H>(
    kind: Kind,
    target: &str,
    run: &'a Run,
    width: usize,
    arrange: impl FnOnce(Plan<'a>) -> A,
) -> Exit
where
    A: Future<Output = Outcome<Arranged<H>>>,
{
    let seed = match run.seed.map_or_else(Seed::fresh, Ok) {
        Ok(seed) => seed,
        Err(error) => return broken(&format!("no randomness: {error}")),
    };
    let runtime = match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return broken(&format!("no runtime: {error}")),
    };
    let mut reporter = match Reporter::begin(kind, target, &run.selection, &run.telling) {
        Ok(reporter) => reporter,
        Err(fault) => return unusable(&fault),
    };
    reporter.replays(seed);
    let plan = Plan { seed, attempt: 0, run };
    let ended = runtime.block_on(whole(execute(width, arrange(plan), &mut reporter)));
    // What an interruption left computing is nobody's any more.
    runtime.shutdown_background();
    match ended {
        Ok(complete) => reporter.finish(complete),
        Err(stop) => reporter.stop(&Verdict::from(Err(stop)).detail()),
    }
}

/// Runs what `arrange` makes.
async fn execute<H>(
    width: usize,
    arrange: impl Future<Output = Outcome<Arranged<H>>>,
    reporter: &mut Reporter<'_>,
) -> Outcome {
    reporter.doing("making ready");
    let Arranged { findings, jobs, held } = arrange.await?;
    reporter.plan(findings, jobs.iter().map(|job| (job.id, job.clause)));
    runner::run(jobs, width, |finding| reporter.tell(finding.clone())).await;
    drop(held);
    Ok(())
}

/// Whether a run came to its end before somebody interrupted it.
pub(crate) async fn whole(run: impl Future<Output = Outcome>) -> Outcome<bool> {
    let ended = tokio::select! {
        ended = run => ended.map(|()| true),
        () = interrupted() => Ok(false),
    };
    std::thread::spawn(leave_when_told);
    ended
}

/// Ends the process at the next interruption: what is left to do, to write reports, may wait for a
/// pipe that nobody reads.
#[expect(clippy::exit, reason = "nothing is under way but the writing that is to be given up")]
fn leave_when_told() {
    if let Ok(runtime) = Builder::new_current_thread().enable_all().build() {
        runtime.block_on(interrupted());
        std::process::exit(i32::from(Exit::Broken as u8));
    }
}

/// Waits for what ends a program from a terminal or from a build server.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = term.recv() => return,
                _ = tokio::signal::ctrl_c() => return,
            }
        }
    }
    // Where no signal can be waited for, it ends the process, and the files of --report stand.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
