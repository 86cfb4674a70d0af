//! The report for programs: one JSON document, which all the other written forms are made from and
//! which `sealwire matrix` reads again. Its schema is made from these types.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Kind, Report, Totals, clean};
use crate::catalogue::{self, lock::is_staged};
use crate::clauses;
use crate::explain;
use crate::layout::Comparison;
use crate::live::outcome::{Finding, Note, Verdict};

/// The form of this document: a member that is added does not change it, one that changes or goes
/// does.
const FORMAT: u32 = 1;

/// One run, or as much of it as there is yet.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "A report of the Sealwire suite")]
pub(crate) struct Document {
    /// The form of this document: 1.
    pub(crate) format: u32,
    /// The suite that judged: `sealwire 0.1.0`.
    pub(crate) suite: String,
    /// The edition of the specification by which it judged: `2.0`.
    pub(crate) specification: String,
    /// What kind of run it was.
    pub(crate) kind: Kind,
    /// Who was judged.
    pub(crate) target: String,
    /// The release whose cases alone were run, if not all were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<String>,
    /// Replays the run, if anything in it was random: 16 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seed: Option<String>,
    /// When it began: RFC 3339, UTC.
    pub(crate) started: String,
    /// Whether the run came to its end. The cases it had not reached are `not run`.
    pub(crate) complete: bool,
    /// Why the run stopped, if the suite could not go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stopped: Option<String>,
    /// `conforms`, `does not conform`, `could not be judged`, `nothing ran` or `not finished`.
    pub(crate) conclusion: String,
    /// The exit code of the run: 0 to 4.
    pub(crate) exit: u8,
    /// How long it took, in milliseconds.
    pub(crate) ms: u64,
    /// How many cases of each verdict.
    pub(crate) totals: Totals,
    /// One for each case, in the order of the catalogue.
    pub(crate) cases: Vec<Case>,
    /// The clauses that the cases judge, by id.
    pub(crate) clauses: BTreeMap<String, Clause>,
}

/// One case and what was found.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Case {
    /// Its id, which never changes.
    pub(crate) id: String,
    /// The clause it judges; empty if it judges the files or the lines.
    pub(crate) clause: String,
    /// The level of that clause.
    pub(crate) level: String,
    /// What it does, in one line; nothing if it belongs to a set that others published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// The row of the attack catalogue that it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attack: Option<String>,
    /// What was found.
    pub(crate) verdict: Word,
    /// Whether it is reported only: it came after the last release.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub(crate) staged: bool,
    /// The verdict in one line; empty for a pass.
    pub(crate) detail: String,
    /// What the clause asks for at the step that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expected: Option<String>,
    /// What was seen instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) actual: Option<String>,
    /// What else helps to understand it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<Remark>,
    /// The bytes of both sides, field by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) compared: Vec<Comparison>,
    /// The bytes of a vector that failed, annotated: lines of text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) annotated: Option<String>,
    /// How long it took, in milliseconds.
    pub(crate) ms: u64,
    /// The command that runs it again; empty for a pass.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) replay: String,
}

/// One clause of the specification.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Clause {
    /// MUST, MUST NOT, SHOULD or MAY.
    pub(crate) level: String,
    /// What it says.
    pub(crate) sentence: String,
    /// The file of the specification: `spec/04-frame.md`.
    pub(crate) file: String,
    /// The line on which it begins, from 1.
    pub(crate) line: usize,
}

/// A remark on a finding.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Remark {
    /// What kind of remark: `differs`, `step`, `mistake`, `effect`, `sweep`, `alias`, `known`.
    pub(crate) kind: String,
    /// The remark.
    pub(crate) text: String,
}

