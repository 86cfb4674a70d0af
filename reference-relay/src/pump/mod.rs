//! One task a connection: it moves bytes between a socket and the pure parts, and decides nothing.
//!
//! ```text
//! accept ─→ HTTP ─→ greeting ─→ carrying ─→ farewell
//!                   hello,      frames in,   close frame, half-close,
//!                   reply       lanes out    what is left is read away
//! ```
//!
//! A panic in one connection ends that connection: `Presence` and [`Guest`] clean up behind it.

mod announced;
mod carrier;
mod farewell;
mod flight;
mod greeting;
mod hub;
mod socket;

pub use hub::{Guest, Hub};
pub use socket::Socket;

use crate::exchange::{counts::Parted, port::Port, session::Close, switchboard::Input};
use futures_util::Stream;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio_websockets::{Config, Error, Limits as Longest, Message, ServerBuilder, WebSocketStream};

type Ws = WebSocketStream<Socket>;

/// How much is written in one go while more waits.
const BATCH: usize = 32 * 1024;

/// How a connection ends.
#[derive(Debug)]
enum Ending {
    /// By the relay, which says why.
    Close(Close),
    /// The client closed or broke the rules of WebSocket; its library has the answer ready.
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

impl From<Error> for Ending {
    fn from(error: Error) -> Self {
        match error {
            Error::PayloadTooLong { .. } => Self::Close(Close::TOO_BIG),
            Error::Protocol(_) => Self::Answered,
            _ => Self::Gone,
        }
    }
}

/// The next message. The sum of fragments is judged as soon as it is announced
/// (`[frame/fragments-limit]`); what one frame announces, the library judges.
fn poll_message(ws: &mut Ws, cx: &mut Context<'_>, limit: usize) -> Poll<Result<Message, Ending>> {
    match Pin::new(&mut *ws).poll_next(cx) {
        Poll::Ready(Some(Ok(message))) => Poll::Ready(Ok(message)),
        Poll::Ready(Some(Err(error))) => Poll::Ready(Err(error.into())),
        Poll::Ready(None) => Poll::Ready(Err(Ending::Gone)),
        Poll::Pending if ws.get_ref().announced() > limit as u64 => {
            Poll::Ready(Err(Ending::Close(Close::TOO_BIG)))
        }
        Poll::Pending => Poll::Pending,
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

/// Serves an upgraded connection until its end. `accepted` is when its socket was, since the relay
/// began.
pub async fn serve(hub: Arc<Hub>, socket: Socket, guest: Guest, accepted: Duration) {
    let limits = &hub.limits;
    let port = hub.port();
    let mut ws = ServerBuilder::new()
        .config(Config::default().flush_threshold(BATCH))
        .limits(Longest::default().max_payload_len(Some(limits.frame_before_hello())))
        .serve(socket);
    let presence = Presence { hub: &hub, port: Arc::clone(&port) };
    let opened = Input::Opened(Arc::clone(&port), accepted + limits.hello_deadline());
    hub.handle(port.line(), opened);

    let greeted = greeting::greet(&hub, &port, &guest, &mut ws).await;
    drop(guest);
    let (ending, flight) = match greeted {
        Ok(session) => carrier::carry(&hub, session, &mut ws).await,
        Err(ending) => (ending, None),
    };
    // Until the last byte its frames count as waiting.
    let _leaving = hub.leaving(&port);
    drop(presence);
    hub.route.counts.parted(ending.parted());
    farewell::part(ws, ending, limits, flight).await;
}
