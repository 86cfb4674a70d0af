//! What is measured: one function a figure, each on processes that have just been started.

use std::{
    process::{Command, Output},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    Result,
    contender::{Contender, Running, iroh, sealwire},
    results::Run,
};

/// Frames between pairs in a closed loop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    pub(crate) name: &'static str,
    pub(crate) size: u32,
    pub(crate) pairs: u32,
    pub(crate) in_flight: u32,
}

pub(crate) const SHORT: Traffic =
    Traffic { name: "128 B, 4 pairs × 64", size: 128, pairs: 4, in_flight: 64 };
pub(crate) const SINGLE: Traffic =
    Traffic { name: "128 B, 64 pairs × 1", size: 128, pairs: 64, in_flight: 1 };
pub(crate) const MIDDLE: Traffic =
    Traffic { name: "1 KiB, 4 pairs × 64", size: 1_024, pairs: 4, in_flight: 64 };
pub(crate) const LONG: Traffic =
    Traffic { name: "64 KiB, 4 pairs × 8", size: 65_536, pairs: 4, in_flight: 8 };
pub(crate) const FORWARDING: [Traffic; 4] = [SHORT, SINGLE, MIDDLE, LONG];

/// The other figures, all of the reference relay.
pub(crate) const START: &str = "start";
pub(crate) const MEMORY: &str = "memory";
pub(crate) const IDLE: &str = "idle";
pub(crate) const HANDSHAKES: &str = "handshakes";
pub(crate) const STORM: &str = "storm";
pub(crate) const ALONE: &str = "among none";
pub(crate) const CROWD: &str = "among the idle";
pub(crate) const MAXIMUM: &str = "maximum";
pub(crate) const LATENCY: &str = "latency";
pub(crate) const STALLED: &str = "latency, 1 % stalled";

/// Frames a second of 1 KiB that the generator sends in time on its share of two cores.
const PUNCTUAL: u32 = 20_000;

/// How much and how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) rounds: usize,
    /// Of most figures.
    pub(crate) sessions: u32,
    /// Besides the thousand that are active.
    bystanders: u32,
    active_pairs: u32,
    seconds: u32,
    latency_seconds: u32,
    /// Two pings of each session, which are all that an idle one costs.
    idle_seconds: u32,
    rest_seconds: u32,
}

impl Extent {
    /// What the page shows.
    pub(crate) const FULL: Self = Self {
        rounds: 5,
        sessions: 18_000,
        bystanders: 9_000,
        active_pairs: 500,
        seconds: 3,
        latency_seconds: 8,
        idle_seconds: 41,
        rest_seconds: 60,
    };
    /// To see whether it all runs.
    pub(crate) const QUICK: Self = Self {
        rounds: 1,
        sessions: 1_800,
        bystanders: 900,
        active_pairs: 50,
        seconds: 1,
        latency_seconds: 2,
        idle_seconds: 21,
        rest_seconds: 5,
    };

    /// As much in so many rounds.
    pub(crate) const fn of(self, rounds: usize) -> Self {
        Self { rounds, ..self }
    }
}

/// Measures, and keeps everything.
pub(crate) struct Meter {
    extent: Extent,
    round: usize,
    /// Frames a second of the open loop, once that is known.
    rate: Option<u32>,
    began: Instant,
    pub(crate) runs: Vec<Run>,
}

impl Meter {
    pub(crate) fn new(extent: Extent) -> Self {
        Self { extent, round: 0, rate: None, began: Instant::now(), runs: Vec::new() }
    }

    /// All figures once. Contenders take turns, and in each round another one begins.
    pub(crate) fn round(&mut self, round: usize) {
        self.round = round;
        for traffic in FORWARDING {
            let mut contenders = Contender::ALL;
            contenders.rotate_left(round % Contender::ALL.len());
            for contender in contenders {
                let seconds = self.extent.seconds;
                self.keep(traffic.name, contender, || forward(contender, traffic, seconds));
            }
        }
        self.alone();
        self.crowds();
        self.latency();
    }

    /// What the relay does without neighbours.
    fn alone(&mut self) {
        let Extent { sessions, seconds, rest_seconds, .. } = self.extent;
        self.keep(START, Contender::Relay, start);
        self.load(HANDSHAKES, &["handshakes", "--duration", &format!("{seconds}s")]);
        let (sessions, rest) = (sessions.to_string(), format!("{rest_seconds}s"));
        self.load(MEMORY, &["memory", "--sessions", &sessions, "--rest", &rest]);
        self.load(STORM, &["storm", "--sessions", &sessions]);
    }

