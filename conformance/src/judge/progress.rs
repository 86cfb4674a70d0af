//! One line on a terminal that says how far the run is; nothing at all in a pipe.

use std::io::{IsTerminal, Write, stderr};

/// The line.
pub(crate) struct Progress {
    done: usize,
    all: usize,
    visible: bool,
}

impl Progress {
    /// A line for so many cases or twins.
    pub(crate) fn new(all: usize) -> Self {
        Self { done: 0, all, visible: stderr().is_terminal() }
    }

    /// One more is done.
    pub(crate) fn tell(&mut self, id: &str) {
        self.done += 1;
        self.write(&format!("{}/{} {id}", self.done, self.all));
    }

    /// Leaves the line empty for the report.
    pub(crate) fn clear(&self) {
        self.write("");
    }

    fn write(&self, line: &str) {
        if self.visible {
            // A terminal that went away shall not end the run.
            let _ = write!(stderr(), "\r\x1b[2K{line}").and_then(|()| stderr().flush());
        }
    }
}
