//! One event, one line, whatever somebody's text contains.

use super::Event;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};
use std::io;

/// Numbers events and writes them as lines.
#[derive(Debug, Default)]
pub struct EventLines {
    written: u64,
}

#[derive(Serialize)]
struct Numbered<'a> {
    seq: u64,
    #[serde(flatten)]
    event: &'a Event,
}

impl EventLines {
    /// Writes the next event and its newline.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&mut self, event: &Event, out: &mut impl io::Write) -> io::Result<()> {
        self.written += 1;
        let mut json = Serializer::with_formatter(&mut *out, OneLine);
        Numbered { seq: self.written, event }.serialize(&mut json)?;
        out.write_all(b"\n")
    }
}

/// Compact JSON that also escapes what some readers take for the end of a line, or print as a
/// control: U+007F to U+009F, U+2028, U+2029. JSON itself escapes U+0000 to U+001F.
struct OneLine;

impl Formatter for OneLine {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((plain, breaker)) = rest
            .find(is_breaker)
            .and_then(|at| Some((rest.get(..at)?, rest.get(at..)?.chars().next()?)))
        {
            CompactFormatter.write_string_fragment(writer, plain)?;
            write!(writer, "\\u{:04x}", u32::from(breaker))?;
            rest = rest.get(plain.len() + breaker.len_utf8()..).unwrap_or_default();
        }
        CompactFormatter.write_string_fragment(writer, rest)
    }
}

fn is_breaker(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(lines: &mut EventLines, text: &str) -> String {
        let mut out = Vec::new();
        lines.write(&Event::Notice { text: text.into() }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn events_are_numbered_and_named() {
        let mut lines = EventLines::default();
        assert_eq!(line(&mut lines, "a"), "{\"seq\":1,\"event\":\"notice\",\"text\":\"a\"}\n");
        let breakers = "\r\n\0\u{7f}\u{85}ü\u{2028}\u{2029}";
        let escaped = r"\r\n\u0000\u007f\u0085ü\u2028\u2029";
        let expected = format!("{{\"seq\":2,\"event\":\"notice\",\"text\":\"{escaped}\"}}\n");
        assert_eq!(line(&mut lines, breakers), expected);
    }

    proptest! {
        #[test]
        fn any_text_is_one_line_and_comes_back(text in ".*|[\\x00-\\x{ff}\\x{2028}\\x{2029}]*") {
            let written = line(&mut EventLines::default(), &text);
            let (body, end) = written.split_at(written.len() - 1);
            prop_assert_eq!(end, "\n");
            prop_assert!(!body.chars().any(|c| c.is_control() || is_breaker(c)));
            let value: serde_json::Value = serde_json::from_str(body).unwrap();
            prop_assert_eq!(value["text"].as_str(), Some(text.as_str()));
        }
    }
}
