//! How limits relate: pairs that contradict each other, and what is possible and seldom meant.

use super::{Limits, Row, value};
use std::sync::atomic::Ordering::Relaxed;

/// The first must stay below the second, or may reach it.
const PAIRS: &[(&str, Relation, &str)] = &[
    ("idle.ping", Relation::Below, "idle.end"),
    ("queue.soft-bytes", Relation::AtMost, "queue.hard-bytes"),
    ("queue.soft-frames", Relation::AtMost, "queue.hard-frames"),
];

#[derive(Clone, Copy)]
enum Relation {
    Below,
    AtMost,
}

/// Two limits of which one makes the other pointless. `Display` says which, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The two, the lesser one first.
    pub names: [&'static str; 2],
    what: String,
}

impl std::fmt::Display for Contradiction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl Limits {
    /// What cannot be had together.
    #[must_use]
    pub fn contradictions(&self) -> Vec<Contradiction> {
        let row = |name| Self::ROWS.iter().find(|row| row.name == name);
        let broken = |&(lesser, relation, greater): &(_, Relation, _)| {
            self.broken(row(lesser)?, relation, row(greater)?)
        };
        PAIRS.iter().filter_map(broken).collect()
    }

    fn broken(&self, lesser: &Row, relation: Relation, greater: &Row) -> Option<Contradiction> {
        let [few, many] = [lesser, greater].map(|row| (row.field)(self).load(Relaxed));
        let (holds, must) = match relation {
            Relation::Below => (few < many, "must be less than"),
            Relation::AtMost => (few <= many, "must be at most"),
        };
        let [few, many] = [lesser, greater].map(|row| row.show(self));
        let (name, other) = (lesser.name, greater.name);
        let what =
            format!("{name} = {few} {must} {other} = {many}; lower the one or raise the other");
        (!holds).then_some(Contradiction { names: [name, other], what })
    }

    /// What a relay can live with and its operator hardly means, a line each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let (sessions, sockets) = (self.sessions(), self.sockets());
        let descriptors = value::sockets_by_descriptors();
        let more = sockets as u64 > descriptors;
        let more = more.then(|| {
            format!(
                "socket.max = {sockets} is more than the {descriptors} that there are descriptors \
                 for; raise the limit of descriptors (nofile)"
            )
        });
        let never = (sessions > sockets).then(|| {
            format!(
                "session.max = {sessions} is never reached, because socket.max = {sockets}; lower \
                 the one or raise the other, and the limit of descriptors (nofile) with it"
            )
        });
        more.into_iter().chain(never).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(settings: &[&str]) -> Limits {
        let mut limits = Limits::default();
        settings.iter().for_each(|setting| limits.set(setting).unwrap());
        limits
    }

    #[test]
    fn the_defaults_agree_with_each_other() {
        assert_eq!(limits(&[]).contradictions(), []);
        assert_eq!(limits(&[]).warnings(), [""; 0]);
    }

    #[test]
    fn each_pair_is_held_to_its_relation() {
        for (lesser, greater, equal_is_good) in [
            ("idle.ping=3s", "idle.end=2s", false),
            ("queue.soft-bytes=3KiB", "queue.hard-bytes=2KiB", true),
            ("queue.soft-frames=3", "queue.hard-frames=2", true),
        ] {
            let told = limits(&[lesser, greater]).contradictions();
            let [(lesser, _), (greater, much)] =
                [lesser, greater].map(|limit| limit.split_once('=').unwrap());
            assert_eq!(told.len(), 1, "{told:?}");
            assert_eq!(told[0].names, [lesser, greater]);
            let (equal, bound) = (format!("{lesser}={much}"), format!("{greater}={much}"));
            let good = limits(&[&equal, &bound]).contradictions().is_empty();
            assert_eq!(good, equal_is_good, "{lesser}");
        }
        let told = limits(&["idle.ping=2min"]).contradictions()[0].to_string();
        let expected = "idle.ping = 2min must be less than idle.end = 1min; lower the one or raise \
                        the other";
        assert_eq!(told, expected, "one that was set, against a default");
    }

    #[test]
    fn more_than_there_are_descriptors_for_is_warned_of() {
        for (settings, about) in [
            (["socket.max=1000000000", "session.max=1"], "socket.max = 1000000000 is more than"),
            (["socket.max=2", "session.max=3"], "session.max = 3 is never reached"),
        ] {
            let warnings = limits(&settings).warnings();
            assert_eq!(warnings.len(), 1, "{warnings:?}");
            assert!(warnings[0].starts_with(about), "{warnings:?}");
        }
    }
}
