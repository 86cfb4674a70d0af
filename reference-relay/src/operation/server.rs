//! The relay as a process: it listens, lets connections in, and ends in good order.
//!
//! ```text
//! serving ── stop ─→ not ready, accepts nobody ─→ a close after the other,  ─→ the last bytes
//!                    who waits is closed           over the drain window       have their time
//! ```
//!
//! Clauses: `relay/sockets-limit, drain`.

use crate::{
    exchange::{
        counts::{Counts, Refused},
        door::Prefix,
        session::Close,
        switchboard::Notifier,
    },
    limits::{Budget, Limits},
    operation::{admin, http},
    pump::{self, Guest, Hub},
};
use axum::Router;
use sealwire::identity::Identity;
use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener as Bound},
    pin::pin,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout_at},
};
use tracing::{info, warn};

/// Sockets that the system keeps until they are accepted.
const BACKLOG: u32 = 1_024;
/// After a failed accept (no descriptors left, as a rule) others get time to close theirs.
const BREATH: Duration = Duration::from_millis(100);

/// What a relay needs to begin.
#[derive(Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Its keys.
    pub identity: Identity,
    /// Who gets WAKE and PUSH_REGISTER.
    pub notifier: Option<Notifier>,
    /// In force.
    pub limits: Limits,
}

/// A relay that listens and does not accept yet.
#[derive(Debug)]
pub struct Relay {
    listener: TcpListener,
    admin: Option<TcpListener>,
    hub: Arc<Hub>,
}

impl Relay {
    /// Takes the port.
    ///
    /// # Errors
    /// What the system says: the port is occupied, the address is not one of this machine.
    pub fn bind(config: Config) -> io::Result<Self> {
        let socket = match config.listen {
            SocketAddr::V4(_) => TcpSocket::new_v4(),
            SocketAddr::V6(_) => TcpSocket::new_v6(),
        }?;
        socket.set_reuseaddr(true)?;
        shape(&socket, &config.limits)?;
        socket.bind(config.listen)?;
        let listener = socket.listen(BACKLOG)?;
        let hub = Hub::new(config.identity, config.limits, config.notifier);
        Ok(Self { listener, admin: None, hub: Arc::new(hub) })
    }

    /// Takes a port for whoever operates it: health and metrics.
    ///
    /// # Errors
    /// What the system says.
    pub fn with_admin(mut self, address: SocketAddr) -> io::Result<Self> {
        let bound = Bound::bind(address)?;
        bound.set_nonblocking(true)?;
        self.admin = Some(TcpListener::from_std(bound)?);
        Ok(self)
    }

    /// What its connections share.
    #[must_use]
    pub fn hub(&self) -> Arc<Hub> {
        Arc::clone(&self.hub)
    }

    /// Where clients connect to, the two keys they pin, and where its operator asks, as one line of
    /// JSON.
    ///
    /// # Errors
    /// If the system does not tell the port.
    pub fn announcement(&self) -> io::Result<String> {
        let address = self.listener.local_addr()?;
        let public = self.hub.identity.public();
        let mut line = serde_json::json!({
            "listening": format!("ws://{address}/ws"),
            "x25519": hex::encode(public.x25519()),
            "ed25519": hex::encode(public.ed25519()),
        });
        if let Some(admin) = &self.admin {
            line["admin"] = format!("http://{}", admin.local_addr()?).into();
        }
        Ok(line.to_string())
    }

    /// Logs what begins, without its keys.
    ///
    /// # Errors
    /// If the system does not tell the port.
    pub(super) fn introduce(&self) -> io::Result<()> {
        let (address, limits) = (self.listener.local_addr()?, &self.hub.limits);
        let admin = self.admin.as_ref().map(TcpListener::local_addr).transpose()?;
        let admin = admin.map_or_else(|| "off".to_owned(), |admin| admin.to_string());
        info!(
            version = env!("CARGO_PKG_VERSION"),
            %address,
            admin,
            sessions = limits.sessions(),
            sockets = limits.sockets(),
            budget_bytes = Budget::of(limits).total(),
            "serving"
        );
        Ok(())
    }

    /// Serves until `stop`, then ends every session with 1012. The admin address serves until the
    /// end.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> Arc<Hub> {
        let Self { listener, admin, hub } = self;
        let keeper = Arc::clone(&hub);
        let time = tokio::spawn(async move { keeper.keep_time().await });
        let admin = admin.map(|listener| tokio::spawn(admin::serve(listener, Arc::clone(&hub))));
        let mut door = Doorkeeper {
            hub: &hub,
            router: http::router(&hub),
            connections: JoinSet::new(),
            starving: false,
        };
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => door.accepted(accepted).await,
                Some(ended) = door.connections.join_next() => count_panic(&hub, &ended),
            }
        }
        drop(listener);
        let connections = door.connections;
        drain(&hub, connections).await;
        time.abort();
        admin.inspect(|admin| admin.abort());
        hub
    }
}

