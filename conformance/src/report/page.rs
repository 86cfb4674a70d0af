//! A page of labelled paragraphs, for a terminal or a pipe: no colours, a hundred columns.

use std::io::{ErrorKind, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::style::Style;
use crate::cli::complain;

/// Characters of a line, where there is room for them.
pub(crate) const WIDTH: usize = 100;
/// Characters for a label and the gap behind it.
const LABEL: usize = 11;

/// Characters of a line here: a terminal may have fewer columns.
pub(crate) fn width() -> usize {
    static COLUMNS: OnceLock<usize> = OnceLock::new();
    let columns = || Style::of_stdout().width().map_or(WIDTH, |columns| columns.min(WIDTH));
    // The tests are about the page, whatever terminal they run on.
    if cfg!(test) { WIDTH } else { *COLUMNS.get_or_init(columns) }
}

/// What is written so far, in lines of a width.
#[derive(Debug)]
pub(crate) struct Page {
    text: String,
    width: usize,
}

impl Default for Page {
    /// A page for whoever sits here.
    fn default() -> Self {
        Self { text: String::new(), width: width() }
    }
}

impl Page {
    /// A page for a file: the same wherever it is written.
    pub(crate) fn for_file() -> Self {
        Self { text: String::new(), width: WIDTH }
    }

    /// Characters of a line.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// A line as it is.
    pub(crate) fn line(&mut self, line: &str) {
        self.text += line.trim_end();
        self.text.push('\n');
    }

    /// An empty line.
    pub(crate) fn gap(&mut self) {
        self.line("");
    }

    /// A paragraph behind a label, its lines below each other.
    pub(crate) fn labelled(&mut self, label: &str, text: &str) {
        for (at, line) in wrapped(text, self.width - LABEL).into_iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            self.line(&format!("{label:LABEL$}{line}"));
        }
    }

    /// The whole text.
    pub(crate) fn text(self) -> String {
        self.text
    }
}

/// The lines of a paragraph, none longer than `width` unless a word is.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// At most `width` characters, the last of them a mark if some are missing.
pub(crate) fn shortened(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.trim_end().to_owned();
    }
    line.chars().take(width - 1).chain(['…']).collect()
}

/// Set once a report could not be written.
static LOST: AtomicBool = AtomicBool::new(false);

/// Whether a report is lost: a verdict that nobody can read is none.
pub(crate) fn lost() -> bool {
    LOST.load(Ordering::Relaxed)
}

/// Prints a text; a reader that goes away early, `| head`, is no fault.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush())
        && error.kind() != ErrorKind::BrokenPipe
        && !LOST.swap(true, Ordering::Relaxed)
    {
        complain(&format!("the report cannot be written to stdout: {error}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_break_between_words_at_the_width() {
        assert_eq!(wrapped("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrapped("aaaaaaa b", 5), ["aaaaaaa", "b"]);
        assert_eq!(wrapped("ℓℓ ℓℓ", 5), ["ℓℓ ℓℓ"]);
    }

    #[test]
    fn labels_stand_before_the_first_line_only() {
        let mut page = Page::default();
        page.labelled("why", &"word ".repeat(30));
        let text = page.text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("why        word") && lines[1].starts_with("           word"));
    }

    #[test]
    fn long_lines_are_marked_where_they_are_cut() {
        assert_eq!(shortened("abcdef", 4), "abc…");
        assert_eq!(shortened("abcd", 4), "abcd");
    }
}
