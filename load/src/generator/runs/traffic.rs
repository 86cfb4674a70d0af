//! Frames between pairs.
//!
//! In a *closed loop* a frame that arrives makes room for the next, so the relay sets the pace.
//! Frames a second are then a figure of relay, generator and machine together, and void where the
//! generator has no time left. Frames a CPU-second of the relay stand even there, because a relay
//! that waits takes no CPU; it has fewer frames to gather for a write then, so the figure is, if
//! anything, too low.
//!
//! In an *open loop* the schedule sets the pace, and latency counts from it. All of it is void where
//! the generator itself was late or busy: its own delay would pass for the relay's.

use std::time::{Duration, Instant};

use super::super::chart::{Axis, Curve};
use super::super::fleet::Fleet;
use super::super::measure::{Mark, Span};
use super::super::relay::Relay;
use super::super::report::{self, Found, Latency, NO_TIME_LEFT, Report, Stalled};
use super::super::schedule::{Schedule, Watch};
use super::super::session::Role;
use super::super::traffic::Traffic;
use super::Setting;
use crate::Failure;

/// How long a frame may be on its way after the last one was sent.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the end of a session may be on its way, behind what it has not read.
const LINGER: Duration = Duration::from_millis(500);
/// How late the generator may send one frame in a hundred.
const LATE: Duration = Duration::from_millis(1);
/// The part of a rate that counts as keeping it.
const KEPT: f64 = 0.99;
/// Said of a closed loop whose generator has no time left.
const BOTTLENECK: &str = "the generator was the bottleneck: frames/s are void, frames a CPU-second \
                          of the relay stand";

pub(super) fn run(setting: &Setting<'_>, relay: Relay) -> Result<Report, Failure> {
    let asked = setting.asked;
    let mut traffic = connect(setting, relay)?;
    let span = match asked.rate {
        Some(rate) => open(setting, &mut traffic, rate.into())?,
        None => closed(setting, &mut traffic)?,
    };
    traffic.relent();
    setting.progress.say(|| "waiting for what is under way".to_owned());
    traffic.settle(PATIENCE)?;
    if asked.stalled.is_some() {
        traffic.linger(LINGER)?;
    }
    let watch = traffic.watch.as_ref();
    let found = report::Traffic {
        pairs: asked.pairs(),
        in_flight: asked.rate.is_none().then_some(asked.in_flight()),
        rate: asked.rate,
        frame_bytes: asked.size(),
        idle_sessions: asked.sessions(),
        frames: traffic.pairs.iter().collect(),
        frames_per_second: span.per_second(),
        generator_was_bottleneck: span.generator.is_busy(),
        latency: watch.and_then(|watch| Latency::of(&watch.latency)),
        lateness: watch.and_then(|watch| Latency::of(&watch.lateness)),
        stalled: asked.stalled.map(|_| stalled(&traffic)),
    };
    let mut report = span.report(setting.seed, Found::Traffic(Box::new(found)));
    report.curve = Some(curve(setting, &traffic));
    report.void = watch.and_then(|watch| void(watch, &span));
    report.notes.extend(note(setting, &span));
    report.notes.extend(traffic.over());
    Ok(report)
}

fn connect(setting: &Setting<'_>, relay: Relay) -> Result<Traffic, Failure> {
    let asked = setting.asked;
    let (pairs, idle) = (asked.pairs(), asked.sessions());
    let mut fleet = Fleet::new(relay, setting.seed, 2 * pairs + idle)?;
    let stalled = asked.stalled_pairs();
    let role = |index| match index {
        _ if index >= 2 * pairs => Role::Idle,
        _ if index / 2 < stalled && index % 2 == 1 => Role::Stalled,
        _ => Role::Pair,
    };
    fleet.connect(0..2 * pairs + idle, role, asked.ramp, setting.progress)?;
    let mut traffic = Traffic::new(fleet, pairs, asked.size(), false)?;
    traffic.pairs.iter_mut().take(stalled).for_each(|pair| pair.stalled = true);
    Ok(traffic)
}

fn closed(setting: &Setting<'_>, traffic: &mut Traffic) -> Result<Span, Failure> {
    let (asked, progress) = (setting.asked, setting.progress);
    let in_flight = asked.in_flight() as u64;
    traffic.keep_in_flight(in_flight, Instant::now() + asked.warm_up(), progress)?;
    let before = Mark::new(asked.pid, traffic.received())?;
    traffic.keep_in_flight(in_flight, before.at + asked.duration(), progress)?;
    Ok(before.until(Mark::new(asked.pid, traffic.received())?))
}

fn open(setting: &Setting<'_>, traffic: &mut Traffic, rate: u64) -> Result<Span, Failure> {
    let (asked, progress) = (setting.asked, setting.progress);
    let began = Instant::now();
    let (from, until) = (began + asked.warm_up(), began + asked.warm_up() + asked.duration());
    let schedule = Schedule::new(began, rate, asked.pairs());
    traffic.watch = Some(Watch::new(schedule, from)?);
    traffic.fleet.be_precise()?;
    traffic.keep_schedule(from, progress)?;
    let before = Mark::new(asked.pid, traffic.received())?;
    traffic.keep_schedule(until, progress)?;
    Ok(before.until(Mark::new(asked.pid, traffic.received())?))
}

fn stalled(traffic: &Traffic) -> Stalled {
    let pairs = || traffic.pairs.iter().filter(|pair| pair.stalled);
    let closed = || pairs().filter(|pair| pair.over.is_some());
    Stalled {
        pairs: pairs().count(),
        closed: closed().count(),
        frames: pairs().collect(),
        lost_with_recipient: closed().map(|pair| pair.tally.outstanding()).sum(),
        answered_in_doubt: closed().map(|pair| pair.tally.twice()).sum(),
        latency: traffic.watch.as_ref().and_then(|watch| Latency::of(&watch.latency_of_stalled)),
    }
}

fn curve(setting: &Setting<'_>, traffic: &Traffic) -> Curve {
    let (pairs, size) = (setting.asked.pairs(), setting.asked.size());
    let frames = format!("{pairs} pairs, frames of {size} bytes");
    match (&traffic.watch, setting.asked.rate) {
        (Some(watch), Some(rate)) => {
            Curve::of_times(format!("latency: {rate} frames/s, {frames}"), &watch.latency)
        }
        _ => Curve {
            title: format!("closed loop: {frames}"),
            x: Axis::Named("seconds"),
            y: "frames/s",
            points: traffic.rates.clone(),
        },
    }
}

/// Why an open loop says nothing of the relay, if so.
fn void(watch: &Watch, span: &Span) -> Option<String> {
    let late = watch.lateness.p99();
    if late > LATE {
        let (late, most) = (late.as_micros(), LATE.as_micros());
        return Some(format!(
            "one frame in a hundred was sent {late} µs late or more, and {most} µs are let pass; \
             take a lower --rate or a quieter machine"
        ));
    }
    span.generator.is_busy().then(|| format!("{NO_TIME_LEFT}; take a lower --rate"))
}

fn note(setting: &Setting<'_>, span: &Span) -> Option<String> {
    let Some(rate) = setting.asked.rate else {
        return span.generator.is_busy().then(|| BOTTLENECK.to_owned());
    };
    let asked = setting.asked;
    let reading = asked.pairs() - asked.stalled_pairs();
    let kept = span.per_second() * asked.pairs() as f64 / (f64::from(rate) * reading as f64);
    (kept < KEPT).then(|| {
        format!(
            "{:.1} % of the rate arrived: latency grows with the duration, it is no figure",
            100.0 * kept
        )
    })
}
