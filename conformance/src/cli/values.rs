//! What a value on the command line may be.

use std::time::Duration;

use clap::builder::{RangedI64ValueParser, RangedU64ValueParser};
use clap::value_parser;

use crate::cases;
use crate::live::runner::WIDTH;
use crate::live::upgrade::Address;

/// From once to a thousand times.
pub(super) fn rounds() -> RangedI64ValueParser<u32> {
    value_parser!(u32).range(1..=1_000)
}

/// From one to sixteen.
pub(super) fn jobs(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=WIDTH).contains(number));
    number.ok_or_else(|| format!("not a number from 1 to {WIDTH}"))
}

/// From a second to a minute.
pub(super) fn patience() -> RangedU64ValueParser {
    value_parser!(u64).range(1..=60)
}

/// An address that the judge can dial.
pub(super) fn url(text: &str) -> Result<String, String> {
    Address::parse(text).map(|_| text.to_owned())
}

/// 64 hex digits.
pub(super) fn key(text: &str) -> Result<[u8; 32], String> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| "not 64 hex digits".to_owned())?;
    Ok(bytes)
}

/// A positive number of milliseconds, seconds or minutes: `500ms`, `10s`, `10m`.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let number = |digits: &str| digits.parse().ok().filter(|number| *number > 0);
    let milliseconds = text.strip_suffix("ms").and_then(number).map(Duration::from_millis);
    let seconds = || text.strip_suffix('s').and_then(number).map(Duration::from_secs);
    let minutes = || {
        let number = text.strip_suffix('m').and_then(number)?;
        number.checked_mul(60).map(Duration::from_secs)
    };
    milliseconds
        .or_else(seconds)
        .or_else(minutes)
        .ok_or_else(|| "not a time like 10s or 500ms".to_owned())
}

/// Whether `--only` takes this id: part of it, or all of it if the pattern holds a `*` or is itself
/// the id of a live case.
pub(crate) fn selects(pattern: Option<&str>, id: &str) -> bool {
    let Some(pattern) = pattern else { return true };
    match pattern.split_once('*') {
        None => id == pattern || (id.contains(pattern) && !cases::exists(pattern)),
        Some((start, rest)) => id.strip_prefix(start).is_some_and(|id| ends_with_glob(rest, id)),
    }
}

/// Whether `id` ends with `glob`, something before it permitted.
fn ends_with_glob(glob: &str, id: &str) -> bool {
    match glob.split_once('*') {
        None => id.ends_with(glob),
        Some((piece, rest)) => {
            id.find(piece).is_some_and(|at| ends_with_glob(rest, &id[at + piece.len()..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_parts_or_globs() {
        let id = "frame/too-long.announced";
        for pattern in [None, Some("too-long"), Some(id), Some("frame/*"), Some("*announced")] {
            assert!(selects(pattern, id), "{pattern:?}");
        }
        for pattern in ["handshake", "too-long*", "frame/*x", "*/*.bytes"] {
            assert!(!selects(Some(pattern), id), "{pattern}");
        }
        assert!(selects(Some("*/*.ann*"), id));
    }

    #[test]
    fn the_id_of_a_case_takes_it_alone() {
        let (id, longer) =
            ("handshake/client-key.low-order", "handshake/client-key.low-order-high-bit");
        assert!(cases::exists(id) && cases::exists(longer));
        assert!(selects(Some(id), id) && !selects(Some(id), longer));
        assert!(selects(Some("low-order"), longer));
    }

    #[test]
    fn a_time_has_a_unit_and_is_not_nothing() {
        assert_eq!(time("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("10m"), Ok(Duration::from_secs(600)));
        for wrong in ["m", "18446744073709551615m", "10", "0s", "-1s", "s", "1.5s", ""] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
