//! RFC 6455, kept and broken: framing, control frames, and how TCP cuts the bytes.

mod control;
mod framing;
mod segments;

use crate::live::case::Case;
use crate::live::outcome::{Outcome, require, same};
use crate::live::session::Session;
use crate::live::socket::{Heard, Socket};
use crate::live::trial::Trial;

/// The cases of this theme, file by file.
pub(super) const CASES: [&[Case<Trial>]; 3] = [framing::CASES, control::CASES, segments::CASES];

/// Sends raw bytes that the relay reads, whatever it makes of them.
async fn put(socket: &mut Socket, bytes: &[u8]) -> Outcome {
    let sent = socket.send_raw(bytes).await;
    require(sent.is_ok(), "a relay that reads", format!("{sent:?}"))
}

/// What comes next, keep-alive of the relay aside.
async fn next(socket: &mut Socket, awaited: &str) -> Outcome<Heard> {
    loop {
        match socket.hear(awaited).await? {
            Heard::Ping(_) => {}
            Heard::Text(text) if text == "ping" => {}
            heard => return Ok(heard),
        }
    }
}

/// Bytes in a session, and the close that must follow.
async fn answered(trial: &mut Trial, bytes: &[u8], code: u16) -> Outcome {
    let Session { mut socket, .. } = trial.join().await?;
    put(&mut socket, bytes).await?;
    let heard = next(&mut socket, &format!("close {code}")).await?;
    same("the connection fails", &Heard::Close(Some(code)), &heard)
}

/// The same for each of these; `what` names the one that is not answered so.
async fn each_answered(
    trial: &mut Trial,
    broken: impl IntoIterator<Item = (String, Vec<u8>)>,
    code: u16,
) -> Outcome {
    for (what, bytes) in broken {
        let Session { mut socket, .. } = trial.join().await?;
        put(&mut socket, &bytes).await?;
        let heard = next(&mut socket, &format!("close {code} for {what}")).await?;
        same(&what, &Heard::Close(Some(code)), &heard)?;
    }
    Ok(())
}
