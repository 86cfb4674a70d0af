//! What is tried before anything counts: whoever fails here is no adapter, and nothing is judged.

use crate::live::outcome::{Outcome, Stop, Verdict};
use crate::vectors::{Case, Expect, Input, Members, summary};

use super::judging::accepted;
use super::protocol::Answer;
use super::session::{Session, Trouble};

/// An operation that no version of the suite has.
const UNKNOWN_OP: &str = "canary.unknown";

/// Runs all canaries with the cases that the adapter says it can do.
pub(crate) async fn canaries(session: &mut Session, cases: &[Case]) -> Outcome {
    unknown_op(session).await?;
    let known = cases
        .iter()
        .find(|case| matches!(case.expect, Expect::Ok(_)) && session.hello.ops.contains(&case.op));
    match known {
        Some(case) => known_case(session, case).await,
        None => Ok(()),
    }
}

/// Whoever answers everything answers this too.
async fn unknown_op(session: &mut Session) -> Outcome {
    match session.run(UNKNOWN_OP, &Members::new(), None).await {
        Ok(Answer::Unsupported { .. }) => Ok(()),
        other => Err(caught("an operation that does not exist", "unsupported", &other)),
    }
}

/// The same twice is the same, and does not equal a corrupted expectation.
async fn known_case(session: &mut Session, case: &Case) -> Outcome {
    let id = &case.id;
    let malformed = |stop| Stop::Broken(format!("{id}: {stop:?}"));
    let inputs = Input::each(&case.input).map_err(malformed)?;
    let Some(input) = inputs.first() else { return Ok(()) };
    let input = input.plain().map_err(malformed)?;
    let first = session.run(&case.op, &input, None).await;
    let second = session.run(&case.op, &input, None).await;
    if first != second {
        let due = format!("alike: first {}", said(&first));
        return Err(caught(&format!("{id}, run twice,"), &due, &second));
    }
    let Ok(Answer::Ok { output, steps }) = first else { return Ok(()) };
    let corrupted = Case { expect: case.expect.corrupted(), ..case.clone() };
    match accepted(&corrupted, &output, &steps) {
        (Verdict::Pass, _) => {
            Err(Stop::Broken(format!("canary: {id} equals a corrupted expectation")))
        }
        _ => Ok(()),
    }
}

fn caught(what: &str, due: &str, answer: &Result<Answer, Trouble>) -> Stop {
    Stop::Broken(format!("canary: {what} must be answered {due}, and was: {}", said(answer)))
}

/// An answer in a few words.
fn said(answer: &Result<Answer, Trouble>) -> String {
    match answer {
        Ok(Answer::Ok { output, .. }) => format!("ok, {}", summary(output)),
        Ok(Answer::Reject { class, .. }) => format!("reject, class {class}"),
        Ok(Answer::Unsupported { .. }) => "unsupported".to_owned(),
        Ok(Answer::Error { message }) => format!("error, {message}"),
        Err(Trouble::Crash(why) | Trouble::Protocol(why)) => why.clone(),
        Err(Trouble::Spent) => "nothing: it ended too often".to_owned(),
    }
}
