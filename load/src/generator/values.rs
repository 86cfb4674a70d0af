//! What a value on the command line may be.

use std::time::Duration;

/// 64 hex digits.
pub(super) fn key(text: &str) -> Result<[u8; 32], String> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| "not 64 hex digits".to_owned())?;
    Ok(bytes)
}

/// Up to 16 hex digits.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    u64::from_str_radix(text, 16).map_err(|_| "not a number of up to 16 hex digits".to_owned())
}

/// A positive number of milliseconds, seconds or minutes: `500ms`, `10s`, `10m`.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(0));
    let number = digits.parse::<u32>().ok().filter(|number| *number > 0).map(u64::from);
    let time = number.and_then(|number| match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(60 * number)),
        _ => None,
    });
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
        for wrong in ["", "10", "s", "0s", "1.5s", "99999999999s"] {
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
