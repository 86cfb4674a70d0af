//! The kill matrix: twin × case.
//!
//! Each twin meets the cases of the clause that it breaks; the twins without a fault, and with
//! `--full` all of them, meet every case of their kind.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use futures_util::stream::{self, StreamExt};

use super::faults::Twin;
use super::{codec, company};
use crate::cases;
use crate::live::case::Case;
use crate::live::examiner;
use crate::live::meeting::Meeting;
use crate::live::outcome::{Outcome, Stop, Verdict};
use crate::live::process::Launch;
use crate::live::runner::{self, Job};
use crate::live::seed::Seed;
use crate::live::testee::Testee;
use crate::live::trial::Trial;
use crate::{judge::relays::Pair, vectors};

/// Twins under way at a time: they wait for sockets and timers more than they compute.
const WIDTH: usize = 8;

/// What one case made of one twin.
pub(crate) struct Tried {
    /// The case.
    pub(crate) case: String,
    /// The clause it judges.
    pub(crate) clause: String,
    /// What it said.
    pub(crate) verdict: Verdict,
}

impl Tried {
    /// Whether the case noticed something.
    fn notices(&self) -> bool {
        matches!(self.verdict, Verdict::Fail { .. } | Verdict::Crash(_))
    }
}

/// One twin and the cases that it met.
pub(crate) struct Row {
    /// The twin.
    pub(crate) twin: Twin,
    /// The cases.
    pub(crate) tried: Vec<Tried>,
    /// How long it took, in milliseconds.
    pub(crate) ms: u64,
}

impl Row {
    /// The cases that noticed something.
    pub(crate) fn caught_by(&self) -> impl Iterator<Item = &Tried> {
        self.tried.iter().filter(|tried| tried.notices())
    }

    /// Whether the suite did what it claims: a case of its own clause caught a fault; the other
    /// twins were accused of what they do, and of nothing else.
    pub(crate) fn is_right(&self) -> bool {
        match self.twin.row() {
            Some(row) => self.caught_by().any(|tried| tried.clause == row.clause),
            None => !self.tried.is_empty() && self.named() == self.twin.clauses(),
        }
    }

    /// The clauses whose cases noticed something.
    pub(crate) fn named(&self) -> BTreeSet<&str> {
        self.caught_by().map(|tried| tried.clause.as_str()).collect()
    }

    /// The cases that could not judge.
    pub(crate) fn broken(&self) -> impl Iterator<Item = &Tried> {
        self.tried.iter().filter(|tried| matches!(tried.verdict, Verdict::Broken(_)))
    }
}

/// What a twin is tried with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trials {
    /// The seed of everything random.
    pub(crate) seed: Seed,
    /// Every case for every twin.
    pub(crate) full: bool,
}

impl Trials {
    /// Tries all of these twins, and tells `progress` after each.
    pub(crate) async fn run(
        self,
        twins: Vec<Twin>,
        mut progress: impl FnMut(&Row),
    ) -> Outcome<Vec<Row>> {
        let mut rows = Vec::new();
        let (right, faulty): (Vec<_>, Vec<_>) =
            twins.iter().copied().partition(|twin| twin.row().is_none());
        // Who must pass nearly everything gets the machine for itself: some clauses speak of seconds.
        for (twins, width) in [(right, 1), (faulty, WIDTH)] {
            let mut running =
                stream::iter(twins).map(|twin| self.row(twin)).buffer_unordered(width);
            while let Some(row) = running.next().await {
                let row = row?;
                progress(&row);
                rows.push(row);
            }
        }
        rows.sort_by_key(|row| twins.iter().position(|twin| *twin == row.twin));
        Ok(rows)
    }

    /// Whether a twin meets the cases of this clause.
    fn meets(self, twin: Twin, clause: &str) -> bool {
        self.full || twin.row().is_none_or(|row| row.clause == clause)
    }

    /// One twin.
    pub(crate) async fn row(self, twin: Twin) -> Outcome<Row> {
        let begun = Instant::now();
        let tried = match twin {
            Twin::Codec(fault) => {
                let codec = move || self.codec(twin, fault);
                let lost = |error| Stop::Broken(format!("a codec twin panicked: {error}"));
                tokio::task::spawn_blocking(codec).await.map_err(lost)?
            }
            Twin::Relay(_) | Twin::LenientRelay => self.relay(twin).await?,
            Twin::Client(_) | Twin::LenientClient => self.client(twin).await?,
            Twin::References => self.references().await,
        };
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Row { twin, tried, ms })
    }

    fn codec(self, twin: Twin, fault: Option<super::faults::codec::Fault>) -> Vec<Tried> {
        let meets = |clause: &str| self.meets(twin, clause);
        let judged = vectors::judged(meets, |op, input| codec::run(fault, op, input));
        let tried = |(case, clause, passed)| Tried {
            case,
            clause,
            verdict: match passed {
                true => Verdict::Pass,
                false => Verdict::failed("what the vector says", "something else"),
            },
        };
        judged.into_iter().map(tried).collect()
    }

    async fn relay(self, twin: Twin) -> Outcome<Vec<Tried>> {
        let launch = match twin {
            Twin::LenientRelay => Launch::lenient_twin(),
            _ => Launch::twin(twin.row().map(|row| row.name)),
        };
        let pair = Pair::start(&launch, self.seed).await?;
        let job = |case: &'static Case<Trial>| {
            let trial = Trial::of(Arc::clone(pair.of(case)), self.seed.stream(case.id));
            Job::new(case, String::new(), runner::judge(case, trial))
        };
        let met = cases::relay().filter(|case| self.meets(twin, case.clause()));
        Ok(tried(met.map(job).collect()).await)
    }

    /// A scene that fails is named by itself: it is about no clause in particular.
    async fn references(self) -> Vec<Tried> {
        let tried = |(scene, verdict): (&str, Verdict)| {
            let (case, clause) = (scene.to_owned(), scene.to_owned());
            Tried { case, clause, verdict }
        };
        company::play(self.seed).await.into_iter().map(tried).collect()
    }

    async fn client(self, twin: Twin) -> Outcome<Vec<Tried>> {
        let testee = Arc::new(match twin {
            Twin::LenientClient => Testee::lenient_twin()?,
            _ => Testee::twin(twin.row().map(|row| row.name))?,
        });
        let job = |case: &'static Case<Meeting>| {
            let random = self.seed.stream(case.id);
            let judging = examiner::judge(case, Arc::clone(&testee), random);
            Job::new(case, String::new(), judging)
        };
        let met = cases::client().filter(|case| self.meets(twin, case.clause()));
        Ok(tried(met.map(job).collect()).await)
    }
}

/// Runs live cases.
async fn tried(jobs: Vec<Job>) -> Vec<Tried> {
    let findings = runner::run(jobs, runner::WIDTH, |_| {}).await;
    let tried = findings.into_iter().map(|finding| Tried {
        case: finding.id,
        clause: finding.clause,
        verdict: finding.verdict,
    });
    tried.collect()
}
