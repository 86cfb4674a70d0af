//! Memory of the relay's process by sessions: a slope, so that what it has anyhow does not count.

use std::time::Duration;

use super::super::chart::{Axis, Curve};
use super::super::fleet::Fleet;
use super::super::measure::Mark;
use super::super::relay::Relay;
use super::super::report::{Found, Memory, Report, Rested, Step};
use super::super::session::Role;
use super::super::traffic::Traffic;
use super::Setting;
use crate::Failure;
use crate::fit::line;
use crate::machine::Process;

/// Points of the line.
const STEPS: usize = 9;
/// How long a relay gets to put away what connecting took.
const SETTLE: Duration = Duration::from_secs(1);
/// Bytes of the frame that each session sends and receives.
const FRAME: usize = 65_536;
/// Frames of that kind that are under way at a time: memory of many at once is not asked for.
const WAVE: usize = 64;
/// How long each may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn run(setting: &Setting<'_>, relay: Relay) -> Result<Report, Failure> {
    let (asked, progress) = (setting.asked, setting.progress);
    let process = Process(asked.pid.unwrap_or_default());
    // Pairs, because of the frames.
    let sessions = asked.sessions().next_multiple_of(2);
    let role = if asked.rest.is_some() { Role::Pair } else { Role::Idle };
    let mut fleet = Fleet::new(relay, setting.seed, sessions)?;
    let before = Mark::new(asked.pid, 0)?;
    let mut steps = Vec::new();
    let mut there = 0;
    for step in 1..=STEPS {
        let next = sessions * step / STEPS;
        fleet.connect(there..next, |_| role, asked.ramp, progress)?;
        there = next;
        progress.say(|| format!("{there} sessions rest before they are measured"));
        fleet.idle(SETTLE)?;
        steps.push(Step { sessions: there, resident_bytes: process.resident()? });
    }
    let points: Vec<_> =
        steps.iter().map(|step| (step.sessions as f64, step.resident_bytes as f64)).collect();
    let bytes_per_session = line(&points)
        .ok_or_else(|| Failure::Usage("--sessions: a line needs more of them".to_owned()))?;
    let full = steps.last().map_or(0, |step| step.resident_bytes);
    let rested = asked.rest.map(|rest| carry(setting, fleet, process, full, rest)).transpose()?;
    let span = before.until(Mark::new(asked.pid, 0)?);
    let found = Memory { steps, bytes_per_session, rested };
    let mut report = span.report(setting.seed, Found::Memory(found));
    report.curve = Some(Curve {
        title: "resident memory of the relay".to_owned(),
        x: Axis::Named("sessions"),
        y: "MiB",
        points: points.iter().map(|(x, y)| (*x, y / f64::from(1 << 20))).collect(),
    });
    Ok(report)
}

/// Every session sends and receives one frame, some at a time; then all rest.
fn carry(
    setting: &Setting<'_>,
    mut fleet: Fleet,
    process: Process,
    full: u64,
    rest: Duration,
) -> Result<Rested, Failure> {
    let sessions = setting.asked.sessions().next_multiple_of(2);
    let pairs = sessions / 2;
    for backwards in [false, true] {
        let mut traffic = Traffic::new(fleet, pairs, FRAME, backwards)?;
        for wave in (0..pairs).step_by(WAVE) {
            setting.progress.say(|| format!("pair {wave} of {pairs} carries a frame"));
            traffic.send_one(wave..pairs.min(wave + WAVE));
            traffic.settle(PATIENCE)?;
        }
        let lost = pairs as u64 - traffic.received();
        if lost > 0 {
            return Err(Failure::Fails(format!("{lost} frames of {FRAME} bytes did not arrive")));
        }
        fleet = traffic.fleet;
    }
    setting.progress.say(|| format!("{sessions} sessions rest"));
    fleet.idle(rest)?;
    let resident_bytes = process.resident()?;
    Ok(Rested {
        frame_bytes: FRAME,
        rest_seconds: rest.as_secs_f64(),
        resident_bytes,
        more_bytes_per_session: (resident_bytes as f64 - full as f64) / sessions as f64,
    })
}
