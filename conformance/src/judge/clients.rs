//! Which client a run judges.

use std::sync::Arc;

use crate::cases;
use crate::cli::selects;
use crate::live::case::Case;
use crate::live::examiner;
use crate::live::meeting::Meeting;
use crate::live::outcome::Outcome;
use crate::live::runner::Job;
use crate::live::testee::Testee;

use super::relays::Plan;

/// The reference client, started anew for each case.
pub(crate) fn reference(plan: &Plan<'_>) -> Outcome<Vec<Job>> {
    let testee = Arc::new(Testee::reference()?);
    let seed = plan.seed;
    let job = |case: &'static Case<Meeting>| {
        let replay = format!("sealwire check --only {} --seed {seed}", case.id);
        let judging = examiner::judge(case, Arc::clone(&testee), seed.stream(case.id));
        Job::new(case, replay, judging)
    };
    let selected = cases::client().filter(|case| selects(plan.run.only.as_deref(), case.id));
    Ok(selected.map(job).collect())
}
