//! Connections that never say hello.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::live::case::cases;
use crate::live::outcome::{Outcome, fail, require};
use crate::live::socket::{Heard, Socket};
use crate::live::trial::Trial;

cases! { Trial in "deadline.rs";
    "handshake/deadline.silence" silence from "ws-slowloris" needs Slow;
    "handshake/deadline.trickle" trickle from "ws-slowloris" needs Slow;
    "handshake/deadline.upgrade-never-asked" no_upgrade from "ws-slowloris" needs Slow;
}

/// How much later than the deadline a close may come.
const GRACE: Duration = Duration::from_secs(5);

/// Waits for a bare close that comes with the deadline, neither before nor long after; meanwhile
/// sends one byte of `trickle` after the other, eight of them before the deadline.
async fn closed_in_time(
    trial: &Trial,
    accepted: Instant,
    socket: &mut Socket,
    trickle: &[u8],
) -> Outcome {
    let deadline = trial.target.timers.hello;
    let mut trickle = trickle.iter();
    while accepted.elapsed() < deadline + GRACE {
        match socket.hear_within(deadline / 8).await {
            Some(Heard::Text(_) | Heard::Ping(_)) => {}
            Some(Heard::Close(None)) => break,
            Some(other) => return Err(fail("a close without a code", other.describe())),
            None => {
                // A connection that is gone by now is judged by its close, which is heard next.
                let sent = trickle.next().map(|byte| socket.send_raw(std::slice::from_ref(byte)));
                if let Some(sent) = sent {
                    let _ = sent.await;
                }
            }
        }
    }
    let took = accepted.elapsed();
    let in_time = took + Duration::from_millis(200) >= deadline && took <= deadline + GRACE;
    require(in_time, format!("an end {deadline:?} after accept"), format!("after {took:?}"))
}

/// An upgrade and nothing more.
async fn silence(trial: &mut Trial) -> Outcome {
    let accepted = Instant::now();
    let mut socket = trial.socket().await?;
    closed_in_time(trial, accepted, &mut socket, &[]).await
}

/// A byte of the hello now and then renews nothing.
async fn trickle(trial: &mut Trial) -> Outcome {
    let accepted = Instant::now();
    let person = trial.person();
    let hello = trial.hello(&person)?.bytes();
    let mut socket = trial.socket().await?;
    let frame = socket.frame(crate::live::socket::FIN | crate::live::socket::BINARY, &hello);
    closed_in_time(trial, accepted, &mut socket, &frame).await
}

/// A TCP connection that asks for nothing ends too.
async fn no_upgrade(trial: &mut Trial) -> Outcome {
    use tokio::io::AsyncReadExt;
    let deadline = trial.target.timers.hello;
    let mut stream = trial.target.address.dial(trial.target.patience).await?;
    let mut rest = Vec::new();
    match timeout(deadline + GRACE, stream.read_to_end(&mut rest)).await {
        Ok(_) => Ok(()),
        Err(_) => Err(fail(format!("an end after {deadline:?}"), "still open")),
    }
}
