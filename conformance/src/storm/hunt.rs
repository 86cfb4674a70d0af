//! `sealwire fuzz`: one adapter, many inputs, and what it does otherwise than the model.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::runtime::Builder;

use super::change::is_text;
use super::grounds::{GROUNDS, Ground};
use super::kind::Kind;
use super::shrink::Shrink;
use super::telling;
use super::trial::Trial;
use crate::adapter::{Judged, Session, canaries, judge};
use crate::cli::{Exit, Fuzz, broken, complain, selects, unusable};
use crate::judge::adapters::no_adapter;
use crate::judge::progress::Progress;
use crate::judge::whole;
use crate::live::outcome::{Outcome, Stop, Verdict};
use crate::live::seed::Seed;
use crate::vectors::{self, Case, Members, read_bytes, written};

/// Bytes that an input is drawn from.
const BYTES: usize = 512;
/// How long a run takes that is told neither a time nor a number of inputs.
const TIME: Duration = Duration::from_secs(60);
/// How often the line of progress changes.
const PAUSE: Duration = Duration::from_millis(500);
/// Most kinds of differences that are told: who has more has one that explains them.
const KINDS: usize = 64;

/// One way in which the adapter differs.
#[derive(Debug)]
pub(super) struct Found {
    /// The way.
    pub(super) kind: Kind,
    /// The smallest input that shows it, as a vector.
    pub(super) case: Case,
    /// What was seen, and what helps to understand it.
    pub(super) judged: Judged,
    /// How many inputs have shown it.
    pub(super) count: u64,
}

/// What a run has done so far.
#[derive(Debug)]
pub(super) struct Hunt {
    /// The adapter, as it names itself.
    pub(super) target: String,
    /// What replays the run.
    pub(super) seed: Seed,
    /// Inputs that were judged.
    pub(super) runs: u64,
    /// When it began.
    begun: Instant,
    /// How long it took.
    pub(super) took: Duration,
    /// Each kind once, in the order in which they were met.
    pub(super) found: Vec<Found>,
}

/// `sealwire fuzz`.
pub(crate) fn fuzz(asked: &Fuzz) -> Exit {
    let seed = match asked.seed.map_or_else(Seed::fresh, Ok) {
        Ok(seed) => seed,
        Err(error) => return broken(&format!("no randomness: {error}")),
    };
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return broken(&format!("no runtime: {error}")),
    };
    let again = match asked.again.as_deref().map(telling::read).transpose() {
        Ok(again) => again,
        Err(fault) => return unusable(&fault),
    };
    let taken = |op: &&str| GROUNDS.of_op(op, false).iter().any(|ground| takes(asked, ground));
    if !GROUNDS.ops().iter().any(taken) {
        let pattern = asked.only.as_deref().unwrap_or_default();
        return unusable(&format!(
            "--only {pattern}: no operation or clause; `frame.mask`, `packet/*`"
        ));
    }
    let mut hunt = Hunt::new(seed);
    let progress = Progress::new(asked.voice);
    let ended = runtime.block_on(whole(hunt.run(asked, again, &progress)));
    hunt.took = hunt.begun.elapsed();
    progress.clear();
    let whole = match ended {
        Err(stop) if hunt.runs == 0 => return broken(&no_adapter(stop)),
        Ok(true) if hunt.runs == 0 => return broken("the adapter does none of these operations"),
        Err(stop) => {
            complain(&format!("not to its end: {}", Verdict::from(Err(stop)).detail()));
            false
        }
        Ok(false) => {
            complain("interrupted; what was found so far is told");
            true
        }
        Ok(true) => true,
    };
    match telling::told(&hunt, asked) {
        Exit::Conforms if !whole => Exit::Broken,
        exit => exit,
    }
}

/// Whether `--only` takes an input, by its operation or by the clause of its vector.
fn takes(asked: &Fuzz, ground: &Ground) -> bool {
    let only = asked.only.as_deref();
    selects(only, &ground.op) || selects(only, ground.clause())
}

impl Hunt {
    fn new(seed: Seed) -> Self {
        Self {
            target: String::new(),
            seed,
            runs: 0,
            begun: Instant::now(),
            took: Duration::ZERO,
            found: Vec::new(),
        }
    }

