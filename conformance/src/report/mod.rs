//! What a run says at its end: one set of findings, told to people or to programs.

pub(crate) mod json;
mod page;
pub(crate) mod style;
pub(crate) mod text;

use std::time::Duration;

use crate::catalogue::lock::is_staged;
use crate::clauses::{self, CHAPTERS};
use crate::cli::Exit;
use crate::live::outcome::{Finding, Verdict};

pub(crate) use page::{Page, WIDTH, lost, print, shortened};

/// A finished run.
pub(crate) struct Report {
    /// Who was judged.
    pub(crate) target: String,
    /// The seed that replays it, if anything was random.
    pub(crate) seed: Option<String>,
    /// One for each case, in the order of the tables.
    pub(crate) findings: Vec<Finding>,
    /// How long it took.
    pub(crate) took: Duration,
}

/// How many findings of each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Conform.
    pub(crate) pass: usize,
    /// Do not, or not always.
    pub(crate) fail: usize,
    /// Ended, or fell silent.
    pub(crate) crash: usize,
    /// Cannot, by their own word.
    pub(crate) unsupported: usize,
    /// Conform, but so would a party that always says the same.
    pub(crate) unproven: usize,
    /// Did not run.
    pub(crate) not_run: usize,
    /// Could not be judged.
    pub(crate) broken: usize,
    /// Came after the last release: reported, and counted nowhere else.
    pub(crate) staged: usize,
}

impl Totals {
    /// Counts findings.
    pub(crate) fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        Self::counted(findings, is_staged)
    }

    /// The same with another lock.
    fn counted<'a>(
        findings: impl IntoIterator<Item = &'a Finding>,
        is_staged: impl Fn(&str) -> bool,
    ) -> Self {
        let mut totals = Self::default();
        for finding in findings {
            *match finding.verdict {
                _ if is_staged(&finding.id) => &mut totals.staged,
                Verdict::Pass => &mut totals.pass,
                Verdict::Fail { .. } | Verdict::Flaky { .. } => &mut totals.fail,
                Verdict::Crash(_) => &mut totals.crash,
                Verdict::Unsupported(_) => &mut totals.unsupported,
                Verdict::Unproven(_) => &mut totals.unproven,
                Verdict::NotRun(_) => &mut totals.not_run,
                Verdict::Broken(_) => &mut totals.broken,
            } += 1;
        }
        totals
    }

    /// The exit code of a run with these findings.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self { broken: 1.., .. } => Exit::Broken,
            Self { fail: 1.., .. } | Self { crash: 1.., .. } | Self { unproven: 1.., .. } => {
                Exit::Fails
            }
            Self { pass: 0, .. } => Exit::NothingRan,
            _ => Exit::Conforms,
        }
    }
}

impl Report {
    /// The counts of the whole run.
    pub(crate) fn totals(&self) -> Totals {
        Totals::of(&self.findings)
    }

    /// The counts of each chapter.
    pub(crate) fn by_chapter(&self) -> [(&'static str, Totals); 6] {
        CHAPTERS.map(|chapter| {
            let of_chapter = |finding: &&Finding| clauses::chapter(&finding.clause) == chapter;
            (chapter, Totals::of(self.findings.iter().filter(of_chapter)))
        })
    }
}

/// The level of a clause, empty if the specification does not define it.
pub(crate) fn level(clause: &str) -> &'static str {
    clauses::find(clause).map_or("", |clause| clause.level)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(verdicts: &[Verdict]) -> Vec<Finding> {
        verdicts
            .iter()
            .map(|verdict| Finding {
                id: "frame/order.a".into(),
                clause: "frame/order".into(),
                attack: None,
                verdict: verdict.clone(),
                notes: Vec::new(),
                ms: 0,
                replay: String::new(),
            })
            .collect()
    }

    #[test]
    fn what_is_staged_is_neither_passed_nor_failed() {
        let failed = Verdict::Fail { expected: "a".into(), actual: "b".into() };
        let findings = findings(&[Verdict::Pass, failed]);
        let totals = Totals::counted(&findings, |id| id == "frame/order.a");
        assert_eq!(totals, Totals { staged: 2, ..Totals::default() });
        assert_eq!(totals.exit(), Exit::NothingRan);
        assert_eq!(Totals::counted(&findings, |_| false).exit(), Exit::Fails);
    }

    #[test]
    fn the_worst_verdict_decides_the_exit_code() {
        let crash = Verdict::Crash("gone".into());
        let skipped = Verdict::NotRun("slow".into());
        let broken = Verdict::Broken("no socket".into());
        let unproven = Verdict::Unproven("accepts everything".into());
        let exit = |verdicts: &[Verdict]| Totals::of(&findings(verdicts)).exit();
        assert_eq!(exit(&[Verdict::Pass, skipped.clone()]), Exit::Conforms);
        assert_eq!(exit(&[Verdict::Pass, crash.clone()]), Exit::Fails);
        let flaky = Verdict::Flaky { passed: 1, runs: 2, failure: "gone".into() };
        assert_eq!(exit(&[Verdict::Pass, flaky]), Exit::Fails);
        assert_eq!(exit(&[Verdict::Pass, unproven]), Exit::Fails);
        assert_eq!(exit(&[crash, broken]), Exit::Broken);
        assert_eq!(exit(&[skipped]), Exit::NothingRan);
        assert_eq!(exit(&[]), Exit::NothingRan);
    }
}
