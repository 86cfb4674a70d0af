//! The words of a text, and those among them that bind.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// The words of RFC 2119, a longer one before what it begins with.
const BINDING: [&str; 5] = ["MUST NOT", "MUST", "SHOULD NOT", "SHOULD", "MAY"];

/// The words of a text, without marks.
pub(super) fn plain<'e, 'a: 'e>(events: impl Iterator<Item = &'e Event<'a>>) -> String {
    let word = |event: &'e Event<'a>| match event {
        Event::Text(text) | Event::Code(text) => Some(&**text),
        Event::Html(text) | Event::InlineHtml(text) => Some(&**text),
        Event::SoftBreak | Event::HardBreak => Some(" "),
        _ => None,
    };
    events.filter_map(word).collect()
}

/// The words of a piece of Markdown.
pub(super) fn bare(text: &str) -> String {
    let events: Vec<_> = Parser::new(text).collect();
    plain(events.iter())
}

/// The same events with the words that bind in bold.
pub(super) fn stressed<'a>(events: &[(Event<'a>, Range<usize>)]) -> Vec<(Event<'a>, Range<usize>)> {
    let mut out = Vec::new();
    for (event, place) in events {
        let Event::Text(text) = event else {
            out.push((event.clone(), place.clone()));
            continue;
        };
        let mut rest: &str = text;
        while let Some((before, word, behind)) = next(rest) {
            let text = |text: &str| Event::Text(text.to_owned().into());
            let bold = [Event::Start(Tag::Strong), text(word), Event::End(TagEnd::Strong)];
            let pieces = std::iter::once(text(before)).chain(bold);
            out.extend(pieces.map(|piece| (piece, place.clone())));
            rest = behind;
        }
        out.push((Event::Text(rest.to_owned().into()), place.clone()));
    }
    out
}

/// The first word that binds, with what stands before and behind it.
fn next(text: &str) -> Option<(&str, &'static str, &str)> {
    let found = BINDING.into_iter().filter_map(|word| {
        let (before, behind) = text.split_once(word)?;
        Some((before, word, behind))
    });
    // The longer of two words at one place stands first in the table, and `min` keeps the first.
    found.min_by_key(|(before, _, _)| before.len())
}

/// A title as its number, empty if it has none, and its name.
pub(super) fn numbered(title: &str) -> (&str, &str) {
    match title.split_once(' ') {
        Some((number, name)) if number.bytes().all(|byte| byte.is_ascii_digit()) => (number, name),
        _ => ("", title),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_bind_are_bold_and_the_text_stays() {
        let events: Vec<_> =
            Parser::new("It MUST NOT, and MAY `MUST`.").into_offset_iter().collect();
        let stressed = stressed(&events);
        assert_eq!(plain(stressed.iter().map(|(event, _)| event)), "It MUST NOT, and MAY MUST.");
        let bold: Vec<_> = stressed
            .windows(2)
            .filter(|pair| pair[0].0 == Event::Start(Tag::Strong))
            .map(|pair| pair[1].0.clone())
            .collect();
        assert_eq!(bold, [Event::Text("MUST NOT".into()), Event::Text("MAY".into())]);
    }

    #[test]
    fn a_title_is_parted_from_its_number() {
        assert_eq!(numbered("4 Frame"), ("4", "Frame"));
        assert_eq!(numbered("Security of version 2"), ("", "Security of version 2"));
    }

    #[test]
    fn marks_are_no_words() {
        assert_eq!(bare("A *b* `c[0]` [frame/mask] **d**\ne."), "A b c[0] [frame/mask] d e.");
    }
}
