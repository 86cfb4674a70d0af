//! How limits relate: pairs that contradict each other, and what is possible and seldom meant.

use super::{Limits, Row, value};
use std::sync::atomic::Ordering::Relaxed;

/// The first must stay below the second.
const PAIRS: &[(&str, &str)] = &[
    ("idle.ping", "idle.end"),
    ("queue.soft-bytes", "queue.hard-bytes"),
    ("queue.soft-frames", "queue.hard-frames"),
];

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
        let broken = |&(lesser, greater): &(_, _)| self.broken(row(lesser)?, row(greater)?);
        PAIRS.iter().filter_map(broken).collect()
    }

    fn broken(&self, lesser: &Row, greater: &Row) -> Option<Contradiction> {
        let [few, many] = [lesser, greater].map(|row| (row.field)(self).load(Relaxed));
        let holds = few < many;
        let [few, many] = [lesser, greater].map(|row| row.show(self));
        let (name, other) = (lesser.name, greater.name);
        let what = format!(
            "{name} = {few} must be less than {other} = {many}; lower the one or raise the other"
        );
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
        let prefix = self.hello_prefix_sockets();
        let crowded = (prefix >= sockets).then(|| {
            format!(
                "hello.prefix-sockets = {prefix} lets one network have all sockets, because \
                 socket.max = {sockets}; lower the one or raise the other, and the limit of \
                 descriptors (nofile) with it"
            )
        });
        let (frame, soft, hard) = (self.frame(), self.soft_bytes(), self.hard_bytes());
        let one_frame = (soft < hard && soft.saturating_add(frame) >= hard).then(|| {
            format!(
                "queue.hard-bytes = {hard} is reached by one frame of frame.max = {frame} above \
                 queue.soft-bytes = {soft}: whoever gets it is closed; raise the first"
            )
        });
        [more, never, crowded, one_frame].into_iter().flatten().collect()
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
        // What a machine has descriptors for is its own affair.
        let few = ["socket.max=2", "session.max=2", "hello.prefix-sockets=1"];
        assert_eq!(limits(&few).warnings(), [""; 0]);
    }

    #[test]
    fn each_pair_is_held_to_its_relation() {
        for (lesser, greater) in [
            ("idle.ping=3s", "idle.end=2s"),
            ("idle.ping=2s", "idle.end=2s"),
            ("queue.soft-bytes=3KiB", "queue.hard-bytes=2KiB"),
            ("queue.soft-bytes=2KiB", "queue.hard-bytes=2KiB"),
            ("queue.soft-frames=3", "queue.hard-frames=2"),
            ("queue.soft-frames=2", "queue.hard-frames=2"),
        ] {
            let told = limits(&[lesser, greater]).contradictions();
            let names = [lesser, greater].map(|limit| limit.split_once('=').unwrap().0);
            assert_eq!(told.len(), 1, "{told:?}");
            assert_eq!(told[0].names, names);
        }
        let good =
            ["idle.ping=1999ms", "idle.end=2s", "queue.soft-frames=1", "queue.hard-frames=2"];
        assert_eq!(limits(&good).contradictions(), []);
        let told = limits(&["idle.ping=2min"]).contradictions()[0].to_string();
        let expected = "idle.ping = 2min must be less than idle.end = 1min; lower the one or raise \
                        the other";
        assert_eq!(told, expected, "one that was set, against a default");
    }

    #[test]
    fn what_is_seldom_meant_is_warned_of() {
        for (settings, about) in [
            (["socket.max=1000000000", "session.max=1"], "socket.max = 1000000000 is more than"),
            (["hello.prefix-sockets=1", "session.max=3"], "session.max = 3 is never reached"),
            (["hello.prefix-sockets=2", "session.max=1"], "hello.prefix-sockets = 2 lets one"),
            (["queue.hard-bytes=1536KiB", "hello.prefix-sockets=1"], "queue.hard-bytes = 1572864"),
            (["queue.hard-bytes=1572865", "hello.prefix-sockets=2"], "hello.prefix-sockets = 2"),
        ] {
            let settings = [&["socket.max=2", "session.max=1"], &settings[..]].concat();
            let warnings = limits(&settings).warnings();
            assert_eq!(warnings.len(), 1, "{warnings:?}");
            assert!(warnings[0].starts_with(about), "{warnings:?}");
        }
    }
}
