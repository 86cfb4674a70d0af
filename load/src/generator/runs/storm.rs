//! A storm: every session is cut off, and every client comes back at once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use super::super::chart::{Axis, Curve};
use super::super::fleet::{Event, Fleet};
use super::super::measure::Mark;
use super::super::relay::Relay;
use super::super::report::{Found, NO_TIME_LEFT, Refusals, Report, Storm};
use super::super::session::{End, Role};
use super::Setting;
use crate::Failure;

/// How long a client tries.
const PATIENCE: Duration = Duration::from_secs(120);
/// One that was refused tries again within this, then within twice as long, and so on
/// (`[handshake/reconnect]`).
const REFUSED: Duration = Duration::from_secs(1);
/// The longest of these times.
const LONGEST: Duration = Duration::from_secs(30);
/// One whose id was in use tries again after this (`[handshake/id-in-use-retry]`).
const IN_USE: Duration = Duration::from_secs(5);
/// Points of the chart, about.
const POINTS: usize = 500;
/// How often clients that wait are looked at.
const TICK: Duration = Duration::from_millis(50);

pub(super) fn run(setting: &Setting<'_>, relay: Relay) -> Result<Report, Failure> {
    let (asked, sessions) = (setting.asked, setting.asked.sessions());
    let mut fleet = Fleet::new(relay, setting.seed, sessions)?;
    fleet.connect(0..sessions, |_| Role::Idle, asked.ramp, setting.progress)?;
    fleet.idle(REFUSED)?;
    let before = Mark::new(asked.pid, 0)?;
    (0..sessions).for_each(|index| fleet.drop(index));
    let mut storm = Returning {
        fleet,
        waiting: BinaryHeap::new(),
        tries: vec![0; sessions],
        back: Vec::with_capacity(sessions),
        gone: 0,
        refusals: Refusals::default(),
    };
    (0..sessions).try_for_each(|index| storm.dial(index))?;
    while storm.back.len() < sessions && before.at.elapsed() < PATIENCE {
        storm.turn(before.at)?;
        let back = storm.back.len();
        setting.progress.say(|| format!("{back} of {sessions} sessions are back"));
    }
    let span = before.until(Mark::new(asked.pid, storm.back.len() as u64)?);
    // Back and gone again is not back, nor is who comes only now.
    let refusals = storm.refusals;
    let back = storm.back.len();
    while before.at.elapsed() < span.wall + REFUSED {
        storm.turn(before.at)?;
    }
    storm.back.truncate(back);
    let seconds = |at: usize| storm.back.get(at).map_or(f64::NAN, Duration::as_secs_f64);
    let found = Storm {
        sessions,
        lost: sessions.saturating_sub(back) + storm.gone,
        seconds_until_half: seconds(sessions / 2),
        seconds_until_last: seconds(storm.back.len().saturating_sub(1)),
        refusals,
    };
    let mut report = span.report(setting.seed, Found::Storm(found));
    let back = storm.back.iter().map(Duration::as_secs_f64).zip((1..).map(f64::from));
    report.void =
        span.generator.is_busy().then(|| format!("{NO_TIME_LEFT}; take fewer --sessions"));
    report.curve = Some(Curve {
        title: format!("{sessions} sessions come back at once"),
        x: Axis::Named("seconds"),
        y: "sessions",
        points: back.step_by((sessions / POINTS).max(1)).collect(),
    });
    Ok(report)
}

/// Clients on their way back.
struct Returning {
    fleet: Fleet,
    /// Who tries again, and when.
    waiting: BinaryHeap<Reverse<(Instant, usize)>>,
    tries: Vec<u32>,
    /// When each came back.
    back: Vec<Duration>,
    /// How many of them were ended again.
    gone: usize,
    refusals: Refusals,
}

impl Returning {
    fn dial(&mut self, index: usize) -> Result<(), Failure> {
        match self.fleet.dial(index, Role::Idle) {
            Ok(()) => Ok(()),
            Err(end) => self.refused(index, &end),
        }
    }

    fn turn(&mut self, began: Instant) -> Result<(), Failure> {
        let mut events = Vec::new();
        self.fleet.look(TICK, &mut events)?;
        for event in events {
            match event {
                Event::Up(_) => self.back.push(began.elapsed()),
                Event::Ended(index, end) => self.refused(index, &end)?,
                Event::Ready(ready) => {
                    // It stays away: no relay ends those whom it has let in.
                    let received = self.fleet.receive(ready.token, &mut |_, _| ());
                    self.gone += usize::from(received.is_err());
                }
            }
        }
        let now = Instant::now();
        let is_due = |first: &Reverse<(Instant, usize)>| first.0.0 <= now;
        while let Some(Reverse((_, index))) = self.waiting.peek().copied().filter(is_due) {
            self.waiting.pop();
            self.dial(index)?;
        }
        Ok(())
    }

    /// It tries again later, as the specification asks its clients to.
    fn refused(&mut self, index: usize, end: &End) -> Result<(), Failure> {
        let (least, most) = match end {
            End::Foreign(why) => return Err(Failure::Broken(why.clone())),
            End::IdInUse => {
                self.refusals.id_in_use += 1;
                (IN_USE, REFUSED)
            }
            _ => {
                self.refusals.refused += 1;
                (Duration::ZERO, LONGEST.min(REFUSED * 2_u32.pow(self.tries[index].min(5))))
            }
        };
        self.tries[index] += 1;
        // Not all at the same moment: full jitter, by a multiplication that scatters numbers.
        let mixed = (index as u32 ^ self.tries[index] << 24).wrapping_mul(0x9e37_79b1);
        let wait = least + most.mul_f64(f64::from(mixed) / f64::from(u32::MAX));
        self.waiting.push(Reverse((Instant::now() + wait, index)));
        Ok(())
    }
}
