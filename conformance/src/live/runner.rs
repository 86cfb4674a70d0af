//! Runs cases side by side, each between two control exchanges, and turns what happens into
//! findings.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};
use tokio::time::timeout;

use super::case::{Case, Needs};
use super::outcome::{Finding, Stop, Verdict};
use super::trial::Trial;

/// Cases under way at a time if the parties are our own: they wait for sockets, not for the
/// processor.
pub(crate) const WIDTH: usize = 16;
/// The longest time a case may take, the timers aside that a slow one waits for.
const CASE_LIMIT: Duration = Duration::from_secs(30);

/// A case ready to run: every kind of case becomes one.
pub(crate) struct Job {
    /// The case.
    pub(crate) id: &'static str,
    /// Its clause.
    pub(crate) clause: &'static str,
    /// The row of the attack catalogue it comes from.
    pub(crate) attack: Option<&'static str>,
    /// The command that runs it again.
    pub(crate) replay: String,
    /// The deed.
    pub(crate) work: Pin<Box<dyn Future<Output = Verdict> + Send>>,
}

impl Job {
    /// A job that runs `work`.
    pub(crate) fn new<T>(
        case: &'static Case<T>,
        replay: String,
        work: impl Future<Output = Verdict> + Send + 'static,
    ) -> Self {
        let Case { id, attack, .. } = case;
        Self { id, clause: case.clause(), attack: *attack, replay, work: Box::pin(work) }
    }

    async fn finish(self) -> Finding {
        let Self { id, clause, attack, replay, work } = self;
        let begun = Instant::now();
        // A task of its own: a panic is the suite's fault, and this case's alone.
        let verdict = match tokio::spawn(work).await {
            Ok(verdict) => verdict,
            Err(error) => Verdict::Broken(format!("the case panicked: {error}")),
        };
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Finding { attack, ms, replay, ..Finding::new(id.to_owned(), clause.to_owned(), verdict) }
    }
}

/// Runs all jobs, so many at a time, and tells `progress` after each.
pub(crate) async fn run(
    jobs: Vec<Job>,
    width: usize,
    mut progress: impl FnMut(&Finding),
) -> Vec<Finding> {
    let mut order: Vec<&str> = jobs.iter().map(|job| job.id).collect();
    let mut running = stream::iter(jobs.into_iter().map(Job::finish)).buffer_unordered(width);
    let mut findings = Vec::new();
    while let Some(finding) = running.next().await {
        progress(&finding);
        findings.push(finding);
    }
    order.dedup();
    findings.sort_by_key(|finding| order.iter().position(|id| *id == finding.id));
    findings
}

/// Judges a relay by one case: control exchange, stimulus, control exchange. A bare case says itself
/// why nobody can be served.
pub(crate) async fn judge(case: &'static Case<Trial>, mut trial: Trial) -> Verdict {
    let bare = case.needs == Needs::Bare;
    if !bare && let Err(stop) = trial.serves().await {
        return dead("before the case", stop);
    }
    let timers =
        if case.needs == Needs::Slow { trial.target.timers.end * 3 } else { Duration::ZERO };
    let limit = CASE_LIMIT + timers;
    let verdict = match timeout(limit, (case.run)(&mut trial)).await {
        Ok(outcome) => Verdict::from(outcome),
        Err(_) => Verdict::failed("an end of the case", format!("still waiting after {limit:?}")),
    };
    if bare && verdict != Verdict::Pass {
        return verdict;
    }
    match trial.serves().await {
        Ok(()) => verdict,
        Err(stop) => dead("after the case", stop),
    }
}

/// An honest client is no longer served.
fn dead(when: &str, stop: Stop) -> Verdict {
    match Verdict::from(Err(stop)) {
        Verdict::Fail { expected, actual, .. } => {
            Verdict::Crash(format!("{when} no honest client is served: {actual}, not {expected}"))
        }
        other => other,
    }
}
