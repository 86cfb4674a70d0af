//! Sessions that do nothing: what keeping them takes.

use super::super::fleet::Fleet;
use super::super::measure::Mark;
use super::super::relay::Relay;
use super::super::report::{Found, Idle, Report};
use super::super::session::Role;
use super::Setting;
use crate::Failure;

pub(super) fn run(setting: &Setting<'_>, relay: Relay) -> Result<Report, Failure> {
    let (asked, sessions) = (setting.asked, setting.asked.sessions());
    let mut fleet = Fleet::new(relay, setting.seed, sessions)?;
    fleet.connect(0..sessions, |_| Role::Idle, asked.ramp, setting.progress)?;
    setting.progress.say(|| format!("{sessions} sessions do nothing"));
    fleet.idle(asked.warm_up())?;
    let before = Mark::new(asked.pid, 0)?;
    fleet.idle(asked.duration())?;
    let span = before.until(Mark::new(asked.pid, 0)?);
    Ok(span.report(setting.seed, Found::Idle(Idle { sessions })))
}