/// A verdict.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Word {
    /// Not as the clause asks.
    Fail,
    /// The judged party ended, or fell silent.
    Crash,
    /// As the clause asks, but not in every run.
    Flaky,
    /// As the clause asks, but so would a party that always says the same.
    Unproven,
    /// The suite or the adapter could not judge.
    Broken,
    /// Fails as the list of known failures says.
    Known,
    /// Not run, and why.
    #[serde(rename = "not run")]
    NotRun,
    /// The judged party says that it cannot do this.
    Unsupported,
    /// As the clause asks.
    Pass,
}

impl Word {
    /// As reports write it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Crash => "crash",
            Self::Flaky => "flaky",
            Self::Known => "known",
            Self::Unsupported => "unsupported",
            Self::Unproven => "unproven",
            Self::NotRun => "not run",
            Self::Broken => "broken",
        }
    }

    /// Whether a run with such a case does not conform, or could not be judged.
    pub(crate) const fn is_bad(self) -> bool {
        matches!(self, Self::Fail | Self::Crash | Self::Flaky | Self::Unproven | Self::Broken)
    }
}

impl From<&Verdict> for Word {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Fail { .. } => Self::Fail,
            Verdict::Crash(_) => Self::Crash,
            Verdict::Flaky { .. } => Self::Flaky,
            Verdict::Known { .. } => Self::Known,
            Verdict::Unsupported(_) => Self::Unsupported,
            Verdict::Unproven(_) => Self::Unproven,
            Verdict::NotRun(_) => Self::NotRun,
            Verdict::Broken(_) => Self::Broken,
        }
    }
}

impl Document {
    /// The document of a run.
    pub(crate) fn of(report: &Report) -> Self {
        let cases: Vec<_> = report.findings.iter().map(Case::of).collect();
        let ids: BTreeSet<&str> = cases.iter().map(|case| case.clause.as_str()).collect();
        let clauses = ids.into_iter().filter_map(|id| Some((id.to_owned(), Clause::of(id)?)));
        Self {
            format: FORMAT,
            suite: concat!("sealwire ", env!("CARGO_PKG_VERSION")).to_owned(),
            specification: sealwire_spec::VERSION.to_owned(),
            kind: report.kind,
            target: clean(&report.target),
            level: report.level.map(|level| level.to_string()),
            seed: report.seed.clone(),
            started: report.started.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            complete: report.complete,
            stopped: report.stopped.as_deref().map(clean),
            conclusion: report.conclusion().to_owned(),
            exit: report.exit() as u8,
            ms: u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
            totals: report.totals(),
            clauses: clauses.collect(),
            cases,
        }
    }

    /// Reads a report, which may come from anybody; the fault in one line.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let no_report = |error| format!("no report of this suite: {error}");
        let Head { format } = serde_json::from_str(text).map_err(no_report)?;
        if format != FORMAT {
            return Err(format!("a report of form {format}; this suite reads form {FORMAT}"));
        }
        let mut document: Self = serde_json::from_str(text).map_err(no_report)?;
        if document.totals != Totals::of(&document.cases) {
            return Err("a report whose totals are not those of its cases".to_owned());
        }
        document.target = clean(&document.target);
        for case in &mut document.cases {
            case.id = clean(&case.id);
            case.detail = clean(&case.detail);
        }
        Ok(document)
    }

    /// The document as JSON, with a line feed at its end.
    pub(crate) fn json(&self) -> String {
        // Strings and numbers under fixed names always serialise.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The cases of one chapter, or of none.
    pub(crate) fn of_chapter(&self, chapter: Option<&str>) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(move |case| case.chapter() == chapter)
    }

    /// Why nobody has been judged: the run did not come to its end, or no case that counts ran.
    pub(crate) fn unjudged(&self) -> Option<String> {
        match (&self.stopped, self.complete, self.totals.judged() + self.totals.broken) {
            (Some(why), ..) => Some(format!("the suite could not go on: {why}")),
            (None, false, _) => Some("the run has not come to its end".to_owned()),
            (None, true, 0) => Some("no case that counts has run".to_owned()),
            (None, true, _) => None,
        }
    }
}