    fn crowds(&mut self) {
        let Extent { sessions, seconds, idle_seconds, .. } = self.extent;
        let (sessions, long) = (sessions.to_string(), format!("{idle_seconds}s"));
        self.load(IDLE, &["idle", "--sessions", &sessions, "--duration", &long]);
        let short = format!("{seconds}s");
        self.load(ALONE, &["--duration", &short]);
        self.load(CROWD, &["--sessions", &sessions, "--duration", &short]);
    }

    /// The rate is half of what the first round reaches with one frame in flight for each pair, and no
    /// more than the generator keeps up with.
    fn latency(&mut self) {
        let Extent { bystanders, active_pairs, seconds, latency_seconds, .. } = self.extent;
        let (idle, pairs) = (bystanders.to_string(), active_pairs.to_string());
        let scene = ["--size", "1024", "--pairs", &pairs, "--sessions", &idle, "--duration"];
        if self.rate.is_none() {
            let short = format!("{seconds}s");
            self.load(MAXIMUM, &[&scene[..], &[&short, "--in-flight", "1"]].concat());
            let last = self.runs.last().and_then(|run| {
                run.result.pointer("/traffic/frames_per_second").and_then(Value::as_f64)
            });
            self.rate = last.map(|most| ((most / 2.0) as u32).min(PUNCTUAL));
        }
        let Some(rate) = self.rate else { return };
        let (rate, long) = (rate.to_string(), format!("{latency_seconds}s"));
        let open = [&scene[..], &[&long, "--rate", &rate]].concat();
        self.load(LATENCY, &open);
        self.load(STALLED, &[&open[..], &["--stalled", "1"]].concat());
    }

    /// A run of the press on a reference relay that has just been started.
    fn load(&mut self, figure: &str, arguments: &[&str]) {
        self.keep(figure, Contender::Relay, || load(&Contender::Relay.start()?, arguments));
    }

    fn keep(
        &mut self,
        figure: &str,
        contender: Contender,
        measure: impl FnOnce() -> Result<Outcome>,
    ) {
        let Self { round, extent, began, .. } = self;
        let minutes = began.elapsed().as_secs() / 60;
        let (name, of) = (contender.name(), extent.rounds);
        crate::say(&format!("round {} of {of}, minute {minutes}: {figure}, {name}", *round + 1));
        let Outcome { failed, result } = measure().unwrap_or_else(|error| Outcome {
            failed: Some(error.to_string()),
            result: Value::Null,
        });
        let (figure, contender) = (figure.to_owned(), name.to_owned());
        self.runs.push(Run { round: *round, figure, contender, failed, result });
    }
}

/// What a run came to.
struct Outcome {
    /// What was wrong with it; there may be a result nevertheless.
    failed: Option<String>,
    result: Value,
}

impl Outcome {
    /// A generator ends with an object on stdout and, if something is wrong, a line on stderr.
    fn of(output: &Output) -> Self {
        let result = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        let complaint = String::from_utf8_lossy(&output.stderr);
        let last = complaint.lines().last().unwrap_or("it printed nothing");
        let failed = (!output.status.success()).then(|| last.to_owned());
        Self { failed, result }
    }
}

fn start() -> Result<Outcome> {
    let running = Contender::Relay.start()?;
    // What starting takes is given back, or kept, within a moment.
    std::thread::sleep(Duration::from_millis(500));
    let result = json!({
        "ready_ms": running.ready.as_secs_f64() * 1e3,
        "resident_bytes": running.resident().ok_or("its memory cannot be read")?,
    });
    Ok(Outcome { failed: None, result })
}

fn forward(contender: Contender, traffic: Traffic, seconds: u32) -> Result<Outcome> {
    let running = contender.start()?;
    let Traffic { size, pairs, in_flight, .. } = traffic;
    let [size, pairs, in_flight] = [size, pairs, in_flight].map(|number| number.to_string());
    let scene = ["--size", &size, "--pairs", &pairs, "--in-flight", &in_flight];
    if contender == Contender::Iroh {
        let mut command = Command::new(iroh());
        command.args(["drive", "--url", running.said("listening"), "--pid", &running.pid()]);
        command.args(scene).args(["--duration", &seconds.to_string()]);
        return Ok(Outcome::of(&command.output()?));
    }
    load(
        &running,
        &[&scene[..], &["--warm-up", "500ms", "--duration", &format!("{seconds}s")]].concat(),
    )
}

fn load(running: &Running, arguments: &[&str]) -> Result<Outcome> {
    let mut command = Command::new(sealwire());
    command.arg("load").args(arguments).args(["--format", "json", "--pid", &running.pid()]);
    command.args(["--url", running.said("listening")]);
    command.args(["--x25519", running.said("x25519"), "--ed25519", running.said("ed25519")]);
    Ok(Outcome::of(&command.output()?))
}
