//! What is to be reached, and whether it is.

use crate::{
    page::{counted, nanoseconds, size},
    results::{Operation, Results},
};

/// A bound that operations keep.
struct Target {
    what: &'static str,
    /// `row/name`; with a star at the end, all that begin so.
    operations: &'static [&'static str],
    sizes: std::ops::RangeInclusive<u64>,
    bound: Bound,
}

enum Bound {
    Ratio(&'static str, f64),
    Nanoseconds(f64),
}

const ALL: std::ops::RangeInclusive<u64> = 0..=u64::MAX;

const TARGETS: [Target; 9] = [
    Target {
        what: "sealing and opening against the sum of their primitives, every size",
        operations: &["packet/seal", "packet/open"],
        sizes: ALL,
        bound: Bound::Ratio("limit", 1.05),
    },
    Target {
        what: "sealing 256 B against the naive way",
        operations: &["packet/seal"],
        sizes: 256..=256,
        bound: Bound::Ratio("naive", 0.35),
    },
    Target {
        what: "opening 256 B against the naive way",
        operations: &["packet/open"],
        sizes: 256..=256,
        bound: Bound::Ratio("naive", 0.55),
    },
    Target {
        what: "sealing up to 1 KiB against libsodium",
        operations: &["packet/seal", "handshake/reply, relay"],
        sizes: 0..=1_024,
        bound: Bound::Ratio("libsodium", 1.25),
    },
    Target {
        what: "sealing 64 KiB against libsodium",
        operations: &["packet/seal"],
        sizes: 65_536..=65_536,
        bound: Bound::Ratio("libsodium", 1.10),
    },
    Target {
        what: "opening and refusing against libsodium, every size",
        operations: &["packet/open*"],
        sizes: ALL,
        bound: Bound::Ratio("libsodium", 1.10),
    },
    Target {
        what: "masks, forwarding and the client's reply against libsodium",
        operations: &["frame/mask", "frame/forward", "handshake/reply, client"],
        sizes: ALL,
        bound: Bound::Ratio("libsodium", 1.10),
    },
    Target {
        what: "the client's hello against libsodium",
        operations: &["handshake/hello, client"],
        sizes: ALL,
        bound: Bound::Ratio("libsodium", 1.10),
    },
    Target {
        what: "rewriting a frame that is forwarded",
        operations: &["frame/forward"],
        sizes: ALL,
        bound: Bound::Nanoseconds(1_000.0),
    },
];

/// One digit more than elsewhere: a bound may be missed by little.
fn precisely(ratio: f64) -> String {
    format!("{ratio:.3}")
}

impl Target {
    fn covers(&self, operation: &Operation) -> bool {
        let name = format!("{}/{}", operation.row, operation.name);
        self.sizes.contains(&operation.size)
            && self.operations.iter().any(|pattern| match pattern.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => name == *pattern,
            })
    }

    fn line(&self, results: &Results) -> String {
        let measured = |operation: &Operation| match self.bound {
            Bound::Ratio(other, _) => results.ratio(operation, other),
            Bound::Nanoseconds(_) => results.time(operation, "ours"),
        };
        let (bound, show): (f64, fn(f64) -> String) = match self.bound {
            Bound::Ratio(_, bound) => (bound, precisely),
            Bound::Nanoseconds(bound) => (bound, nanoseconds),
        };
        let operations = results.all().filter(|operation| self.covers(operation));
        let worst = operations
            .filter_map(|operation| Some((measured(operation)?, operation)))
            .max_by(|(one, _), (other, _)| one.total_cmp(other));
        let Some((worst, operation)) = worst else {
            return format!("| {} | {} | not measured | |  |\n", self.what, show(bound));
        };
        let verdict = if worst <= bound { "yes" } else { "**no**" };
        let at = format!("{} {}", operation.name, size(operation.size));
        format!(
            "| {} | {} | {} | {} | {verdict} |\n",
            self.what,
            show(bound),
            show(worst),
            at.trim()
        )
    }
}

/// Parsing is too short for a clock. 30 ns are 60 instructions at one a cycle of 2 GHz.
const PARSING: u64 = 60;

fn parsing(counts: &str) -> String {
    let parsing = counted(counts).filter(|(name, _)| name.contains("/parse"));
    let Some((name, worst)) = parsing.max_by_key(|(_, count)| *count) else {
        return "| parsing at any size | 30 ns | not counted | | |\n".into();
    };
    let verdict = if worst <= PARSING { "yes" } else { "**no**" };
    let name = name.split_once('/').map_or(name, |(_, name)| name);
    format!(
        "| parsing at any size, in instructions | {PARSING} (30 ns) | {worst} | {name} | {verdict} |\n"
    )
}

/// One line a target: bound, the worst that it covers, and the verdict.
pub(crate) fn table(results: &Results, counts: &str) -> String {
    let lines: String = TARGETS.iter().map(|target| target.line(results)).collect();
    let head = "| target | at most | worst | at | reached |\n|---|--:|--:|---|---|\n";
    format!("{head}{lines}{}", parsing(counts))
}
