//! The list of cases, for people and for programs.

use core::borrow::Borrow;
use core::fmt::Write;

use serde::Serialize;

use super::{Entry, lock};
use crate::clauses::{CHAPTERS, chapter};
use crate::report::{shortened, width};

/// The cases of each clause in columns of their own, chapter by chapter.
pub(super) fn text(entries: &[Entry]) -> String {
    let mut out = String::new();
    let mut at_chapter = "";
    // Writing to a string cannot fail.
    for of_clause in entries.chunk_by(|a, b| a.clause == b.clause) {
        let Some(Entry { clause, .. }) = of_clause.first() else { continue };
        if chapter(clause) != at_chapter {
            at_chapter = chapter(clause);
            let number = CHAPTERS.iter().position(|name| *name == at_chapter).map_or(0, |n| n + 1);
            let _ =
                writeln!(out, "{}{number} {at_chapter}", if out.is_empty() { "" } else { "\n" });
        }
        let _ = writeln!(out, "\n  [{clause}] {}", of_clause[0].level());
        for line in lines(of_clause, 4) {
            let _ = writeln!(out, "{line}");
        }
    }
    out + &footer(entries)
}

/// One line a case: id, how it runs, title; as many spaces before it as asked for.
pub(crate) fn lines<E: Borrow<Entry>>(entries: &[E], indent: usize) -> Vec<String> {
    let entries = || entries.iter().map(E::borrow);
    let widest = |width: fn(&Entry) -> usize| entries().map(width).max().unwrap_or_default();
    let (id, runs) = (widest(|entry| entry.id.len()), widest(|entry| entry.runs().len()));
    let line = |entry: &Entry| {
        let columns = format!("{:id$}  {:runs$}  {}", entry.id, entry.runs(), entry.title());
        shortened(&format!("{:indent$}{columns}", ""), width())
    };
    entries().map(line).collect()
}

/// How many there are.
fn footer(entries: &[Entry]) -> String {
    use super::Way;
    let count = |way| entries.iter().filter(|entry| entry.way == way).count();
    let [vectors, relay, client] = [Way::Vector, Way::Relay, Way::Client].map(count);
    let all = entries.len();
    format!("\n{all} cases: {vectors} vectors, {relay} for a relay, {client} for a client\n")
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    clause: &'a str,
    level: &'a str,
    chapter: &'a str,
    runs: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    op: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn of(entry: &'a Entry) -> Self {
        let Entry { id, clause, way, vector, .. } = entry;
        Self {
            id,
            clause,
            level: entry.level(),
            chapter: chapter(clause),
            runs: way.name(),
            op: vector.as_ref().map(|case| &*case.op),
            needs: entry.needs.told().map(|(word, _)| word),
            title: entry.title(),
            since: lock::find(entry).map(|line| line.since.to_string()),
            status: lock::find(entry).map(|line| line.status.name()),
        }
    }
}

/// `{"cases":[{"id","clause","level","chapter","runs","op","needs","title","since","status"}]}`.
pub(super) fn json(entries: &[Entry]) -> String {
    let lines: Vec<_> = entries.iter().map(Line::of).collect();
    // Strings under fixed names always serialise.
    serde_json::to_string_pretty(&serde_json::json!({ "cases": lines })).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::all;
    use crate::report::WIDTH;

    fn some() -> Vec<Entry> {
        let mut all = all().unwrap();
        all.retain(|entry| ["frame/too-long", "packet/layout"].contains(&&*entry.clause));
        all
    }

    #[test]
    fn a_list_groups_cases_under_clauses_and_stays_within_its_width() {
        let text = text(&some());
        let packet =
            text.find("3 packet\n\n  [packet/layout] MUST\n    packet/layout-0001").unwrap();
        let frame = text.find("\n4 frame\n\n  [frame/too-long] MUST\n").unwrap();
        assert!(packet < frame);
        assert!(text.contains("frame/too-long.one-byte-over"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    }

    #[test]
    fn programs_get_every_member() {
        let document: serde_json::Value = serde_json::from_str(&json(&some())).unwrap();
        let case = &document["cases"][0];
        for (member, value) in [
            ("id", "packet/layout-0001"),
            ("clause", "packet/layout"),
            ("level", "MUST"),
            ("chapter", "packet"),
            ("runs", "vector"),
            ("op", "packet.seal"),
            ("title", "Alice to Bob: TEXT with message id 7"),
            ("since", "0.1"),
            ("status", "active"),
        ] {
            assert_eq!(case[member], value);
        }
    }
}
