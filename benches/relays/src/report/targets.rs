//! What is to be reached, and whether it is.

use crate::{
    contender::Contender::{self, Ceiling, CeilingMask, Iroh, Obvious, Relay},
    figures::{
        ALONE, CROWD, FORWARDING, HANDSHAKES, IDLE, LATENCY, LONG, MEMORY, MIDDLE, SHORT, SINGLE,
        STALLED, START, STORM,
    },
    page::{PER_CPU, count, grouped, ratio},
    results::Results,
};

/// A bound, and what is held against it.
struct Target {
    what: &'static str,
    bound: Bound,
    measured: Option<f64>,
    show: fn(f64) -> String,
}

enum Bound {
    AtMost(f64),
    AtLeast(f64),
    More(f64),
}

impl Target {
    fn line(&self) -> String {
        let (sign, bound) = match self.bound {
            Bound::AtMost(bound) => ("≤", bound),
            Bound::AtLeast(bound) => ("≥", bound),
            Bound::More(bound) => (">", bound),
        };
        let reached = |value: f64| match self.bound {
            Bound::AtMost(_) => value <= bound,
            Bound::AtLeast(_) => value >= bound,
            Bound::More(_) => value > bound,
        };
        let verdict = match self.measured.map(reached) {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "",
        };
        let measured = self.measured.map_or("void or failed, see below".to_owned(), self.show);
        let (what, bound) = (self.what, (self.show)(bound));
        format!("| {what} | {sign} {bound} | {measured} | {verdict} |\n")
    }
}

/// One line a target.
pub(crate) fn table(results: &Results) -> String {
    let targets = [size(results), speed(results), latency(results), many(results)];
    let lines: String = targets.iter().flatten().map(Target::line).collect();
    format!("| target | bound | measured | reached |\n|---|--:|--:|---|\n{lines}")
}

fn size(results: &Results) -> Vec<Target> {
    use Bound::{AtMost, More};
    let of = |figure, pointer| results.median(figure, Relay, pointer);
    let slope = of(MEMORY, "/memory/bytes_per_session/slope");
    let rested = of(MEMORY, "/memory/rested/more_bytes_per_session");
    vec![
        Target {
            what: "idle session, gate",
            bound: AtMost(8_192.0),
            measured: slope,
            show: kibibytes,
        },
        Target {
            what: "idle session, goal",
            bound: AtMost(5_120.0),
            measured: slope,
            show: kibibytes,
        },
        Target {
            what: "R² of that line, least of all rounds",
            bound: More(0.99),
            measured: results.least(MEMORY, Relay, "/memory/bytes_per_session/r_squared"),
            show: precisely,
        },
        Target {
            what: "more a session, 60 s after each carried 64 KiB",
            bound: AtMost(1_024.0),
            measured: rested,
            show: kibibytes,
        },
        Target {
            what: "relay without a session",
            bound: AtMost(12_582_912.0),
            measured: of(START, "/resident_bytes"),
            show: mebibytes,
        },
        Target {
            what: "from its start to a connection",
            bound: AtMost(50.0),
            measured: of(START, "/ready_ms"),
            show: |value| format!("{value:.1} ms"),
        },
    ]
}

fn speed(results: &Results) -> Vec<Target> {
    use Bound::{AtLeast, More};
    let of = |figure| results.median(figure, Relay, PER_CPU);
    let to = |figure, other: Contender| results.ratio((figure, Relay), (figure, other), PER_CPU);
    let beside_iroh = FORWARDING.iter().map(|traffic| to(traffic.name, Iroh));
    // One that was not measured is not the least of them.
    let least = beside_iroh.collect::<Option<Vec<_>>>();
    let least = least.and_then(|ratios| ratios.into_iter().min_by(f64::total_cmp));
    let target = |what, bound, measured, show| Target { what, bound, measured, show };
    vec![
        target(
            "128 B, 64 in flight: frames a CPU-second",
            AtLeast(700_000.0),
            of(SHORT.name),
            count,
        ),
        target("the same ÷ `ceiling --mask`", AtLeast(0.6), to(SHORT.name, CeilingMask), ratio),
        target("128 B, one at a time ÷ `ceiling`", AtLeast(0.65), to(SINGLE.name, Ceiling), ratio),
        target(
            "1 KiB, 64 in flight: frames a CPU-second",
            AtLeast(500_000.0),
            of(MIDDLE.name),
            count,
        ),
        target("64 KiB, 8 in flight ÷ `ceiling`", AtLeast(0.8), to(LONG.name, Ceiling), ratio),
        target("128 B, 64 in flight ÷ obvious", AtLeast(2.0), to(SHORT.name, Obvious), ratio),
        target("÷ iroh-relay, the least of the four", More(1.0), least, ratio),
    ]
}

fn latency(results: &Results) -> Vec<Target> {
    use Bound::AtMost;
    let of = |pointer| results.median(LATENCY, Relay, pointer);
    let grown = results.ratio((STALLED, Relay), (LATENCY, Relay), "/traffic/latency/p99");
    let target = |what, bound, measured, show| Target { what, bound, measured, show };
    vec![
        target(
            "latency in the open loop, p50",
            AtMost(100.0),
            of("/traffic/latency/p50"),
            microseconds,
        ),
        target("p99", AtMost(1_000.0), of("/traffic/latency/p99"), microseconds),
        target("p99 of the others, 1 % stalled ÷ none", AtMost(1.2), grown, ratio),
    ]
}

fn many(results: &Results) -> Vec<Target> {
    use Bound::{AtLeast, AtMost};
    let of = |figure, pointer| results.median(figure, Relay, pointer);
    let crowd = results.ratio((CROWD, Relay), (ALONE, Relay), PER_CPU);
    let target = |what, bound, measured, show| Target { what, bound, measured, show };
    vec![
        target(
            "handshakes a CPU-second ÷ what their crypto allows",
            AtLeast(0.7),
            of(HANDSHAKES, "/handshakes/of_crypto"),
            ratio,
        ),
        target(
            "storm: seconds until the last session is back",
            AtMost(15.0),
            of(STORM, "/storm/seconds_until_last"),
            |value| format!("{value:.1}"),
        ),
        target(
            "storm: sessions lost in all rounds",
            AtMost(0.0),
            results.most(STORM, Relay, "/storm/lost"),
            grouped,
        ),
        target("frames a CPU-second, crowd of the idle ÷ nobody", AtLeast(0.9), crowd, ratio),
        target(
            "CPU of the idle crowd, of a core",
            AtMost(0.01),
            of(IDLE, "/relay/cores"),
            |value| format!("{:.2} %", 100.0 * value),
        ),
    ]
}

fn kibibytes(bytes: f64) -> String {
    format!("{:.2} KiB", bytes / 1_024.0)
}

fn mebibytes(bytes: f64) -> String {
    format!("{:.1} MiB", bytes / 1_048_576.0)
}

fn microseconds(value: f64) -> String {
    format!("{value:.0} µs")
}

/// A bound may be missed by little.
fn precisely(value: f64) -> String {
    format!("{value:.4}")
}
