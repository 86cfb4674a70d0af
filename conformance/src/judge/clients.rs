//! Which client a run judges.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::cases;
use crate::cli::Client;
use crate::live::case::{Case, Needs};
use crate::live::examiner;
use crate::live::meeting::Meeting;
use crate::live::outcome::{Outcome, Stop};
use crate::live::runner::Job;
use crate::live::testee::Testee;

use super::again::Again;
use super::relays::{Arranged, Plan, SLOW};

/// The reference client, started anew for each case, with short waits where a case is slow.
pub(crate) fn reference(plan: &Plan<'_>) -> Outcome<Vec<Job>> {
    let testee = Arc::new(Testee::reference()?);
    Ok(selected(plan).map(|case| job(plan, case, &testee, &Again::check())).collect())
}

/// The client of the command line, which keeps the waits of the specification.
pub(crate) fn foreign(plan: &Plan<'_>, client: &Client) -> Outcome<Arranged<()>> {
    let [program, arguments @ ..] = &client.command[..] else {
        return Err(Stop::Broken("no command".to_owned()));
    };
    if !found(Path::new(program)) {
        return Err(Stop::Broken(format!("{}: no such command", program.display())));
    }
    let patience = Duration::from_secs(client.patience);
    let testee = Arc::new(Testee::of(program.clone(), arguments.to_vec(), patience));
    let again = Again::client(client);
    let (slow, rest): (Vec<_>, Vec<_>) =
        selected(plan).partition(|case| case.needs == Needs::Slow && !client.slow);
    let findings = slow.into_iter().map(|case| case.not_run(SLOW)).collect();
    let jobs = plan.rounds(client.repeat).flat_map(|plan| {
        let job = |case: &&'static Case<Meeting>| job(&plan, case, &testee, &again);
        rest.iter().map(job).collect::<Vec<_>>()
    });
    Ok(Arranged { findings, jobs: jobs.collect(), held: () })
}

/// The client cases that the command line selects.
fn selected(plan: &Plan<'_>) -> impl Iterator<Item = &'static Case<Meeting>> {
    cases::client().filter(|case| plan.run.selection.takes(case.id))
}

/// The job that judges what `testee` starts by `case`.
fn job(plan: &Plan<'_>, case: &'static Case<Meeting>, testee: &Arc<Testee>, again: &Again) -> Job {
    let judging = examiner::judge(case, Arc::clone(testee), plan.seed.stream(case.id));
    Job::new(case, again.one(case.id, plan.seed), judging)
}

/// Whether the operating system would find this command.
fn found(program: &Path) -> bool {
    if program.components().count() > 1 {
        return program.is_file();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}