/// The JSON Schema of a report, made from the types of this file.
pub(crate) fn schema() -> String {
    // A schema of plain types always serialises.
    serde_json::to_string_pretty(&schemars::schema_for!(Document)).unwrap_or_default() + "\n"
}

impl Case {
    /// Its chapter; nothing if it judges no clause of one: files, lines.
    pub(crate) fn chapter(&self) -> Option<&'static str> {
        let name = clauses::chapter(&self.clause);
        clauses::CHAPTERS.into_iter().find(|chapter| *chapter == name)
    }

    fn of(finding: &Finding) -> Self {
        let (expected, actual, compared) = match &finding.verdict {
            Verdict::Fail { expected, actual, compared } => {
                (Some(clean(expected)), Some(clean(actual)), compared.clone())
            }
            _ => (None, None, Vec::new()),
        };
        let remark =
            |Note(kind, text): &Note| Remark { kind: (*kind).to_owned(), text: clean(text) };
        let verdict = Word::from(&finding.verdict);
        let annotated = || explain::annotated(&finding.id);
        Self {
            id: finding.id.clone(),
            clause: finding.clause.clone(),
            level: super::level(&finding.clause).to_owned(),
            title: catalogue::find(&finding.id).map(|entry| entry.title().to_owned()),
            attack: finding.attack.map(str::to_owned),
            verdict,
            staged: is_staged(&finding.id),
            detail: clean(&finding.verdict.detail()),
            expected,
            actual,
            notes: finding.notes.iter().map(remark).collect(),
            compared,
            annotated: if verdict.is_bad() { annotated() } else { None },
            ms: finding.ms,
            replay: match verdict {
                Word::Pass => String::new(),
                _ => finding.replay.clone(),
            },
        }
    }
}

impl Clause {
    fn of(id: &str) -> Option<Self> {
        let clause = clauses::find(id)?;
        Some(Self {
            level: clause.level.to_owned(),
            sentence: clause.sentence.clone(),
            file: clause.file.to_owned(),
            line: clause.line,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::failing;

    /// The schema that is published.
    const PUBLISHED: &str = include_str!("../../report.schema.json");

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        let renew = "run `sealwire schema report > conformance/report.schema.json`, look, commit";
        assert!(PUBLISHED == schema(), "report.schema.json is stale: {renew}");
    }

    #[test]
    fn a_report_satisfies_the_published_schema_and_is_read_again() {
        let schema: serde_json::Value = serde_json::from_str(PUBLISHED).expect("JSON");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let text = Document::of(&failing()).json();
        let mut value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let faults: Vec<_> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
        assert_eq!(faults, [""; 0]);
        assert_eq!(Document::read(&text).expect("a report").json(), text);
        value["cases"][0]["verdict"] = "acceptable".into();
        assert!(!validator.is_valid(&value), "there is no third verdict");
    }

    #[test]
    fn what_is_no_report_is_refused_in_one_line() {
        let other = Document::of(&failing()).json().replace("\"format\": 1", "\"format\": 2");
        let wrong = Document::of(&failing()).json().replace("\"pass\": 1", "\"pass\": 7");
        for (text, said) in [
            ("{}", "no report"),
            ("", "no report"),
            (&other, "of form 2"),
            ("{\"format\": 2}", "of form 2"),
            (&wrong, "whose totals are not those"),
        ] {
            let fault = Document::read(text).expect_err(text);
            assert!(fault.contains(said) && fault.lines().count() == 1, "{fault}");
        }
    }

    #[test]
    fn a_failed_vector_has_its_bytes_annotated() {
        let document = Document::of(&failing());
        let case = document.cases.iter().find(|case| case.verdict == Word::Fail).expect("one");
        assert!(case.annotated.as_ref().is_some_and(|text| text.contains("nonce")), "{case:?}");
        assert_eq!(case.compared[0].object, "packet");
        assert!(document.clauses[&case.clause].sentence.contains("MUST"));
    }
}
