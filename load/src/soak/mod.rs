//! `sealwire soak`: everything at once for a long time at a modest pace, faults now and then. The
//! relay's memory must not grow, its sums must be right, and nobody must be forgotten in it.

mod report;
mod scrape;

use crate::{
    Failure, Format,
    isolation::{
        self, Programs,
        company::Company,
        faults::{Need, ROWS},
        judgement::conserved,
        scene::{Scale, Scene},
    },
    machine::{Process, raise_open_files},
    party::{Incoming, Mark, Party, Relay, RelayProcess},
};
use clap::Args;
use report::{Report, Sample};
use scrape::Scraped;
use std::{ffi::OsString, sync::Arc, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

/// Between two looks at the relay.
const LOOK: Duration = Duration::from_secs(5);
/// From the beginning of one fault to that of the next, and how long each goes on: the relay is
/// looked at when the last one is over.
const FAULTS: Duration = Duration::from_secs(10);
const FAULT: Duration = Duration::from_secs(3);
/// Those who come and go, and how long they rest.
const COMERS: usize = 4;
const REST: Duration = Duration::from_millis(200);
/// How long the relay may take to forget those who have gone.
const FORGET: Duration = Duration::from_secs(20);
/// For the reference relay: what it remembers of hellos (`[handshake/replay]`) is full at once, and
/// does not look like memory that grows for the hour that it would take.
const FEW_HELLOS: &str = "hello.replays=1024";
/// How far the faults go.
const SCALE: Scale = Scale { sockets: 500, bulk: 128, deadline: Duration::from_secs(10) };

/// Which relay, how long.
#[derive(Args, Clone, Debug)]
pub struct Soak {
    /// How long: 10m, 12h.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = crate::values::time)]
    time: Duration,
    /// The form of the result.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The command that starts the relay and says on its first line where it listens, as the
    /// reference relay does. Without it, the reference relay.
    #[arg(last = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Soaks a relay, and tells what it found.
///
/// # Errors
/// What does not hold; a relay that cannot be started.
pub fn soak(options: &Soak, programs: &Programs) -> Result<(), Failure> {
    raise_open_files(SCALE.sockets + 1_000)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Broken(error.to_string()))?;
    let report = runtime.block_on(options.run(programs))?;
    let text = match options.format {
        Format::Text => report.to_string(),
        Format::Json => format!("{}\n", serde_json::json!(report)),
    };
    isolation::say(&text);
    report.verdict()
}

impl Soak {
    async fn run(&self, programs: &Programs) -> Result<Report, Failure> {
        let command = programs.command(&self.command, &[FEW_HELLOS]);
        let process = RelayProcess::start(&command).await?;
        let relay = process.relay.clone();
        let mut report = Report::default();
        let company = Company::gather(&relay).await?;
        let ledger = Arc::clone(&company.ledger);
        let scene = Arc::new(Scene::new(relay.clone(), programs.faultproxy.clone(), SCALE));
        let mut comers = JoinSet::new();
        for _ in 0..COMERS {
            comers.spawn(come_and_go(relay.clone()));
        }
        // What goes wrong from here on ends nothing: there is something to report.
        let faults = self.faults(&scene, &mut report).await;
        comers.shutdown().await;
        let parted = company.part().await;
        (report.lost, report.astray) = ledger.lost_and_astray();
        report.talk(&ledger.frames(&(Duration::ZERO..Duration::MAX)));
        let rest = at_rest(&relay).await.map(|rest| report.rest = rest);
        let ended = process.end().await.and_then(|complaints| conserved(&complaints));
        for failure in [faults, parted, rest, ended].into_iter().filter_map(Result::err) {
            report.complain(failure);
        }
        Ok(report)
    }

    /// Fault after fault, and between them a look at the relay.
    async fn faults(&self, scene: &Arc<Scene>, report: &mut Report) -> Result<(), Failure> {
        let begin = Instant::now();
        let rows = ROWS.iter().filter(|row| row.need != Need::Descriptors).cycle();
        for (number, row) in (0_u32..).zip(rows) {
            if begin.elapsed() >= self.time {
                return Ok(());
            }
            let due = begin + FAULTS * number;
            sleep(due.saturating_duration_since(Instant::now())).await;
            report.samples.push(look(&scene.relay, begin.elapsed()).await?);
            isolation::progress(&format!(
                "{:.0?} of {:?}: {}",
                begin.elapsed(),
                self.time,
                row.name
            ));
            let mut fault = JoinSet::new();
            fault.spawn((row.inflict)(Arc::clone(scene)));
            let most = FAULT.max(if row.need == Need::Whole { FAULTS * 2 } else { FAULT });
            if let Ok(Some(Ok(Err(failure @ Failure::Fails(_))))) =
                tokio::time::timeout(most, fault.join_next()).await
            {
                report.complain(failure);
            }
            fault.shutdown().await;
            report.faults += 1;
            sleep(LOOK).await;
            report.samples.push(look(&scene.relay, begin.elapsed()).await?);
        }
        Ok(())
    }
}

/// A client that comes, sends to itself and goes, for ever; now and then before its frame is back.
async fn come_and_go(relay: Relay) {
    for number in 0_u64.. {
        if let Ok(mut party) = Party::enter(&relay).await {
            let frame = party.session.frame(party.id(), Mark { number, at: 0 }, 1_024);
            let waits = number % 3 > 0 && party.send(frame).await.is_ok();
            // Its own frame comes back.
            while waits && matches!(party.next().await, Ok(Incoming::Event | Incoming::Other)) {}
        }
        sleep(REST).await;
    }
}

/// Memory, sessions and sums at this moment.
async fn look(relay: &Relay, at: Duration) -> Result<Sample, Failure> {
    let resident = relay.pid.map(|pid| Process(pid).resident()).transpose()?;
    Ok(Sample { seconds: at.as_secs_f64(), resident, scraped: scrape::scrape(relay).await? })
}

/// When all have gone, or when the relay has had its time to notice.
async fn at_rest(relay: &Relay) -> Result<Scraped, Failure> {
    let until = Instant::now() + FORGET;
    loop {
        let scraped = scrape::scrape(relay).await?;
        if scraped.is_at_rest() || Instant::now() >= until {
            return Ok(scraped);
        }
        sleep(REST).await;
    }
}
