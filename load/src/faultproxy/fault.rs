//! What may go wrong on the way, as it is written on the command line, and what becomes of one
//! direction when several faults meet in it.

use crate::values::span;
use std::{fmt, str::FromStr, time::Duration};

/// A place in a stream: behind so many bytes, or so long after the connection began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Bytes that have passed in this direction.
    Bytes(u64),
    /// Time since the connection began.
    Time(Duration),
}

/// One fault of one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// What has been read waits so long before it goes on.
    Delay(Duration),
    /// Each byte is a segment of its own.
    Split,
    /// So many bytes a second.
    Trickle(u64),
    /// Bytes are gathered, so many or for so long, and go on at once.
    Coalesce(After),
    /// Nothing is read any more, and the writer feels it.
    Stall(After),
    /// What is read is thrown away, the end of the stream too: this side has vanished.
    HalfOpen(After),
    /// Both connections are reset.
    Reset(After),
}

/// What each fault is called, and the form of its number.
const FORMS: &str = "delay=TIME, split, trickle=SIZE, coalesce=SIZE|TIME, stall=SIZE|TIME, \
                     half-open=SIZE|TIME, reset=SIZE|TIME";

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, number) = text.split_once('=').map_or((text, None), |(a, b)| (a, Some(b)));
        let after = || number.and_then(place);
        let fault = match name {
            "delay" => number.and_then(span).map(Self::Delay),
            "split" => number.is_none().then_some(Self::Split),
            "trickle" => number.and_then(size).filter(|rate| *rate > 0).map(Self::Trickle),
            "coalesce" => after().map(Self::Coalesce),
            "stall" => after().map(Self::Stall),
            "half-open" => after().map(Self::HalfOpen),
            "reset" => after().map(Self::Reset),
            _ => None,
        };
        fault.ok_or_else(|| format!("one of {FORMS}; as in stall=64KiB or reset=2s"))
    }
}

/// A size or a time.
fn place(text: &str) -> Option<After> {
    span(text).map(After::Time).or_else(|| size(text).map(After::Bytes))
}

/// `1000`, `64KiB`, `1MiB`.
fn size(text: &str) -> Option<u64> {
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("B", 1), ("", 1)];
    let (number, unit) =
        units.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)))?;
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// How a direction ends before its stream does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    Stall,
    HalfOpen,
    Reset,
}

/// What one direction suffers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Course {
    pub(super) delay: Option<Duration>,
    pub(super) split: bool,
    pub(super) trickle: Option<u64>,
    pub(super) coalesce: Option<After>,
    pub(super) cut: Option<(Cut, After)>,
}

impl Course {
    /// Nothing but these faults.
    ///
    /// # Errors
    /// A line that names two faults that cannot meet in one direction.
    pub(crate) fn new(faults: impl IntoIterator<Item = Fault>) -> Result<Self, String> {
        let mut course = Self::default();
        for fault in faults {
            let taken = match fault {
                Fault::Delay(time) => course.delay.replace(time).is_some(),
                Fault::Split => std::mem::replace(&mut course.split, true),
                Fault::Trickle(rate) => course.trickle.replace(rate).is_some(),
                Fault::Coalesce(after) => course.coalesce.replace(after).is_some(),
                Fault::Stall(after) => course.cut.replace((Cut::Stall, after)).is_some(),
                Fault::HalfOpen(after) => course.cut.replace((Cut::HalfOpen, after)).is_some(),
                Fault::Reset(after) => course.cut.replace((Cut::Reset, after)).is_some(),
            };
            if taken {
                return Err("a direction takes each fault once, and one of stall, half-open and \
                            reset"
                    .to_owned());
            }
        }
        Ok(course)
    }

    /// When time ends this direction.
    pub(super) const fn cut_at(&self) -> Option<Duration> {
        match self.cut {
            Some((_, After::Time(time))) => Some(time),
            _ => None,
        }
    }

    /// How many bytes may pass before a cut.
    pub(super) const fn bytes(&self) -> u64 {
        match self.cut {
            Some((_, After::Bytes(bytes))) => bytes,
            _ => u64::MAX,
        }
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{bytes} bytes"),
            Self::Time(time) => write!(f, "{time:?}"),
        }
    }
}

impl fmt::Display for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = self.cut.map(|(cut, after)| match cut {
            Cut::Stall => format!("stalls after {after}"),
            Cut::HalfOpen => format!("vanishes after {after}"),
            Cut::Reset => format!("is reset after {after}"),
        });
        let faults = [
            self.delay.map(|time| format!("waits {time:?}")),
            self.coalesce.map(|after| format!("gathers {after}")),
            self.trickle.map(|rate| format!("takes {rate} bytes a second")),
            self.split.then(|| "is split into bytes".to_owned()),
            cut,
        ];
        let faults: Vec<_> = faults.into_iter().flatten().collect();
        f.write_str(if faults.is_empty() { "passes" } else { "" })?;
        f.write_str(&faults.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_a_name_and_its_number() {
        let seconds = Duration::from_secs;
        for (text, fault) in [
            ("split", Fault::Split),
            ("delay=20ms", Fault::Delay(Duration::from_millis(20))),
            ("trickle=1KiB", Fault::Trickle(1_024)),
            ("coalesce=2s", Fault::Coalesce(After::Time(seconds(2)))),
            ("stall=64KiB", Fault::Stall(After::Bytes(65_536))),
            ("half-open=1m", Fault::HalfOpen(After::Time(seconds(60)))),
            ("reset=7", Fault::Reset(After::Bytes(7))),
        ] {
            assert_eq!(text.parse(), Ok(fault), "{text}");
        }
    }

    #[test]
    fn what_is_no_fault_is_told_the_forms() {
        for text in
            ["", "stall", "stall=", "stall=x", "split=1", "trickle=0", "delay=5", "reset=9GB"]
        {
            let said = text.parse::<Fault>().unwrap_err();
            assert!(said.contains("half-open=SIZE|TIME"), "{text}: {said}");
        }
    }

    #[test]
    fn a_direction_ends_in_one_way() {
        let after = After::Bytes(1);
        for pair in [
            [Fault::Stall(after), Fault::Reset(after)],
            [Fault::Split, Fault::Split],
            [Fault::Trickle(1), Fault::Trickle(2)],
        ] {
            assert!(Course::new(pair).is_err(), "{pair:?}");
        }
        let both = Course::new([Fault::Split, Fault::Stall(after)]).unwrap();
        assert_eq!(both.to_string(), "is split into bytes, stalls after 1 bytes");
    }
}
