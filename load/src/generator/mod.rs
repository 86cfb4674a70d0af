//! `sealwire load`: many clients of one relay, in one thread.
//!
//! It has to be far cheaper than any relay. So frames are built once and written many at a time,
//! both ends of a pair are here, nothing is echoed, and the packets are filler: a relay forwards
//! any frame of 112 bytes or more without looking into it. Hellos, replies, masked headers and
//! errors are genuine.

mod fleet;
mod identities;
mod options;
mod relay;
mod report;
mod session;
mod sheet;
mod traffic;

use std::io::{Write, stdout};
use std::time::{Duration, Instant};

pub use options::{Format, Load};

use self::fleet::{Fleet, broken};
use self::relay::Relay;
use self::report::{Report, Settings, Share};
use self::traffic::Traffic;
use crate::Failure;
use crate::machine::{Process, own_cpu};

/// How long a frame may be on its way after the last one was sent.
const PATIENCE: Duration = Duration::from_secs(5);

/// `sealwire load`.
///
/// # Errors
/// The command line cannot be used; the relay cannot be reached; it lost frames.
pub fn load(asked: &Load) -> Result<(), Failure> {
    let relay = Relay::find(&asked.url, asked.x25519, asked.ed25519)?;
    let seed = match asked.seed {
        Some(seed) => seed,
        None => getrandom::u64()
            .map_err(|error| Failure::Broken(format!("no random bytes: {error}; give --seed")))?,
    };
    let report = traffic(asked, relay, seed)?;
    print(asked.format, &report)?;
    report.fault().map_or(Ok(()), |fault| Err(Failure::Fails(fault)))
}

fn traffic(asked: &Load, relay: Relay, seed: u64) -> Result<Report, Failure> {
    let fleet = Fleet::new(relay, seed, 2 * asked.pairs as usize)?;
    let mut traffic = Traffic::new(fleet, asked.pairs as usize, asked.size as usize, |_| ())?;
    let in_flight = asked.in_flight.into();
    traffic.keep_in_flight(in_flight, Instant::now() + asked.warm_up, |_| ())?;
    let before = Mark::new(asked.pid, traffic.tally().received)?;
    traffic.keep_in_flight(in_flight, before.at + asked.duration, |_| ())?;
    let after = Mark::new(asked.pid, traffic.tally().received)?;
    traffic.settle(PATIENCE)?;
    let (wall, frames) = (after.at - before.at, after.frames - before.frames);
    let generator = Share::new(after.own - before.own, wall, frames);
    let relay = before.relay.zip(after.relay);
    Ok(Report {
        settings: Settings {
            pairs: asked.pairs,
            in_flight: asked.in_flight,
            frame_bytes: asked.size,
            seed: format!("{seed:x}"),
        },
        frames: traffic.tally().into(),
        seconds: wall.as_secs_f64(),
        frames_per_second: frames as f64 / wall.as_secs_f64(),
        relay: relay.map(|(before, after)| Share::new(after - before, wall, frames)),
        notes: generator.is_busy().then(|| BOTTLENECK.to_owned()).into_iter().collect(),
        generator,
    })
}

/// Said of a closed loop whose generator has no time left.
const BOTTLENECK: &str = "the generator was the bottleneck: frames/s says nothing of the relay; \
                          frames a CPU-second of the relay stand";

/// Where things stand at one moment.
struct Mark {
    at: Instant,
    own: Duration,
    relay: Option<Duration>,
    frames: u64,
}

impl Mark {
    fn new(pid: Option<u32>, frames: u64) -> Result<Self, Failure> {
        let relay = pid.map(|pid| Process(pid).cpu()).transpose()?;
        Ok(Self { at: Instant::now(), own: own_cpu(), relay, frames })
    }
}

fn print(format: Format, report: &Report) -> Result<(), Failure> {
    let text = match format {
        Format::Text => report.to_string(),
        Format::Json => {
            let json = serde_json::to_string_pretty(report);
            json.map_err(|error| Failure::Broken(format!("the result: {error}")))? + "\n"
        }
    };
    let mut out = stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| broken("stdout", &e))
}
