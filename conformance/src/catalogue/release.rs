//! Releases of the suite, by which cases are frozen, and the other numbers beside them.

use core::fmt;
use core::str::FromStr;
use std::sync::OnceLock;

use crate::adapter::PROTOCOL;
use crate::model::handshake::VERSION as WIRE;

/// Major and minor number: a patch brings no cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Release(u32, u32);

impl Release {
    /// The one that this is.
    pub(crate) fn current() -> Self {
        let number = |text: &str| text.parse().unwrap_or_default();
        Self(number(env!("CARGO_PKG_VERSION_MAJOR")), number(env!("CARGO_PKG_VERSION_MINOR")))
    }

    /// A release whose cases this suite can run alone: `--level`.
    pub(crate) fn level(text: &str) -> Result<Self, String> {
        let (first, current) = (Self(0, 1), Self::current());
        match text.parse() {
            Ok(level) if (first..=current).contains(&level) => Ok(level),
            Ok(_) => Err(format!("this suite knows the levels {first} to {current}")),
            Err(fault) => Err(fault),
        }
    }
}

impl FromStr for Release {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text
            .split_once('.')
            .and_then(|(major, minor)| Some(Self(major.parse().ok()?, minor.parse().ok()?)));
        numbers.ok_or_else(|| "not a release like 0.1".to_owned())
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Every number that promises something, as CHANGELOG.md says what: for `--version`.
pub(crate) fn versions() -> &'static str {
    static VERSIONS: OnceLock<String> = OnceLock::new();
    let (suite, specification) = (env!("CARGO_PKG_VERSION"), sealwire_spec::VERSION);
    VERSIONS.get_or_init(|| {
        format!("{suite} (specification {specification}, wire {WIRE}, adapter protocol {PROTOCOL})")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_ordered_by_number_not_by_letter() {
        let release = |text: &str| text.parse::<Release>().unwrap();
        assert!(release("0.9") < release("0.10") && release("0.10") < release("1.0"));
        assert_eq!(release("0.10").to_string(), "0.10");
        for wrong in ["", "1", "a.b", "0.1.2"] {
            assert!(wrong.parse::<Release>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_first_number_of_the_specification_is_that_of_the_wire() {
        let (wire, _) = sealwire_spec::VERSION.split_once('.').unwrap();
        assert_eq!(wire, WIRE.to_string());
    }

    #[test]
    fn a_level_is_a_release_that_has_been() {
        assert!(Release::level("0.1").is_ok());
        assert!(Release::level("0.0").is_err() && Release::level("99.0").is_err());
    }
}
