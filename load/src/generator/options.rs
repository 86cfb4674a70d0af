//! The command line of `sealwire load`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, value_parser};
use sealwire::frame;

use crate::Failure;
use crate::values::{key, seed, time};

/// The form of what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object on stdout.
    Json,
}

/// What is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Frames between pairs, among idle sessions or alone.
    #[default]
    Traffic,
    /// Sessions that do nothing.
    Idle,
    /// Connections that say hello, are greeted, and leave.
    Handshakes,
    /// Sessions that are all cut off and come back at once.
    Storm,
    /// Memory of the relay by sessions.
    Memory,
}

impl What {
    /// Its word on the command line.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Traffic => "traffic",
            Self::Idle => "idle",
            Self::Handshakes => "handshakes",
            Self::Storm => "storm",
            Self::Memory => "memory",
        }
    }
}

/// The relay to load, and how.
#[derive(Args, Debug)]
pub struct Load {
    /// What is measured.
    #[arg(value_enum, default_value_t)]
    pub what: What,
    /// Where the relay listens: ws://HOST:PORT/PATH.
    #[arg(long)]
    pub url: String,
    /// Its X25519 public key, 64 hex digits.
    #[arg(long, value_name = "HEX", value_parser = key)]
    pub x25519: [u8; 32],
    /// Its Ed25519 public key, 64 hex digits.
    #[arg(long, value_name = "HEX", value_parser = key)]
    pub ed25519: [u8; 32],
    /// Its process on this machine: lets its CPU and memory be told, and frames a relay CPU-second.
    #[arg(long)]
    pub pid: Option<u32>,
    /// Traffic: pairs of sessions, one of which sends to the other [default: 4].
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=100_000))]
    pub pairs: Option<u32>,
    /// Traffic: frames that each sender keeps under way; the next is sent when one arrives.
    /// Handshakes: how many are under way at a time [default: 64].
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub in_flight: Option<u32>,
    /// Traffic in an open loop: frames a second of all pairs together, sent when they are due,
    /// whatever became of those before. Latency is measured from then.
    #[arg(long, value_name = "FRAMES/S", conflicts_with = "in_flight", value_parser = value_parser!(u32).range(1..))]
    pub rate: Option<u32>,
    /// Open loop: so many of a hundred recipients do not read until the end; the others' latency is
    /// told apart from theirs.
    #[arg(long, value_name = "PERCENT", requires = "rate", value_parser = value_parser!(u32).range(1..=99))]
    pub stalled: Option<u32>,
    /// Traffic: bytes of a frame, header, packet and all, without the head that WebSocket puts in
    /// front [default: 128].
    #[arg(long, value_name = "BYTES", value_parser = value_parser!(u32).range(frame::MIN as i64..=frame::MAX as i64))]
    pub size: Option<u32>,
    /// Sessions that do nothing, besides traffic [default: 0]; otherwise, how many there are at the
    /// end [default: 18000].
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub sessions: Option<u32>,
    /// Connect so many sessions a second; without it, as fast as the relay greets.
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub ramp: Option<u32>,
    /// How long traffic, idleness or handshakes are measured [default: 10s].
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub duration: Option<Duration>,
    /// How long the same goes on before it is measured [default: 1s].
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub warm_up: Option<Duration>,
    /// Memory: let every session send and receive one frame of 64 KiB, wait for so long, and measure
    /// again.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub rest: Option<Duration>,
    /// The clients' keys grow from this; without it, others in each run.
    #[arg(long, value_name = "HEX", value_parser = seed)]
    pub seed: Option<u64>,
    /// The form of the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Draw a chart too: latency by its parts in an open loop, frames a second in a closed one,
    /// sessions that are back in a storm, memory by sessions.
    #[arg(long, value_name = "FILE.svg")]
    pub chart: Option<PathBuf>,
}

