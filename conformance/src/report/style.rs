//! How text looks where somebody sees it: colours and the width of the terminal; neither in a pipe.

use std::io::IsTerminal;

use console::Term;

use super::page::wrapped;

/// Columns of a terminal below which nothing is wrapped any more.
const NARROWEST: usize = 40;

/// How to mark words and break lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    colours: bool,
    width: Option<usize>,
}

impl Style {
    /// The style for stdout: colours on a terminal that can show them, unless `NO_COLOR` is set.
    pub(crate) fn of_stdout() -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let terminal = std::io::stdout().is_terminal();
        let columns = || Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
        Self {
            colours: terminal && !dumb && !set("NO_COLOR"),
            width: if terminal { columns().filter(|width| *width >= NARROWEST) } else { None },
        }
    }

    /// No marks, and lines as long as they come.
    pub(crate) const fn plain() -> Self {
        Self { colours: false, width: None }
    }

    /// Columns of the terminal, if it is one.
    pub(super) const fn width(self) -> Option<usize> {
        self.width
    }

    /// Good news.
    pub(crate) fn good(self, text: &str) -> String {
        self.mark("32", text)
    }

    /// Bad news.
    pub(crate) fn bad(self, text: &str) -> String {
        self.mark("1;31", text)
    }

    /// News to look at.
    pub(crate) fn warn(self, text: &str) -> String {
        self.mark("33", text)
    }

    /// News for later.
    pub(crate) fn faint(self, text: &str) -> String {
        self.mark("2", text)
    }

    /// A paragraph behind a label: lines after the first are as far in as the text of the first.
    pub(crate) fn labelled(self, label: &str, text: &str) -> String {
        let indent = label.chars().count();
        let Some(width) = self.width else { return format!("{label}{text}\n") };
        let lines = wrapped(text, width.saturating_sub(indent + 1).max(1));
        let line = |(at, line): (usize, &String)| match at {
            0 => format!("{label}{line}\n"),
            _ => format!("{:indent$}{line}\n", ""),
        };
        lines.iter().enumerate().map(line).collect()
    }

    fn mark(self, code: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_the_width_of_a_terminal_and_nowhere_in_a_pipe() {
        let text = "one two three four five six seven eight nine";
        let narrow = Style { colours: false, width: Some(40) };
        let lines = narrow.labelled("actual    ", text);
        assert_eq!(lines, "actual    one two three four five six\n          seven eight nine\n");
        assert_eq!(Style::plain().labelled("x ", text), format!("x {text}\n"));
    }

    #[test]
    fn a_plain_style_marks_nothing() {
        assert_eq!(Style::plain().bad("x"), "x");
        assert_eq!(Style { colours: true, width: None }.bad("x"), "\x1b[1;31mx\x1b[0m");
    }
}
