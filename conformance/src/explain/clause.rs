//! The page of a clause, and the lines of it that the page of a case repeats.

use super::mistakes::MISTAKES;
use crate::catalogue::{Entry, lines};
use crate::clauses::Clause;
use crate::report::Page;
use crate::twins::Twin;

/// Sentence, reasons, mistakes, cases.
pub(super) fn write(page: &mut Page, clause: &Clause, entries: &[Entry]) {
    page.line(&format!("[{}] {}", clause.id, clause.level));
    page.gap();
    sentence(page, clause);
    mistakes(page, clause.id);
    let of_clause = entries.iter().filter(|entry| entry.clause == clause.id);
    let of_clause: Vec<_> = of_clause.cloned().collect();
    page.gap();
    if let Some(reason) = &clause.untestable {
        page.labelled("no case", reason);
    } else {
        page.line("cases");
    }
    for line in lines(&of_clause, 2) {
        page.line(&line);
    }
    twins(page, clause.id);
}

/// The broken implementations that one of the cases must catch.
fn twins(page: &mut Page, clause: &str) {
    let broken = Twin::all().into_iter().filter_map(|twin| Some((twin.id(), twin.row()?)));
    let mut broken = broken.filter(|(_, row)| row.clause == clause).peekable();
    if broken.peek().is_some() {
        page.gap();
        page.line("broken twins, which the cases catch");
    }
    for (id, row) in broken {
        page.labelled("  twin", &format!("{id}: {}", row.sentence));
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
