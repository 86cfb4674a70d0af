//! What a run says at its end, and while it goes: one set of findings, told to people or to
//! programs.
//!
//! Findings become a [`Document`], and every written form is made from that.

mod clean;
mod document;
mod html;
mod junit;
mod page;
mod place;
mod sarif;
pub(crate) mod style;
mod text;

use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::Release;
use crate::catalogue::lock::is_staged;
use crate::clauses;
use crate::cli::Exit;
use crate::live::outcome::Finding;

pub(crate) use clean::clean;
pub(crate) use document::{Case, Document, Word, schema};
pub(crate) use html::inline;
#[cfg(test)]
pub(crate) use page::WIDTH;
pub(crate) use page::{Page, lost, print, shortened, width};
pub(crate) use place::{Place, replaced, unwritable};
pub(crate) use style::Style;
pub(crate) use text::verdict;

/// A run, or as much of it as there is yet.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// What kind of run.
    pub(crate) kind: Kind,
    /// Who is judged.
    pub(crate) target: String,
    /// The release whose cases alone are run.
    pub(crate) level: Option<Release>,
    /// The seed that replays it, if anything is random.
    pub(crate) seed: Option<String>,
    /// When it began.
    pub(crate) started: DateTime<Utc>,
    /// One for each case, in the order of the tables.
    pub(crate) findings: Vec<Finding>,
    /// Whether it has come to its end.
    pub(crate) complete: bool,
    /// Why it stopped before, if the suite could not go on.
    pub(crate) stopped: Option<String>,
    /// How long it took.
    pub(crate) took: Duration,
}

/// What kind of run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// The vectors, the reference relay and the reference client.
    Check,
    /// A relay.
    Relay,
    /// A client.
    Client,
    /// Functions behind an adapter.
    Adapter,
}

impl Kind {
    /// As reports write it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Relay => "relay",
            Self::Client => "client",
            Self::Adapter => "adapter",
        }
    }
}

/// The form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON document, as report.schema.json has it.
    Json,
    /// For the test pages of build servers: JUnit XML.
    Junit,
    /// For code review: SARIF 2.1.0, pointing at the specification.
    Sarif,
    /// One page for a browser, with all it needs.
    Html,
}

impl Form {
    /// The whole report in this form; `style` is for text.
    pub(crate) fn render(self, document: &Document, style: Style) -> Result<String, String> {
        match self {
            Self::Text => Ok(text::render(document, style)),
            Self::Json => Ok(document.json()),
            Self::Junit => junit::render(document),
            Self::Sarif => Ok(sarif::render(document)),
            Self::Html => html::render(document),
        }
    }
}

/// How many cases of each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Totals {
    /// `pass`.
    pub(crate) pass: usize,
    /// `fail` and `flaky`.
    pub(crate) fail: usize,
    /// `crash`.
    pub(crate) crash: usize,
    /// `known`.
    pub(crate) known: usize,
    /// `unsupported`.
    pub(crate) unsupported: usize,
    /// `unproven`.
    pub(crate) unproven: usize,
    /// `not run`.
    pub(crate) not_run: usize,
    /// `broken`.
    pub(crate) broken: usize,
    /// Cases that came after the last release: reported, and counted nowhere else.
    pub(crate) staged: usize,
}

impl Totals {
    /// Counts cases.
    pub(crate) fn of<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Self {
        Self::counted(cases.into_iter().map(|case| (case.verdict, case.staged)))
    }

    /// Counts verdicts, each with whether its case is staged.
    fn counted(verdicts: impl IntoIterator<Item = (Word, bool)>) -> Self {
        let mut totals = Self::default();
        for (verdict, staged) in verdicts {
            *match verdict {
                _ if staged => &mut totals.staged,
                Word::Pass => &mut totals.pass,
                Word::Fail | Word::Flaky => &mut totals.fail,
                Word::Crash => &mut totals.crash,
                Word::Known => &mut totals.known,
                Word::Unsupported => &mut totals.unsupported,
                Word::Unproven => &mut totals.unproven,
                Word::NotRun => &mut totals.not_run,
                Word::Broken => &mut totals.broken,
            } += 1;
        }
        totals
    }

    /// How many there are.
    pub(crate) const fn all(&self) -> usize {
        let Self { pass, fail, crash, known, unsupported, unproven, not_run, broken, staged } =
            *self;
        pass + fail + crash + known + unsupported + unproven + not_run + broken + staged
    }

    /// How many ran and were judged.
    pub(crate) const fn judged(&self) -> usize {
        self.pass + self.bad() + self.known
    }

    /// How many tell against the judged party.
    pub(crate) const fn bad(&self) -> usize {
        self.fail + self.crash + self.unproven
    }

    /// The exit code of a run with these findings.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self { broken: 1.., .. } => Exit::Broken,
            _ if self.bad() > 0 => Exit::Fails,
            Self { pass: 0, known: 0, .. } => Exit::NothingRan,
            _ => Exit::Conforms,
        }
    }
}

impl Report {
    /// The counts of the whole run.
    pub(crate) fn totals(&self) -> Totals {
        let verdict = |finding: &Finding| (Word::from(&finding.verdict), is_staged(&finding.id));
        Totals::counted(self.findings.iter().map(verdict))
    }

    /// How the process ends: a run that did not come to its end has judged nobody.
    pub(crate) fn exit(&self) -> Exit {
        if self.complete { self.totals().exit() } else { Exit::Broken }
    }

    /// The verdict on the judged party, in words.
    pub(crate) fn conclusion(&self) -> &'static str {
        let totals = self.totals();
        match totals.exit() {
            _ if !self.complete => "not finished",
            _ if totals.bad() > 0 => "does not conform",
            Exit::Conforms => "conforms",
            Exit::NothingRan => "nothing ran",
            _ => "could not be judged",
        }
    }
}

/// The level of a clause, empty if the specification does not define it.
pub(crate) fn level(clause: &str) -> &'static str {
    clauses::find(clause).map_or("", |clause| clause.level)
}

#[cfg(test)]
pub(crate) mod tests;
