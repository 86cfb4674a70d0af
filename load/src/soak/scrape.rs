//! What a relay tells of itself: `GET /status`, and `GET /metrics` if it has an admin address.

use crate::{
    Failure,
    party::{PATIENCE, Relay},
};
use serde::Serialize;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// What it told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Scraped {
    pub(super) sessions: u64,
    pub(super) sums: Option<Sums>,
}

/// The terms of the conservation law.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Sums {
    pub(super) frames: u64,
    pub(super) delivered: u64,
    pub(super) answered: u64,
    pub(super) lost: u64,
    pub(super) held: u64,
    pub(super) queued: u64,
}

impl Sums {
    /// Frames that came and stand nowhere: those on their way from one term to the next.
    pub(super) const fn missing(&self) -> i64 {
        let found = self.delivered + self.answered + self.lost + self.held + self.queued;
        self.frames.wrapping_sub(found) as i64
    }
}

impl Scraped {
    /// Nobody is there, nothing waits, and the sum is exact.
    pub(super) fn is_at_rest(&self) -> bool {
        let exact = |sums: Sums| sums.missing() == 0 && sums.held == 0 && sums.queued == 0;
        self.sessions == 0 && self.sums.is_none_or(exact)
    }
}

/// Asks it.
pub(super) async fn scrape(relay: &Relay) -> Result<Scraped, Failure> {
    let status = get(relay.address, "/status").await?;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap_or_default();
    let told = || Failure::Fails("GET /status does not tell the number of connections".to_owned());
    let sessions = status["connections"].as_u64().ok_or_else(told)?;
    let sums = match relay.admin {
        Some(admin) => Some(sums(&get(admin, "/metrics").await?)?),
        None => None,
    };
    Ok(Scraped { sessions, sums })
}

fn sums(metrics: &str) -> Result<Sums, Failure> {
    let term = |name: &str| {
        let value = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok();
        let missing = || Failure::Fails(format!("GET /metrics does not tell {name}"));
        metrics.lines().find_map(value).ok_or_else(missing)
    };
    Ok(Sums {
        frames: term("sealwire_peer_frames_total")?,
        delivered: term("sealwire_peer_frames_delivered_total")?,
        answered: term("sealwire_peer_frames_answered_total")?,
        lost: term("sealwire_peer_frames_lost_total")?,
        held: term("sealwire_peer_frames_held")?,
        queued: term("sealwire_peer_frames_queued")?,
    })
}

/// The body of an answer, whose connection ends behind it.
async fn get(address: SocketAddr, path: &str) -> Result<String, Failure> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let asking = async {
        let mut tcp = TcpStream::connect(address).await?;
        tcp.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        tcp.read_to_string(&mut answer).await?;
        Ok(answer)
    };
    let broken = |error: std::io::Error| Failure::Broken(format!("GET {path}: {error}"));
    let late = |_| Failure::Broken(format!("GET {path}: no answer within {PATIENCE:?}"));
    let answer = timeout(PATIENCE, asking).await.map_err(late)?.map_err(broken)?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.1 200") => Ok(body.to_owned()),
        _ => Err(Failure::Broken(format!("GET {path}: {:?}", answer.lines().next()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRICS: &str = "# HELP sealwire_peer_frames Peer frames that came.\n\
        sealwire_peer_frames_total 10\nsealwire_peer_frames_delivered_total 5\n\
        sealwire_peer_frames_answered_total 2\nsealwire_peer_frames_lost_total 1\n\
        sealwire_peer_frames_held 1\nsealwire_peer_frames_queued 1\n# EOF\n";

    #[test]
    fn the_terms_are_read_and_a_missing_one_is_told() {
        let read = sums(METRICS).unwrap();
        assert_eq!((read.frames, read.missing()), (10, 0));
        let torn = METRICS.replace("sealwire_peer_frames_held 1\n", "");
        assert!(sums(&torn).is_err());
    }

    #[test]
    fn rest_is_nobody_nothing_and_an_exact_sum() {
        let sums = Sums { frames: 3, delivered: 2, answered: 1, ..Sums::default() };
        let rest = Scraped { sessions: 0, sums: Some(sums) };
        assert!(rest.is_at_rest() && Scraped::default().is_at_rest());
        let queued = Sums { answered: 0, queued: 1, ..sums };
        let short = Sums { frames: 4, ..sums };
        assert!(!Scraped { sessions: 1, ..rest }.is_at_rest());
        assert!(!Scraped { sums: Some(queued), ..rest }.is_at_rest());
        assert!(!Scraped { sums: Some(short), ..rest }.is_at_rest());
    }
}
