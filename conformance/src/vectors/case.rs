//! One case of a vector file: what is done, with what, and the one outcome that is right.

use serde_json::{Value, json};

use super::by_model;
use super::difference::summary;
use super::input::{Answer, Input, Members, Steps, Stop, Written};
use crate::model::Reject;

/// The release of the suite in which a case appeared.
const SINCE: &str = "0.1";

/// What a case expects.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expect {
    /// The output.
    Ok(Members),
    /// The first clause broken in the receiver's written order, for every member of a sweep.
    Reject(String),
}

impl Expect {
    /// Another outcome: the first member changed, or a refusal and an acceptance exchanged.
    pub(crate) fn corrupted(&self) -> Self {
        let Self::Ok(output) = self else { return Self::Ok(Members::new()) };
        let mut output = output.clone();
        match output.values_mut().next() {
            Some(value) => *value = Value::from(format!("{value}00")),
            None => return Self::Reject("primitives/ed25519-signature".to_owned()),
        }
        Self::Ok(output)
    }
}

impl core::fmt::Display for Expect {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Ok(output) => f.write_str(&summary(output)),
            Self::Reject(clause) => write!(f, "refused by {clause}"),
        }
    }
}

/// A case, as a file holds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    /// `clause-NNNN`; never changed, never reused.
    pub(crate) id: String,
    /// The operation.
    pub(crate) op: String,
    /// What is special about it.
    pub(crate) comment: String,
    /// What goes wrong for an implementation that fails it.
    pub(crate) effect: Option<String>,
    /// Words to choose cases by.
    pub(crate) flags: Vec<String>,
    /// The input, rules and sweeps unexpanded.
    pub(crate) input: Members,
    /// Intermediate values, as far as the operation comes.
    pub(crate) steps: Members,
    /// The outcome.
    pub(crate) expect: Expect,
    /// What the model says instead of what whoever wrote the case says: then no file is written.
    pub(crate) disagreement: Option<String>,
}

impl Case {
    /// The clause it exercises: its id without the number.
    pub(crate) fn clause(&self) -> &str {
        self.id.rsplit_once('-').map_or(&self.id, |(clause, _)| clause)
    }

    /// As the file writes it.
    pub(crate) fn to_json(&self) -> Value {
        let expect = match &self.expect {
            Expect::Ok(output) => json!({ "ok": output }),
            Expect::Reject(clause) => json!({ "reject": clause }),
        };
        let mut members = Written::new()
            .value("id", self.id.as_str())
            .value("clause", self.clause())
            .value("since", SINCE)
            .value("op", self.op.as_str())
            .value("comment", self.comment.as_str())
            .value("input", self.input.clone())
            .value("expect", expect);
        if let Some(effect) = &self.effect {
            members = members.value("effect", effect.as_str());
        }
        if !self.flags.is_empty() {
            members = members.value("flags", self.flags.clone());
        }
        if !self.steps.is_empty() {
            members = members.value("steps", self.steps.clone());
        }
        members.members().into()
    }

    /// From a file; `None` if a member is missing or of another type.
    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        let members = |value: Option<&Value>| value.and_then(Value::as_object).cloned();
        let flags = value.get("flags").and_then(Value::as_array).cloned().unwrap_or_default();
        let expect = value.get("expect")?;
        Some(Self {
            id: text("id")?,
            op: text("op")?,
            comment: text("comment")?,
            effect: text("effect"),
            flags: flags.iter().filter_map(|flag| flag.as_str().map(str::to_owned)).collect(),
            input: members(value.get("input"))?,
            steps: members(value.get("steps")).unwrap_or_default(),
            expect: match expect.get("reject").and_then(Value::as_str) {
                Some(clause) => Expect::Reject(clause.to_owned()),
                None => Expect::Ok(members(expect.get("ok"))?),
            },
            disagreement: None,
        })
    }
}

/// A case being written: the input first, then the verdict.
pub(crate) struct Draft {
    case: Case,
    input: Written,
}

