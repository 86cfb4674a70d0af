//! The page: targets, notes, ratios, instructions, machine.

use crate::{results::Results, targets};

const ROWS: [&str; 5] = ["primitives", "packet", "frame", "handshake", "relay"];
/// Contenders, and what a column is headed.
const OTHERS: [(&str, &str); 4] = [
    ("limit", "÷ limit"),
    ("libsodium", "÷ libsodium"),
    ("aws-lc", "÷ AWS-LC"),
    ("naive", "÷ naive"),
];

const HEAD: &str = "\
# Benchmarks

What the hot paths of the crate `sealwire` cost, beside the same work done by others. A ratio below
1 means that ours is faster. This page is written by

```text
cargo run --release -p sealwire-benches --features report --bin report
```

which runs the benchmarks with all peers, in rounds, and takes about ten minutes; it needs a C
compiler. `-- --quick` tries it out in two. Prose stands in
[`benchmarks-notes.md`](benchmarks-notes.md), which the command copies into this page.

How the relay fares as a whole, in memory, frames and latency, stands in [`relay.md`](relay.md).

* **limit**: the sum of the primitives that an operation cannot do without, called bare on keys
  prepared beforehand, by the crates that ours stands on.
* **libsodium**: the same bytes made by the same composition on libsodium's primitives.
* **AWS-LC**: where it has the primitive. It has no XChaCha20, so it makes no packets.
* **naive**: our crate, with an X25519 for every message instead of a kept pair key.

All contenders make the same bytes, which is asserted before they are timed. Time is processor
time of the measuring thread, so that other work on the machine takes no part in it. Contenders of
one operation at one size run one after the other; a ratio is the median over the rounds.

";

const BATCHES: &str = "\
Signatures are verified one by one. A batch multiplies each equation by a random number, so that a
signature with a torsion part in `R` passes one time in eight, and whether it does depends on who
else is in the batch: two receivers of one packet disagree about it. `benches/batch.rs` shows it:

";

/// The whole page.
pub(crate) fn page(
    results: &Results,
    counts: &str,
    notes: &str,
    batch: &str,
    facts: &str,
) -> String {
    let mut page = HEAD.to_owned();
    page += &format!("## Targets\n\n{}\n", targets::table(results, counts));
    page += &format!("{}\n\n", notes.trim_end());
    page += "## Ratios\n\n![Ratios of sealing and opening](benchmarks.svg)\n\n";
    for row in ROWS {
        page += &format!("### {row}\n\n{}\n", table(results, row));
    }
    page += &format!("## Instructions\n\n{}\n", instructions(counts));
    page += &format!("## No batches\n\n{BATCHES}{batch}\n");
    page + &format!("## Machine\n\n{facts}")
}

/// Only the columns that a row has anything for.
fn table(results: &Results, row: &str) -> String {
    let has =
        |other: &str| results.row(row).any(|operation| results.ratio(operation, other).is_some());
    let columns: Vec<_> = OTHERS.into_iter().filter(|(other, _)| has(other)).collect();
    let heads: String = columns.iter().map(|(_, head)| format!(" {head} |")).collect();
    let mut table = format!(
        "| operation | size |{heads} ours |\n|---|--:|{}--:|\n",
        "--:|".repeat(columns.len())
    );
    for operation in results.row(row) {
        let cells: String = columns
            .iter()
            .map(|(other, _)| {
                format!(" {} |", results.ratio(operation, other).map_or("".into(), ratio))
            })
            .collect();
        let ours = results.time(operation, "ours").map_or("".into(), nanoseconds);
        table += &format!("| {} | {} |{cells} {ours} |\n", operation.name, size(operation.size));
    }
    table
}

/// The lock as a table: a line holds a count and a name.
fn instructions(counts: &str) -> String {
    let tools =
        counts.lines().find_map(|line| line.strip_prefix("tools: ")).unwrap_or("not counted");
    let lines = counted(counts).map(|(name, count)| format!("| {name} | {count} |\n"));
    format!(
        "Counted by `.ci/counts` under valgrind ({tools}), which fails when one rises by more than\n\
         3 %. They guard the hot paths where clocks are noisy.\n\n\
         | operation | instructions |\n|---|--:|\n{}",
        lines.collect::<String>()
    )
}

/// Names and counts of the lock.
pub(crate) fn counted(counts: &str) -> impl Iterator<Item = (&str, u64)> {
    counts.lines().filter_map(|line| {
        let (count, name) = line.trim_start().split_once("  ")?;
        Some((name, count.parse().ok()?))
    })
}

fn ratio(value: f64) -> String {
    format!("{value:.2}")
}

pub(crate) fn nanoseconds(value: f64) -> String {
    match value {
        ..1_000.0 => format!("{value:.0} ns"),
        ..100_000.0 => format!("{:.1} µs", value / 1_000.0),
        _ => format!("{:.0} µs", value / 1_000.0),
    }
}

pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0 => String::new(),
        1..1_024 => format!("{bytes} B"),
        _ => format!("{} KiB", bytes / 1_024),
    }
}
