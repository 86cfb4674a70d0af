//! The clauses, read from the specification that is built into the binary.
//!
//! A definition is a paragraph that begins at column 0 with `**[chapter/slug]** ` and runs to the
//! next blank line. Its level is the first of MUST NOT, MUST, SHOULD and MAY that occurs; it may
//! end with `*untestable: reason.*`. The judge holds ids and verdicts, never a sentence of its own.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use sealwire_spec::FILES;

/// The chapters in the order of the specification.
pub(crate) const CHAPTERS: [&str; 6] =
    ["primitives", "identity", "packet", "frame", "handshake", "relay"];

/// One normative sentence and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    /// `chapter/slug`.
    pub(crate) id: &'static str,
    /// MUST, MUST NOT, SHOULD or MAY.
    pub(crate) level: &'static str,
    /// The paragraph without its id and its reason, on one line.
    pub(crate) sentence: String,
    /// The file, as named in the repository.
    pub(crate) file: &'static str,
    /// The line on which the definition begins, from 1.
    pub(crate) line: usize,
    /// Why no vector and no live case can show it.
    pub(crate) untestable: Option<String>,
    /// How it is applied: the other paragraphs behind it, before the next clause or heading.
    pub(crate) applied: Vec<String>,
    /// Why it is so: the paragraph behind it that begins with `*Why`, before the next heading.
    pub(crate) why: Option<String>,
}

/// All clauses, in the order of the specification.
pub(crate) fn all() -> &'static [Clause] {
    static CLAUSES: OnceLock<Vec<Clause>> = OnceLock::new();
    CLAUSES.get_or_init(|| FILES.iter().flat_map(|(file, text)| read(file, text)).collect())
}

/// The clause with this id.
pub(crate) fn find(id: &str) -> Option<&'static Clause> {
    all().iter().find(|clause| clause.id == id)
}

/// The class of refusals that a clause is in: the tables "Refusals by class".
pub(crate) fn class(id: &str) -> Option<&'static str> {
    static CLASSES: OnceLock<BTreeMap<&str, &str>> = OnceLock::new();
    let tables = || FILES.iter().flat_map(|(_, text)| classes(text)).collect();
    CLASSES.get_or_init(tables).get(id).copied()
}

/// Clause and class, from the rows of a page's table of classes.
fn classes(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let table = text.split_once("## Refusals by class").map_or("", |(_, table)| table);
    let row = |line: &'static str| {
        let (class, clauses) = line.strip_prefix("| `")?.split_once("` |")?;
        let ids = clauses.split('[').filter_map(|rest| rest.split_once(']').map(|(id, _)| id));
        Some(ids.map(move |id| (id, class)))
    };
    table.lines().filter_map(row).flatten()
}

/// The chapter of a clause or case id: what stands before the first slash.
pub(crate) fn chapter(id: &str) -> &str {
    id.split('/').next().unwrap_or(id)
}

/// The definitions of one file, each with the paragraphs behind it up to the next heading.
fn read(file: &'static str, text: &'static str) -> Vec<Clause> {
    let mut clauses: Vec<Clause> = Vec::new();
    let mut here = 0;
    for (line, paragraph) in paragraphs(text) {
        if paragraph.starts_with('#') {
            here = clauses.len();
        } else if let Some((id, body)) = definition(paragraph) {
            let (sentence, untestable) = reason(body);
            let (level, applied, why) = (level(&sentence), Vec::new(), None);
            clauses.push(Clause { id, level, sentence, file, line, untestable, applied, why });
        } else if let Some(clause) = clauses[here..].last_mut() {
            match joined(paragraph) {
                why if why.starts_with("*Why") => clause.why = Some(why.replace('*', "")),
                applied if !applied.starts_with(['|', '`']) => clause.applied.push(applied),
                _table_or_example => {}
            }
        }
    }
    clauses
}

/// What blank lines separate, each with the number of its first line, from 1.
fn paragraphs(text: &str) -> Vec<(usize, &str)> {
    let mut line = 1;
    let numbered = text.split("\n\n").map(|paragraph| {
        let blank = paragraph.len() - paragraph.trim_start_matches('\n').len();
        let first = line + blank;
        line += paragraph.matches('\n').count() + 2;
        (first, paragraph.trim_matches('\n'))
    });
    numbered.filter(|(_, paragraph)| !paragraph.is_empty()).collect()
}

