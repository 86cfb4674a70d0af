//! What a run found. Its form as JSON is kept: fields are added, none is renamed.

mod text;

use std::time::Duration;

use serde::Serialize;

use super::fit::Line;
use super::traffic::Tally;

/// A thread that is busier than this sets the pace itself.
const BUSY: f64 = 0.9;

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
    /// What is to be known before a figure is quoted.
    pub(crate) notes: Vec<String>,
}

/// What was found, by what was measured.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Found {
    Traffic(Traffic),
    Idle(Idle),
    Handshakes(Handshakes),
    Storm(Storm),
    Memory(Memory),
}

/// Frames between pairs.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Traffic {
    pub(crate) pairs: usize,
    /// Of each pair.
    pub(crate) in_flight: usize,
    pub(crate) frame_bytes: usize,
    pub(crate) idle_sessions: usize,
    /// What became of all frames, those of the warm-up too.
    pub(crate) frames: Frames,
    /// Frames that arrived in each second.
    pub(crate) frames_per_second: f64,
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
            Found::Traffic(Traffic { frames, .. }) => {
                let Frames { outstanding, astray, .. } = frames;
                (outstanding + astray > 0).then(|| {
                    format!(
                        "{outstanding} frames were neither delivered nor answered, {astray} came \
                         twice, out of order or from another sender"
                    )
                })
            }
            Found::Storm(Storm { lost, .. }) => {
                (*lost > 0).then(|| format!("{lost} sessions did not come back"))
            }
            Found::Idle(_) | Found::Handshakes(_) | Found::Memory(_) => None,
        }
    }
}
