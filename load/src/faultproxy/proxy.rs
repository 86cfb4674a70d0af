//! Connections in pairs: one from a client, one to the service, and a course for each direction.

use super::{
    fault::Course,
    passage::{End, carry},
};
use std::{fmt, future::pending, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::Semaphore,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep},
};

/// What the system keeps for a socket here: little, so that whoever writes to a direction that
/// stalls feels it soon.
const BUFFER: u32 = 64 * 1024;
/// Sockets that the system keeps until they are accepted.
const BACKLOG: u32 = 1_024;
/// Connections at a time; further ones wait.
const MOST: usize = 4_096;
/// After a failed accept (no descriptors left, as a rule) others get time to close theirs.
const BREATH: Duration = Duration::from_millis(100);

/// Which connections suffer; the others pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Which {
    /// All.
    #[default]
    All,
    /// Every n-th.
    Every(u64),
    /// One, by its number; the first is 1.
    Only(u64),
}

impl Which {
    const fn takes(self, number: u64) -> bool {
        match self {
            Self::All => true,
            Self::Every(step) => number.is_multiple_of(step),
            Self::Only(one) => number == one,
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => write!(f, "all connections"),
            Self::Every(step) => write!(f, "each connection whose number {step} divides"),
            Self::Only(one) => write!(f, "connection {one} alone"),
        }
    }
}

/// What happens to whom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// From client to service.
    pub(crate) up: Course,
    /// From service to client.
    pub(crate) down: Course,
    /// To which connections.
    pub(crate) which: Which,
}

/// A proxy that serves until it is dropped; its sockets end with it.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Proxy {
    /// Listens, and passes on to `to`.
    ///
    /// # Errors
    /// What the system says: the port is occupied, the address is not one of this machine.
    pub(crate) fn start(listen: SocketAddr, to: SocketAddr, plan: Plan) -> io::Result<Self> {
        let socket = socket(listen)?;
        socket.set_reuseaddr(true)?;
        socket.bind(listen)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let serving = tokio::spawn(serve(listener, to, Arc::new(plan)));
        Ok(Self { address, serving })
    }

    /// Where clients connect to.
    #[must_use]
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Its small buffer is inherited by what is accepted.
fn socket(family: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match family {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_recv_buffer_size(BUFFER)?;
    Ok(socket)
}

async fn serve(listener: TcpListener, to: SocketAddr, plan: Arc<Plan>) {
    let room = Arc::new(Semaphore::new(MOST));
    let mut connections = JoinSet::new();
    let mut number = 0;
    loop {
        // Never closed, so there is always a permit in the end.
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let Ok((client, _)) = listener.accept().await else {
            sleep(BREATH).await;
            continue;
        };
        number += 1;
        let plan = if plan.which.takes(number) { Arc::clone(&plan) } else { Arc::default() };
        connections.spawn(async move {
            // A service that refuses is told to the client as a reset.
            let _ = connection(client, to, &plan).await;
            drop(permit);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(mut client: TcpStream, to: SocketAddr, plan: &Plan) -> io::Result<()> {
    let begin = Instant::now();
    let Ok(mut service) = socket(to)?.connect(to).await else { return client.set_zero_linger() };
    client.set_nodelay(true)?;
    service.set_nodelay(true)?;
    let (client_reads, client_writes) = client.split();
    let (service_reads, service_writes) = service.split();
    let ended = tokio::try_join!(
        carry(client_reads, service_writes, &plan.up, begin),
        carry(service_reads, client_writes, &plan.down, begin),
    );
    match ended {
        // Nobody looks at either socket any more: they stay until the proxy ends.
        Ok((End::Stalled, End::Stalled)) => pending().await,
        Ok(_) => Ok(()),
        Err(_) => client.set_zero_linger().and(service.set_zero_linger()),
    }
}
