//! Judges a client by one case, and sees afterwards that it still serves.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::case::Case;
use super::meeting::Meeting;
use super::outcome::{Outcome, Stop, Verdict};
use super::seed::Random;
use super::testee::Testee;

/// The longest time a case may take, the longest wait of the specification that one sees included.
const CASE_LIMIT: Duration = Duration::from_secs(30);
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
    let outcome = match timeout(CASE_LIMIT, (case.run)(&mut meeting)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Stop::Fail {
            expected: "an end of the case".to_owned(),
            actual: format!("still waiting after {CASE_LIMIT:?}"),
        }),
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
        Verdict::Fail { expected, actual } => {
            Verdict::Crash(format!("after the case: {actual}, not {expected}"))
        }
        other => other,
    }
}
