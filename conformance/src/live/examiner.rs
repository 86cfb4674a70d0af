//! Judges a client by one case, and sees afterwards that it still serves.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::case::{Case, Needs};
use super::meeting::Meeting;
use super::outcome::{Outcome, Stop, Verdict, fail};
use super::seed::Random;
use super::testee::Testee;

/// The longest time a case may take, the longest wait of the specification that one sees included.
const CASE_LIMIT: Duration = Duration::from_secs(60);
/// The same for a slow case: the six pauses between signs of life, the longest of all, take 216 s.
const SLOW_LIMIT: Duration = Duration::from_secs(330);
/// A process that has crashed is seen to be gone by then.
const GONE: Duration = Duration::from_millis(200);

/// The verdict on the client that `testee` starts.
pub(crate) async fn judge(
    case: &'static Case<Meeting>,
    testee: Arc<Testee>,
    random: Random,
) -> Verdict {
    let mut meeting = match Meeting::of(testee, random).await {
        Ok(meeting) => meeting,
        Err(stop) => return Err(stop).into(),
    };
    let limit = if case.needs == Needs::Slow { SLOW_LIMIT } else { CASE_LIMIT };
    let outcome = match timeout(limit, (case.run)(&mut meeting)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(fail("an end of the case", format!("still waiting after {limit:?}"))),
    };
    match outcome {
        Ok(()) if meeting.attended() => match meeting.serves().await {
            Ok(()) => Verdict::Pass,
            Err(stop) => unserved(&mut meeting, stop).await,
        },
        Ok(()) => Verdict::Pass,
        Err(stop) => failed(&mut meeting, stop).await,
    }
}

/// The case failed: if the process is gone, that is why.
async fn failed(meeting: &mut Meeting, stop: Stop) -> Verdict {
    let verdict = Verdict::from(Outcome::Err(stop));
    match meeting.death(GONE).await {
        Ok(Some(end)) => Verdict::Crash(format!("{end}; {}", verdict.detail())),
        _ => verdict,
    }
}

/// The case passed, but nobody is served any more.
async fn unserved(meeting: &mut Meeting, stop: Stop) -> Verdict {
    match failed(meeting, stop).await {
        Verdict::Fail { expected, actual, .. } => {
            Verdict::Crash(format!("after the case: {actual}, not {expected}"))
        }
        other => other,
    }
}
