//! `sealwire adapter`: all vectors through a command.

use std::time::{Duration, Instant};

use tokio::runtime::Builder;

use crate::adapter::{Judged, Session, canaries, judge, weigh};
use crate::cli::{Adapter, Exit, broken, unusable};
use crate::live::outcome::{Finding, Outcome, Stop, Verdict};
use crate::report::Kind;
use crate::vectors::{self, Case};

use super::again::Again;
use super::reporter::Reporter;
use super::whole;

mod lines;

/// Judges the implementation behind a command.
pub(crate) fn adapter(asked: &Adapter) -> Exit {
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return broken(&format!("no runtime: {error}")),
    };
    let cases = match vectors::cases() {
        Ok(cases) => cases,
        Err(fault) => return broken(&format!("cannot read the vectors: {fault}")),
    };
    if asked.check {
        return runtime.block_on(lines::check(asked, &cases));
    }
    let target = asked.command[0].to_string_lossy();
    let begun = Reporter::begin(Kind::Adapter, &target, &asked.selection, &asked.telling);
    let mut reporter = match begun {
        Ok(reporter) => reporter,
        Err(fault) => return unusable(&fault),
    };
    match runtime.block_on(whole(judged(asked, &cases, &mut reporter))) {
        Ok(complete) => reporter.finish(complete),
        Err(stop) => reporter.stop(&no_adapter(stop)),
    }
}

/// What stops a run, and where the contract stands.
pub(crate) fn no_adapter(stop: Stop) -> String {
    let why = Verdict::from(Err(stop)).detail();
    format!("the adapter cannot be used: {why}; spec/testing.md says what is due")
}

/// Runs every case that is asked for.
async fn judged(asked: &Adapter, cases: &[Case], reporter: &mut Reporter<'_>) -> Outcome {
    let mut session = Session::open(&asked.command, asked.timeout).await?;
    reporter.judges(session.hello.to_string());
    reporter.doing("canaries");
    canaries(&mut session, cases).await?;
    let again = Again::adapter(asked);
    let taken: Vec<_> = cases.iter().filter(|case| asked.selection.takes(&case.id)).collect();
    reporter.plan(Vec::new(), taken.iter().map(|case| (&*case.id, case.clause())));
    let (mut judgements, mut times) = (Vec::new(), Vec::new());
    for case in taken {
        let begun = Instant::now();
        let judged = judged_case(&mut session, case, asked.show_cases).await;
        reporter.tell(finding(case, judged.clone(), begun.elapsed(), &again));
        judgements.push((case, judged));
        times.push(begun.elapsed());
    }
    weigh(&mut session, &mut judgements, cases).await;
    let mut findings: Vec<Finding> = judgements
        .into_iter()
        .zip(times)
        .map(|((case, judged), took)| finding(case, judged, took, &again))
        .collect();
    findings.extend(session.close().await.map(|fault| goodbye(&fault, &again)));
    reporter.settle(findings);
    Ok(())
}

async fn judged_case(session: &mut Session, case: &Case, shown: bool) -> Judged {
    if !session.hello.ops.contains(&case.op) {
        return (Verdict::Unsupported(format!("{} is not among its ops", case.op)), Vec::new());
    }
    judge(session, case, shown).await
}

fn finding(case: &Case, (verdict, notes): Judged, took: Duration, again: &Again) -> Finding {
    Finding {
        notes,
        ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        replay: again.one_without_seed(&case.id),
        ..Finding::new(case.id.clone(), case.clause().to_owned(), verdict)
    }
}

/// An adapter that does not take its leave.
fn goodbye(fault: &str, again: &Again) -> Finding {
    let verdict = Verdict::Broken(format!("the adapter {fault}"));
    Finding { replay: again.lines(), ..Finding::new("bye".to_owned(), String::new(), verdict) }
}
