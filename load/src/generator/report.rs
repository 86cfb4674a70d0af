//! What a run found, for people and for programs.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use serde::Serialize;

use super::traffic::Tally;

/// A thread that is busier than this sets the pace itself.
const BUSY: f64 = 0.9;

/// The result of a run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// What was done.
    pub(crate) settings: Settings,
    /// What became of all frames, those of the warm-up too.
    pub(crate) frames: Frames,
    /// Seconds that were measured.
    pub(crate) seconds: f64,
    /// Frames that arrived in each of them.
    pub(crate) frames_per_second: f64,
    /// What the relay took, if it is on this machine.
    pub(crate) relay: Option<Share>,
    /// What the generator took.
    pub(crate) generator: Share,
    /// What is to be known before a figure is quoted.
    pub(crate) notes: Vec<String>,
}

/// What was done.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Settings {
    pub(crate) pairs: u32,
    pub(crate) in_flight: u32,
    pub(crate) frame_bytes: u32,
    /// Replays the clients' keys.
    pub(crate) seed: String,
}

/// Where frames are.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Frames {
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) answered: u64,
    pub(crate) outstanding: u64,
    /// Twice, out of order, or from another sender.
    pub(crate) astray: u64,
}

impl From<Tally> for Frames {
    fn from(tally: Tally) -> Self {
        let outstanding = tally.outstanding();
        let Tally { sent, received, answered, astray } = tally;
        Self { sent, received, answered, outstanding, astray }
    }
}

/// CPU of a process while it was measured.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Share {
    pub(crate) cpu_seconds: f64,
    /// 1 is a whole core.
    pub(crate) cores: f64,
    /// Frames that arrived for each second of it.
    pub(crate) frames_per_cpu_second: Option<f64>,
}

impl Share {
    /// `cpu` of `wall`, in which so many frames arrived.
    pub(crate) fn new(cpu: Duration, wall: Duration, frames: u64) -> Self {
        let seconds = cpu.as_secs_f64();
        let each = frames as f64 / seconds;
        Self {
            cpu_seconds: seconds,
            cores: seconds / wall.as_secs_f64(),
            frames_per_cpu_second: (frames > 0 && each.is_finite()).then_some(each),
        }
    }

    /// Whether this one sets the pace.
    pub(crate) fn is_busy(&self) -> bool {
        self.cores > BUSY
    }
}

impl Report {
    /// Why the relay does not conform, if so.
    pub(crate) fn fault(&self) -> Option<String> {
        let Frames { outstanding, astray, .. } = self.frames;
        (outstanding + astray > 0).then(|| {
            format!(
                "{outstanding} frames were neither delivered nor answered, {astray} arrived twice, \
                 out of order or from another sender"
            )
        })
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Settings { pairs, in_flight, frame_bytes, seed } = &self.settings;
        writeln!(
            f,
            "closed loop: {pairs} pairs, {in_flight} in flight each, frames of {frame_bytes} bytes, \
             seed {seed}"
        )?;
        let megabytes = self.frames_per_second * f64::from(*frame_bytes) / 1e6;
        writeln!(
            f,
            "rate        {} frames/s, {megabytes:.0} MB/s, over {:.1} s",
            grouped(self.frames_per_second),
            self.seconds
        )?;
        if let Some(relay) = &self.relay {
            writeln!(f, "relay       {relay}")?;
        }
        writeln!(f, "generator   {}", self.generator)?;
        let Frames { sent, received, answered, outstanding, astray } = self.frames;
        writeln!(
            f,
            "frames      {sent} sent = {received} received + {answered} answered + {outstanding} \
             outstanding; {astray} astray"
        )?;
        self.notes.iter().try_for_each(|note| writeln!(f, "note        {note}"))
    }
}

impl Display for Share {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} s of CPU, {:.0} % of a core", self.cpu_seconds, 100.0 * self.cores)?;
        match self.frames_per_cpu_second {
            Some(each) => write!(f, ", {} frames a CPU-second", grouped(each)),
            None => Ok(()),
        }
    }
}

/// A whole number with its thousands apart.
pub(crate) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0.4, "0"), (999.0, "999"), (1e3, "1,000"), (1234567.8, "1,234,568")]
        {
            assert_eq!(grouped(number), text);
        }
    }
}
