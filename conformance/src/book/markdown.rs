//! Markdown to HTML, with what makes it a specification: clauses with anchors and what holds them,
//! citations that lead there, examples with rulers, headings that can be linked to.
//!
//! The texts are trusted no further than their words: HTML in them is shown, not obeyed, and a link
//! that leads out of the pages is plain text.

use std::collections::BTreeMap;
use std::ops::Range;

use askama::Template;
use pulldown_cmark::html::push_html;
use pulldown_cmark::{BrokenLink, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::links;
use super::ruler::Example;
use super::source::{self, Document};
use super::{clause, words};
use crate::catalogue::Entry;
use crate::clauses;

/// An event, and the place of its source.
type Spanned<'a> = (Event<'a>, Range<usize>);

/// A text as a piece of a page.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    /// The piece.
    pub(super) html: String,
    /// Its headings below the first, in their order.
    pub(super) headings: Vec<Heading>,
}

/// A heading that can be linked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heading {
    /// 2 for a section, 3 for what is below it.
    pub(super) level: usize,
    /// Its anchor.
    pub(super) id: String,
    /// Its words.
    pub(super) text: String,
}

/// The whole of a document.
pub(super) fn rendered(document: &Document, entries: &[Entry]) -> askama::Result<Rendered> {
    let events = parsed(document.text);
    let mut writer = Writer {
        document,
        entries,
        out: Rendered::default(),
        slugs: BTreeMap::new(),
        behind_clause: false,
    };
    for block in blocks(&events) {
        writer.block(block)?;
    }
    Ok(writer.out)
}

/// A sentence of a document, for a page beside it.
pub(super) fn sentence(document: &Document, text: &str) -> askama::Result<String> {
    let mut events = parsed(text);
    events.retain(|(event, _)| {
        !matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph))
    });
    html(document, &words::stressed(&events))
}

/// The events of a text. A clause in brackets is a link whose destination is the clause.
fn parsed(text: &str) -> Vec<Spanned<'_>> {
    let cited = |link: BrokenLink<'_>| {
        let clause = clauses::find(&link.reference)?;
        Some((clause.id.into(), "".into()))
    };
    let options = Options::ENABLE_TABLES;
    Parser::new_with_broken_link_callback(text, options, Some(cited)).into_offset_iter().collect()
}

/// The outermost blocks, each with all that is in it.
fn blocks<'e, 'a>(mut events: &'e [Spanned<'a>]) -> impl Iterator<Item = &'e [Spanned<'a>]> {
    std::iter::from_fn(move || {
        let mut depth = 0;
        let end = events.iter().position(|(event, _)| {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
            depth == 0
        })?;
        let (block, rest) = events.split_at(end + 1);
        events = rest;
        Some(block)
    })
}

/// What a block holds, without its own start and end.
fn inside<'e, 'a>(block: &'e [Spanned<'a>]) -> &'e [Spanned<'a>] {
    block.get(1..block.len().saturating_sub(1)).unwrap_or_default()
}

/// A document on its way.
struct Writer<'a> {
    document: &'a Document,
    entries: &'a [Entry],
    out: Rendered,
    /// How often each anchor was wanted.
    slugs: BTreeMap<String, usize>,
    /// Whether the next paragraph belongs to a clause.
    behind_clause: bool,
}

