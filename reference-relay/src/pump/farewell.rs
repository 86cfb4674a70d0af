//! The end of a connection: the close frame goes out behind what was being written, the sending
//! half is closed, and what still comes is read away for a moment. Without that the system answers
//! unread bytes with a reset, which destroys the code on its way.
//!
//! Clauses: `frame/drain-after-1009`, and the table "Closing" of chapter 6.

use super::{Ending, Hub, connection::Connection};
use crate::websocket::Message;
use std::future::poll_fn;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Ends a connection that the switchboard knows no more. What is not out in time is answered as the
/// connection is dropped.
pub(super) async fn part(hub: &Hub, mut connection: Connection, ending: Ending) {
    match ending {
        Ending::Gone => return,
        Ending::Answered => {}
        Ending::Close(close) => connection.flight.push(Message::close(close), None),
    }
    let limits = &hub.limits;
    let flushed = poll_fn(|cx| connection.poll_flush(cx, hub.now()));
    if let Ok(Ok(())) = timeout(limits.close_wait(), flushed).await {
        let away = read_away(connection.tcp, limits.drain_bytes());
        let _ = timeout(limits.drain_time(), away).await;
    }
}

async fn read_away(mut tcp: TcpStream, most: usize) -> std::io::Result<()> {
    tcp.shutdown().await?;
    let mut left = most;
    let mut scratch = [0; 1_024];
    while left > 0 {
        match tcp.read(&mut scratch).await? {
            0 => break,
            count => left = left.saturating_sub(count),
        }
    }
    Ok(())
}
