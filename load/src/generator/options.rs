//! The command line of `sealwire load`.

use std::time::Duration;

use clap::{Args, ValueEnum};
use sealwire::frame;

/// The form of what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object on stdout.
    Json,
}

/// The relay to load, and how.
#[derive(Args, Debug)]
pub struct Load {
    /// Where the relay listens: ws://HOST:PORT/PATH.
    #[arg(long)]
    pub url: String,
    /// Its X25519 public key, 64 hex digits.
    #[arg(long, value_name = "HEX", value_parser = key)]
    pub x25519: [u8; 32],
    /// Its Ed25519 public key, 64 hex digits.
    #[arg(long, value_name = "HEX", value_parser = key)]
    pub ed25519: [u8; 32],
    /// Its process on this machine: lets CPU be told, and frames a relay CPU-second.
    #[arg(long)]
    pub pid: Option<u32>,
    /// Pairs of sessions, one of which sends to the other.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub pairs: u32,
    /// Closed loop: each sender keeps so many frames under way.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    pub in_flight: u32,
    /// Bytes of a frame, header, packet and all, without the head that WebSocket puts before it.
    #[arg(long, value_name = "BYTES", default_value_t = 128, value_parser = clap::value_parser!(u32).range(frame::MIN as i64..=frame::MAX as i64))]
    pub size: u32,
    /// How long is measured.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub duration: Duration,
    /// How long the same goes on before it is measured.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = time)]
    pub warm_up: Duration,
    /// The clients' keys grow from this; without it, others in each run.
    #[arg(long, value_name = "HEX", value_parser = seed)]
    pub seed: Option<u64>,
    /// The form of the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

fn key(text: &str) -> Result<[u8; 32], String> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| "not 64 hex digits".to_owned())?;
    Ok(bytes)
}

fn seed(text: &str) -> Result<u64, String> {
    u64::from_str_radix(text, 16).map_err(|_| "not a number of up to 16 hex digits".to_owned())
}

fn time(text: &str) -> Result<Duration, String> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(0));
    let number: u32 = digits.parse().map_err(|_| "not a time like 10s or 500ms".to_owned())?;
    match unit {
        "ms" => Ok(Duration::from_millis(number.into())),
        "s" => Ok(Duration::from_secs(number.into())),
        "m" => Ok(Duration::from_secs(60 * u64::from(number))),
        _ => Err("not a time like 10s or 500ms".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit() {
        assert_eq!(time("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "10", "s", "1.5s", "99999999999s"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
