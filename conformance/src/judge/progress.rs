//! One line on a terminal that says how far the run is; nothing at all in a pipe. With `--verbose` a
//! line for each case besides.

use std::io::{IsTerminal, Write, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::Voice;

/// What a case looks like before any is known.
const DOING: &str = "{elapsed:>4} {wide_msg}";
/// How far the run is, and what has just ended.
const DONE: &str = "{elapsed:>4} {bar:24} {pos}/{len} {wide_msg}";

/// How often the seconds go on.
const TICK: Duration = Duration::from_millis(500);

/// The line.
pub(crate) struct Progress {
    bar: ProgressBar,
    verbose: bool,
}

impl Progress {
    /// A line that says nothing yet.
    pub(crate) fn new(voice: Voice) -> Self {
        // indicatif draws on terminals only.
        let target = match voice.quiet {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr(),
        };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(style(DOING));
        Self { bar, verbose: voice.verbose }
    }

    /// What takes a while and cannot be counted.
    pub(crate) fn doing(&self, what: &str) {
        self.bar.set_message(what.to_owned());
        self.bar.enable_steady_tick(TICK);
    }

    /// So many cases or twins begin.
    pub(crate) fn begin(&self, all: usize) {
        self.bar.set_style(style(DONE));
        self.bar.set_length(all as u64);
    }

    /// One more is done.
    pub(crate) fn tell(&self, word: &str, id: &str, ms: u64) {
        self.bar.set_message(id.to_owned());
        self.bar.inc(1);
        if self.verbose {
            let line = format!("{word:<11} {ms:>6} ms  {id}");
            // A reader that goes away early is no fault.
            self.bar.suspend(|| _ = writeln!(stderr(), "{line}"));
        }
    }

    /// Leaves the line empty for the report.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    /// A run that stops leaves a clean line for the reason.
    fn drop(&mut self) {
        if stderr().is_terminal() {
            self.clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants, which a test reads.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_can_be_read() {
        for template in [DOING, DONE] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
