//! The vectors checked: the files are what the model writes today, satisfy the schema, and say
//! what model and crate do.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::thread;

use jsonschema::Validator;
use serde_json::Value;

use super::case::{Case, Expect};
use super::chapters::Chapter;
use super::difference::{comparisons, differences, first_difference, summary};
use super::input::{Answer, Input, Members, Steps, Stop};
use super::mistakes::recognised;
use super::{by_model, chapters, file, orders, published, wire};
use crate::clauses;
use crate::layout::Comparison;
use crate::live::outcome::Note;

/// Who runs a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The model, which wrote the file.
    Model,
    /// The judged crate.
    Wire,
}

impl By {
    /// Both, in the order in which they run.
    pub(crate) const ALL: [Self; 2] = [Self::Model, Self::Wire];

    /// As reports call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Wire => "wire",
        }
    }

    /// What a report calls a case that this one ran.
    pub(crate) fn reported(self, id: &str) -> String {
        format!("{id}.{}", self.name())
    }

    pub(crate) fn run(self, op: &str, input: &Input, steps: &mut Steps) -> Answer {
        match self {
            Self::Model => by_model::run(op, input, steps),
            Self::Wire => wire::run(op, input, steps),
        }
    }
}

/// Why a case failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What the file says.
    pub(crate) expected: String,
    /// What was answered.
    pub(crate) actual: String,
    /// The bytes of both, field by field.
    pub(crate) compared: Vec<Comparison>,
    /// Where the two differ, and the first intermediate value that does.
    pub(crate) notes: Vec<Note>,
}

/// What one runner made of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The case.
    pub(crate) id: String,
    /// The clause it exercises.
    pub(crate) clause: String,
    /// Its chapter, by name; `published` for sets that others wrote.
    pub(crate) chapter: String,
    /// Who ran it.
    pub(crate) by: By,
    /// `None` if it passed.
    pub(crate) failure: Option<Failure>,
}

/// What a check found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// One for each case and runner.
    pub(crate) verdicts: Vec<Verdict>,
    /// What is wrong with the files themselves: stale, against the schema, ids not unique, a
    /// negative that breaks an earlier rule than it says.
    pub(crate) faults: Vec<String>,
}

impl Report {
    /// Whether nothing at all is wrong.
    pub(crate) fn is_clean(&self) -> bool {
        self.faults.is_empty() && self.failures().next().is_none()
    }

    /// The cases that failed.
    pub(crate) fn failures(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(|verdict| verdict.failure.is_some())
    }
}

/// What a report calls the faults of the files themselves.
pub(crate) const FILES: &str = "vectors";

/// Checks every file that travels with the suite, and runs the published sets.
pub(crate) fn check() -> Report {
    check_those(|_| true)
}

/// Checks what `takes` takes, by the ids of reports: cases by runner, and [`FILES`].
pub(crate) fn check_those(takes: impl Fn(&str) -> bool + Sync) -> Report {
    // To write them anew is most of the work.
    let chapters = if takes(FILES) { chapters::written() } else { Vec::new() };
    let files = sealwire_vectors::FILES.into_iter().enumerate();
    let mut reports = thread::scope(|scope| {
        let (takes, chapters) = (&takes, &chapters);
        let of_file = |(at, (name, text))| {
            scope.spawn(move || check_file(chapters.get(at), name, text, takes))
        };
        let threads: Vec<_> = files.map(of_file).collect();
        let joined = threads.into_iter().map(|thread| thread.join().expect("a runner panicked"));
        joined.collect::<Vec<_>>()
    });
    reports.push(Report { verdicts: published::verdicts(&takes), faults: Vec::new() });
    Report {
        verdicts: reports.iter().flat_map(|report| report.verdicts.clone()).collect(),
        faults: reports.into_iter().flat_map(|report| report.faults).collect(),
    }
}

/// One file, compared with its chapter if that was written anew.
fn check_file(
    chapter: Option<&Chapter>,
    name: &str,
    text: &str,
    takes: impl Fn(&str) -> bool,
) -> Report {
    let mut faults: Vec<_> =
        chapter.iter().flat_map(|chapter| file_faults(chapter, name, text)).collect();
    match file::read(text) {
        Ok(cases) => {
            if chapter.is_some() {
                faults.extend(cases.iter().filter_map(orders::fault));
            }
            Report { verdicts: verdicts(&cases, takes), faults }
        }
        Err(fault) => {
            faults.push(format!("{name}: {fault}"));
            Report { verdicts: Vec::new(), faults }
        }
    }
}

/// Both runners over cases of one chapter.
fn verdicts(cases: &[Case], takes: impl Fn(&str) -> bool) -> Vec<Verdict> {
    let judged = |by: By, case: &Case| Verdict {
        id: case.id.clone(),
        clause: case.clause().to_owned(),
        chapter: clauses::chapter(case.clause()).to_owned(),
        by,
        failure: judge_case(by, case),
    };
    let by_both = |case: &Case| {
        let taken = By::ALL.into_iter().filter(|by| takes(&by.reported(&case.id)));
        taken.map(|by| judged(by, case)).collect::<Vec<_>>()
    };
    cases.iter().flat_map(by_both).collect()
}

