//! `sealwire load`: many clients of one relay, in one thread.
//!
//! It has to be far cheaper than any relay. So frames are built once and written many at a time,
//! both ends of a pair are here, nothing is echoed, and the packets are filler: a relay forwards
//! any frame of 112 bytes or more without looking into it. Hellos, replies, masked headers and
//! errors are genuine.

mod chart;
mod fleet;
mod identities;
mod measure;
mod options;
mod pair;
mod progress;
pub(crate) mod relay;
mod report;
mod runs;
mod schedule;
mod session;
mod sheet;
mod traffic;

use std::io::{Write, stdout};

pub use options::{Format, Load, What};

use self::fleet::broken;
use self::progress::Progress;
use self::relay::Relay;
use self::report::Report;
use self::runs::Setting;
use crate::Failure;
use crate::machine::Process;

/// `sealwire load`.
///
/// # Errors
/// The command line cannot be used; the relay cannot be reached; it lost frames.
pub fn load(asked: &Load) -> Result<(), Failure> {
    asked.check()?;
    asked.pid.map(Process::find).transpose()?;
    let relay = Relay::find(&asked.url, asked.x25519, asked.ed25519)?;
    let seed = match asked.seed {
        Some(seed) => seed,
        None => getrandom::u64()
            .map_err(|error| Failure::Broken(format!("no random bytes: {error}; give --seed")))?,
    };
    let progress = Progress::new();
    let report = runs::run(&Setting { asked, seed, progress: &progress }, relay)?;
    drop(progress);
    print(asked.format, &report)?;
    if let Some((curve, file)) = report.curve.as_ref().zip(asked.chart.as_deref()) {
        curve.write(file)?;
    }
    match (&report.void, report.fault()) {
        (Some(void), fault) => {
            let fault = fault.map_or(String::new(), |fault| format!("; and {fault}"));
            Err(Failure::Broken(format!("the result is void: {void}{fault}")))
        }
        (None, Some(fault)) => Err(Failure::Fails(fault)),
        (None, None) => Ok(()),
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
