//! What a value on the command line may be.

use std::time::Duration;

/// 64 hex digits.
pub(crate) fn key(text: &str) -> Result<[u8; 32], String> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| "not 64 hex digits".to_owned())?;
    Ok(bytes)
}

/// Up to 16 hex digits.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    u64::from_str_radix(text, 16).map_err(|_| "not a number of up to 16 hex digits".to_owned())
}

/// Milliseconds, seconds, minutes or hours: `500ms`, `10s`, `10m`, `12h`.
pub(crate) fn span(text: &str) -> Option<Duration> {
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
    let (number, unit) =
        units.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)))?;
    Some(Duration::from_millis(u64::from(number.parse::<u32>().ok()?) * unit))
}

/// The same, and not nothing.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let time = span(text).filter(|time| !time.is_zero());
    time.ok_or_else(|| "not a time like 10s or 500ms".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit_and_is_not_nothing() {
        assert_eq!(time("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("2m"), Ok(Duration::from_secs(120)));
        for (text, seconds) in [("90s", 90), ("10m", 600), ("12h", 43_200)] {
            assert_eq!(time(text), Ok(Duration::from_secs(seconds)));
        }
        for wrong in
            ["", "10", "s", "h", "0s", "1d", "1.5s", "99999999999s", "99999999999999999999s"]
        {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn keys_and_seeds_are_hex() {
        assert_eq!(key(&"1f".repeat(32)), Ok([0x1f; 32]));
        assert_eq!(seed("1f"), Ok(0x1f));
        for wrong in ["", "1f", &"xy".repeat(32), &"1f".repeat(33)] {
            assert!(key(wrong).is_err(), "{wrong}");
        }
        assert!(seed("").is_err() && seed("x").is_err() && seed(&"f".repeat(17)).is_err());
    }
}