impl Load {
    /// Refuses an option that would do nothing, or the lack of one that is needed.
    pub(super) fn check(&self) -> Result<(), Failure> {
        use What::{Handshakes, Idle, Memory, Storm, Traffic};
        let timed = &[Traffic, Idle, Handshakes][..];
        for (option, given, fits) in [
            ("--pairs", self.pairs.is_some(), &[Traffic][..]),
            ("--in-flight", self.in_flight.is_some(), &[Traffic, Handshakes]),
            ("--rate", self.rate.is_some(), &[Traffic]),
            ("--stalled", self.stalled.is_some(), &[Traffic]),
            ("--size", self.size.is_some(), &[Traffic]),
            ("--sessions", self.sessions.is_some(), &[Traffic, Idle, Storm, Memory]),
            ("--ramp", self.ramp.is_some(), &[Traffic, Idle, Storm, Memory]),
            ("--duration", self.duration.is_some(), timed),
            ("--warm-up", self.warm_up.is_some(), timed),
            ("--chart", self.chart.is_some(), &[Traffic, Storm, Memory]),
            ("--rest", self.rest.is_some(), &[Memory]),
        ] {
            if given && !fits.contains(&self.what) {
                let word = self.what.word();
                return Err(Failure::Usage(format!("{option} does nothing for {word}: omit it")));
            }
        }
        if self.what == Memory && self.pid.is_none() {
            return Err(Failure::Usage("memory needs --pid, the relay's process".to_owned()));
        }
        if self.stalled.is_some() && self.pairs() < 2 {
            return Err(Failure::Usage(
                "--stalled needs two pairs: one goes on reading".to_owned(),
            ));
        }
        Ok(())
    }

    pub(super) fn pairs(&self) -> usize {
        self.pairs.unwrap_or(4) as usize
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.unwrap_or(64) as usize
    }

    /// One at least, and not all.
    pub(super) fn stalled_pairs(&self) -> usize {
        let part = |percent| (self.pairs() * percent as usize).div_ceil(100);
        self.stalled.map_or(0, |percent| part(percent).min(self.pairs() - 1))
    }

    pub(super) fn size(&self) -> usize {
        self.size.unwrap_or(128) as usize
    }

    pub(super) fn sessions(&self) -> usize {
        let default = if self.what == What::Traffic { 0 } else { 18_000 };
        self.sessions.unwrap_or(default) as usize
    }

    pub(super) fn duration(&self) -> Duration {
        self.duration.unwrap_or(Duration::from_secs(10))
    }

    pub(super) fn warm_up(&self) -> Duration {
        self.warm_up.unwrap_or(Duration::from_secs(1))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        load: Load,
    }

    fn parse(line: &str) -> Load {
        let key = "01".repeat(32);
        let fixed = ["load", "--url", "ws://x/", "--x25519", &key, "--ed25519", &key];
        let line = fixed.into_iter().chain(line.split_whitespace());
        Line::try_parse_from(line).expect("parses").load
    }

    #[test]
    fn an_option_that_does_nothing_is_refused() {
        for good in ["", "--pairs 3 --size 1024", "idle --duration 1s", "memory --pid 1 --rest 1s"]
        {
            assert_eq!(parse(good).check(), Ok(()), "{good}");
        }
        for (line, named) in [
            ("storm --pairs 3", "--pairs"),
            ("--rest 1s", "--rest"),
            ("handshakes --sessions 5", "--sessions"),
            ("memory", "--pid"),
            ("--rate 10 --stalled 50 --pairs 1", "--stalled"),
        ] {
            match parse(line).check() {
                Err(Failure::Usage(why)) => assert!(why.contains(named), "{why}"),
                other => panic!("{line}: {other:?}"),
            }
        }
    }

    #[test]
    fn each_thing_that_is_measured_has_the_word_that_is_printed() {
        for what in What::value_variants() {
            let value = what.to_possible_value().expect("a word");
            assert_eq!(value.get_name(), what.word());
        }
    }
}
