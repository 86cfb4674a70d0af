//! Where a fault takes place: the relay, how far to go, and what the fault has done so far.

use crate::{
    Failure,
    faultproxy::{Course, Fault, Plan, Proxy, Which},
    party::{Party, Relay},
};
use std::{
    ffi::OsString,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// A free port of loopback.
pub(crate) const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How far the faults go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// Sockets that never say hello.
    pub(crate) sockets: usize,
    /// Frames of 32 KiB of a bulk transfer.
    pub(crate) bulk: u32,
    /// When the relay ends a connection that has not said hello.
    pub(crate) deadline: Duration,
}

/// The relay and one misbehaving client, or several.
pub(crate) struct Scene {
    pub(crate) relay: Relay,
    /// Starts a proxy process that can be killed.
    pub(crate) proxy: Vec<OsString>,
    pub(crate) scale: Scale,
    done: AtomicU64,
    bytes_out: AtomicU64,
    bytes_in: AtomicU64,
}

impl Scene {
    /// Nothing has happened yet.
    pub(crate) fn new(relay: Relay, proxy: Vec<OsString>, scale: Scale) -> Self {
        let [done, bytes_out, bytes_in] = [0; 3].map(AtomicU64::new);
        Self { relay, proxy, scale, done, bytes_out, bytes_in }
    }

    /// The fault did it once more, and sent so many bytes.
    pub(crate) fn did(&self, bytes: usize) {
        self.done.fetch_add(1, Relaxed);
        self.bytes_out.fetch_add(bytes as u64, Relaxed);
    }

    /// The relay sent it so many bytes.
    pub(crate) fn got(&self, bytes: usize) {
        self.bytes_in.fetch_add(bytes as u64, Relaxed);
    }

    /// How often; bytes to the relay and from it.
    pub(crate) fn tally(&self) -> (u64, u64, u64) {
        (self.done.load(Relaxed), self.bytes_out.load(Relaxed), self.bytes_in.load(Relaxed))
    }

    /// A client that is in.
    pub(crate) async fn party(&self) -> Result<Party, Failure> {
        Party::enter(&self.relay).await
    }

    /// A proxy with these faults before the relay.
    pub(crate) fn behind(&self, up: &[Fault], down: &[Fault]) -> Result<Proxy, Failure> {
        let course = |faults: &[Fault]| Course::new(faults.iter().copied()).map_err(Failure::Usage);
        let plan = Plan { up: course(up)?, down: course(down)?, which: Which::All };
        let proxy = Proxy::start(LOOPBACK, self.relay.address, plan);
        proxy.map_err(|error| Failure::Broken(error.to_string()))
    }
}
