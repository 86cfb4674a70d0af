//! Every operation of the vectors, done by the judged crate: behind the adapter of the reference
//! client, in this process.

use super::input::{Answer, Input, Steps, Stop};
use crate::adapter::{self, Request};
use crate::clauses;

#[cfg(test)]
use sealwire::Clause;

/// The ids of the crate's table of clauses.
#[cfg(test)]
pub(crate) fn clauses() -> impl Iterator<Item = &'static str> {
    Clause::ALL.iter().map(|clause| clause.id())
}

/// The class that the crate gives a clause, by name.
#[cfg(test)]
pub(crate) fn class_of(id: &str) -> Option<&'static str> {
    Clause::ALL.iter().find(|clause| clause.id() == id).map(|clause| clause.class().name())
}

/// Runs `op` and notes those intermediate values that the crate shows.
pub(crate) fn run(op: &str, input: &Input, steps: &mut Steps) -> Answer {
    let line = Request::Run { seq: 1, op, input: &input.plain()?, case: None }.line();
    let malformed = |error: serde_json::Error| Stop::Malformed(error.to_string());
    let answer = sealwire_client::adapter::answer(&line).map_err(malformed)?;
    match serde_json::from_str(&answer.unwrap_or_default()).map_err(malformed)? {
        adapter::Answer::Ok { output, steps: reached } => {
            steps.extend(reached);
            Ok(output)
        }
        adapter::Answer::Reject { clause: Some(clause), released, .. } if released.is_empty() => {
            Err(refused(&clause))
        }
        adapter::Answer::Reject { clause: Some(_), .. } => Err(refused("packet/no-release")),
        other => Err(Stop::Malformed(format!("{other:?}"))),
    }
}

fn refused(clause: &str) -> Stop {
    match clauses::find(clause) {
        Some(clause) => Stop::Refused(clause.id),
        None => Stop::Malformed(format!("no clause {clause:?}")),
    }
}