    async fn run(
        &mut self,
        asked: &Fuzz,
        again: Option<Vec<Case>>,
        progress: &Progress,
    ) -> Outcome {
        progress.doing("canaries");
        let mut session = Session::open(&asked.command, asked.timeout).await?;
        self.target = session.hello.to_string();
        let all = vectors::cases().map_err(Stop::Broken)?;
        canaries(&mut session, &all).await?;
        match again {
            Some(cases) => self.repeat(&mut session, cases).await?,
            None => self.storm(&mut session, asked, progress).await?,
        }
        match session.close().await {
            Some(fault) => Err(Stop::Broken(format!("the adapter {fault}"))),
            None => Ok(()),
        }
    }

    /// New inputs, until time or number is spent.
    async fn storm(&mut self, session: &mut Session, asked: &Fuzz, progress: &Progress) -> Outcome {
        let begun = Instant::now();
        let time = asked.time.or(asked.runs.is_none().then_some(TIME));
        let mut due = begun;
        let ops = session.hello.ops.clone();
        let takes = |ground: &Ground| takes(asked, ground) && ops.contains(&ground.op);
        for number in 0u64.. {
            let over = time.is_some_and(|time| begun.elapsed() >= time);
            if over || asked.runs.is_some_and(|runs| number >= runs) || self.found.len() >= KINDS {
                break;
            }
            let bytes = self.seed.stream(&format!("storm {number}")).vec(BYTES);
            let Some(trial) = Trial::of(&bytes, takes) else { break };
            let Some(case) = trial.case() else { continue };
            let judged = Self::judged(session, &case).await;
            self.runs += 1;
            if let Some(kind) = self.new_kind(&case, &judged)? {
                let shrink = Shrink::new(session, &kind, &judged.0);
                let smallest = shrink.run(trial).await.case().unwrap_or(case);
                session.forgive();
                let judged = Self::judged(session, &smallest).await;
                self.note(kind, smallest, judged, progress);
            }
            if Instant::now() >= due {
                progress.doing(&format!("{} inputs, {} differences", self.runs, self.found.len()));
                due = Instant::now() + PAUSE;
            }
        }
        Ok(())
    }

    /// The cases of a file once more, as they are.
    async fn repeat(&mut self, session: &mut Session, cases: Vec<Case>) -> Outcome {
        for case in cases {
            if !session.hello.ops.contains(&case.op) {
                continue;
            }
            let judged = Self::judged(session, &case).await;
            self.runs += 1;
            if let Some(kind) = self.new_kind(&case, &judged)? {
                self.found.push(Found { kind, case, judged, count: 1 });
            }
        }
        Ok(())
    }

    /// The kind of a wrong answer that was not met before; counts those that were.
    fn new_kind(&mut self, case: &Case, judged: &Judged) -> Outcome<Option<Kind>> {
        if let Verdict::NotRun(why) = &judged.0 {
            return Err(Stop::Broken(why.clone()));
        }
        let Some(kind) = Kind::of(case, judged) else { return Ok(None) };
        match self.found.iter_mut().find(|found| found.kind == kind) {
            Some(known) => known.count += 1,
            None => return Ok(Some(kind)),
        }
        Ok(None)
    }

    fn note(&mut self, kind: Kind, mut case: Case, judged: Judged, progress: &Progress) {
        let clause = case.clause().to_owned();
        let of_clause = |found: &&Found| found.case.clause() == clause;
        let number = FIRST_NUMBER + self.found.iter().filter(of_clause).count();
        case.id = format!("{clause}-{number:04}");
        case.input = ruled(case.input);
        let (op, due, done) = (&kind.op, &kind.due, &kind.done);
        let after = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        progress.tell("differs", &format!("{op}: {due} is due, was {done}"), after);
        self.found.push(Found { kind, case, judged, count: 1 });
    }

    /// What the adapter makes of one input. It may end as often as it likes, if it serves in between.
    pub(super) async fn judged(session: &mut Session, case: &Case) -> Judged {
        let judged = judge(session, case, false).await;
        if !matches!(judged.0, Verdict::Crash(_) | Verdict::Broken(_) | Verdict::NotRun(_)) {
            session.forgive();
        }
        judged
    }
}

/// Members as the vectors write them: long runs of one byte by a rule.
fn ruled(members: Members) -> Members {
    let rule = |(name, value): (String, Value)| match read_bytes(&value) {
        Ok(bytes) if !is_text(&name) => (name, written(&bytes)),
        _ => (name, value),
    };
    members.into_iter().map(rule).collect()
}

/// The number of the first case of a clause: no vector of the suite has it.
const FIRST_NUMBER: usize = 9_001;
