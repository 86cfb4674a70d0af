//! The pages as they are written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::*;
use crate::catalogue;
use crate::clauses;
use crate::twins::Twin;
use source::Document;

fn pages() -> Vec<Page> {
    pages::all().expect("pages")
}

/// The values of an attribute, in their order.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let marks = format!(" {attribute}=\"");
    let values = html.split(&*marks).skip(1);
    values.filter_map(|rest| rest.split_once('"').map(|(value, _)| value)).collect()
}

/// The block of a clause on its page.
fn block(pages: &[Page], id: &str) -> String {
    let clause = clauses::find(id).expect("a clause");
    let name = source::address(clause).split('#').next().map(str::to_owned);
    let page = pages.iter().find(|page| Some(&page.name) == name.as_ref()).expect("a page");
    let (_, block) =
        page.html.split_once(&format!("<section class=\"clause\" id=\"{id}\"")).unwrap();
    block.split_once("</section>").expect("an end").0.to_owned()
}

#[test]
fn every_clause_has_one_anchor_where_its_address_says() {
    let pages = pages();
    for clause in clauses::all() {
        let anchor = |page: &&Page| values(&page.html, "id").contains(&clause.id);
        let on: Vec<_> = pages.iter().filter(anchor).map(|page| &*page.name).collect();
        assert_eq!([format!("{}#{}", on.join(" "), clause.id)], [source::address(clause)]);
    }
}

#[test]
fn every_link_leads_to_a_page_and_an_anchor_of_the_book() {
    let pages = pages();
    let mut anchors: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for page in &pages {
        let ids = values(&page.html, "id");
        let distinct: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(distinct.len(), ids.len(), "an id stands twice in {}", page.name);
        anchors.insert(&page.name, distinct);
    }
    for page in &pages {
        let found =
            page.html.split("\"href\":\"").skip(1).filter_map(|rest| rest.split('"').next());
        for link in values(&page.html, "href").into_iter().chain(found) {
            let (name, anchor) = link.split_once('#').unwrap_or((link, ""));
            let name = if name.is_empty() { &page.name } else { name };
            let ids = anchors.get(name);
            let leads = ids.is_some_and(|ids| anchor.is_empty() || ids.contains(anchor));
            assert!(leads || link == "data:,", "{} links to {link}", page.name);
        }
    }
}

#[test]
fn every_clause_and_heading_can_be_found_from_every_page() {
    for page in pages() {
        let (_, index) = page.html.split_once("id=\"spec-index\">").expect("an index");
        let (index, _) = index.split_once("</script>").expect("its end");
        let hits: serde_json::Value = serde_json::from_str(index).expect("JSON");
        let names: BTreeSet<_> =
            hits.as_array().unwrap().iter().filter_map(|hit| hit["name"].as_str()).collect();
        assert!(clauses::all().iter().all(|clause| names.contains(clause.id)));
        let headings = ["6 Relay", "The relay's order", "Threat model", "Operations"];
        assert!(headings.iter().all(|heading| names.contains(heading)), "{}", page.name);
    }
}

#[test]
fn nothing_comes_from_outside() {
    for Page { name, html } in pages() {
        assert!(values(&html, "src").is_empty(), "{name}");
        let (_, style) = html.split_once("<style>").expect("a style");
        let (style, body) = style.split_once("</style>").expect("its end");
        assert!(!style.contains("url(") && !style.contains("@import"), "{name}");
        for foreign in ["<img", "<iframe", "<object", "<style", "<link"] {
            assert!(!body.contains(foreign), "{name} has {foreign}");
        }
        for link in values(&html, "href") {
            assert!(link == "data:," || !link.contains(':'), "{name} links to {link}");
        }
    }
}

#[test]
fn every_example_has_a_ruler_over_all_of_its_bytes() {
    let of_texts: usize =
        source::documents().map(|it| it.text.matches("\n```bytes ").count()).sum();
    let mut rulers = 0;
    for page in pages() {
        for ruler in page.html.split("<figure class=\"ruler\"").skip(1) {
            let (ruler, _) = ruler.split_once("</figure>").expect("an end");
            let shown: String = ruler
                .split("<code><span>")
                .skip(1)
                .flat_map(|group| group.split_once("</span></code>").map(|(bytes, _)| bytes))
                .map(|bytes| bytes.replace("</span><span>", ""))
                .collect();
            assert_eq!(values(ruler, "data-copy"), [shown]);
            rulers += 1;
        }
    }
    assert!(of_texts > 10 && rulers == of_texts, "{rulers} of {of_texts}");
}

