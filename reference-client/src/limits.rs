//! Every number of the client that somebody may tune: name, unit, default, and what it is for.
//!
//! `--set NAME=VALUE` changes one, `--print-config` prints all. Times are written `250ms`, `3s`,
//! `2m`; sizes are plain bytes. What the protocol fixes is no limit and stands in the wire crate.

use std::time::Duration;

/// The numbers, by default those of the specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `idle.silence`
    pub silence: Duration,
    /// `retry.id-in-use`
    pub id_in_use: Vec<Duration>,
    /// `reconnect.first`
    pub reconnect_first: Duration,
    /// `reconnect.longest`
    pub reconnect_longest: Duration,
    /// `reconnect.reset`
    pub reconnect_reset: Duration,
    /// `connect.deadline`
    pub connect_deadline: Duration,
    /// `contacts.most`
    pub contacts: usize,
    /// `requests.most`
    pub requests: usize,
    /// `subscriptions.most`
    pub subscriptions: usize,
    /// `outbox.messages`
    pub outbox_messages: usize,
    /// `outbox.bytes`
    pub outbox_bytes: usize,
    /// `inbox.remembered`
    pub remembered: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(60),
            id_in_use: [5, 15, 30, 65].map(Duration::from_secs).to_vec(),
            reconnect_first: Duration::from_secs(1),
            reconnect_longest: Duration::from_secs(30),
            reconnect_reset: Duration::from_secs(60),
            connect_deadline: Duration::from_secs(10),
            contacts: 1_024,
            requests: 256,
            subscriptions: 4_096,
            outbox_messages: 1_024,
            outbox_bytes: 4 << 20,
            remembered: 1_024,
        }
    }
}

/// Where a limit lives, and of which kind it is.
enum Slot<'a> {
    Time(&'a mut Duration),
    Times(&'a mut Vec<Duration>),
    Count(&'a mut usize),
}

struct Row {
    name: &'static str,
    purpose: &'static str,
    slot: fn(&mut Limits) -> Slot<'_>,
}

const ROWS: &[Row] = &[
    Row {
        name: "idle.silence",
        purpose: "nothing received for so long: close and reconnect [handshake/silence]",
        slot: |limits| Slot::Time(&mut limits.silence),
    },
    Row {
        name: "retry.id-in-use",
        purpose: "waits after id_in_use, before up to a fifth more [handshake/id-in-use-retry]",
        slot: |limits| Slot::Times(&mut limits.id_in_use),
    },
    Row {
        name: "reconnect.first",
        purpose: "bound of the first wait before a reconnection [handshake/reconnect]",
        slot: |limits| Slot::Time(&mut limits.reconnect_first),
    },
    Row {
        name: "reconnect.longest",
        purpose: "what the doubling of that bound ends at [handshake/reconnect]",
        slot: |limits| Slot::Time(&mut limits.reconnect_longest),
    },
    Row {
        name: "reconnect.reset",
        purpose: "a session that lived so long resets the bound [handshake/reconnect]",
        slot: |limits| Slot::Time(&mut limits.reconnect_reset),
    },
    Row {
        name: "connect.deadline",
        purpose: "resolution, TCP and WebSocket upgrade together",
        slot: |limits| Slot::Time(&mut limits.connect_deadline),
    },
    Row {
        name: "contacts.most",
        purpose: "contacts in memory",
        slot: |limits| Slot::Count(&mut limits.contacts),
    },
    Row {
        name: "requests.most",
        purpose: "strangers' introductions in the request list; further ones are dropped",
        slot: |limits| Slot::Count(&mut limits.requests),
    },
    Row {
        name: "subscriptions.most",
        purpose: "watched keys; a relay keeps no more of a session [relay/subscribe-limit]",
        slot: |limits| Slot::Count(&mut limits.subscriptions),
    },
    Row {
        name: "outbox.messages",
        purpose: "texts that wait for their acknowledgement, and introductions for a session",
        slot: |limits| Slot::Count(&mut limits.outbox_messages),
    },
    Row {
        name: "outbox.bytes",
        purpose: "bytes of these texts together",
        slot: |limits| Slot::Count(&mut limits.outbox_bytes),
    },
    Row {
        name: "inbox.remembered",
        purpose: "message uuids of each contact by which repeats are recognised",
        slot: |limits| Slot::Count(&mut limits.remembered),
    },
];

impl Limits {
    /// Applies one `NAME=VALUE`.
    ///
    /// # Errors
    /// One line that says what is wrong and what would be right.
    pub fn set(&mut self, assignment: &str) -> Result<(), String> {
        let (name, value) = assignment
            .split_once('=')
            .ok_or_else(|| format!("--set {assignment:?}: write NAME=VALUE"))?;
        let row = ROWS.iter().find(|row| row.name == name).ok_or_else(|| {
            format!("--set {name:?}: no such limit; --print-config lists all of them")
        })?;
        let wrong = |expected: &str| format!("--set {name}={value:?}: {expected}");
        match (row.slot)(self) {
            Slot::Time(time) => *time = parse_time(value).map_err(|e| wrong(&e))?,
            Slot::Times(times) => {
                *times = value
                    .split(',')
                    .map(parse_time)
                    .collect::<Result<_, _>>()
                    .map_err(|e| wrong(&e))?;
            }
            Slot::Count(count) => *count = parse_count(value).map_err(|e| wrong(&e))?,
        }
        Ok(())
    }

    /// All limits, one a line: `name = value  # purpose`.
    #[must_use]
    pub fn print(&self) -> String {
        let mut copy = self.clone();
        ROWS.iter()
            .map(|row| {
                let value = match (row.slot)(&mut copy) {
                    Slot::Time(time) => print_time(*time),
                    Slot::Times(times) => {
                        times.iter().copied().map(print_time).collect::<Vec<_>>().join(",")
                    }
                    Slot::Count(count) => count.to_string(),
                };
                format!("{} = {value}  # {}\n", row.name, row.purpose)
            })
            .collect()
    }
}

/// A time such as `250ms`, `3s` or `2m`: more than nothing, at most a day.
///
/// # Errors
/// What would be right.
pub fn parse_time(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..) {
        Some("ms") => 1,
        Some("s") => 1_000,
        Some("m") => 60_000,
        _ => 0,
    };
    let milliseconds = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(unit));
    match milliseconds {
        Some(time @ 1..=86_400_000) => Ok(Duration::from_millis(time)),
        _ => Err("write a time from 1ms to a day, such as 250ms, 3s or 2m".into()),
    }
}

