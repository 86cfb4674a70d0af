//! Tells a run while it goes and when it ends: a line of progress, the files of `--report`, the
//! report on stdout.
//!
//! Each file is written anew as a whole, so it is valid whenever the run ends, however it ends.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use chrono::Utc;

use super::progress::Progress;
use super::repeats::merged;
use crate::cli::{Exit, Selection, Telling, broken, complain};
use crate::known::Known;
use crate::live::outcome::{Finding, Verdict};
use crate::live::seed::Seed;
use crate::report::style::Style;
use crate::report::{Document, Form, Kind, Place, Report, print, verdict};

/// The shortest time between two writings of the files.
const PAUSE: Duration = Duration::from_secs(1);
/// Of the time of a run at most one part in so many is spent on writing them.
const SHARE: u32 = 20;
/// What is said of a case that a run has not come to.
const NOT_REACHED: &str = "not reached: the run has not come to its end";

/// The teller of one run.
pub(crate) struct Reporter<'a> {
    telling: &'a Telling,
    selection: &'a Selection,
    known: Option<Known>,
    /// Everything but the findings.
    head: Report,
    /// What is known without running anything.
    before: Vec<Finding>,
    /// A finding for each case that shall run, in order, should it not be reached.
    planned: Vec<Finding>,
    /// What has been found, as it came.
    done: Vec<Finding>,
    progress: Progress,
    begun: Instant,
    due: Instant,
}

impl<'a> Reporter<'a> {
    /// Begins with files that say that nothing has run. What is wrong with the options, in a line.
    pub(crate) fn begin(
        kind: Kind,
        target: &str,
        selection: &'a Selection,
        telling: &'a Telling,
    ) -> Result<Self, String> {
        let known = telling.known.as_deref().map(|path| Known::read(path, telling.fix));
        let begun = Instant::now();
        let reporter = Self {
            telling,
            selection,
            known: known.transpose()?,
            head: Report {
                kind,
                target: telling.name.clone().unwrap_or_else(|| target.to_owned()),
                level: selection.level,
                seed: None,
                started: Utc::now(),
                findings: Vec::new(),
                complete: false,
                stopped: None,
                took: Duration::ZERO,
            },
            before: Vec::new(),
            planned: Vec::new(),
            done: Vec::new(),
            progress: Progress::new(telling.voice),
            begun,
            due: begun + PAUSE,
        };
        if let Some(fault) = telling.report.iter().find_map(Place::fault) {
            return Err(fault);
        }
        reporter.write(&Document::of(&reporter.report(false)), false)?;
        Ok(reporter)
    }

    /// Who it turned out to be, unless the command line names them.
    pub(crate) fn judges(&mut self, target: String) {
        if self.telling.name.is_none() {
            self.head.target = target;
        }
    }

    /// The seed that replays the run.
    pub(crate) fn replays(&mut self, seed: Seed) {
        self.head.seed = Some(seed.to_string());
    }

    /// What takes a while before the first case, or after the last.
    pub(crate) fn doing(&self, what: &str) {
        self.progress.doing(what);
    }

    /// What is known now, and the cases that shall run: id, clause, each as often as it shall.
    pub(crate) fn plan<'b>(
        &mut self,
        before: Vec<Finding>,
        planned: impl Iterator<Item = (&'b str, &'b str)>,
    ) {
        self.before = before;
        let not_reached = || Verdict::NotRun(NOT_REACHED.to_owned());
        self.planned = planned
            .map(|(id, clause)| Finding::new(id.to_owned(), clause.to_owned(), not_reached()))
            .collect();
        self.progress.begin(self.planned.len());
    }

    /// One more case has run.
    pub(crate) fn tell(&mut self, finding: Finding) {
        self.progress.tell(finding.verdict.word(), &finding.id, finding.ms);
        self.done.push(finding);
        let now = Instant::now();
        if now < self.due || self.telling.report.is_empty() {
            return;
        }
        // A disk that is full now may not be at the end, when it is told.
        let _ = self.write(&Document::of(&self.report(false)), false);
        self.due = Instant::now() + PAUSE.max(now.elapsed() * SHARE);
    }

    /// The last word on all that was told.
    pub(crate) fn settle(&mut self, findings: Vec<Finding>) {
        self.done = findings;
    }

    /// The suite could not go on, and why: the files say so, and no report is printed.
    pub(crate) fn stop(mut self, why: &str) -> Exit {
        self.progress.clear();
        self.head.stopped = Some(why.to_owned());
        let written = self.write(&Document::of(&self.report(false)), true);
        written.unwrap_or_else(|fault| complain(&fault));
        broken(why)
    }

    /// Writes and prints the report; `complete` unless something interrupted the run.
    pub(crate) fn finish(mut self, complete: bool) -> Exit {
        self.progress.clear();
        let mut lost = false;
        let mut say = |fault: Result<(), String>| {
            if let Err(fault) = fault {
                complain(&fault);
                lost = true;
            }
        };
        if !complete {
            complain("interrupted; what was judged so far is reported");
        }
        // A run in which something could not be judged has nothing to say about the list.
        if complete && self.report(true).exit() != Exit::Broken {
            say(self.fixed());
        }
        let report = self.report(complete);
        let document = Document::of(&report);
        say(self.write(&document, true));
        say(self.print(&document));
        if lost { Exit::Broken } else { report.exit() }
    }

    fn fixed(&mut self) -> Result<(), String> {
        let findings = self.findings();
        match &mut self.known {
            Some(known) => known.fixed(&findings, |id| self.selection.takes(id)),
            None => Ok(()),
        }
    }

    fn print(&self, document: &Document) -> Result<(), String> {
        let style = Style::of_stdout();
        print(&match self.telling.format {
            Form::Text if self.telling.voice.quiet => verdict(document, style),
            form => form.render(document, style)?,
        });
        Ok(())
    }

    /// Writes every file, and with the `last` document what is no file; the first that cannot be written
    /// is the fault.
    fn write(&self, document: &Document, last: bool) -> Result<(), String> {
        for place in &self.telling.report {
            if last || place.is_file() {
                place.replace(&place.form.render(document, Style::plain())?)?;
            }
        }
        Ok(())
    }

    /// What was found, one finding a case, in the order of the plan.
    fn findings(&self) -> Vec<Finding> {
        let place: BTreeMap<&str, usize> =
            self.planned.iter().enumerate().rev().map(|(at, case)| (&*case.id, at)).collect();
        let mut done = merged(self.done.clone());
        done.sort_by_key(|finding| place.get(&*finding.id).copied().unwrap_or(usize::MAX));
        self.before.iter().cloned().chain(done).collect()
    }

    fn report(&self, complete: bool) -> Report {
        let mut findings = self.findings();
        if let Some(known) = &self.known {
            findings = known.applied(findings, |id| complete && self.selection.takes(id));
        }
        if !complete {
            let told: BTreeSet<_> = findings.iter().map(|finding| finding.id.clone()).collect();
            let missed = self.planned.iter().filter(|finding| !told.contains(&finding.id));
            findings.extend(merged(missed.cloned().collect()));
        }
        Report { findings, complete, took: self.begun.elapsed(), ..self.head.clone() }
    }
}