/// Begins the case `id` of operation `op`.
pub(crate) fn case(id: &str, op: &str, comment: &str) -> Draft {
    let case = Case {
        id: id.to_owned(),
        op: op.to_owned(),
        comment: comment.to_owned(),
        effect: None,
        flags: Vec::new(),
        input: Members::new(),
        steps: Members::new(),
        expect: Expect::Ok(Members::new()),
        disagreement: None,
    };
    Draft { case, input: Written::new() }
}

impl Draft {
    /// An input of bytes; long runs are written as rules.
    pub(crate) fn bytes(mut self, name: &str, bytes: &[u8]) -> Self {
        self.input = self.input.bytes(name, bytes);
        self
    }

    /// An input of text or number.
    pub(crate) fn value(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.input = self.input.value(name, value);
        self
    }

    /// An input that takes many values, each of which must give the same refusal.
    pub(crate) fn sweep(
        self,
        name: &str,
        kind: &str,
        of: &[u8],
        range: core::ops::Range<usize>,
    ) -> Self {
        let of = hex::encode(of);
        let sweep = json!({ "sweep": kind, "of": of, "from": range.start, "to": range.end });
        self.value(name, sweep).flag("sweep")
    }

    /// What goes wrong for whoever fails this case.
    pub(crate) fn effect(mut self, effect: &str) -> Self {
        self.case.effect = Some(effect.to_owned());
        self
    }

    /// A word to choose cases by.
    pub(crate) fn flag(mut self, flag: &str) -> Self {
        self.case.flags.push(flag.to_owned());
        self
    }

    /// The model's output is what is right.
    pub(crate) fn accepted(self) -> Case {
        let (mut case, mut answers) = self.run();
        match answers.pop() {
            Some(Ok(output)) if answers.is_empty() => case.expect = Expect::Ok(output),
            other => case.disagreement = other.map(|answer| said("accepted", &answer)),
        }
        case
    }

    /// `clause` is the first one broken.
    pub(crate) fn refused(self, clause: Reject) -> Case {
        let (mut case, answers) = self.run();
        let other = answers.iter().find(|answer| **answer != Err(Stop::Refused(clause)));
        let due = format!("refused by {clause}");
        case.disagreement = other.map(|answer| said(&due, answer));
        case.expect = Expect::Reject(clause.to_owned());
        case
    }

    fn run(mut self) -> (Case, Vec<Answer>) {
        self.case.input = self.input.members();
        let inputs = Input::each(&self.case.input).expect("a draft writes what can be read");
        let mut steps = Steps::default();
        let answers = inputs.iter().map(|input| by_model::run(&self.case.op, input, &mut steps));
        let answers = answers.collect::<Vec<_>>();
        // The steps of a sweep are those of its last member: they would mislead.
        if inputs.len() == 1 {
            self.case.steps = steps.members();
        }
        (self.case, answers)
    }
}

/// What the model says of a case that is to be something else.
fn said(due: &str, answer: &Answer) -> String {
    let answer = match answer {
        Ok(output) => format!("accepted: {}", summary(output)),
        Err(Stop::Refused(clause)) => format!("refused by {clause}"),
        Err(Stop::Malformed(fault)) => format!("cannot be run: {fault}"),
    };
    format!("to be {due}; the model says {answer}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_that_the_model_contradicts_says_both() {
        let draft = |length: usize| {
            case("frame/mask-9999", "frame.uplink", "")
                .bytes("c2s", &[7; 32])
                .bytes("frame", &vec![0; length])
        };
        assert_eq!(draft(112).accepted().disagreement, None);
        assert_eq!(draft(111).refused("frame/too-short").disagreement, None);
        let said = draft(111).accepted().disagreement.unwrap();
        assert_eq!(said, "to be accepted; the model says refused by frame/too-short");
        let said = draft(112).refused("frame/too-short").disagreement.unwrap();
        assert!(said.starts_with("to be refused by frame/too-short; the model says accepted: to "));
    }
}
