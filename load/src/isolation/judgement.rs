//! What a row found, and whether it holds.

use super::faults::Cost;
use crate::Failure;
use serde::Serialize;
use std::{
    fmt::{self, Display, Formatter},
    time::Duration,
};

/// p99 may grow so many times on a machine that does other things too, unless it stays below
/// [`UNNOTICED`].
const GENEROUS: f64 = 10.0;
/// Nobody notices it.
const UNNOTICED: f64 = 50.0;
/// p99 may grow so many times on a machine that is quiet, while the fault costs no CPU.
const STRICT: f64 = 1.2;
/// What clocks and schedulers add here and there, in milliseconds.
const COARSE: f64 = 0.5;
/// A newcomer may wait so many milliseconds.
const ENTRY: f64 = 2_000.0;
/// Memory comes back to so many times what it was,
const HOME: f64 = 1.1;
/// and what an allocator keeps of another kind of crowd than the one before it.
const KEPT: f64 = (1 << 19) as f64;

/// How long things took: of each window, then the median of all windows, in milliseconds.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Spread {
    p50_ms: Vec<f64>,
    p99_ms: Vec<f64>,
    /// The slowest newcomer of each.
    newcomer_ms: Vec<f64>,
}

impl Spread {
    /// One window's, in ascending order.
    pub(crate) fn window(&mut self, frames: &[Duration], entries: &[Duration]) {
        self.p50_ms.extend(quantile(frames, 0.5));
        self.p99_ms.extend(quantile(frames, 0.99));
        self.newcomer_ms.extend(quantile(entries, 1.0));
    }

    fn p50(&self) -> f64 {
        median(&self.p50_ms)
    }

    fn p99(&self) -> f64 {
        median(&self.p99_ms)
    }

    fn newcomer(&self) -> f64 {
        self.newcomer_ms.iter().copied().fold(0.0, f64::max)
    }
}

/// In milliseconds; nothing of nothing.
pub(crate) fn quantile(ascending: &[Duration], part: f64) -> Option<f64> {
    let at = ((ascending.len() as f64 * part).ceil() as usize).max(1) - 1;
    ascending.get(at).map(|took| took.as_secs_f64() * 1e3)
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Bytes that the relay held before the fault, at most, and when it was over.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Memory {
    pub(crate) before: u64,
    pub(crate) peak: u64,
    pub(crate) after: u64,
}

impl Memory {
    /// Whether it is back; unknown is no fault.
    pub(crate) fn is_home(before: Option<u64>, now: Option<u64>) -> bool {
        before.zip(now).is_none_or(|(before, now)| now as f64 <= before as f64 * HOME + KEPT)
    }
}

/// What a row found.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    pub(crate) row: &'static str,
    pub(crate) without: Spread,
    pub(crate) with: Spread,
    /// Frames of third parties.
    pub(crate) lost: u64,
    pub(crate) astray: u64,
    pub(crate) memory: Option<Memory>,
    /// Of the relay while the fault went on.
    #[serde(skip)]
    pub(crate) cpu: Duration,
    #[serde(skip)]
    pub(crate) lasted: Duration,
    /// How often the client did it.
    did: u64,
    bytes_out: u64,
    bytes_in: u64,
    relay_cpu_us_each: f64,
    relay_cores: f64,
    #[serde(skip)]
    pub(crate) faults: Vec<Failure>,
    /// Why it does not hold.
    complaints: Vec<String>,
}

impl Outcome {
    pub(crate) fn new(row: &'static str) -> Self {
        Self {
            row,
            without: Spread::default(),
            with: Spread::default(),
            lost: 0,
            astray: 0,
            memory: None,
            cpu: Duration::ZERO,
            lasted: Duration::ZERO,
            did: 0,
            bytes_out: 0,
            bytes_in: 0,
            relay_cpu_us_each: 0.0,
            relay_cores: 0.0,
            faults: Vec::new(),
            complaints: Vec::new(),
        }
    }

    /// A row that came to nothing.
    pub(crate) fn fails(row: &'static str, why: Failure) -> Self {
        Self { faults: vec![why], ..Self::new(row) }
    }

    /// How often it was done, bytes to the relay and from it.
    pub(crate) fn tally(&mut self, (did, bytes_out, bytes_in): (u64, u64, u64)) {
        (self.did, self.bytes_out, self.bytes_in) = (did, bytes_out, bytes_in);
        self.relay_cpu_us_each = self.cpu.as_secs_f64() * 1e6 / did.max(1) as f64;
        self.relay_cores = self.cpu.as_secs_f64() / self.lasted.as_secs_f64().max(1e-9);
    }