impl Writer<'_> {
    fn block(&mut self, block: &[Spanned<'_>]) -> askama::Result<()> {
        let Some((first, source)) = block.first() else { return Ok(()) };
        let piece = match first {
            Event::Start(Tag::Heading { level, .. }) => self.heading(*level as usize, block)?,
            Event::Start(Tag::Paragraph) => self.paragraph(block, source.clone())?,
            Event::Start(Tag::CodeBlock(kind)) => code(kind, block)?,
            Event::Start(Tag::Table(_)) => {
                // A corner without a word is no heading of its column.
                let table = html(self.document, block)?.replace("<th></th>", "<td></td>");
                format!("<div class=\"scroll\" tabindex=\"0\">{table}</div>\n")
            }
            _ => html(self.document, block)?,
        };
        self.out.html += &piece;
        Ok(())
    }

    fn heading(&mut self, level: usize, block: &[Spanned<'_>]) -> askama::Result<String> {
        self.behind_clause = false;
        let text = words::plain(block.iter().map(|(event, _)| event));
        let id = self.slug(&text);
        if level == 1 {
            let (number, name) = words::numbered(&text);
            return Title { id: &id, number, name }.render();
        }
        self.out.headings.push(Heading { level, id: id.clone(), text });
        Headline { level, id: &id, html: html(self.document, inside(block))? }.render()
    }

    /// An anchor as GitHub makes it, so that links in the texts work in both places.
    fn slug(&mut self, text: &str) -> String {
        let kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
        let slug: String = text.to_lowercase().chars().filter(kept).collect();
        let slug = slug.replace(' ', "-");
        let times = self.slugs.entry(slug.clone()).or_default();
        *times += 1;
        if *times == 1 { slug } else { format!("{slug}-{}", *times - 1) }
    }

    fn paragraph(&mut self, block: &[Spanned<'_>], source: Range<usize>) -> askama::Result<String> {
        let text = self.document.text.get(source).unwrap_or_default();
        let defined = clauses::definition(text).and_then(|(id, _)| clauses::find(id));
        if let Some(clause) = defined {
            self.behind_clause = true;
            let name = |(event, _): &Spanned<'_>| matches!(event, Event::End(TagEnd::Strong));
            let behind = block.iter().position(name).map_or(0, |end| end + 1);
            let sentence = words::stressed(inside(block).get(behind - 1..).unwrap_or_default());
            return clause::html(clause, &html(self.document, &sentence)?, self.entries);
        }
        let class = match (self.behind_clause, text.starts_with("*Why")) {
            (_, true) => " class=\"why\"",
            (true, false) => " class=\"applied\"",
            (false, false) => "",
        };
        Ok(format!("<p{class}>{}</p>\n", html(self.document, inside(block))?))
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1 id="{{ id }}">{% if !number.is_empty() %}<span class="number">{{ number }}</span> {% endif %}{{ name }}</h1>
"#
)]
struct Title<'a> {
    id: &'a str,
    number: &'a str,
    name: &'a str,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<h{{ level }} id="{{ id }}">{{ html|safe }}<a class="anchor" href="#{{ id }}" aria-label="Link to this section">#</a></h{{ level }}>
"##
)]
struct Headline<'a> {
    level: usize,
    id: &'a str,
    html: String,
}

/// An example with its ruler, or a block that is shown as it is.
fn code(kind: &CodeBlockKind<'_>, block: &[Spanned<'_>]) -> askama::Result<String> {
    let text = words::plain(block.iter().map(|(event, _)| event));
    let info = match kind {
        CodeBlockKind::Fenced(info) => info,
        CodeBlockKind::Indented => "",
    };
    match Example::read(info, &text) {
        Some(example) => example.html(),
        None => Verbatim { info, text: &text }.render(),
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<pre tabindex="0" data-info="{{ info }}"><code>{{ text }}</code></pre>
"#
)]
struct Verbatim<'a> {
    info: &'a str,
    text: &'a str,
}

/// Events as HTML, with links as they are in the pages.
fn html(document: &Document, events: &[Spanned<'_>]) -> askama::Result<String> {
    let mut out = Vec::new();
    let mut events = events.iter().map(|(event, _)| event);
    let mut linked = false;
    while let Some(event) = events.next() {
        match event {
            Event::Start(Tag::Link { link_type: LinkType::ShortcutUnknown, dest_url, .. }) => {
                out.push(Event::InlineHtml(citation(document, dest_url)?.into()));
                events.find(|event| matches!(event, Event::End(TagEnd::Link)));
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                let found = links::resolved(document, dest_url);
                linked = found.is_some();
                out.extend(found.map(|href| {
                    let (title, id) = ("".into(), "".into());
                    let link_type = LinkType::Inline;
                    Event::Start(Tag::Link { link_type, dest_url: href.into(), title, id })
                }));
            }
            Event::End(TagEnd::Link) if !linked => {}
            // What is not text has no place in a page that holds everything itself.
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            Event::Start(Tag::HtmlBlock) => out.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => out.push(Event::End(TagEnd::Paragraph)),
            Event::Html(text) | Event::InlineHtml(text) => out.push(Event::Text(text.clone())),
            other => out.push(other.clone()),
        }
    }
    let mut html = String::new();
    push_html(&mut html, out.into_iter());
    Ok(html)
}

/// A clause in brackets: it leads to where the clause stands, and shows its sentence.
fn citation(document: &Document, id: &str) -> askama::Result<String> {
    let Some(clause) = clauses::find(id) else { return Ok(String::new()) };
    let address = source::address(clause);
    let here = format!("{}#", document.page());
    let href = match address.strip_prefix(&here) {
        Some(id) => format!("#{id}"),
        None => address,
    };
    Citation { id, href, sentence: words::bare(&clause.sentence) }.render()
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<a class="cite" href="{{ href }}" title="{{ sentence }}">[{{ id }}]</a>"#
)]
struct Citation<'a> {
    id: &'a str,
    href: String,
    sentence: String,
}
