//! Values as people write them: `1s`, `250ms`, `2h`, `512KiB`, `128`.

use rustix::process::{Resource, getrlimit};

/// Descriptors kept back for listening, logs and refusals (`[relay/sessions-limit]`).
const KEPT_DESCRIPTORS: u64 = 100;
/// Descriptors kept back for everything but sockets of clients: listening, the admin address, files.
const OWN_DESCRIPTORS: u64 = 50;
/// Where the system names no limit.
const MANY_DESCRIPTORS: u64 = 1_000_000;

/// The largest size of a limit that nothing else bounds: more than one machine gives to one client.
pub(super) const BYTES: u64 = 1 << 35;
/// The largest count: above the descriptors that any system gives, so a default is within it.
pub(super) const COUNT: u64 = 2_000_000_000;
/// The longest time: a year.
pub(super) const TIME: u64 = 365 * 24 * 3_600_000;

/// The unit of a limit; times are kept in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unit {
    Bytes,
    Count,
    Rate,
    Time,
}

/// Suffixes by unit, largest first, so that showing uses the largest that divides.
const TIMES: &[(&str, u64)] =
    &[("d", 24 * 3_600_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];
const SIZES: &[(&str, u64)] = &[("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1)];
const NUMBERS: &[(&str, u64)] = &[("", 1)];

impl Unit {
    const fn suffixes(self) -> &'static [(&'static str, u64)] {
        match self {
            Self::Bytes => SIZES,
            Self::Count | Self::Rate => NUMBERS,
            Self::Time => TIMES,
        }
    }

    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::Count | Self::Rate)
    }

    /// `None` for anything but digits and one suffix of the unit.
    pub(super) fn parse(self, text: &str) -> Option<u64> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, suffix) = text.split_at(digits);
        let (_, scale) = self.suffixes().iter().find(|(known, _)| *known == suffix)?;
        number.parse::<u64>().ok()?.checked_mul(*scale)
    }

    pub(super) fn show(self, value: u64) -> String {
        let fits = |(_, scale): &&(&str, u64)| value.is_multiple_of(*scale);
        let (suffix, scale) = self.suffixes().iter().find(fits).unwrap_or(&("", 1));
        format!("{}{suffix}", value / scale)
    }

    /// What a person should have written.
    pub(super) fn wanted(self, max: u64) -> String {
        let form = match self {
            Self::Bytes => "bytes as in 4096, 512KiB, 1MiB or 1GiB",
            Self::Count | Self::Rate => "a number as in 128",
            Self::Time => "a time as in 250ms, 5s, 1min, 2h or 1d",
        };
        format!("{form}; {}", self.range(max))
    }

    /// From the least to the most.
    pub(super) fn range(self, max: u64) -> String {
        format!("{} to {}", self.show(1), self.show(max))
    }
}

/// The default of `session.max`: what the process may open, less what is kept back.
pub(super) fn sessions_by_descriptors() -> u64 {
    descriptors().saturating_sub(KEPT_DESCRIPTORS).max(1)
}

/// The default of `socket.max`: sessions, sockets before their hello and those whose close is on
/// its way never take the last descriptors, so the relay can be asked how it fares.
pub(super) fn sockets_by_descriptors() -> u64 {
    descriptors().saturating_sub(OWN_DESCRIPTORS).max(1)
}

/// How many descriptors the system lets this process have open.
pub(crate) fn descriptors() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(MANY_DESCRIPTORS)
}
