//! TCP sockets that do not block.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, acceptfrom_with, bind, connect, getsockname,
    listen as listen_on, socket_with, sockopt,
};

/// Sockets that the system keeps until they are accepted.
const BACKLOG: i32 = 4_096;
/// What a narrow connection asks for as its buffer.
const NARROW: usize = 4 * 1_024;
const FLAGS: SocketFlags = SocketFlags::NONBLOCK.union(SocketFlags::CLOEXEC);

/// The addresses that connections come from. One has about 28,000 ports, some of which lie idle for
/// a minute after each use; a loopback has millions of addresses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sources {
    loopback: bool,
    used_up: u16,
}

impl Sources {
    /// For connections to `target`.
    pub(crate) fn new(target: SocketAddr) -> Self {
        let loopback = matches!(target.ip(), IpAddr::V4(ip) if ip.is_loopback());
        Self { loopback, used_up: 0 }
    }

    /// Begins to connect. When the ports of one address run short, the next one is taken.
    /// A `narrow` one keeps as little of what comes as the system lets it.
    pub(crate) fn dial(&mut self, target: SocketAddr, narrow: bool) -> io::Result<OwnedFd> {
        loop {
            match dial(target, self.current(), narrow) {
                Err(Errno::ADDRNOTAVAIL | Errno::ADDRINUSE)
                    if self.loopback && self.used_up < u16::MAX =>
                {
                    self.used_up += 1;
                }
                other => return Ok(other?),
            }
        }
    }

    /// The first one is the system's choice.
    fn current(&self) -> Option<Ipv4Addr> {
        let [high, low] = self.used_up.checked_add(1)?.to_be_bytes();
        (self.used_up > 0).then(|| Ipv4Addr::new(127, 1, high, low))
    }
}

fn dial(target: SocketAddr, source: Option<Ipv4Addr>, narrow: bool) -> Result<OwnedFd, Errno> {
    let socket = socket_with(family(target), SocketType::STREAM, FLAGS, None)?;
    sockopt::set_tcp_nodelay(&socket, true)?;
    if narrow {
        sockopt::set_socket_recv_buffer_size(&socket, NARROW)?;
    }
    if let Some(source) = source {
        bind(&socket, &SocketAddr::from((source, 0)))?;
    }
    match connect(&socket, &target) {
        Ok(()) | Err(Errno::INPROGRESS) => Ok(socket),
        Err(error) => Err(error),
    }
}

/// Listens, and says where: the system chooses the port if it is 0.
pub(crate) fn listen(address: SocketAddr) -> io::Result<(OwnedFd, SocketAddr)> {
    let socket = socket_with(family(address), SocketType::STREAM, FLAGS, None)?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    bind(&socket, &address)?;
    listen_on(&socket, BACKLOG)?;
    let bound = SocketAddr::try_from(getsockname(&socket)?)?;
    Ok((socket, bound))
}

/// The next connection, if there is one.
pub(crate) fn accept(listener: &OwnedFd) -> io::Result<Option<OwnedFd>> {
    match acceptfrom_with(listener, FLAGS) {
        Ok((socket, _)) => {
            sockopt::set_tcp_nodelay(&socket, true)?;
            Ok(Some(socket))
        }
        Err(Errno::AGAIN | Errno::CONNABORTED | Errno::INTR) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

const fn family(address: SocketAddr) -> AddressFamily {
    match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    }
}
