//! A clause as a block: its anchor, level and class, its sentence, and what holds it.

use askama::Template;

use crate::catalogue::{Entry, Way, lock};
use crate::clauses::{self, Clause};
use crate::holdings::{Broken, Holdings, refused_by};

#[derive(Template)]
#[template(path = "spec/clause.html")]
struct Block<'a> {
    clause: &'a Clause,
    class: &'static str,
    sentence: &'a str,
    held: String,
    groups: Vec<Group>,
}

/// Cases of one kind.
struct Group {
    title: &'static str,
    rows: Vec<Row>,
}

/// A case or a twin, in a line.
struct Row {
    id: String,
    told: String,
    /// The words behind it: how it ends, what it needs, that it does not count yet.
    marks: Vec<String>,
}

/// The block of `clause`, whose sentence is HTML already.
pub(super) fn html(clause: &Clause, sentence: &str, entries: &[Entry]) -> askama::Result<String> {
    let held = Holdings::of(clause.id, entries);
    let class = clauses::class(clause.id).unwrap_or_default();
    Block { clause, class, sentence, held: told(&held), groups: groups(held) }.render()
}

/// How many of each kind, in words.
fn told(held: &Holdings<'_>) -> String {
    let count = |way| held.cases(way).len();
    let kinds = [
        (count(Way::Vector), "vector", "vectors"),
        (count(Way::Relay), "relay case", "relay cases"),
        (count(Way::Client), "client case", "client cases"),
        (held.twins.len(), "twin", "twins"),
    ];
    let kinds = kinds.into_iter().filter(|(count, ..)| *count > 0);
    let kinds: Vec<_> = kinds.map(|(count, one, many)| counted(count, one, many)).collect();
    let mut told = match kinds.as_slice() {
        [] => "held by no case".to_owned(),
        kinds => format!("held by {}", kinds.join(", ")),
    };
    if !held.refusals.is_empty() {
        let more = counted(held.refusals.len(), "vector of another clause", "vectors of others");
        told += &format!("; refuses {more}");
    }
    told
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The lists, without the empty ones.
fn groups(held: Holdings<'_>) -> Vec<Group> {
    let group = |title, cases: Vec<&Entry>| Group {
        title,
        rows: cases.into_iter().map(Row::of_case).collect(),
    };
    let groups = [
        group("Vectors", held.cases(Way::Vector)),
        group("Cases for a relay", held.cases(Way::Relay)),
        group("Cases for a client", held.cases(Way::Client)),
        group("Vectors of other clauses, refused by this one", held.refusals),
        Group { title: "Broken twins, which these must catch", rows: twins(held.twins) },
    ];
    groups.into_iter().filter(|group| !group.rows.is_empty()).collect()
}

fn twins(twins: Vec<Broken>) -> Vec<Row> {
    let row = |twin: Broken| Row { told: twin.told(), id: twin.id, marks: Vec::new() };
    twins.into_iter().map(row).collect()
}

impl Row {
    fn of_case(entry: &Entry) -> Self {
        let outcome = entry.vector.as_ref().map(|_| match refused_by(entry) {
            None => "accepted".to_owned(),
            Some(by) if by == entry.clause => "refused".to_owned(),
            Some(by) => format!("refused by {by}"),
        });
        let needs = entry.needs.told().map(|(word, _)| word.to_owned());
        let staged = lock::is_staged(&entry.id).then(|| "staged".to_owned());
        Self {
            id: entry.id.clone(),
            told: entry.title().to_owned(),
            marks: [outcome, needs, staged].into_iter().flatten().collect(),
        }
    }
}
