//! One task a connection: it moves bytes between a socket and the pure parts, and decides nothing.
//!
//! ```text
//! accept ─→ HTTP ─→ greeting ─→ carrying ─→ farewell
//!                   hello,      frames in,   close frame, half-close,
//!                   reply       lanes out    what is left is read away
//! ```
//!
//! A panic in one connection ends that connection: `Presence` and [`Guest`] clean up behind it.

mod carrier;
mod connection;
mod farewell;
mod flight;
mod greeting;
mod hub;

pub use hub::{Guest, Hub};

use crate::exchange::{counts::Parted, port::Port, session::Close, switchboard::Input};
use connection::Connection;
use std::sync::Arc;
use tokio::net::TcpStream;

/// How a connection ends.
#[derive(Debug)]
enum Ending {
    /// By the relay, which says why.
    Close(Close),
    /// By the client; the answer is on its way.
    Answered,
    /// There is nobody to speak to.
    Gone,
}

impl Ending {
    /// As it is counted.
    fn parted(&self) -> Parted {
        match self {
            Self::Close(close) => Parted::by(*close),
            Self::Answered => Parted::Client,
            Self::Gone => Parted::Gone,
        }
    }
}

impl From<std::io::Error> for Ending {
    fn from(_: std::io::Error) -> Self {
        Self::Gone
    }
}

/// The connection as the switchboard knows it; dropping it announces the end.
struct Presence<'h> {
    hub: &'h Hub,
    port: Arc<Port>,
}

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        self.hub.handle(self.port.line(), Input::Ended);
    }
}

/// Serves an upgraded connection until its end; `ahead` came behind its HTTP request.
pub async fn serve(hub: Arc<Hub>, tcp: TcpStream, ahead: Vec<u8>, guest: Guest) {
    let port = hub.port();
    let mut connection = Connection::new(tcp, ahead, Arc::clone(&hub.route));
    let presence = Presence { hub: &hub, port: Arc::clone(&port) };
    hub.handle(port.line(), Input::Opened(Arc::clone(&port), guest.deadline()));

    // What is only needed before the session must not lie beside it for as long as it lives.
    let greeted = Box::pin(greeting::greet(&hub, &port, &guest, &mut connection)).await;
    drop(guest);
    let ending = match greeted {
        Ok(session) => carrier::carry(&hub, session, &mut connection).await,
        Err(ending) => ending,
    };
    // Until the last byte its frames count as waiting.
    let _leaving = hub.leaving(&port);
    drop(presence);
    hub.route.counts.parted(ending.parted());
    Box::pin(farewell::part(&hub, connection, ending)).await;
}