fn file_faults(chapter: &Chapter, name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if name != chapter.file_name() {
        faults.push(format!("{name} stands where {} should", chapter.file_name()));
    }
    if text != chapter.text() {
        faults.push(format!("{name} is stale: run `sealwire vectors --write`, look, and commit"));
    }
    faults.extend(chapter.disagreements());
    let mut ids = BTreeSet::new();
    faults.extend(
        chapter
            .cases
            .iter()
            .filter(|case| !ids.insert(&case.id))
            .map(|case| format!("{name}: {} stands twice", case.id)),
    );
    faults.extend(schema_faults(text).into_iter().map(|fault| format!("{name}: {fault}")));
    faults
}

/// What the schema says against a file; at most three of them, the rest follows from these.
pub(crate) fn schema_faults(text: &str) -> Vec<String> {
    static SCHEMA: LazyLock<Result<Validator, String>> = LazyLock::new(|| {
        let schema: Value =
            serde_json::from_str(sealwire_vectors::SCHEMA).map_err(|error| error.to_string())?;
        jsonschema::validator_for(&schema).map_err(|error| error.to_string())
    });
    let validator = match &*SCHEMA {
        Ok(validator) => validator,
        Err(fault) => return vec![fault.clone()],
    };
    let say =
        |fault: jsonschema::ValidationError<'_>| format!("{} at {}", fault, fault.instance_path());
    match serde_json::from_str(text) {
        Ok(file) => validator.iter_errors(&file).take(3).map(say).collect(),
        Err(error) => vec![error.to_string()],
    }
}

/// Runs a case, every member of its sweep, and compares; the first intermediate value that
/// differs is named if the case holds any.
fn judge_case(by: By, case: &Case) -> Option<Failure> {
    let failure = judge(by, &case.op, &case.input, &case.expect)?;
    let mut steps = Steps::default();
    // A failure of one input has its steps; those of a sweep say nothing.
    if let Ok([input]) = Input::each(&case.input).as_deref() {
        let _ = by.run(&case.op, input, &mut steps);
    }
    let step = first_difference(&case.op, &case.steps, &steps.members());
    let notes = failure.notes.into_iter().chain(step.map(|step| Note("step", step))).collect();
    Some(Failure { notes, ..failure })
}

/// Runs `op` on every input that `input` stands for, and compares.
pub(crate) fn judge(by: By, op: &str, input: &Members, expect: &Expect) -> Option<Failure> {
    let inputs = match Input::each(input) {
        Ok(inputs) => inputs,
        Err(stop) => return Some(failure(op, expect, &Err(stop))),
    };
    inputs.iter().find_map(|input| {
        let answer = by.run(op, input, &mut Steps::default());
        let mut failure = compared(op, expect, &answer)?;
        let mistake = answer.ok().and_then(|output| recognised(op, input, &output));
        failure.notes.extend(mistake.map(|mistake| Note("mistake", mistake.to_owned())));
        Some(failure)
    })
}

/// What an implementation makes of every case whose clause `selects`: its id, its clause, and
/// whether it passed.
pub(crate) fn judged(
    selects: impl Fn(&str) -> bool,
    run: impl Fn(&str, &Input) -> Answer,
) -> Vec<(String, String, bool)> {
    let read = |(_, text)| file::read(text).unwrap_or_default();
    let cases = sealwire_vectors::FILES.into_iter().flat_map(read);
    let passes = |case: &Case| {
        let inputs = Input::each(&case.input).unwrap_or_default();
        inputs.iter().all(|input| fits(&case.op, &case.expect, &run(&case.op, input)))
    };
    let selected = cases.filter(|case| selects(case.clause()));
    selected.map(|case| (case.id.clone(), case.clause().to_owned(), passes(&case))).collect()
}

/// Why an answer is not the one that is due; `None` if it is.
pub(crate) fn compared(op: &str, expect: &Expect, answer: &Answer) -> Option<Failure> {
    (!fits(op, expect, answer)).then(|| failure(op, expect, answer))
}

fn fits(op: &str, expect: &Expect, answer: &Answer) -> bool {
    match (expect, answer) {
        (Expect::Ok(expected), Ok(actual)) => differences(op, expected, actual).is_empty(),
        (Expect::Reject(clause), Err(Stop::Refused(actual))) => clause == actual,
        _ => false,
    }
}

fn failure(op: &str, expect: &Expect, answer: &Answer) -> Failure {
    let (differs, compared) = match (expect, answer) {
        (Expect::Ok(expected), Ok(actual)) => {
            (differences(op, expected, actual), comparisons(op, expected, actual))
        }
        _ => (Vec::new(), Vec::new()),
    };
    Failure {
        expected: expect.to_string(),
        actual: match answer {
            Ok(output) => summary(output),
            Err(Stop::Refused(clause)) => format!("refused by {clause}"),
            Err(Stop::Malformed(fault)) => format!("cannot be run: {fault}"),
        },
        compared,
        notes: differs.into_iter().map(|line| Note("differs", line)).collect(),
    }
}