    pub(crate) fn holds(&self) -> bool {
        self.complaints.is_empty()
    }

    fn ratio(&self) -> f64 {
        self.with.p99() / self.without.p99().max(1e-3)
    }

    /// Notes what does not hold.
    pub(crate) fn judge(&mut self, cost: Cost, strict: bool) {
        let (without, with, ratio) = (self.without.p99(), self.with.p99(), self.ratio());
        let entry = self.without.newcomer().max(self.with.newcomer());
        let away =
            self.memory.filter(|memory| !Memory::is_home(Some(memory.before), Some(memory.after)));
        let strictly = strict && cost == Cost::Little && with - without > COARSE;
        let mut complaints: Vec<_> = self.faults.iter().map(said).collect();
        let mut unless = |holds: bool, complaint: String| {
            complaints.extend((!holds).then_some(complaint));
        };
        unless(self.lost == 0, format!("{} frames of third parties are lost", self.lost));
        unless(
            self.astray == 0,
            format!(
                "{} of their frames came out of order, changed or from another, or were answered",
                self.astray
            ),
        );
        unless(
            with <= UNNOTICED || ratio <= GENEROUS,
            format!("their p99 is {with:.1} ms, {ratio:.1} times what it was"),
        );
        unless(
            !strictly || ratio <= STRICT,
            format!("their p99 grew {ratio:.2} times, by more than {STRICT}"),
        );
        unless(entry <= ENTRY, format!("a newcomer waited {entry:.0} ms"));
        unless(
            !self.without.p99_ms.is_empty() && !self.with.p99_ms.is_empty(),
            "no frame of theirs arrived".to_owned(),
        );
        unless(self.did > 0, "the fault did not happen once".to_owned());
        if let Some(Memory { before, after, .. }) = away {
            unless(
                false,
                format!("memory stays at {} MiB, from {} MiB", mebibytes(after), mebibytes(before)),
            );
        }
        self.complaints = complaints;
    }

    /// What stands above the columns.
    pub(crate) fn head() -> String {
        format!(
            "{:<17}{:>15}{:>17}{:>7}{:>9}{:>6}{:>21}{:>8}{:>9}\n{:<17}{:>15}{:>17}{:>7}{:>9}{:>6}{:>21}{:>8}{:>9}\n",
            "one client",
            "p50, ms",
            "p99, ms",
            "times",
            "enter",
            "lost",
            "memory, MiB",
            "relay",
            "done",
            "",
            "without with",
            "without with",
            "",
            "ms",
            "",
            "before peak after",
            "cores",
            "",
        )
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let memory = self.memory.map_or("not known".to_owned(), |memory| {
            let Memory { before, peak, after } = memory;
            format!("{} {} {}", mebibytes(before), mebibytes(peak), mebibytes(after))
        });
        let p50 = format!("{:.2} {:.2}", self.without.p50(), self.with.p50());
        let p99 = format!("{:.2} {:.2}", self.without.p99(), self.with.p99());
        writeln!(
            f,
            "{:<17}{p50:>15}{p99:>17}{:>7.2}{:>9.0}{:>6}{memory:>21}{:>8.2}{:>9}",
            self.row,
            self.ratio(),
            self.with.newcomer(),
            self.lost,
            self.relay_cores,
            self.did,
        )?;
        self.complaints.iter().try_for_each(|complaint| writeln!(f, "  FAILS: {complaint}"))
    }
}

/// With one decimal.
pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / f64::from(1 << 20))
}

/// Its words.
pub(crate) fn said(failure: &Failure) -> String {
    let (Failure::Fails(why) | Failure::Usage(why) | Failure::Broken(why)) = failure;
    why.clone()
}

/// The line in which the relay says what became of all frames, if it does.
pub(super) fn sum(complaints: &str) -> Option<&str> {
    complaints.lines().rfind(|line| line.contains(" peer frames: "))
}

