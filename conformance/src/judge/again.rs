//! The command that runs one case of a run again, as a shell reads it.

use std::ffi::{OsStr, OsString};
use std::fmt::Write;

use crate::cli::{Adapter, Client, PATIENCE, Relay, TIMEOUT};
use crate::live::seed::Seed;

/// A command line without the case and the seed.
pub(crate) struct Again {
    options: String,
    /// Behind `--`; empty if there is none.
    command: String,
}

impl Again {
    /// Judges the references.
    pub(crate) fn check() -> Self {
        Self { options: "sealwire check".to_owned(), command: String::new() }
    }

    /// Judges this relay. The notifier's seed is a secret of its operator and stays out of reports.
    pub(crate) fn relay(relay: &Relay) -> Self {
        let (x, ed) = (hex::encode(relay.x25519), hex::encode(relay.ed25519));
        let url = quoted(OsStr::new(&relay.url));
        let mut options = format!("sealwire relay --url {url} --x25519 {x} --ed25519 {ed}");
        if relay.notifier_seed.is_some() {
            options += " --notifier-seed \"$NOTIFIER_SEED\"";
        }
        for log in &relay.log {
            // Writing to a string cannot fail.
            let _ = write!(options, " --log {}", quoted(log.as_os_str()));
        }
        if relay.slow {
            options += " --slow";
        }
        Self { options, command: String::new() }
    }

    /// Judges this client.
    pub(crate) fn client(client: &Client) -> Self {
        let mut options = "sealwire client".to_owned();
        if client.slow {
            options += " --slow";
        }
        if client.patience != PATIENCE {
            // Writing to a string cannot fail.
            let _ = write!(options, " --patience {}", client.patience);
        }
        Self { options, command: behind_dashes(&client.command) }
    }

    /// Judges what this adapter stands for.
    pub(crate) fn adapter(adapter: &Adapter) -> Self {
        let mut options = "sealwire adapter".to_owned();
        if adapter.timeout != TIMEOUT {
            // Writing to a string cannot fail.
            let _ = write!(options, " --timeout {}ms", adapter.timeout.as_millis());
        }
        Self { options, command: behind_dashes(&adapter.command) }
    }

    /// The whole line for one case.
    pub(crate) fn one(&self, id: &str, seed: Seed) -> String {
        let Self { options, command } = self;
        format!("{options} --only {id} --seed {seed}{command}")
    }

    /// The line that judges the lines of an adapter.
    pub(crate) fn lines(&self) -> String {
        format!("{} --check{}", self.options, self.command)
    }

    /// The whole line for one case in which nothing is random.
    pub(crate) fn one_without_seed(&self, id: &str) -> String {
        let Self { options, command } = self;
        format!("{options} --only {id}{command}")
    }
}

/// A command and its arguments as the end of a line.
fn behind_dashes(command: &[OsString]) -> String {
    let words = command.iter().map(|word| format!(" {}", quoted(word)));
    format!(" --{}", words.collect::<String>())
}

/// An argument as a POSIX shell reads it.
fn quoted(argument: &OsStr) -> String {
    let text = argument.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    /// What a shell makes of the line.
    fn split(line: &str) -> Vec<String> {
        let script = format!("printf '%s\\0' {line}");
        let output = std::process::Command::new("sh").args(["-c", &script]).output();
        let text = String::from_utf8(output.expect("a shell").stdout).expect("text");
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn a_client_is_started_again_by_the_very_words() {
        let line = "sealwire client --slow --patience 3 --format json -- sh -c";
        let script = "exec \"$0\" 'it''s' $HOME; #\n";
        let words = line.split(' ').chain([script, "", "-x"]);
        let parsed = Cli::try_parse_from(words).expect("parses").command;
        let Some(Command::Client(client)) = parsed else { panic!("{parsed:?}") };
        let seed: Seed = "0000000000000001".parse().expect("16 digits");
        let again = split(&Again::client(&client).one("frame/order.a", seed));
        let expected = "sealwire client --slow --patience 3 --only frame/order.a --seed \
                        0000000000000001 -- sh -c";
        assert_eq!(again, expected.split(' ').chain([script, "", "-x"]).collect::<Vec<_>>());
        assert!(Cli::try_parse_from(again).is_ok());
    }

    #[test]
    fn an_adapter_is_started_again_with_its_patience() {
        let line = "sealwire adapter --timeout 300ms --format json -- python3";
        let words = line.split(' ').chain(["my adapter.py"]);
        let parsed = Cli::try_parse_from(words).expect("parses").command;
        let Some(Command::Adapter(adapter)) = parsed else { panic!("{parsed:?}") };
        let again = split(&Again::adapter(&adapter).one_without_seed("frame/mask-0001"));
        let expected = "sealwire adapter --timeout 300ms --only frame/mask-0001 -- python3";
        assert_eq!(again, expected.split(' ').chain(["my adapter.py"]).collect::<Vec<_>>());
        assert!(Cli::try_parse_from(again).is_ok());
    }

    #[test]
    fn a_relay_is_judged_again_without_the_seed_of_its_notifier() {
        let (x, secret) = ("11".repeat(32), "22".repeat(32));
        let line = format!(
            "sealwire relay --url ws://h:1/ws?a=1&b --x25519 {x} --ed25519 {x} --notifier-seed \
             {secret} --log a%b --log /var/c --slow"
        );
        let parsed = Cli::try_parse_from(line.split(' ')).expect("parses").command;
        let Some(Command::Relay(relay)) = parsed else { panic!("{parsed:?}") };
        let seed: Seed = "0000000000000001".parse().expect("16 digits");
        let again = Again::relay(&relay).one("frame/order.a", seed);
        assert!(!again.contains(&secret), "{again}");
        let words = split(&again.replace("$NOTIFIER_SEED", &secret));
        let parsed = Cli::try_parse_from(&words).expect("parses").command;
        let Some(Command::Relay(again)) = parsed else { panic!("{parsed:?}") };
        assert_eq!(again.url, relay.url);
        assert_eq!((again.x25519, again.notifier_seed), (relay.x25519, relay.notifier_seed));
        assert_eq!(again.log, relay.log);
        assert_eq!(
            (again.slow, again.run.selection.only.as_deref()),
            (true, Some("frame/order.a"))
        );
    }
}