fn parse_count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..=0x7fff_ffff) => Ok(count),
        _ => Err("write a whole number from 1 to 2147483647".into()),
    }
}

fn print_time(time: Duration) -> String {
    match time.as_millis() {
        milliseconds if milliseconds % 1_000 == 0 => format!("{}s", milliseconds / 1_000),
        milliseconds => format!("{milliseconds}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_can_be_set() {
        let limits = Limits { silence: Duration::from_millis(1_500), ..Limits::default() };
        let mut copy = Limits::default();
        for line in limits.print().lines() {
            let (assignment, _) = line.split_once("  # ").unwrap();
            copy.set(&assignment.replace(" = ", "=")).unwrap();
        }
        assert_eq!(copy, limits);
        assert_eq!(limits.print().lines().count(), ROWS.len());
    }

    #[test]
    fn lists_and_units_are_read() {
        let mut limits = Limits::default();
        limits.set("retry.id-in-use=50ms,1s,2m").unwrap();
        assert_eq!(limits.id_in_use, [50, 1_000, 120_000].map(Duration::from_millis));
        limits.set("outbox.messages=2").unwrap();
        assert_eq!(limits.outbox_messages, 2);
    }

    #[test]
    fn nonsense_is_refused_in_one_line() {
        for wrong in [
            "idle.silence",
            "idle.silence=",
            "idle.silence=0s",
            "idle.silence=3",
            "idle.silence=3h",
            "idle.silence=-3s",
            "idle.silence=99999999999999999999s",
            "idle.silence=1s\n2s",
            "retry.id-in-use=1s,",
            "contacts.most=0",
            "contacts.most=many",
            "no.such=1",
            "no\nsuch=1",
        ] {
            let message = Limits::default().set(wrong).unwrap_err();
            assert!(!message.contains('\n'), "{message}");
        }
    }
}