/// A paragraph on one line.
fn joined(paragraph: &str) -> String {
    paragraph.lines().collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The id and the rest of a paragraph that is a definition.
pub(crate) fn definition(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("**[")?.split_once("]** ")
}

/// The sentence and the reason behind it, if the paragraph ends with one.
fn reason(paragraph: &str) -> (String, Option<String>) {
    let paragraph = joined(paragraph);
    match paragraph.split_once("*untestable:") {
        Some((sentence, reason)) => {
            let reason = reason.trim().trim_end_matches('*').trim();
            (sentence.trim().to_owned(), Some(reason.to_owned()))
        }
        None => (paragraph, None),
    }
}

/// The first keyword that occurs as a word, or nothing if there is none.
fn level(sentence: &str) -> &'static str {
    let words: Vec<&str> = sentence
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .collect();
    words
        .iter()
        .enumerate()
        .find_map(|(at, word)| match *word {
            "MUST" if words.get(at + 1) == Some(&"NOT") => Some("MUST NOT"),
            "MUST" => Some("MUST"),
            "SHOULD" => Some("SHOULD"),
            "MAY" => Some("MAY"),
            _ => None,
        })
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gives_each_of_its_clauses_a_class() {
        let page = "[a/x]\n## Refusals by class\n\n| class | clauses |\n|---|---|\n| `key` | \
                    [a/one], [a/two] |\n| `kind` | [a/three] |\n";
        let found: Vec<_> = classes(page).collect();
        assert_eq!(found, [("a/one", "key"), ("a/two", "key"), ("a/three", "kind")]);
    }

    const PAGE: &str = "# Title\n\n**[frame/one]** A relay MUST NOT\nlook inside.\n\nProse that \
                        cites [frame/one].\n\n**[frame/two]** A client SHOULD try. *untestable: \
                        nobody sees it.*\n";

    #[test]
    fn a_paragraph_becomes_a_clause() {
        let clauses = read("spec/page.md", PAGE);
        assert_eq!(clauses.len(), 2);
        assert_eq!((clauses[0].id, clauses[0].level), ("frame/one", "MUST NOT"));
        assert_eq!(clauses[0].sentence, "A relay MUST NOT look inside.");
        assert_eq!((clauses[0].file, clauses[0].line), ("spec/page.md", 3));
        assert_eq!(clauses[0].untestable, None);
    }

    #[test]
    fn a_reason_is_kept_apart_from_the_sentence() {
        let clauses = read("spec/page.md", PAGE);
        assert_eq!((clauses[1].level, clauses[1].line), ("SHOULD", 8));
        assert_eq!(clauses[1].sentence, "A client SHOULD try.");
        assert_eq!(clauses[1].untestable.as_deref(), Some("nobody sees it."));
    }

    #[test]
    fn reasons_belong_to_the_clause_before_them() {
        let page = "**[frame/one]** A MUST.\n\nTo\nit.\n\n| a |\n\n*Why 1.* It\nis so.\n\n\n\
                    **[frame/two]** B MUST.\n\n## Next\n\n*Why.* No clause.\n\nNor this.\n";
        let clauses = read("spec/page.md", page);
        let whys: Vec<_> = clauses.iter().map(|clause| clause.why.as_deref()).collect();
        assert_eq!(whys, [Some("Why 1. It is so."), None]);
        assert_eq!(
            (&clauses[0].applied[..], clauses[1].applied.len()),
            (&["To it.".into()][..], 0)
        );
        assert_eq!((clauses[0].line, clauses[1].line), (1, 12));
    }

    #[test]
    fn every_clause_of_the_specification_has_a_level_and_a_chapter() {
        for clause in all() {
            assert!(!clause.level.is_empty(), "{} has no keyword", clause.id);
            assert!(CHAPTERS.contains(&chapter(clause.id)), "{} is in no chapter", clause.id);
        }
    }
}
