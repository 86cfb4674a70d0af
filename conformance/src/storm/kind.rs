//! In which way an answer is wrong: inputs that are answered wrong in the same way show one mistake.

use crate::live::outcome::{Note, Verdict};
use crate::vectors::{Case, Expect};

/// Characters of a message that tell two faults of an adapter apart.
const TOLD: usize = 48;

/// An operation, what is due, and what was done instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    /// The operation.
    pub(super) op: String,
    /// `accept`, or the clause that is due.
    pub(super) due: String,
    /// What was done instead, in a few words that say nothing of this input.
    pub(super) done: String,
}

impl Kind {
    /// The kind of a wrong answer; `None` of one that is right, or was never promised.
    pub(super) fn of(case: &Case, (verdict, notes): &(Verdict, Vec<Note>)) -> Option<Self> {
        let done = match verdict {
            Verdict::Fail { actual, .. } => failed(&case.expect, actual, notes),
            Verdict::Crash(why) => format!("crash: {}", told(first(why, ';'))),
            Verdict::Broken(why) => format!("no answer that can be judged: {}", told(why)),
            _ => return None,
        };
        let due = match &case.expect {
            Expect::Ok(_) => "accept".to_owned(),
            Expect::Reject(clause) => clause.clone(),
        };
        Some(Self { op: case.op.clone(), due, done })
    }
}

fn failed(expect: &Expect, actual: &str, notes: &[Note]) -> String {
    if actual.contains(" bytes handed out, ") {
        return "bytes handed out".to_owned();
    }
    if actual.starts_with("refused ") {
        return actual.to_owned();
    }
    if matches!(expect, Expect::Reject(_)) {
        return "accepted".to_owned();
    }
    let differing = notes.iter().filter(|Note(label, _)| *label == "differs");
    let names: Vec<_> = differing.map(|Note(_, line)| first(first(line, ':'), ' ')).collect();
    format!("another {}", names.join(", "))
}

fn first(text: &str, end: char) -> &str {
    text.split(end).next().unwrap_or_default()
}

/// The beginning of a message without the numbers and quotations that differ from input to input.
fn told(text: &str) -> String {
    let text = text.split(" in {").next().unwrap_or_default();
    let numberless = text.chars().map(|c| if c.is_ascii_digit() { '#' } else { c });
    numberless.take(TOLD).collect()
}
