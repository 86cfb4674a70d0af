//! What a soak found, and whether it holds.

use super::scrape::Scraped;
use crate::{
    Failure,
    fit::line,
    isolation::judgement::{mebibytes, quantile, said},
};
use serde::Serialize;
use std::{
    fmt::{self, Display, Formatter},
    time::Duration,
};

/// Over the half that is judged, memory may grow by so much of what it is.
const GROWTH: f64 = 0.1;
/// Too few looks tell no slope.
const LOOKS: usize = 8;
/// Frames on their way between two terms of the sum while it is read.
const ON_THE_WAY: u64 = 1_000;

/// One look at the relay.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Sample {
    pub(super) seconds: f64,
    pub(super) resident: Option<u64>,
    pub(super) scraped: Scraped,
}

/// All of it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) samples: Vec<Sample>,
    pub(super) faults: u64,
    /// Frames of those who have nothing to do with the faults.
    pub(super) lost: u64,
    pub(super) astray: u64,
    frames: usize,
    p50_ms: f64,
    p99_ms: f64,
    /// When all had gone.
    pub(super) rest: Scraped,
    complaints: Vec<String>,
}

/// The slope of a line through points, and the mean of their values.
fn slope(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let mean = points.iter().map(|point| point.1).sum::<f64>() / points.len() as f64;
    line(points).filter(|_| points.len() >= LOOKS).map(|line| (line.slope, mean))
}

impl Report {
    pub(super) fn complain(&mut self, failure: Failure) {
        self.complaints.push(said(&failure));
    }

    /// How long the frames took, in ascending order.
    pub(super) fn talk(&mut self, took: &[Duration]) {
        self.frames = took.len();
        self.p50_ms = quantile(took, 0.5).unwrap_or(0.0);
        self.p99_ms = quantile(took, 0.99).unwrap_or(0.0);
    }

    /// Bytes a second, and the mean, of the second half: in the first one each fault comes for the
    /// first time, and the relay grows to what it needs.
    fn growth(&self) -> Option<(f64, f64)> {
        let half = self.samples.len() / 2;
        let points = self.samples.get(half..)?.iter();
        let points = points.filter_map(|one| Some((one.seconds, one.resident? as f64)));
        slope(&points.collect::<Vec<_>>())
    }

    fn span(&self) -> f64 {
        self.samples.last().map_or(0.0, |last| last.seconds)
    }

    fn found(&self) -> Vec<String> {
        let mut found = self.complaints.clone();
        if self.lost > 0 || self.astray > 0 {
            let (lost, astray) = (self.lost, self.astray);
            found.push(format!("{lost} frames of third parties are lost, {astray} astray"));
        }
        if !self.rest.is_at_rest() {
            found.push(format!("all have gone and the relay is not at rest: {:?}", self.rest));
        }
        let wrong = |missing: i64| missing < 0 || missing.unsigned_abs() > ON_THE_WAY;
        let sums = self.samples.iter().filter_map(|sample| sample.scraped.sums);
        if let Some(sums) = sums.into_iter().find(|sums| wrong(sums.missing())) {
            found.push(format!("{} frames stand nowhere: {sums:?}", sums.missing()));
        }
        if let Some((slope, mean)) = self.growth() {
            let grown = slope * self.span() / 2.0;
            if grown > GROWTH * mean {
                let grown = mebibytes(grown as u64);
                found.push(format!(
                    "memory grew by {grown} MiB from a mean of {} MiB",
                    mebibytes(mean as u64)
                ));
            }
        }
        found
    }

    /// Whether all holds.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        let found = self.found();
        if found.is_empty() { Ok(()) } else { Err(Failure::Fails(found.join("; "))) }
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (faults, frames) = (self.faults, self.frames);
        writeln!(f, "soaked      {:.0} s, {faults} faults", self.span())?;
        writeln!(
            f,
            "frames      {frames} of third parties, {} lost, {} astray; p50 {:.2} ms, p99 {:.2} ms",
            self.lost, self.astray, self.p50_ms, self.p99_ms
        )?;
        let resident = self.samples.iter().filter_map(|sample| sample.resident);
        if let (Some(first), Some(most)) = (resident.clone().next(), resident.max()) {
            let (first, most) = (mebibytes(first), mebibytes(most));
            write!(f, "memory      {first} MiB at first, {most} at most")?;
        }
        if let Some((slope, mean)) = self.growth() {
            let (hour, mean) = (slope * 3_600.0 / f64::from(1 << 20), mebibytes(mean as u64));
            write!(f, "; in the second half {mean} on average, {hour:+.2} MiB an hour")?;
        } else {
            write!(f, "; too few looks to judge it")?;
        }
        let Scraped { sessions, sums } = self.rest;
        writeln!(f, "\nat rest     {sessions} sessions")?;
        if let Some(sums) = sums {
            writeln!(
                f,
                "sum         {} frames = {} delivered + {} answered + {} lost + {} held + {} queued",
                sums.frames, sums.delivered, sums.answered, sums.lost, sums.held, sums.queued
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::scrape::Sums, *};

    /// A soak of two minutes whose memory grows by so many bytes a second.
    fn report(growth: f64) -> Report {
        let sample = |at: u32| {
            let seconds = f64::from(at * 5);
            let resident = Some((1e7 + seconds * growth) as u64);
            Sample { seconds, resident, scraped: Scraped::default() }
        };
        Report { samples: (0..25).map(sample).collect(), ..Report::default() }
    }

    #[test]
    fn too_few_looks_make_no_slope() {
        let points: Vec<_> = (0..10).map(|x| (f64::from(x), 3.0 * f64::from(x) + 1.0)).collect();
        assert!(slope(&points).is_some_and(|(_, mean)| (mean - 14.5).abs() < 1e-9));
        assert_eq!(slope(&points[..LOOKS - 1]), None);
    }

    #[test]
    fn a_leak_is_found_and_a_plateau_is_none() {
        assert_eq!(report(0.0).verdict(), Ok(()));
        assert_eq!(report(10_000.0).verdict(), Ok(()), "0.6 MB of 11");
        assert!(report(25_000.0).verdict().is_err());
    }

    #[test]
    fn what_is_lost_forgotten_or_counted_twice_is_told() {
        let sums = Sums { frames: 1, delivered: 2, ..Sums::default() };
        let spoils: [fn(&mut Report, Sums); 4] = [
            |report, _| report.lost = 1,
            |report, _| report.rest.sessions = 1,
            |report, sums| report.samples[3].scraped.sums = Some(sums),
            |report, _| report.complain(Failure::Fails("a panic".to_owned())),
        ];
        for spoil in spoils {
            let mut report = report(0.0);
            spoil(&mut report, sums);
            assert!(report.verdict().is_err(), "{report:?}");
        }
    }
}
