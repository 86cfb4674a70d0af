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

/// Connections that come from one address. It has about 28,000 ports, some of which lie idle for a
/// minute after each use, and the system takes long to find the last ones.
const EACH: u16 = 8_000;

/// The addresses of a loopback that are used, which is nearly all of them.
const ADDRESSES: std::ops::Range<u32> = 0x7f01_0000..0x7ffe_0000;

/// The addresses that connections come from: those of a loopback, beginning with another one in each
/// run, because what an earlier run has used may not be free yet. Elsewhere the system chooses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sources {
    current: Option<Ipv4Addr>,
    dialled: u16,
}

impl Sources {
    /// For connections to `target`.
    pub(crate) fn new(target: SocketAddr) -> Self {
        let loopback = matches!(target.ip(), IpAddr::V4(ip) if ip.is_loopback());
        // Without random bytes any one will do.
        let any = getrandom::u32().unwrap_or_default() % (ADDRESSES.end - ADDRESSES.start);
        let first = Ipv4Addr::from(ADDRESSES.start + any);
        Self { current: loopback.then_some(first), dialled: 0 }
    }

    /// Begins to connect. Before the ports of one address run short, the next one is taken.
    /// A `narrow` one keeps as little of what comes as the system lets it.
    pub(crate) fn dial(&mut self, target: SocketAddr, narrow: bool) -> io::Result<OwnedFd> {
        if let Some(current) = self.current.filter(|_| self.dialled >= EACH) {
            let next = Some(u32::from(current) + 1).filter(|next| ADDRESSES.contains(next));
            self.current = Some(next.unwrap_or(ADDRESSES.start).into());
            self.dialled = 0;
        }
        self.dialled = self.dialled.saturating_add(1);
        Ok(dial(target, self.current, narrow)?)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_left_before_its_ports_run_short() {
        let (listener, target) = listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        let mut sources = Sources::new(target);
        let from = |socket: io::Result<OwnedFd>| {
            let source = getsockname(socket.expect("a connection")).expect("its address");
            SocketAddr::try_from(source).expect("of IP").ip()
        };
        let first = from(sources.dial(target, false));
        assert_eq!(from(sources.dial(target, false)), first);
        sources.dialled = EACH;
        sources.current = Some(Ipv4Addr::from(ADDRESSES.end - 1));
        assert_eq!(from(sources.dial(target, false)), Ipv4Addr::from(ADDRESSES.start));
        assert!(first.is_loopback() && accept(&listener).expect("it listens").is_some());
        let elsewhere = Sources::new(SocketAddr::from(([203, 0, 113, 7], 1)));
        assert_eq!(elsewhere.current, None);
    }
}
