//! The pages: each text in the frame that all pages share, and the table of all clauses.

use askama::Template;

use super::markdown::{self, Heading, Rendered};
use super::search::{self, Hit};
use super::source::{self, Document};
use super::words;
use crate::catalogue::{self, Entry, Way};
use crate::clauses::{self, Clause};
use crate::holdings::Holdings;
use crate::model::handshake::VERSION;

/// The page of all clauses, as if a text stood beside the chapters.
const CLAUSES: Document = Document { name: "spec/clauses.md", text: "# All clauses" };

/// A file to be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Its name.
    pub(super) name: String,
    /// Its text.
    pub(super) html: String,
}

/// A page before it is framed.
struct Draft {
    name: String,
    title: &'static str,
    body: Rendered,
    /// The texts that it is made of: name, SHA-256.
    sources: Vec<(&'static str, String)>,
}

impl Draft {
    /// Its number, if it is a chapter, and its name.
    fn numbered(&self) -> (&str, &str) {
        words::numbered(self.title)
    }
}

/// All pages, in reading order.
pub(super) fn all() -> Result<Vec<Page>, String> {
    let entries = catalogue::all()?;
    let mut drafts = Vec::new();
    for document in source::documents() {
        drafts.push(chapter(&document, &entries).map_err(told)?);
    }
    drafts.push(table(&entries).map_err(told)?);
    framed(&drafts).map_err(told)
}

fn told(error: askama::Error) -> String {
    format!("a page cannot be made: {error}")
}

/// The page of a text.
fn chapter(document: &Document, entries: &[Entry]) -> askama::Result<Draft> {
    Ok(Draft {
        name: document.page(),
        title: document.title(),
        body: markdown::rendered(document, entries)?,
        sources: vec![(document.name, document.digest())],
    })
}

#[derive(Template)]
#[template(path = "spec/clauses.html")]
struct Table {
    chapters: Vec<(Heading, Vec<Line>)>,
    total: usize,
}

/// A clause in the table.
struct Line {
    clause: &'static Clause,
    href: String,
    class: &'static str,
    sentence: String,
    counts: [(&'static str, usize); 4],
}

/// The page of all clauses.
fn table(entries: &[Entry]) -> askama::Result<Draft> {
    let (mut chapters, mut sources) = (Vec::new(), Vec::new());
    for document in source::documents() {
        let of_document = clauses::all().iter().filter(|clause| clause.file == document.name);
        let lines = of_document.map(|clause| line(clause, entries));
        let lines = lines.collect::<askama::Result<Vec<_>>>()?;
        let Some(first) = lines.first() else { continue };
        let (id, text) = (clauses::chapter(first.clause.id), document.title());
        chapters.push((Heading { level: 2, id: id.to_owned(), text: text.to_owned() }, lines));
        sources.push((document.name, document.digest()));
    }
    let headings = chapters.iter().map(|(heading, _)| heading.clone()).collect();
    let html = Table { chapters, total: clauses::all().len() }.render()?;
    let (name, title) = (CLAUSES.page(), CLAUSES.title());
    Ok(Draft { name, title, body: Rendered { html, headings }, sources })
}

fn line(clause: &'static Clause, entries: &[Entry]) -> askama::Result<Line> {
    let held = Holdings::of(clause.id, entries);
    let count = |way| held.cases(way).len();
    Ok(Line {
        clause,
        href: source::address(clause),
        class: clauses::class(clause.id).unwrap_or_default(),
        sentence: markdown::sentence(&CLAUSES, &clause.sentence)?,
        counts: [
            ("vectors", count(Way::Vector)),
            ("relay", count(Way::Relay)),
            ("client", count(Way::Client)),
            ("twins", held.twins.len()),
        ],
    })
}

#[derive(Template)]
#[template(path = "spec/page.html")]
struct Frame<'a> {
    here: &'a Draft,
    drafts: &'a [Draft],
    previous: Option<&'a Draft>,
    next: Option<&'a Draft>,
    /// What the search field finds, as JSON that is safe in a page.
    index: &'a str,
    edition: &'static str,
    suite: &'static str,
    wire: u8,
}

/// The pages in their frame, each with its neighbours and the index of all.
fn framed(drafts: &[Draft]) -> askama::Result<Vec<Page>> {
    let index = search::data(&drafts.iter().flat_map(hits).collect::<Vec<_>>());
    let page = |(at, here): (usize, &Draft)| {
        let frame = Frame {
            here,
            drafts,
            previous: at.checked_sub(1).and_then(|at| drafts.get(at)),
            next: drafts.get(at + 1),
            index: &index,
            edition: sealwire_spec::VERSION,
            suite: env!("CARGO_PKG_VERSION"),
            wire: VERSION,
        };
        Ok(Page { name: here.name.clone(), html: frame.render()? })
    };
    drafts.iter().enumerate().map(page).collect()
}

/// What can be found on a page: itself, its headings, its clauses.
fn hits(draft: &Draft) -> Vec<Hit> {
    let hit = |name: &str, level, href, sentence| {
        let (name, place) = (name.to_owned(), draft.title.to_owned());
        Hit { name, level, place, href, sentence }
    };
    let whole = hit(draft.title, "", draft.name.clone(), String::new());
    let headings = draft.body.headings.iter().map(|Heading { id, text, .. }| {
        hit(text, "", format!("{}#{id}", draft.name), String::new())
    });
    let address = |clause: &'static Clause| (clause, source::address(clause));
    let here = |address: &str| address.split('#').next() == Some(&draft.name);
    let clauses = clauses::all().iter().map(address).filter(|(_, address)| here(address));
    let clauses = clauses.map(|(clause, address)| {
        hit(clause.id, clause.level, address, words::bare(&clause.sentence))
    });
    std::iter::once(whole).chain(headings).chain(clauses).collect()
}
