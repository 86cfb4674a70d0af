//! One direction of one connection: bytes from one socket to the other, as its course has it.

use super::fault::{After, Course, Cut};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::tcp::{ReadHalf, WriteHalf},
    time::{Instant, sleep, sleep_until, timeout_at},
};

/// How much is read in one go.
const PIECE: usize = 64 * 1024;
/// How much is gathered at most.
const GATHERED: usize = 64 << 20;
/// What gathers a number of bytes goes on without them when nothing has come for so long: an
/// opening handshake waits for its answer.
const QUIET: Duration = Duration::from_millis(100);
/// A trickle runs in steps of this length, or longer ones if a byte takes longer.
const STEP: Duration = Duration::from_millis(10);
/// What was written last is on its way before a reset throws it away.
const ON_ITS_WAY: Duration = Duration::from_millis(20);

/// How a direction came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The stream ended, and that was passed on, unless this side had vanished.
    Ended,
    /// Nothing is read any more.
    Stalled,
}

/// Both connections are to be reset: that is the fault, or one of them was.
#[derive(Debug)]
pub(super) struct Broken;

impl From<io::Error> for Broken {
    fn from(_: io::Error) -> Self {
        Self
    }
}

/// Carries one direction to its end.
pub(super) async fn carry(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    course: &Course,
    begin: Instant,
) -> Result<End, Broken> {
    let at = course.cut_at().map(|after| begin + after);
    let ended = tokio::select! {
        biased;
        () = sleep_until(at.unwrap_or(begin)), if at.is_some() => false,
        ended = pass(&mut from, &mut to, course) => ended?,
    };
    match course.cut.filter(|_| !ended) {
        None => {
            to.shutdown().await?;
            Ok(End::Ended)
        }
        Some((Cut::Stall, _)) => Ok(End::Stalled),
        Some((Cut::HalfOpen, _)) => {
            let mut nowhere = vec![0; PIECE];
            while from.read(&mut nowhere).await? > 0 {}
            Ok(End::Ended)
        }
        Some((Cut::Reset, _)) => {
            sleep(ON_ITS_WAY).await;
            Err(Broken)
        }
    }
}

/// Passes bytes on until the stream ends (true) or as many as may have passed (false).
async fn pass(
    from: &mut ReadHalf<'_>,
    to: &mut WriteHalf<'_>,
    course: &Course,
) -> io::Result<bool> {
    let mut left = course.bytes();
    let mut bytes = Vec::new();
    while left > 0 {
        bytes.clear();
        let ended = gather(from, course.coalesce, &mut bytes).await?;
        if let Some(time) = course.delay {
            sleep(time).await;
        }
        bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        deliver(to, course, &bytes).await?;
        left -= bytes.len() as u64;
        if ended {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads some bytes, or as many as are to go on at once. True at the end of the stream.
async fn gather(
    from: &mut ReadHalf<'_>,
    coalesce: Option<After>,
    bytes: &mut Vec<u8>,
) -> io::Result<bool> {
    let mut piece = vec![0; PIECE];
    let mut until = None;
    loop {
        let count = match until {
            None => from.read(&mut piece).await?,
            Some(until) => match timeout_at(until, from.read(&mut piece)).await {
                Ok(count) => count?,
                Err(_) => return Ok(false),
            },
        };
        bytes.extend_from_slice(&piece[..count]);
        let now = Instant::now();
        let enough = match coalesce {
            None => true,
            Some(After::Bytes(most)) => {
                until = Some(now + QUIET);
                bytes.len() as u64 >= most
            }
            Some(After::Time(time)) => {
                until = until.or(Some(now + time));
                false
            }
        };
        if count == 0 || enough || bytes.len() >= GATHERED {
            return Ok(count == 0);
        }
    }
}

/// Writes it: whole, byte by byte, or at a rate.
async fn deliver(to: &mut WriteHalf<'_>, course: &Course, bytes: &[u8]) -> io::Result<()> {
    let Some(rate) = course.trickle else { return write(to, course.split, bytes).await };
    let step = STEP.max(Duration::from_secs(1) / u32::try_from(rate).unwrap_or(u32::MAX));
    let size = (rate as f64 * step.as_secs_f64()).max(1.0) as usize;
    // What the clock and the other side take is no part of a step.
    let begin = Instant::now();
    let mut written = 0;
    for piece in bytes.chunks(size) {
        write(to, course.split, piece).await?;
        written += piece.len();
        sleep_until(begin + Duration::from_secs_f64(written as f64 / rate as f64)).await;
    }
    Ok(())
}

async fn write(to: &mut WriteHalf<'_>, split: bool, bytes: &[u8]) -> io::Result<()> {
    // The sockets delay nothing: each write is a segment, as long as the other side takes them.
    for piece in bytes.chunks(if split { 1 } else { bytes.len().max(1) }) {
        to.write_all(piece).await?;
    }
    Ok(())
}
