//! The page of a clause, and the lines of it that the page of a case repeats.

use super::mistakes::MISTAKES;
use crate::catalogue::{Entry, lines};
use crate::clauses::Clause;
use crate::holdings::Holdings;
use crate::report::Page;

/// Sentence, reasons, mistakes, cases.
pub(super) fn write(page: &mut Page, clause: &Clause, entries: &[Entry]) {
    page.line(&format!("[{}] {}", clause.id, clause.level));
    page.gap();
    sentence(page, clause);
    mistakes(page, clause.id);
    let held = Holdings::of(clause.id, entries);
    page.gap();
    if let Some(reason) = &clause.untestable {
        page.labelled("no case", reason);
    } else {
        page.line("cases");
    }
    for line in lines(&held.cases, 2) {
        page.line(&line);
    }
    if !held.twins.is_empty() {
        page.gap();
        page.line("broken twins, which the cases catch");
    }
    for twin in held.twins {
        page.labelled("  twin", &format!("{}: {}", twin.id, twin.told()));
    }
}

/// What the specification says, where, and why.
pub(super) fn sentence(page: &mut Page, clause: &Clause) {
    page.labelled("clause", &clause.sentence);
    page.labelled("", &format!("{}:{}", clause.file, clause.line));
    for applied in &clause.applied {
        page.labelled("applied", applied);
    }
    if let Some(why) = &clause.why {
        let why = why.strip_prefix("Why. ").unwrap_or(why);
        page.labelled("why", why);
    }
}

/// The mistakes that are usual here, if any are.
pub(super) fn mistakes(page: &mut Page, clause: &str) {
    let mut usual = MISTAKES.iter().filter(|mistake| mistake.clause == clause).peekable();
    if usual.peek().is_some() {
        page.gap();
        page.line("usual mistakes");
    }
    for mistake in usual {
        page.labelled("  mistake", mistake.what);
        page.labelled("  shows", mistake.shows);
    }
}
