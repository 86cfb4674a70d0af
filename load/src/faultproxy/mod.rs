//! `sealwire faultproxy`: passes TCP connections on, and lets go wrong on the way what goes wrong
//! between real machines. It works in user space, with any service of TCP, and knows no protocol.
//!
//! ```text
//! client ── up ──→ proxy ── up ──→ service
//!        ←─ down ─        ←─ down ─
//! ```

mod fault;
mod passage;
mod proxy;

pub(crate) use fault::{After, Course, Fault};
pub(crate) use proxy::{Plan, Proxy, Which};

use crate::Failure;
use clap::Args;
use std::{io::Write, net::SocketAddr};

/// What to pass on, and what goes wrong.
#[derive(Args, Clone, Debug)]
pub struct Faultproxy {
    /// The service: the address of a relay, for example.
    #[arg(long, value_name = "ADDRESS")]
    to: SocketAddr,
    /// Where the proxy listens; port 0 lets the system choose.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// A fault from client to service. May be repeated.
    #[arg(long, value_name = "FAULT")]
    up: Vec<Fault>,
    /// A fault from service to client. May be repeated.
    #[arg(long, value_name = "FAULT")]
    down: Vec<Fault>,
    /// Only the K-th connection suffers; the first is 1.
    #[arg(long, value_name = "K", conflicts_with = "every", value_parser = clap::value_parser!(u64).range(1..))]
    only: Option<u64>,
    /// Only every N-th connection suffers.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    every: Option<u64>,
    /// Faults of both directions: delay=TIME, split, trickle=SIZE a second, coalesce=SIZE or TIME,
    /// stall, half-open or reset after a SIZE or TIME. Sizes are 100, 64KiB, 1MiB; times 500ms, 2s.
    #[arg(value_name = "FAULT")]
    both: Vec<Fault>,
}

impl Faultproxy {
    fn plan(&self) -> Result<Plan, Failure> {
        let course = |own: &[Fault]| {
            Course::new(own.iter().chain(&self.both).copied()).map_err(Failure::Usage)
        };
        let which = match (self.only, self.every) {
            (Some(number), _) => Which::Only(number),
            (None, Some(step)) => Which::Every(step),
            (None, None) => Which::All,
        };
        Ok(Plan { up: course(&self.up)?, down: course(&self.down)?, which })
    }
}

/// Serves until it is interrupted. Its address is one line of JSON on stdout; what it does, a line
/// for people on stderr.
///
/// # Errors
/// Faults that cannot meet; a port that is occupied.
pub fn faultproxy(options: &Faultproxy) -> Result<(), Failure> {
    let plan = options.plan()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::Broken(error.to_string()))?.block_on(serve(options, plan))
}

async fn serve(options: &Faultproxy, plan: Plan) -> Result<(), Failure> {
    let told = format!("{}; up: {}; down: {}", plan.which, plan.up, plan.down);
    let listen = options.listen;
    let cannot = |error| {
        Failure::Broken(format!("cannot listen on {listen}: {error}; choose another --listen"))
    };
    let proxy = Proxy::start(listen, options.to, plan).map_err(cannot)?;
    let (address, to) = (proxy.address(), options.to);
    let line = serde_json::json!({ "listening": address.to_string(), "to": to.to_string() });
    let mut out = std::io::stdout();
    // Whoever started it may have stopped listening to it: that is no reason to end.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    let _ = writeln!(std::io::stderr(), "sealwire faultproxy: {address} to {to}, {told}");
    tokio::signal::ctrl_c().await.map_err(|error| Failure::Broken(error.to_string()))
}

#[cfg(test)]
mod tests;
