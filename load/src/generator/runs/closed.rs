//! Traffic in a closed loop: a frame that arrives makes room for the next.
//!
//! The relay sets the pace, so frames a second are a figure of relay, generator and machine
//! together. Frames a CPU-second of the relay are its own: they stand even where the generator has
//! no time left, because a relay that waits takes no CPU. What it cannot do then is to gather more
//! frames into one write, so the figure is, if anything, too low.

use std::time::{Duration, Instant};

use super::super::fleet::Fleet;
use super::super::measure::Mark;
use super::super::relay::Relay;
use super::super::report::{Found, Report, Traffic as Result_};
use super::super::traffic::Traffic;
use super::Setting;
use crate::Failure;

/// How long a frame may be on its way after the last one was sent.
const PATIENCE: Duration = Duration::from_secs(5);
/// Said where the generator has no time left.
const BOTTLENECK: &str = "the generator was the bottleneck: frames/s says nothing of the relay; \
                          frames a CPU-second of the relay stand";

pub(super) fn run(setting: &Setting<'_>, relay: Relay) -> Result<Report, Failure> {
    let (asked, progress) = (setting.asked, setting.progress);
    let (pairs, idle) = (asked.pairs(), asked.sessions());
    let active = 2 * pairs;
    let mut fleet = Fleet::new(relay, setting.seed, active + idle)?;
    let appetite = |index| if index < active { Traffic::APPETITE } else { 0 };
    fleet.connect(0..active + idle, appetite, asked.ramp, progress)?;
    let mut traffic = Traffic::new(fleet, pairs, asked.size(), false)?;
    let in_flight = asked.in_flight() as u64;
    progress.say(|| format!("{pairs} pairs, warming up"));
    traffic.keep_in_flight(in_flight, Instant::now() + asked.warm_up(), progress)?;
    let before = Mark::new(asked.pid, traffic.tally().received)?;
    traffic.keep_in_flight(in_flight, before.at + asked.duration(), progress)?;
    let span = before.until(Mark::new(asked.pid, traffic.tally().received)?);
    traffic.settle(PATIENCE)?;
    let found = Result_ {
        pairs,
        in_flight: asked.in_flight(),
        frame_bytes: asked.size(),
        idle_sessions: idle,
        frames: traffic.tally().into(),
        frames_per_second: span.per_second(),
    };
    let notes = span.generator.is_busy().then(|| BOTTLENECK.to_owned());
    let notes = notes.into_iter().chain(traffic.over()).collect();
    Ok(span.report(setting.seed, Found::Traffic(found), notes))
}
