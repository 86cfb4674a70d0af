//! What goes wrong, in one line on stderr that names the word, file or value and says what to do.

use std::io::Write;

use super::Exit;
use crate::report::clean;

/// Says it. A reader that goes away early is no fault: there is nobody left to tell.
pub(crate) fn complain(what: &str) {
    let _ = writeln!(std::io::stderr(), "sealwire: {}", clean(what));
}

/// The suite could not judge.
pub(crate) fn broken(why: &str) -> Exit {
    complain(why);
    Exit::Broken
}

/// The command line cannot be used.
pub(crate) fn unusable(why: &str) -> Exit {
    complain(why);
    Exit::Usage
}

/// What clap says against a command line, in one line, and where to read more.
pub(crate) fn in_one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let said: Vec<_> = lines
        .filter(|line| !line.is_empty() && !line.starts_with("For more information"))
        .map(|line| line.trim_start_matches("error: "))
        .collect();
    format!("{}; --help tells more", said.join(" "))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::Cli;
    use super::*;

    #[test]
    fn a_complaint_is_one_line_that_names_the_word_at_fault() {
        for (line, said) in [
            (&["sealwire", "checks"][..], "unrecognized subcommand 'checks'"),
            (&["sealwire", "check", "--only-one", "x"], "'--only-one' found"),
            (&["sealwire", "check", "--only-one", "x"], "a similar argument exists: '--only'"),
            (&["sealwire", "check", "--report", "x.doc"], ".html, .json, .xml"),
            (&["sealwire", "relay"], "--url <URL> --x25519 <HEX> --ed25519 <HEX>"),
            (&["sealwire", "explain"], "<ID>"),
        ] {
            let error = Cli::try_parse_from(line).expect_err("no command line");
            let complaint = in_one_line(&error);
            assert!(complaint.contains(said), "{complaint}");
            assert_eq!(complaint.lines().count(), 1, "{complaint}");
        }
    }
}
