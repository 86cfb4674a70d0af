//! Which relays a run judges, and which cases each of them gets.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Mutex;

use crate::cases;
use crate::cli::{Relay, Run};
use crate::live::case::{Case, Needs};
use crate::live::outcome::{Finding, Outcome, Stop};
use crate::live::process::{Launch, RelayProcess};
use crate::live::runner::{self, Job};
use crate::live::seed::Seed;
use crate::live::target::{Person, Target, Timers, patience};
use crate::live::trial::Trial;
use crate::live::upgrade::Address;
use crate::model::identity::{Keys, Public};

use super::again::Again;
use super::greeting;

/// The reference relay with short timers: what takes a minute by the defaults takes seconds.
const SHORT: (Timers, &[&str]) = (
    Timers::seconds(1, 3, 1, 2),
    &[
        "--set",
        "idle.ping=1s",
        "--set",
        "idle.end=3s",
        "--set",
        "hello.probe=1s",
        "--set",
        "hello.deadline=2s",
    ],
);

/// Why a slow case did not run.
pub(crate) const SLOW: &str = "slow: waits for timers of up to a minute; --slow";

/// What a run was asked for.
pub(crate) struct Plan<'a> {
    /// The seed of everything random.
    pub(crate) seed: Seed,
    /// How often the relay has met the hellos of this seed before.
    pub(crate) attempt: u8,
    /// The command line.
    pub(crate) run: &'a Run,
}

impl Plan<'_> {
    /// The same so many times, each with a seed of its own; the first with the seed of the run.
    pub(crate) fn rounds(&self, count: u32) -> impl Iterator<Item = Self> {
        let Self { seed, attempt, run } = *self;
        (0..count).map(move |round| Self { seed: seed.of_round(round), attempt, run })
    }

    /// The relay cases that the command line selects.
    fn selected(&self) -> impl Iterator<Item = &'static Case<Trial>> {
        cases::relay().filter(|case| self.run.selection.takes(case.id))
    }

    /// The job that judges `target` by `case`.
    fn job(&self, case: &'static Case<Trial>, target: &Arc<Target>, again: &Again) -> Job {
        let replay = again.one(case.id, self.seed);
        let random = self.seed.stream(case.id).at_attempt(self.attempt);
        let trial = Trial::of(Arc::clone(target), random);
        Job::new(case, replay, runner::judge(case, trial))
    }
}

/// What a run consists of.
pub(crate) struct Arranged<H> {
    /// What is known before anything runs.
    pub(crate) findings: Vec<Finding>,
    /// What runs.
    pub(crate) jobs: Vec<Job>,
    /// What must live meanwhile.
    pub(crate) held: H,
}

/// A relay twice, with default and with short timers, as processes of their own.
pub(crate) struct Pair {
    /// By the defaults, with a notifier whom the judge plays.
    target: Arc<Target>,
    /// With short timers.
    short: Arc<Target>,
    /// Both, alive as long as this is.
    _processes: [RelayProcess; 2],
}

impl Pair {
    /// Starts both.
    pub(crate) async fn start(launch: &Launch, seed: Seed) -> Outcome<Self> {
        let notifier = Person::draw(&mut seed.stream("notifier"));
        let key = hex::encode(notifier.public.x);
        let (process, mut target) = RelayProcess::start(launch, &["--notifier", &key]).await?;
        let (short_process, mut short) = RelayProcess::start(launch, SHORT.1).await?;
        target.notifier = Some(Arc::new(Mutex::new(notifier)));
        short.timers = SHORT.0;
        let (target, short) = (Arc::new(target), Arc::new(short));
        Ok(Self { target, short, _processes: [process, short_process] })
    }

    /// The one that a case is for.
    pub(crate) fn of(&self, case: &Case<Trial>) -> &Arc<Target> {
        if case.needs == Needs::Slow { &self.short } else { &self.target }
    }
}

/// The reference relay.
pub(crate) async fn references(plan: &Plan<'_>) -> Outcome<Arranged<Pair>> {
    let pair = Pair::start(&Launch::reference(), plan.seed).await?;
    let job = |case| plan.job(case, pair.of(case), &Again::check());
    let jobs = plan.selected().map(job).collect();
    Ok(Arranged { findings: Vec::new(), jobs, held: pair })
}

/// The relay of the command line, which keeps the timers of the specification.
pub(crate) async fn foreign(plan: &Plan<'_>, relay: &Relay) -> Outcome<Arranged<()>> {
    let target = Arc::new(foreign_target(plan, relay).await?);
    let again = Again::relay(relay);
    let mut rounds: Vec<_> = plan.rounds(relay.repeat).collect();
    for round in &mut rounds {
        round.attempt = greeting::attempt(round.seed, &target).await?;
    }
    let (mut findings, mut jobs) = (Vec::new(), Vec::new());
    for case in plan.selected() {
        let reason = match case.needs {
            Needs::Started => Some("needs relays with settings of the judge's own"),
            Needs::Output if relay.log.is_empty() => {
                Some("needs --log FILE: what the relay writes")
            }
            Needs::Slow if !relay.slow => Some(SLOW),
            Needs::Notifier if target.notifier.is_none() => Some("needs --notifier-seed"),
            _ => None,
        };
        match reason {
            None => jobs.extend(rounds.iter().map(|round| round.job(case, &target, &again))),
            Some(reason) => findings.push(case.not_run(reason)),
        }
    }
    Ok(Arranged { findings, jobs, held: () })
}

/// The relay of the command line; its round trip is that of one TCP connection.
async fn foreign_target(plan: &Plan<'_>, relay: &Relay) -> Outcome<Target> {
    let address = Address::parse(&relay.url).map_err(Stop::Broken)?;
    let begun = Instant::now();
    address.dial(CONNECT_PATIENCE).await?;
    let notifier = relay.notifier_seed.map(|seed| {
        // The relay knows its notifier by the X25519 key alone.
        let signing = plan.seed.stream("notifier").bytes();
        Arc::new(Mutex::new(Person::of(Keys::from_seeds(seed, signing))))
    });
    Ok(Target {
        address,
        relay: Public { x: relay.x25519, ed: relay.ed25519 },
        notifier,
        timers: Timers::DEFAULT,
        logs: relay.log.clone(),
        patience: patience(begun.elapsed()),
        launch: None,
    })
}

/// How long the first connection to a foreign relay may take.
const CONNECT_PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