/// Judges what the relay said at its end: no panic, and each peer frame delivered, answered or lost
/// with both its ends, if it tells.
///
/// # Errors
/// What does not hold.
pub(crate) fn conserved(complaints: &str) -> Result<(), Failure> {
    let panicked = |line: &&str| line.contains("panicked") || line.contains("failed inside");
    if let Some(line) = complaints.lines().find(panicked) {
        return Err(Failure::Fails(format!("the relay says: {line}")));
    }
    let Some(line) = sum(complaints) else { return Ok(()) };
    let before = |word: &str| -> Option<u64> {
        line.split(word).next()?.split_whitespace().next_back()?.parse().ok()
    };
    let terms = [" peer frames: ", " delivered", " answered", " lost"].map(before);
    match terms {
        [Some(frames), Some(delivered), Some(answered), Some(lost)]
            if frames == delivered + answered + lost =>
        {
            Ok(())
        }
        _ => Err(Failure::Fails(format!("the sum is wrong: {line}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milliseconds(values: impl IntoIterator<Item = u64>) -> Vec<Duration> {
        values.into_iter().map(Duration::from_millis).collect()
    }

    /// A row whose p99 was `without` and is `with`, in milliseconds.
    fn outcome(without: u64, with: u64) -> Outcome {
        let mut outcome = Outcome { did: 1, ..Outcome::new("a-row") };
        for _ in 0..3 {
            outcome.without.window(&milliseconds([without]), &[]);
            outcome.with.window(&milliseconds([with]), &[]);
        }
        outcome
    }

    #[test]
    fn a_quantile_is_a_value_that_was_seen() {
        let hundred = milliseconds(1..=100);
        assert_eq!(quantile(&hundred, 0.5), Some(50.0));
        assert_eq!(quantile(&hundred, 0.99), Some(99.0));
        assert_eq!(quantile(&hundred[..1], 0.99), Some(1.0));
        assert_eq!(quantile(&[], 0.99), None);
    }

    #[test]
    fn a_row_fails_for_each_of_its_reasons() {
        let mut spoilt: Vec<(&str, Outcome)> = vec![
            ("nothing", outcome(1, 2)),
            ("noticed", outcome(4, 51)),
            ("lost", outcome(1, 1)),
            ("astray", outcome(1, 1)),
            ("memory", outcome(1, 1)),
            ("entry", outcome(1, 1)),
            ("silence", Outcome::new("a-row")),
            ("inside", outcome(1, 1)),
            ("did not happen", outcome(1, 1)),
        ];
        spoilt[2].1.lost = 1;
        spoilt[3].1.astray = 1;
        spoilt[4].1.memory = Some(Memory { before: 10 << 20, peak: 20 << 20, after: 16 << 20 });
        spoilt[5].1.with.newcomer_ms.push(2_001.0);
        spoilt[7].1.faults.push(Failure::Fails("inside".to_owned()));
        spoilt[8].1.did = 0;
        for (why, mut outcome) in spoilt {
            outcome.judge(Cost::Much, true);
            assert_eq!(outcome.holds(), why == "nothing", "{why}: {outcome}");
        }
    }

    #[test]
    fn ten_times_of_little_and_little_more_of_much_are_no_fault() {
        for (without, with) in [(1, 49), (10, 99)] {
            let mut outcome = outcome(without, with);
            outcome.judge(Cost::Much, false);
            assert!(outcome.holds(), "{outcome}");
        }
    }

    #[test]
    fn the_strict_bound_is_for_what_costs_little() {
        for (cost, strict, holds) in
            [(Cost::Little, true, false), (Cost::Much, true, true), (Cost::Little, false, true)]
        {
            let mut outcome = outcome(10, 13);
            outcome.judge(cost, strict);
            assert_eq!(outcome.holds(), holds, "{cost:?} {strict}");
        }
    }

    #[test]
    fn memory_is_home_within_a_tenth_and_what_is_kept() {
        let home = |after: u64| Memory::is_home(Some(10 << 20), Some(after << 20));
        assert!(home(11) && !home(12));
        assert!(Memory::is_home(None, Some(1)));
    }

    #[test]
    fn a_sum_that_is_wrong_and_a_panic_are_told() {
        let line = |lost| {
            format!("relay: 10 peer frames: 6 delivered, 3 answered, {lost} lost; dropped: none\n")
        };
        assert_eq!(conserved(&line(1)), Ok(()));
        assert!(conserved(&line(0)).is_err());
        assert!(conserved("thread 'main' panicked at src/lib.rs").is_err());
        assert_eq!(conserved("nothing of it"), Ok(()));
    }
}
