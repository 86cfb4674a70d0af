//! Trouble: one line that says what, where, and what to do; and the exit code it ends with.

use crate::{
    contract::{Code, Fault},
    diagnostics::say,
};
use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Why the program ends with another exit code than 0.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    code: u8,
    line: String,
}

impl Trouble {
    /// 2: the caller can mend it in what was typed, a file, or a value.
    pub(crate) fn usage(line: impl Into<String>) -> Self {
        Self { code: 2, line: line.into() }
    }

    /// 3: the world outside did not play along.
    pub(crate) fn environment(line: impl Into<String>) -> Self {
        Self { code: 3, line: line.into() }
    }

    /// What clap says, without its paragraphs.
    pub(crate) fn arguments(error: &clap::Error) -> Self {
        let text = error.to_string();
        let first = text.split("\n\n").next().unwrap_or_default();
        let words: Vec<_> = first.split_whitespace().collect();
        let line = words.join(" ");
        let line = line.strip_prefix("error: ").unwrap_or(&line);
        Self::usage(format!("{line}; try --help"))
    }

    /// Says it on stderr.
    pub(crate) fn report(&self) -> ExitCode {
        say(&format!("sealwire-client: {}", self.line));
        ExitCode::from(self.code)
    }
}

/// A fault that ends a run: an invite or name is the caller's to mend, the rest is outside.
impl From<&Fault> for Trouble {
    fn from(fault: &Fault) -> Self {
        match fault.code {
            Code::BadInvite | Code::Full | Code::KeyConflict | Code::TooLong => {
                Self::usage(&fault.detail)
            }
            _ => Self::environment(&fault.detail),
        }
    }
}

/// Prints what was asked for.
pub(crate) fn print(text: &str) -> Result<(), Trouble> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Trouble::environment(format!("stdout: {error}")))
}
