//! The relay as a process: it listens, lets connections in, and ends in good order.
//!
//! Clauses: `relay/sockets-limit, drain`.

use crate::{
    exchange::{counts::Counts, door::Prefix, switchboard::Notifier},
    limits::Limits,
    operation::http,
    pump::{self, Guest, Hub},
};
use sealwire::identity::Identity;
use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};

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
        // Inherited by what is accepted: otherwise the system takes megabytes for a reader that
        // takes nothing, and the marks of its queue come too late.
        let buffer = config.limits.socket_buffer();
        socket.set_send_buffer_size(u32::try_from(buffer).unwrap_or(u32::MAX))?;
        socket.bind(config.listen)?;
        let listener = socket.listen(BACKLOG)?;
        let hub = Hub::new(config.identity, config.limits, config.notifier);
        Ok(Self { listener, hub: Arc::new(hub) })
    }

    /// Where clients connect to, and the two keys they pin, as one line of JSON.
    ///
    /// # Errors
    /// If the system does not tell the port.
    pub fn announcement(&self) -> io::Result<String> {
        let address = self.listener.local_addr()?;
        let public = self.hub.identity.public();
        let line = serde_json::json!({
            "listening": format!("ws://{address}/ws"),
            "x25519": hex::encode(public.x25519()),
            "ed25519": hex::encode(public.ed25519()),
        });
        Ok(line.to_string())
    }

    /// Serves until `stop`, then ends every session with 1012.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> Arc<Hub> {
        let Self { listener, hub } = self;
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        let keeper = Arc::clone(&hub);
        let time = tokio::spawn(async move { keeper.keep_time().await });
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => match accepted {
                    Ok((tcp, peer)) => {
                        let guest = hub.admit(Prefix::of(peer.ip()));
                        let task = guest.map(|guest| connection(Arc::clone(&hub), tcp, guest));
                        task.map(|task| connections.spawn(task));
                    }
                    Err(_) => sleep(BREATH).await,
                },
                Some(ended) = connections.join_next() => {
                    if ended.is_err_and(|error| error.is_panic()) {
                        eprintln!("sealwire-relay: a connection failed inside and was ended");
                    }
                }
            }
        }
        drop(listener);
        hub.drain();
        let all = async { while connections.join_next().await.is_some() {} };
        let most = hub.limits.close_wait() + hub.limits.drain_time();
        let _ = timeout(most, all).await;
        time.abort();
        hub
    }
}

async fn connection(hub: Arc<Hub>, tcp: TcpStream, guest: Guest) {
    let accepted = hub.now();
    // Without it small frames wait for acknowledgements; a socket that refuses it serves too.
    let _ = tcp.set_nodelay(true);
    let deadline = hub.instant(accepted + hub.limits.hello_deadline());
    // Nothing of HTTP outlives the upgrade, the room of its task neither.
    let upgraded = tokio::select! {
        upgraded = Box::pin(http::upgraded(&hub, tcp, deadline)) => upgraded,
        () = hub.drained() => None,
    };
    if let Some((tcp, ahead)) = upgraded {
        pump::serve(hub, tcp, ahead, guest, accepted).await;
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