/// Gives a socket that will listen what is inherited by those it accepts. Without it the system
/// takes megabytes for a reader that takes nothing, the marks of its queue come too late, and a peer
/// that vanished is kept for a quarter of an hour.
///
/// # Errors
/// What the system says.
pub fn shape(socket: &TcpSocket, limits: &Limits) -> io::Result<()> {
    let bytes = |limit: usize| u32::try_from(limit).unwrap_or(u32::MAX);
    // Small frames would wait for acknowledgements.
    socket.set_nodelay(true)?;
    socket.set_send_buffer_size(bytes(limits.socket_buffer()))?;
    #[cfg(target_os = "linux")]
    {
        let socket = socket2::SockRef::from(socket);
        socket.set_tcp_notsent_lowat(bytes(limits.socket_unsent()))?;
        socket.set_tcp_user_timeout(Some(limits.socket_timeout()))?;
    }
    Ok(())
}

/// Who lets connections in.
struct Doorkeeper<'h> {
    hub: &'h Arc<Hub>,
    router: Router,
    connections: JoinSet<()>,
    /// The last accept found no descriptor.
    starving: bool,
}

impl Doorkeeper<'_> {
    async fn accepted(&mut self, accepted: io::Result<(TcpStream, SocketAddr)>) {
        match accepted {
            Ok((tcp, peer)) => {
                self.starving = false;
                self.welcome(tcp, peer);
            }
            Err(error) => {
                self.hub.route.counts.starved();
                if !self.starving {
                    warn!(%error, "cannot accept; raise the limit of descriptors or lower socket.max");
                }
                self.starving = true;
                sleep(BREATH).await;
            }
        }
    }

    fn welcome(&mut self, tcp: TcpStream, peer: SocketAddr) {
        if self.connections.len() >= self.hub.limits.sockets() {
            self.hub.turn_away(Refused::Descriptors);
            return;
        }
        if let Some(guest) = self.hub.admit(Prefix::of(peer.ip())) {
            let (hub, router) = (Arc::clone(self.hub), self.router.clone());
            self.connections.spawn(connection(hub, router, tcp, guest));
        }
    }
}

fn count_panic(hub: &Hub, ended: &Result<(), tokio::task::JoinError>) {
    if ended.as_ref().is_err_and(|error| error.is_panic()) {
        hub.route.counts.panicked();
    }
}

/// Closes what is open, and gives the last bytes their time. At once if nothing is.
async fn drain(hub: &Arc<Hub>, mut connections: JoinSet<()>) {
    hub.shut();
    let (sessions, window) = (hub.sessions(), hub.limits.drain_window());
    info!(sessions, seconds = window.as_secs_f64(), "draining");
    let all = async {
        while let Some(ended) = connections.join_next().await {
            count_panic(hub, &ended);
        }
    };
    let most = async {
        close_all(hub, window).await;
        sleep(hub.limits.close_wait() + hub.limits.drain_time()).await;
    };
    tokio::select! {
        () = all => {}
        () = most => warn!("some connections did not end in time"),
    }
}

/// Sessions one after the other, evenly over the window: whoever is closed comes back, and all at
/// once would be a storm at the next door.
async fn close_all(hub: &Hub, window: Duration) {
    let sessions = hub.route.everybody();
    let begin = Instant::now();
    for (closed, session) in sessions.iter().enumerate() {
        let share = closed as f64 / sessions.len() as f64;
        sleep_until(begin + window.mul_f64(share)).await;
        session.port.close(Close::RESTART);
    }
    hub.drain();
}

async fn connection(hub: Arc<Hub>, router: Router, tcp: TcpStream, guest: Guest) {
    let deadline = hub.instant(guest.deadline());
    // Who says nothing costs no reader of HTTP, which begins with 16 KiB. A look at the first byte,
    // because a socket that was just accepted counts as readable until somebody has looked.
    let mut first = [0];
    let spoke = tokio::select! {
        spoke = timeout_at(deadline, tcp.peek(&mut first)) => spoke,
        () = hub.drained() => return,
    };
    if spoke.is_err() {
        return hub.route.counts.refused(Refused::Deadline);
    }
    // Nothing of HTTP outlives the upgrade, the room of its task neither.
    let upgraded = tokio::select! {
        upgraded = Box::pin(http::upgraded(&hub, router, tcp, deadline)) => upgraded,
        () = hub.drained() => None,
    };
    if let Some((tcp, ahead)) = upgraded {
        pump::serve(hub, tcp, ahead, guest).await;
    }
}

/// One line for the operator: what became of frames, and which clauses had something dropped.
#[must_use]
pub fn summary(counts: &Counts) -> String {
    let totals = counts.totals();
    let drops: Vec<_> =
        counts.drops().iter().map(|(clause, count)| format!("{clause} {count}")).collect();
    let drops = if drops.is_empty() { "none".into() } else { drops.join(", ") };
    format!(
        "{} peer frames: {} delivered, {} answered, {} lost; dropped: {drops}",
        totals.frames, totals.delivered, totals.answered, totals.lost
    )
}
