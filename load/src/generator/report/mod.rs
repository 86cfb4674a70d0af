//! What a run found. Its form as JSON is kept: fields are added, none is renamed.

mod text;

use std::time::Duration;

use serde::Serialize;

pub(crate) use self::text::grouped;

use super::chart::Curve;
use super::pair::Pair;
use super::schedule::Times;
use crate::fit::Line;

/// A thread that is busier than this sets the pace itself.
const BUSY: f64 = 0.9;
/// Said of a result that is the generator's then.
pub(crate) const NO_TIME_LEFT: &str = "the generator had no time left";

/// The result of a run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// Replays the clients' keys.
    pub(crate) seed: String,
    /// What it found, under the word of what was measured.
    #[serde(flatten)]
    pub(crate) found: Found,
    /// Seconds that were measured.
    pub(crate) seconds: f64,
    /// What the relay took in them, if it is on this machine.
    pub(crate) relay: Option<Share>,
    /// What the generator took.
    pub(crate) generator: Share,
    /// Why the result says nothing of the relay, if so.
    pub(crate) void: Option<String>,
    /// What is to be known before a figure is quoted.
    pub(crate) notes: Vec<String>,
    /// What a chart shows of it.
    #[serde(skip)]
    pub(crate) curve: Option<Curve>,
}

/// What was found, by what was measured.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Found {
    Traffic(Box<Traffic>),
    Idle(Idle),
    Handshakes(Handshakes),
    Storm(Storm),
    Memory(Memory),
}

/// Frames between pairs.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Traffic {
    pub(crate) pairs: usize,
    /// Of each pair, in a closed loop.
    pub(crate) in_flight: Option<usize>,
    /// Frames a second that are due, in an open loop.
    pub(crate) rate: Option<u32>,
    pub(crate) frame_bytes: usize,
    pub(crate) idle_sessions: usize,
    /// What became of all frames, those of the warm-up too.
    pub(crate) frames: Frames,
    /// Frames that arrived in each second.
    pub(crate) frames_per_second: f64,
    /// The generator had no time for more: that figure says nothing of the relay.
    pub(crate) generator_was_bottleneck: bool,
    /// From due to arrived, in an open loop, where recipients read.
    pub(crate) latency: Option<Latency>,
    /// From due to sent, as far as it is the generator's own affair.
    pub(crate) lateness: Option<Latency>,
    pub(crate) stalled: Option<Stalled>,
}

impl Traffic {
    /// Which frames are not where they should be.
    fn fault(&self) -> Option<String> {
        let Frames { outstanding, astray, twice, .. } = self.frames;
        // A recipient that is ended may get what was on its way after all: that is no fault.
        let (excused, twice_excused) = match &self.stalled {
            Some(stalled) => (stalled.lost_with_recipient, stalled.answered_in_doubt),
            None => (0, 0),
        };
        let (lost, twice) = (outstanding - excused, twice - twice_excused);
        (lost + astray + twice > 0).then(|| {
            format!(
                "{lost} frames were neither delivered nor answered, {twice} were both, {astray} came \
                 twice, out of order, changed or from another sender"
            )
        })
    }
}

/// Pairs whose recipient does not read.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Stalled {
    pub(crate) pairs: usize,
    /// The relay has ended so many of them.
    pub(crate) closed: usize,
    /// What became of their frames.
    pub(crate) frames: Frames,
    /// Those of them that went down with their recipient.
    pub(crate) lost_with_recipient: u64,
    /// Those that were on their way to one that the relay ended, were answered, and arrived.
    pub(crate) answered_in_doubt: u64,
    /// Of frames that arrived nevertheless.
    pub(crate) latency: Option<Latency>,
}

/// How long things took, in microseconds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Latency {
    pub(crate) count: u64,
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p99_9: f64,
    pub(crate) max: f64,
}

impl Latency {
    /// Nothing if there were none.
    pub(crate) fn of(times: &Times) -> Option<Self> {
        let times = &times.0;
        let at = |quantile| times.value_at_quantile(quantile) as f64 / 1e3;
        (!times.is_empty()).then(|| Self {
            count: times.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p99_9: at(0.999),
            max: times.max() as f64 / 1e3,
        })
    }
}

/// Where frames are.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Frames {
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) answered: u64,
    /// Neither.
    pub(crate) outstanding: u64,
    /// Both.
    pub(crate) twice: u64,
    /// Twice, out of order, changed, or from another sender.
    pub(crate) astray: u64,
}

impl<'a> FromIterator<&'a Pair> for Frames {
    /// What is lacking at one pair does not make up for what is too much at another.
    fn from_iter<P: IntoIterator<Item = &'a Pair>>(pairs: P) -> Self {
        pairs.into_iter().map(|pair| pair.tally).fold(Self::default(), |sum, tally| Self {
            sent: sum.sent + tally.sent,
            received: sum.received + tally.received,
            answered: sum.answered + tally.answered,
            outstanding: sum.outstanding + tally.outstanding(),
            twice: sum.twice + tally.twice(),
            astray: sum.astray + tally.astray,
        })
    }
}

/// Sessions that do nothing.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Idle {
    pub(crate) sessions: usize,
}

/// Connections that came and went.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Handshakes {
    pub(crate) under_way: usize,
    pub(crate) completed: u64,
    pub(crate) per_second: f64,
    pub(crate) refusals: Refusals,
    /// What the crypto of a relay allows one core of this machine, measured in the same run.
    pub(crate) crypto_per_cpu_second: f64,
    /// The part of that which the relay reaches, each second of its CPU.
    pub(crate) of_crypto: Option<f64>,
}

/// Attempts without a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Refusals {
    /// No connection, or its end before the reply.
    pub(crate) refused: u64,
    /// The id is in use.
    pub(crate) id_in_use: u64,
}

/// Sessions that came back.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Storm {
    pub(crate) sessions: usize,
    pub(crate) lost: usize,
    pub(crate) seconds_until_half: f64,
    pub(crate) seconds_until_last: f64,
    pub(crate) refusals: Refusals,
}

/// Memory by sessions.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Memory {
    pub(crate) steps: Vec<Step>,
    pub(crate) bytes_per_session: Line,
    pub(crate) rested: Option<Rested>,
}

/// So many sessions, so much memory.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Step {
    pub(crate) sessions: usize,
    pub(crate) resident_bytes: u64,
}

/// After each session carried a frame.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Rested {
    pub(crate) frame_bytes: usize,
    pub(crate) rest_seconds: f64,
    pub(crate) resident_bytes: u64,
    pub(crate) more_bytes_per_session: f64,
}

/// CPU of a process while it was measured.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Share {
    pub(crate) cpu_seconds: f64,
    /// 1 is a whole core.
    pub(crate) cores: f64,
    /// Frames or handshakes for each second of it.
    pub(crate) per_cpu_second: Option<f64>,
}

impl Share {
    /// `cpu` of `wall`, in which so much was done.
    pub(crate) fn new(cpu: Duration, wall: Duration, done: u64) -> Self {
        let seconds = cpu.as_secs_f64();
        let each = done as f64 / seconds;
        Self {
            cpu_seconds: seconds,
            cores: seconds / wall.as_secs_f64(),
            per_cpu_second: (done > 0 && each.is_finite()).then_some(each),
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
        match &self.found {
            Found::Traffic(traffic) => traffic.fault(),
            Found::Storm(Storm { lost, .. }) => {
                (*lost > 0).then(|| format!("{lost} sessions did not come back"))
            }
            Found::Idle(_) | Found::Handshakes(_) | Found::Memory(_) => None,
        }
    }
}
