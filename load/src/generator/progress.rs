//! One line on a terminal that says how far a run is; nothing at all in a pipe.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often the seconds go on.
const TICK: Duration = Duration::from_millis(500);
const LINE: &str = "{elapsed:>4} {wide_msg}";

/// The line.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// It says nothing yet.
    pub(crate) fn new() -> Self {
        // indicatif draws on terminals only.
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if !bar.is_hidden() {
            bar.set_style(style());
            bar.enable_steady_tick(TICK);
        }
        Self(bar)
    }

    /// Says this, if anybody reads it.
    pub(crate) fn say(&self, what: impl FnOnce() -> String) {
        if !self.0.is_hidden() {
            self.0.set_message(what());
        }
    }
}

impl Drop for Progress {
    /// Leaves the line empty for the result.
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn style() -> ProgressStyle {
    // The template is a constant, which a test reads.
    ProgressStyle::with_template(LINE).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_can_be_read() {
        assert!(ProgressStyle::with_template(LINE).is_ok());
    }
}
