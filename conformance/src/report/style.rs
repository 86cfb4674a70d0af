//! Colours, only where somebody looks: on a terminal, unless `NO_COLOR` is set.

use std::io::IsTerminal;

/// How to mark words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    colours: bool,
}

impl Style {
    /// The style for this stream.
    pub(crate) fn of(stream: &impl IsTerminal) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colours: stream.is_terminal() && !refused }
    }

    /// No marks at all.
    #[cfg(test)]
    pub(crate) fn plain() -> Self {
        Self { colours: false }
    }

    /// Good news.
    pub(crate) fn good(self, text: &str) -> String {
        self.mark("32", text)
    }

    /// Bad news.
    pub(crate) fn bad(self, text: &str) -> String {
        self.mark("1;31", text)
    }

    /// News for later.
    pub(crate) fn faint(self, text: &str) -> String {
        self.mark("2", text)
    }

    fn mark(self, code: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