#[test]
fn what_holds_a_clause_stands_below_it() {
    let pages = pages();
    let mut blocks = BTreeMap::new();
    for clause in clauses::all() {
        blocks.insert(clause.id, block(&pages, clause.id));
    }
    for entry in catalogue::all().unwrap() {
        assert!(blocks[&*entry.clause].contains(&format!("<code>{}</code>", entry.id)));
    }
    for (id, row) in Twin::all().into_iter().filter_map(|twin| Some((twin.id(), twin.row()?))) {
        assert!(blocks[row.clause].contains(&format!("<code>{id}</code>")), "{id}");
    }
    let too_long = &blocks["frame/too-long"];
    for piece in ["<span class=\"level\">MUST</span>", ">limit</span>", "relay cases, 2 twins"] {
        assert!(too_long.contains(piece), "{piece}: {too_long}");
    }
    assert!(blocks["packet/authentic"].contains("refused by this one"));
    let untestable = clauses::all().iter().filter(|clause| clause.untestable.is_some());
    for clause in untestable {
        assert!(blocks[clause.id].contains("held by no case"), "{}", clause.id);
    }
}

#[test]
fn citations_lead_to_their_clauses_and_show_the_sentence() {
    let pages = pages();
    let frame = &pages.iter().find(|page| page.name == "04-frame.html").unwrap().html;
    for link in ["#frame/too-short", "06-relay.html#relay/none-dropped"] {
        let link = format!("<a class=\"cite\" href=\"{link}\" title=\"A relay MUST ");
        assert!(frame.contains(&link), "{link}");
    }
    // Sentences in attributes and in the index of the search are text on purpose.
    let nodes = frame.split('<').filter_map(|piece| piece.split_once('>'));
    let prose = nodes.filter(|(tag, _)| !tag.starts_with("script")).map(|(_, text)| text);
    let left: Vec<_> = prose.filter(|text| text.contains(" [frame/")).collect();
    assert_eq!(left, [""; 0], "citations that are no links");
}

/// A page of somebody who means harm.
const HOSTILE: &str = "# <script>t()</script>\n\n<div onclick=\"x\">block</div>\n\n\
    **[frame/too-long]** A relay <script>MUST</script> & [a](javascript:x) <https://e.org/>.\n\n\
    ## <b>h</b>\n\n```text \"><script>\n<script>\n```\n\n| <i>a</i> |\n|---|\n| ![i](http://e/i) |\n\n\
    [out](../x.md \"t\") and [there](05-handshake.md).\n";

#[test]
fn markup_in_a_text_is_shown_and_not_obeyed() {
    let document = Document { name: "spec/04-frame.md", text: HOSTILE };
    let html = markdown::rendered(&document, &[]).unwrap().html;
    for tag in ["<script", "<div onclick", "<i>", "<b>", "<img", "javascript:", "href=\"http"] {
        assert!(!html.contains(tag), "{tag} in {html}");
    }
    for text in [
        "&#60;script&#62;t()&#60;/script&#62;</h1>",
        "A relay &lt;script&gt;<strong>MUST</strong>&lt;/script&gt; &amp; a https://e.org/.",
        "<pre tabindex=\"0\" data-info=\"text &#34;&#62;&#60;script&#62;\">",
        "out and <a href=\"05-handshake.html\">there</a>",
    ] {
        assert!(html.contains(text), "{text} not in {html}");
    }
}

#[test]
fn what_stands_behind_a_clause_belongs_to_it_up_to_the_next_heading() {
    let text = "Before.\n\n**[frame/mask]** A MUST.\n\nTo it.\n\n*Why.* So.\n\n## Next\n\nAfter.\n";
    let document = Document { name: "spec/04-frame.md", text };
    let html = markdown::rendered(&document, &[]).unwrap().html;
    for piece in [
        "<p>Before.</p>",
        "<p class=\"applied\">To it.</p>",
        "<p class=\"why\"><em>Why.</em> So.</p>",
        "<p>After.</p>",
    ] {
        assert!(html.contains(piece), "{piece} not in {html}");
    }
}

#[test]
fn the_same_texts_give_the_same_pages() {
    assert_eq!(pages(), pages());
}

#[test]
fn a_page_names_the_hash_of_its_text() {
    for (document, page) in source::documents().zip(pages()) {
        assert_eq!(document.page(), page.name);
        let hash = sealwire_vectors::hash(document.text);
        assert!(page.html.contains(&format!("<code>{hash}</code>")), "{}", page.name);
    }
}

#[test]
fn pages_are_written_over_pages_and_over_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("new/book");
    let page = |html: &str| Page { name: "index.html".to_owned(), html: html.to_owned() };
    let marked = [page(&format!("{MARK} 1"))];
    assert_eq!(write(&inner, &marked), Ok(()));
    assert_eq!(write(&inner, &[page(&format!("{MARK} 2"))]), Ok(()));
    fs::write(inner.join("notes.html"), "mine").unwrap();
    fs::write(inner.join("index.html"), "mine").unwrap();
    let fault = write(&inner, &marked).unwrap_err();
    assert!(fault.contains("index.html is no page of the specification"), "{fault}");
    assert_eq!(fs::read_to_string(inner.join("index.html")).unwrap(), "mine");
    let fault = write(&inner.join("notes.html"), &marked).unwrap_err();
    assert!(fault.contains("cannot write") && fault.lines().count() == 1, "{fault}");
    assert!(pages().iter().all(|page| page.html.contains(MARK)));
}
