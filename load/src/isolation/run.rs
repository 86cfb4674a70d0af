//! One row: windows without and with its fault in turn, and the relay's memory all the while.

use super::{
    company::Company,
    faults::{Need, Row},
    judgement::{Memory, Outcome, conserved, sum},
    scene::{Scale, Scene},
};
use crate::{
    Failure,
    machine::Process,
    party::{Mark, Party, Relay, RelayProcess, random},
};
use futures_util::future::try_join_all;
use sealwire::relay::{Keys, ToRelay};
use std::{ffi::OsString, sync::Arc, time::Duration};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

/// After a beginning or an end, before something is measured.
const SETTLE: Duration = Duration::from_millis(400);
/// How many come and go together before a row begins, so often,
const CROWD: usize = 16;
const TIMES: usize = 4;
/// and how long the relay rests after them.
const REST: Duration = Duration::from_millis(1_500);
/// Between two looks at the relay's memory.
const LOOK: Duration = Duration::from_millis(50);
/// How long a fault may go on that comes to an end by itself.
const WHOLE: Duration = Duration::from_secs(120);

/// How long everything takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Windows without the fault, and as many with it.
    pub(super) windows: usize,
    pub(super) window: Duration,
    /// How long memory may take to come back.
    pub(super) memory: Duration,
    pub(super) scale: Scale,
    /// What the reference relay is set to.
    pub(super) settings: &'static [&'static str],
}

/// What is measured of the relay itself.
struct Gauge {
    process: Option<Process>,
    peak: u64,
}

impl Gauge {
    fn resident(&mut self) -> Option<u64> {
        // A relay that is gone is found by those who talk through it.
        let resident = self.process.and_then(|process| process.resident().ok());
        self.peak = self.peak.max(resident.unwrap_or(0));
        resident
    }

    fn cpu(&self) -> Option<Duration> {
        self.process.and_then(|process| process.cpu().ok())
    }

    /// Looks again and again until it is time, or until it has been seen.
    async fn watch(&mut self, most: Duration, seen: impl Fn(Option<u64>) -> bool) -> Option<u64> {
        let until = Instant::now() + most;
        loop {
            let resident = self.resident();
            if seen(resident) || Instant::now() >= until {
                return resident;
            }
            sleep(LOOK).await;
        }
    }
}

/// Judges one row on a relay, which ends with it if it is ours.
pub(super) async fn judge(
    row: &Row,
    relay: Relay,
    process: Option<RelayProcess>,
    proxy: Vec<OsString>,
    pace: Pace,
) -> Result<Outcome, Failure> {
    let mut gauge = Gauge { process: relay.pid.map(Process), peak: 0 };
    warm(&relay).await?;
    let company = Company::gather(&relay).await?;
    let ledger = Arc::clone(&company.ledger);
    let scene = Arc::new(Scene::new(relay, proxy, pace.scale));
    let mut outcome = Outcome::new(row.name);
    sleep(SETTLE).await;
    let before = gauge.resident();
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..pace.windows {
        let from = ledger.now();
        gauge.watch(pace.window, |_| false).await;
        let to = ledger.now();
        without.push(from..to);

        let (from, cpu) = (to, gauge.cpu());
        ledger.invite(row.need != Need::Descriptors);
        let ended = inflicted(row, &scene, &mut gauge, pace.window).await;
        let to = ledger.now();
        with.push(from..to);
        outcome.cpu += gauge.cpu().zip(cpu).map_or(Duration::ZERO, |(now, then)| now - then);
        outcome.lasted += to - from;
        ledger.invite(true);
        sleep(SETTLE).await;
        if let Err(failure) = ended {
            // The row does not hold, whatever the other windows would show.
            outcome.faults.push(failure);
            break;
        }
    }
    let home = |now: Option<u64>| Memory::is_home(before, now);
    let after = gauge.watch(pace.memory, home).await;
    outcome.memory =
        before.zip(after).map(|(before, after)| Memory { before, peak: gauge.peak, after });
    outcome.tally(scene.tally());
    if let Err(failure) = company.part().await {
        outcome.faults.push(failure);
    }
    // Only now have those arrived that were held up.
    for (windows, spread) in [(without, &mut outcome.without), (with, &mut outcome.with)] {
        for window in windows {
            spread.window(&ledger.frames(&window), &ledger.entries(&window));
        }
    }
    (outcome.lost, outcome.astray) = ledger.lost_and_astray();
    if let Some(process) = process {
        match process.end().await {
            Ok(complaints) => {
                outcome.faults.extend(conserved(&complaints).err());
                let told = sum(&complaints).filter(|_| outcome.lost > 0);
                let sent = ledger.sent();
                let told = told.map(|line| format!("they sent {sent}; the relay says: {line}"));
                outcome.faults.extend(told.map(Failure::Fails));
            }
            Err(failure) => outcome.faults.push(failure),
        }
    }
    Ok(outcome)
}

/// A crowd comes, does a little of everything, and goes: what an allocator keeps of that for ever is
/// no leak, and belongs to what the relay holds before the fault.
async fn warm(relay: &Relay) -> Result<(), Failure> {
    let guest = || async {
        let mut party = Party::enter(relay).await?;
        let keys = (0..64).map(|_| random()).collect::<Result<Vec<_>, _>>()?;
        party.send(party.session.command(&ToRelay::Subscribe(Keys::new(&keys)))?).await?;
        for length in [64, 256, 1_024, 4_096, 16_384, 65_536] {
            let frame = party.session.frame(party.id(), Mark { number: 0, at: 0 }, length);
            party.send(frame).await?;
            party.next().await?;
        }
        Ok(())
    };
    for _ in 0..TIMES {
        try_join_all((0..CROWD).map(|_| guest())).await?;
    }
    sleep(REST).await;
    Ok(())
}

/// Lets the fault go on for one window. What stops it by itself, as a relay that closes its
/// connection, lets it begin anew; only what the relay does wrong is told.
async fn inflicted(
    row: &Row,
    scene: &Arc<Scene>,
    gauge: &mut Gauge,
    window: Duration,
) -> Result<(), Failure> {
    let until = Instant::now() + window;
    let whole = row.need == Need::Whole;
    loop {
        let task = Ends(tokio::spawn((row.inflict)(Arc::clone(scene))));
        let left = if whole { WHOLE } else { until.saturating_duration_since(Instant::now()) };
        gauge.watch(left, |_| task.0.is_finished()).await;
        if !task.0.is_finished() {
            return if whole {
                Err(Failure::Fails("it did not come to its end".into()))
            } else {
                Ok(())
            };
        }
        match task.ended().await {
            Err(Failure::Broken(_)) if !whole => sleep(LOOK).await,
            ended if whole => return ended,
            Err(failure) => return Err(failure),
            Ok(()) => sleep(LOOK).await,
        }
        if Instant::now() >= until {
            return Ok(());
        }
    }
}

/// A task that ends with its owner, sockets and all.
struct Ends(JoinHandle<Result<(), Failure>>);

impl Ends {
    async fn ended(mut self) -> Result<(), Failure> {
        (&mut self.0).await.unwrap_or_else(|error| Err(Failure::Broken(error.to_string())))
    }
}

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.abort();
    }
}
