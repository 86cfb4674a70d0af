//! The times that a client keeps: chapter 5, Staying connected.

use std::time::Duration;

/// How long a client waits, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waits {
    /// From the last thing received to the end of the connection.
    pub(crate) silence: Duration,
    /// From each id_in_use in a row to the next try, before up to a fifth more.
    pub(crate) id_in_use: [Duration; 4],
    /// The bound of the first wait before a reconnection.
    pub(crate) first: Duration,
    /// What the doubling of that bound ends at.
    pub(crate) longest: Duration,
    /// The life of a session that resets the bound.
    pub(crate) reset: Duration,
}

impl Waits {
    /// Those of the specification.
    pub(crate) const SPECIFIED: Self = Self {
        silence: Duration::from_secs(60),
        id_in_use: [
            Duration::from_secs(5),
            Duration::from_secs(15),
            Duration::from_secs(30),
            Duration::from_secs(65),
        ],
        first: Duration::from_secs(1),
        longest: Duration::from_secs(30),
        reset: Duration::from_secs(60),
    };

    /// The bound of the wait after `ends` ends in a row before this one.
    pub(crate) fn bound(&self, ends: u32) -> Duration {
        self.first.saturating_mul(2u32.saturating_pow(ends)).min(self.longest)
    }

    /// Takes one `NAME=VALUE` of [`Self::settings`].
    pub(crate) fn set(&mut self, assignment: &str) -> Option<()> {
        let (name, value) = assignment.split_once('=')?;
        let time = |text: &str| text.strip_suffix("ms")?.parse().ok().map(Duration::from_millis);
        match name {
            "idle.silence" => self.silence = time(value)?,
            "reconnect.first" => self.first = time(value)?,
            "reconnect.longest" => self.longest = time(value)?,
            "reconnect.reset" => self.reset = time(value)?,
            "retry.id-in-use" => {
                let times: Option<Vec<_>> = value.split(',').map(time).collect();
                self.id_in_use = times?.try_into().ok()?;
            }
            _ => return None,
        }
        Some(())
    }

    /// Values of the reference client's `--set` for what is not as specified.
    pub(crate) fn settings(&self) -> Vec<String> {
        let time = |time: Duration| format!("{}ms", time.as_millis());
        let named = |waits: &Self| {
            [
                ("idle.silence", time(waits.silence)),
                ("retry.id-in-use", waits.id_in_use.map(time).join(",")),
                ("reconnect.first", time(waits.first)),
                ("reconnect.longest", time(waits.longest)),
                ("reconnect.reset", time(waits.reset)),
            ]
        };
        let pairs = named(self).into_iter().zip(named(&Self::SPECIFIED));
        pairs
            .filter(|(own, specified)| own != specified)
            .map(|((n, v), _)| format!("{n}={v}"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_set() {
        assert!(Waits::SPECIFIED.settings().is_empty());
        let id_in_use = [1, 2, 3, 4].map(Duration::from_secs);
        let silence = Duration::from_millis(1_500);
        let settings = Waits { silence, id_in_use, ..Waits::SPECIFIED }.settings();
        assert_eq!(
            settings,
            ["idle.silence=1500ms", "retry.id-in-use=1000ms,2000ms,3000ms,4000ms"]
        );
    }

    #[test]
    fn what_is_set_is_taken_back() {
        let id_in_use = [1, 2, 3, 4].map(Duration::from_secs);
        let [silence, first] = [1_500, 250].map(Duration::from_millis);
        let wanted = Waits { silence, first, id_in_use, ..Waits::SPECIFIED };
        let mut waits = Waits::SPECIFIED;
        for assignment in wanted.settings() {
            assert!(waits.set(&assignment).is_some(), "{assignment}");
        }
        assert_eq!(waits, wanted);
        assert!(waits.set("idle.silence=1").is_none() && waits.set("idle=1ms").is_none());
    }

    #[test]
    fn the_bound_doubles_up_to_the_longest() {
        let bounds = [0, 1, 4, 5, 40].map(|ends| Waits::SPECIFIED.bound(ends).as_secs());
        assert_eq!(bounds, [1, 2, 16, 30, 30]);
    }
}
