//! The page: targets, notes, contenders side by side, the other figures, what failed, machine.

use crate::{
    contender::Contender,
    figures::{Extent, FORWARDING, HANDSHAKES, LATENCY, MAXIMUM, STALLED, STORM, Traffic},
    results::{Results, Run},
    targets,
};

/// Where a result holds frames, or handshakes, a CPU-second of the relay.
pub(crate) const PER_CPU: &str = "/relay/per_cpu_second";

const HEAD: &str = "\
# How the relay fares

What the reference relay takes and gives, beside what the machine could do at best, beside the relay
that anybody would write first, and beside a relay of another protocol. This page, its chart and
[`relay.json`](relay.json), the raw results, are written by

```text
benches/relays/run
```

which builds all contenders and measures for about 25 minutes; `--rounds N` makes other than five
rounds. `--quick` tries it out in two minutes and writes to `target/relays`; `--render` writes the page again from the raw results. Prose stands in
[`relay-notes.md`](relay-notes.md), which the command copies into this page.

Relay and generator are processes of one machine, on loopback, without TLS. The unit is **frames a
CPU-second of the relay**: the generator's CPU does not count. Machines are shared, so a comparison
is a ratio within one round. Contenders take turns, each round begins with another one, and what
stands here is the median over the rounds. Every process is started anew for each figure.

";

const CONTENDERS: &str = "\
| contender | is |
|---|---|
| ceiling | `sealwire ceiling`: no relay, a forwarder that reads, unmasks as WebSocket asks, writes; one thread, no checks |
| ceiling --mask | the same with the look-up and the two header masks of the protocol |
| relay | `sealwire-relay --set hello.rate=20000`: its defaults, but for the limit that handshakes and storms meet before they meet the processor |
| obvious | `benches/relays/src/obvious.rs`: axum 0.8's own WebSocket, a task and a bounded channel for each client, one lock around a map; real hellos and masks |
| iroh-relay | iroh-relay 1.4.1 as the crate registry has it, plain HTTP, no limit of rates; its own protocol, through the client of the same crate |

All but iroh-relay speak version 2 and are driven by `sealwire load`. iroh-relay is driven by the
same closed loop, and its messages are as long as the frames, head and all. The work is not the same:
version 2 masks two headers a frame and lets senders wait for a slow recipient; the protocol of
iroh-relay has no masks, and what a full queue does not take is dropped.

The generators share two cores with what they drive. A relay that waits for frames gathers fewer of
them for one write, so a slow generator makes a relay look slower, not faster. So it makes the
ceiling, which none can keep busy: what stands against it is, if anything, less than it says.

";

/// The whole page.
pub(crate) fn page(results: &Results, notes: &str) -> String {
    let mut page = HEAD.to_owned();
    if results.sessions < Extent::FULL.sessions {
        page += "**This is a trial, of few sessions and seconds: it shows no more than that all runs.**\n\n";
    }
    page += &format!("## Targets\n\n{}\n", targets::table(results));
    page += &format!("{}\n\n", notes.trim_end());
    page += &format!(
        "## Contenders\n\n{CONTENDERS}![Frames a CPU-second against the ceiling](relay.svg)\n\n"
    );
    let absolute = |name: &str, of| results.median(name, of, PER_CPU).map(count);
    let relative =
        |name: &str, of| results.ratio((name, of), (name, Contender::Ceiling), PER_CPU).map(ratio);
    page += &format!("Frames a CPU-second of the relay:\n\n{}\n", table(absolute));
    page += &format!("The same against `ceiling`:\n\n{}\n", table(relative));
    page += &format!("## What else was measured\n\n{}\n", others(results));
    page += &format!("## What failed or is void\n\n{}\n", faults(results));
    let minutes = results.seconds / 60.0;
    page + &format!("## Machine\n\n{}| minutes | {minutes:.0} |\n", results.facts)
}

/// A line for each traffic, a column for each contender.
fn table(cell: impl Fn(&str, Contender) -> Option<String>) -> String {
    let heads: String = Contender::ALL.iter().map(|of| format!(" {} |", of.name())).collect();
    let rules = "--:|".repeat(Contender::ALL.len());
    let mut table = format!("| frames |{heads}\n|---|{rules}\n");
    for Traffic { name, .. } in FORWARDING {
        let cells = Contender::ALL.into_iter().map(|of| cell(name, of));
        let cells = cells.map(|cell| format!(" {} |", cell.unwrap_or("failed".to_owned())));
        table += &format!("| {name} |{}\n", cells.collect::<String>());
    }
    table
}

/// What is behind the verdicts, or beside them.
fn others(results: &Results) -> String {
    let of = |figure, pointer| results.median(figure, Contender::Relay, pointer);
    let microseconds = |value| format!("{} µs", grouped(value));
    let seconds = |value| format!("{value:.1} s");
    // Where the press sets the pace, the relay could do more.
    let busy = results.ever(MAXIMUM, "/traffic/generator_was_bottleneck");
    let maximum = |value| format!("{}{}", if busy { "more than " } else { "" }, count(value));
    let lines = [
        (
            "frames a second, 1 KiB, one at a time, 1,000 active",
            of(MAXIMUM, "/traffic/frames_per_second").map(maximum),
        ),
        ("of which the open loop sends a second", of(LATENCY, "/traffic/rate").map(grouped)),
        ("its CPU of the relay, in cores", of(LATENCY, "/relay/cores").map(ratio)),
        ("its latency, p90", of(LATENCY, "/traffic/latency/p90").map(microseconds)),
        ("its latency, p99.9", of(LATENCY, "/traffic/latency/p99_9").map(microseconds)),
        ("p99 with 1 % stalled", of(STALLED, "/traffic/latency/p99").map(microseconds)),
        (
            "how late the generator itself was, p99",
            of(LATENCY, "/traffic/lateness/p99").map(microseconds),
        ),
        ("handshakes a CPU-second", of(HANDSHAKES, PER_CPU).map(count)),
        (
            "what their crypto allows",
            of(HANDSHAKES, "/handshakes/crypto_per_cpu_second").map(count),
        ),
        (
            "storm: half of the sessions are back after",
            of(STORM, "/storm/seconds_until_half").map(seconds),
        ),
    ];
    let line = |(what, value): (&str, Option<String>)| {
        format!("| {what} | {} |\n", value.unwrap_or("not measured".to_owned()))
    };
    format!("| | |\n|---|--:|\n{}", lines.into_iter().map(line).collect::<String>())
}

fn faults(results: &Results) -> String {
    let line = |(run, why): (&Run, &str)| {
        format!("* Round {}, {}, {}: {why}\n", run.round + 1, run.figure, run.contender)
    };
    let lines: String = results.faults().map(line).collect();
    if lines.is_empty() { "Nothing.\n".to_owned() } else { lines }
}

/// Three figures are as much as a shared machine tells.
pub(crate) fn count(value: f64) -> String {
    let unit = 10_f64.powf((value.abs().max(1.0).log10() - 2.0).floor()).max(1.0);
    grouped((value / unit).round() * unit)
}

/// A whole number, its thousands apart.
pub(crate) fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(crate) fn ratio(value: f64) -> String {
    format!("{value:.2}")
}
