//! The end of a connection: the close frame goes out behind what was being written, the sending
//! half is closed, and what still comes is read away for a moment. Without that the system answers
//! unread bytes with a reset, which destroys the code on its way.
//!
//! Clauses: `frame/drain-after-1009`, and the table "Closing" of chapter 6.

use super::{Ending, Socket, Ws, flight::Flight};
use crate::{exchange::session::Close, limits::Limits};
use futures_util::{Sink, SinkExt};
use std::{pin::Pin, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use tokio_websockets::{CloseCode, Message};

/// Ends a connection that the switchboard knows no more.
pub(super) async fn part(mut ws: Ws, ending: Ending, limits: &Limits, flight: Option<Flight>) {
    match ending {
        Ending::Gone => return,
        Ending::Answered => {}
        Ending::Close(close) => {
            // Refused only if a close frame is queued already: then that one goes out.
            let _ = Pin::new(&mut ws).start_send(message(close));
        }
    }
    let flushed = timeout(limits.close_wait(), ws.flush()).await;
    if let Some(mut flight) = flight {
        // Its time does not matter any more; what is not out is answered as it is dropped.
        flight.written(ws.get_ref().written(), Duration::ZERO);
    }
    if let Ok(Ok(())) = flushed {
        let away = read_away(ws.into_inner(), limits.drain_bytes());
        let _ = timeout(limits.drain_time(), away).await;
    }
}

fn message(close: Close) -> Message {
    let code = match close {
        Close::Silent => None,
        Close::Code(code) => CloseCode::try_from(code).ok(),
    };
    Message::close(code, "")
}

async fn read_away(mut socket: Socket, most: usize) -> std::io::Result<()> {
    socket.shutdown().await?;
    let mut left = most;
    let mut scratch = [0; 1_024];
    while left > 0 {
        match socket.read(&mut scratch).await? {
            0 => break,
            count => left = left.saturating_sub(count),
        }
    }
    Ok(())
}
