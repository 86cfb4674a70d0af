//! What a case ends with, and what the report says about it.

use std::fmt::Debug;

use crate::known::Listed;
use crate::layout::{Comparison, Object, between};
use crate::report::Word;

/// What a case returns: nothing, or why it stopped.
pub(crate) type Outcome<T = ()> = Result<T, Stop>;

/// Why a case stopped before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The judged party did something else.
    Fail {
        /// What the clause asks for, at this step.
        expected: String,
        /// What was seen.
        actual: String,
        /// The bytes of both, field by field, where bytes are the matter.
        compared: Vec<Comparison>,
    },
    /// The judged party says that it cannot do this.
    Unsupported(String),
    /// The judged party breaks this other clause, on which the case stands.
    Unmet(&'static str),
    /// The suite itself could not go on.
    Broken(String),
}

/// The failure of a step.
pub(crate) fn fail(expected: impl Into<String>, actual: impl Into<String>) -> Stop {
    Stop::Fail { expected: expected.into(), actual: actual.into(), compared: Vec::new() }
}

/// Fails unless `holds`.
pub(crate) fn require(
    holds: bool,
    expected: impl Into<String>,
    actual: impl Into<String>,
) -> Outcome {
    if holds { Ok(()) } else { Err(fail(expected, actual)) }
}

/// Fails unless the two are equal; `what` names them.
pub(crate) fn same<T: PartialEq + Debug>(what: &str, expected: &T, actual: &T) -> Outcome {
    require(expected == actual, format!("{what}: {expected:?}"), format!("{actual:?}"))
}

/// Fails unless the bytes are equal, and says in which field of their layout they are not.
pub(crate) fn same_bytes(
    what: &str,
    layout: Option<&Object>,
    expected: &[u8],
    actual: &[u8],
) -> Outcome {
    let Some(differs) = between(layout, expected, actual) else { return Ok(()) };
    Err(Stop::Fail {
        expected: format!("{what}: {}", abbreviated(expected)),
        actual: differs,
        compared: vec![Comparison::of(what, layout, expected, actual)],
    })
}

/// At most forty bytes in hex.
pub(crate) fn abbreviated(bytes: &[u8]) -> String {
    match bytes.get(..40) {
        Some(start) => format!("{}… ({} bytes)", hex::encode(start), bytes.len()),
        None => hex::encode(bytes),
    }
}

/// The suite's own trouble: nothing was judged.
pub(crate) fn broken(what: &str) -> impl FnOnce(std::io::Error) -> Stop {
    move |error| Stop::Broken(format!("{what}: {error}"))
}

/// The verdict on one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// As the clause asks.
    Pass,
    /// Otherwise.
    Fail {
        /// What the clause asks for.
        expected: String,
        /// What was seen.
        actual: String,
        /// The bytes of both, field by field, where bytes are the matter.
        compared: Vec<Comparison>,
    },
    /// Otherwise, as a list of known failures says.
    Known {
        /// What the list says of it.
        listed: Listed,
        /// The verdict it would have without the list: word and detail.
        failure: String,
    },
    /// The judged party no longer serves anybody.
    Crash(String),
    /// Sometimes as the clause asks.
    Flaky {
        /// How often.
        passed: usize,
        /// Of how many runs.
        runs: usize,
        /// The first other verdict and its detail.
        failure: String,
    },
    /// The judged party says that it cannot do this.
    Unsupported(String),
    /// As the clause asks, by a party that shows no difference between right and wrong inputs.
    Unproven(String),
    /// Not begun or not judged, and why.
    NotRun(String),
    /// The suite could not judge.
    Broken(String),
}

impl Verdict {
    /// The failure of a case in which no bytes are compared.
    pub(crate) fn failed(expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Err(fail(expected, actual)).into()
    }

    /// The word of the reports.
    pub(crate) fn word(&self) -> &'static str {
        Word::from(self).name()
    }

    /// Word and detail.
    pub(crate) fn said(&self) -> String {
        format!("{}: {}", self.word(), self.detail())
    }

    /// One line that explains it; empty for a pass.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Pass => String::new(),
            Self::Fail { expected, actual, .. } => format!("expected {expected}; actual {actual}"),
            Self::Known { listed, failure } => format!("{failure}; {listed}"),
            Self::Flaky { passed, runs, failure } => {
                format!("passed {passed} of {runs}; else {failure}")
            }
            Self::Crash(why)
            | Self::Unsupported(why)
            | Self::Unproven(why)
            | Self::NotRun(why)
            | Self::Broken(why) => why.clone(),
        }
    }
}

impl From<Outcome> for Verdict {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Ok(()) => Self::Pass,
            Err(Stop::Fail { expected, actual, compared }) => {
                Self::Fail { expected, actual, compared }
            }
            Err(Stop::Unsupported(why)) => Self::Unsupported(why),
            Err(Stop::Unmet(clause)) => Self::NotRun(format!("stands on [{clause}], not met here")),
            Err(Stop::Broken(why)) => Self::Broken(why),
        }
    }
}

/// What else helps whoever reads a finding: a word and a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note(pub(crate) &'static str, pub(crate) String);

/// One line of a report.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// The case.
    pub(crate) id: String,
    /// The clause it judges.
    pub(crate) clause: String,
    /// The row of the attack catalogue it comes from.
    pub(crate) attack: Option<&'static str>,
    /// The verdict.
    pub(crate) verdict: Verdict,
    /// In the order in which they are shown.
    pub(crate) notes: Vec<Note>,
    /// How long it took.
    pub(crate) ms: u64,
    /// The command that runs it again.
    pub(crate) replay: String,
}

impl Finding {
    /// The verdict on a case of which nothing else is known.
    pub(crate) fn new(id: String, clause: String, verdict: Verdict) -> Self {
        let (notes, replay) = (Vec::new(), String::new());
        Self { id, clause, attack: None, verdict, notes, ms: 0, replay }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::body;

    #[test]
    fn a_case_without_its_ground_accuses_nobody_and_names_the_ground() {
        let verdict = Verdict::from(Err(Stop::Unmet("handshake/probe")));
        assert_eq!(
            (verdict.word(), verdict.detail().contains("[handshake/probe]")),
            ("not run", true)
        );
    }

    #[test]
    fn bytes_differ_by_a_field_of_their_layout() {
        let expected: Vec<u8> = (3..36).collect();
        let mut actual = expected.clone();
        assert_eq!(same_bytes("ERROR", body(0xff, true, &expected), &expected, &actual), Ok(()));
        actual[9] = 0;
        let stop = same_bytes("ERROR", body(0xff, true, &expected), &expected, &actual);
        let Err(Stop::Fail { expected, actual, .. }) = stop else { panic!("{stop:?}") };
        assert!(expected.starts_with("ERROR: 030405"), "{expected}");
        assert!(actual.starts_with("nonce 9..33 differs from byte 9: expected 0c0d"), "{actual}");
        assert!(actual.ends_with("; code and target are equal"), "{actual}");
    }
}
