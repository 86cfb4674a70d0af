//! The log: lines on stderr, as text or as JSON, about the relay and never about a client. No id,
//! key, address, nickname, token or size of a single frame has a place in it (`[relay/no-trace]`).

use std::{fmt, io::stderr, panic, str::FromStr};
use tracing::{error, level_filters::LevelFilter};

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

impl FromStr for Form {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("must be text or json".into()),
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// Begins to log; once a process, further calls change nothing.
pub fn begin(form: Form, level: LevelFilter) {
    let lines = tracing_subscriber::fmt().with_writer(stderr).with_max_level(level);
    let lines = lines.with_ansi(false).with_target(false);
    let begun = match form {
        Form::Text => lines.try_init(),
        Form::Json => lines.json().flatten_event(true).try_init(),
    };
    if begun.is_ok() {
        panic::set_hook(Box::new(report));
    }
}

/// A panic where it happened, and what it said only if that was written into the program: what it
/// was about may be a client's.
fn report(panicked: &panic::PanicHookInfo<'_>) {
    let said = panicked.payload().downcast_ref::<&'static str>().copied();
    let place = panicked.location().map(|place| format!("{}:{}", place.file(), place.line()));
    error!(said, place, "a task failed inside and was ended");
}
