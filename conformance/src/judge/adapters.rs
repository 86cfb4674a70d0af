//! `sealwire adapter`: all vectors through a command.

use std::time::{Duration, Instant};

use tokio::runtime::Builder;

use crate::adapter::{Judged, Session, canaries, judge, weigh};
use crate::cli::{Adapter, Exit};
use crate::live::outcome::{Finding, Outcome, Stop, Verdict};
use crate::report::Report;
use crate::vectors::{self, Case};

use super::again::Again;
use super::{at_level, broken, publish};

mod lines;

/// Judges the implementation behind a command.
pub(crate) fn adapter(asked: &Adapter) -> Exit {
    let begun = Instant::now();
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
    match runtime.block_on(judged(asked, &cases)) {
        Ok((target, findings)) => {
            let report = Report { target, seed: None, findings, took: begun.elapsed() };
            publish(asked.format, &report)
        }
        Err(stop) => broken(&no_adapter(stop)),
    }
}

/// What stops a run, and where the contract stands.
fn no_adapter(stop: Stop) -> String {
    let why = Verdict::from(Err(stop)).detail();
    format!("the adapter cannot be used: {why}; spec/testing.md says what is due")
}

/// Who was judged, and the findings.
async fn judged(asked: &Adapter, cases: &[Case]) -> Outcome<(String, Vec<Finding>)> {
    let mut session = Session::open(&asked.command, asked.timeout).await?;
    canaries(&mut session, cases).await?;
    let again = Again::adapter(asked);
    let (mut judgements, mut times) = (Vec::new(), Vec::new());
    for case in cases.iter().filter(|case| asked.takes(&case.id)) {
        let begun = Instant::now();
        judgements.push((case, judged_case(&mut session, case, asked.show_cases).await));
        times.push(begun.elapsed());
    }
    weigh(&mut session, &mut judgements, cases).await;
    let mut findings: Vec<Finding> = judgements
        .into_iter()
        .zip(times)
        .map(|((case, judged), took)| finding(case, judged, took, &again))
        .collect();
    let target = at_level(&target(&session), asked.level);
    findings.extend(session.close().await.map(|fault| goodbye(&fault, asked)));
    Ok((target, findings))
}

async fn judged_case(session: &mut Session, case: &Case, shown: bool) -> Judged {
    if !session.hello.ops.contains(&case.op) {
        return (Verdict::Unsupported(format!("{} is not among its ops", case.op)), Vec::new());
    }
    judge(session, case, shown).await
}

fn target(session: &Session) -> String {
    let hello = &session.hello;
    format!("{} {} ({})", hello.name, hello.version, hello.language)
}

fn finding(case: &Case, (verdict, notes): Judged, took: Duration, again: &Again) -> Finding {
    Finding {
        id: case.id.clone(),
        clause: case.clause().to_owned(),
        attack: None,
        verdict,
        notes,
        ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        replay: again.one_without_seed(&case.id),
    }
}

/// An adapter that does not take its leave.
fn goodbye(fault: &str, asked: &Adapter) -> Finding {
    Finding {
        id: "bye".to_owned(),
        clause: String::new(),
        attack: None,
        verdict: Verdict::Broken(format!("the adapter {fault}")),
        notes: Vec::new(),
        ms: 0,
        replay: Again::adapter(asked).lines(),
    }
}
