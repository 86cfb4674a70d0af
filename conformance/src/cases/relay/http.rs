//! What a relay says over plain HTTP, and how it goes.

use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use crate::live::case::cases;
use crate::live::outcome::{Outcome, Stop, broken, fail, require, same};
use crate::live::process::PROCESS_PATIENCE;
use crate::live::session::Session;
use crate::live::trial::Trial;
use crate::live::upgrade::exchange;
use crate::model::relay::{PEER_OFFLINE, PEER_ONLINE, SUBSCRIBE};

cases! { Trial in "http.rs";
    "relay/endpoint.upgrades" upgrades;
    "relay/endpoint.no-upgrade-asked" not_asked;
    "relay/status.members" members;
    "relay/status.names-nobody" names_nobody;
    "relay/status.never-upgraded" status_with_upgrade;
    "relay/status.live-sessions" live_sessions needs Started;
    "relay/drain.sigterm" sigterm from "rd-graceful-stop" needs Started;
}

/// The header lines that ask for an upgrade.
const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: \
                       dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

/// The answer of RFC 6455, header by header, and a session on it.
async fn upgrades(trial: &mut Trial) -> Outcome {
    let (address, patience) = (&trial.target.address, trial.target.patience);
    let (socket, head) = address.connect_with("", patience).await?;
    for (name, expected) in [("upgrade", "websocket"), ("connection", "upgrade")] {
        let actual = head.value(name);
        let listed = actual.is_some_and(|value| {
            value.split(',').any(|token| token.trim().eq_ignore_ascii_case(expected))
        });
        require(listed, format!("{name}: {expected}"), format!("{actual:?}"))?;
    }
    let person = trial.person();
    let (relay, random) = (trial.target.relay, trial.random.fork());
    Session::open(socket, person, relay, random).await?.quiet("a session that serves").await
}

/// Requests which RFC 6455 does not let a server upgrade.
async fn not_asked(trial: &mut Trial) -> Outcome {
    let (address, patience) = (&trial.target.address, trial.target.patience);
    let whole = address.upgrade_request("");
    let without = |name: &str| -> String {
        whole.split_inclusive("\r\n").filter(|line| !line.starts_with(name)).collect()
    };
    let requests = [
        ("without Upgrade", without("Upgrade:")),
        ("without a key", without("Sec-WebSocket-Key:")),
        ("of version 12", whole.replace("Version: 13", "Version: 12")),
        ("of HTTP/1.0", whole.replacen("HTTP/1.1", "HTTP/1.0", 1)),
        ("by POST", whole.replacen("GET", "POST", 1)),
    ];
    for (what, request) in requests {
        let mut stream = address.dial(patience).await?;
        let (head, _) = exchange(&mut stream, request.as_bytes(), patience).await?;
        let status = head.status();
        let plain = (200..600).contains(&status);
        require(plain, format!("no upgrade of a request {what}"), format!("HTTP {status}"))?;
    }
    Ok(())
}

/// The status, and the address that it was asked from.
async fn status(trial: &Trial, extra: &str) -> Outcome<(String, String)> {
    get(trial, "/status", extra).await
}

/// The body of the answer to a GET, and the address that it was asked from.
pub(super) async fn get(trial: &Trial, path: &str, extra: &str) -> Outcome<(String, String)> {
    let (address, patience) = (&trial.target.address, trial.target.patience);
    let mut stream = address.dial(patience).await?;
    let from = stream.local_addr().map_err(broken("no address of one's own"))?.ip().to_string();
    let host = &address.authority;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{extra}\r\n");
    let (head, mut body) = exchange(&mut stream, request.as_bytes(), patience).await?;
    same(&format!("HTTP status of GET {path}"), &200, &head.status())?;
    let length: Option<usize> = head.value("content-length").and_then(|text| text.parse().ok());
    let chunked = head.value("transfer-encoding").is_some();
    let whole = |body: &[u8]| match length {
        Some(length) => body.len() >= length,
        None => chunked && body.ends_with(b"0\r\n\r\n"),
    };
    while !whole(&body) {
        match timeout(patience, stream.read_buf(&mut body)).await {
            Ok(Ok(1..)) => {}
            Ok(Ok(0)) => break,
            Ok(Err(error)) => return Err(fail("a whole page", error.to_string())),
            Err(_) => return Err(fail("a whole page", format!("nothing for {patience:?}"))),
        }
    }
    let text = String::from_utf8(if chunked { joined(&body) } else { body });
    let text = text.map_err(|error| fail("a page in UTF-8", error.to_string()))?;
    Ok((text, from))
}

/// The chunks of RFC 9112, section 7.1, without their lengths; what breaks the form ends them.
fn joined(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let line = String::from_utf8_lossy(&body[..end]);
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = usize::from_str_radix(digits, 16).unwrap_or(0);
        let Some(chunk) = body.get(end + 2..).and_then(|rest| rest.get(..length)) else { break };
        if length == 0 {
            break;
        }
        whole.extend_from_slice(chunk);
        body = body.get(end + 2 + length + 2..).unwrap_or_default();
    }
    whole
}

/// A status with the four members, each of its type; the live sessions among them.
fn read(text: &str) -> Outcome<f64> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| fail("a status in JSON", format!("{error}: {text}")))?;
    for name in ["status", "version"] {
        require(value[name].is_string(), format!("{name}: a text"), text)?;
    }
    require(value["uptime_sec"].is_number(), "uptime_sec: a number", text)?;
    value["connections"].as_f64().ok_or_else(|| fail("connections: a number", text))
}

/// All four members, and at least the judge's own sessions are counted.
async fn members(trial: &mut Trial) -> Outcome {
    let _sessions = trial.pair().await?;
    let (text, _) = status(trial, "Connection: close\r\n").await?;
    let connections = read(&text)?;
    require(connections >= 2.0, "connections: 2 or more", text)
}

/// No id, no key, no address, neither of a client nor of the relay.
async fn names_nobody(trial: &mut Trial) -> Outcome {
    let (alice, bob) = trial.pair().await?;
    let (text, address) = status(trial, "Connection: close\r\n").await?;
    read(&text)?;
    let lower = text.to_lowercase();
    let relay = trial.target.relay;
    for (whose, public) in [("a client", alice.me.public), ("a client", bob.me.public)] {
        // The id is the beginning of the X25519 key: whoever shows the key shows the id.
        for secret in [hex::encode(public.id()), hex::encode(public.ed)] {
            require(!lower.contains(&secret), format!("no id and no key of {whose}"), &text)?;
        }
    }
    for key in [hex::encode(relay.id()), hex::encode(relay.ed)] {
        require(!lower.contains(&key), "no id and no key of the relay", &text)?;
    }
    require(!text.contains(&address), "no address of a client", &text)
}

/// The path of the status is not that of sessions, whatever a request asks for.
async fn status_with_upgrade(trial: &mut Trial) -> Outcome {
    let (text, _) = status(trial, UPGRADE).await?;
    read(&text).map(drop)
}

/// Sessions are counted while they live; a connection before its hello is none.
async fn live_sessions(trial: &mut Trial) -> Outcome {
    let mut relay = trial.start(&[]).await?;
    let counted = async |relay: &Trial, expected: f64| {
        let (text, _) = status(relay, "Connection: close\r\n").await?;
        same("connections", &expected, &read(&text)?)
    };
    let _no_hello = relay.socket().await?;
    counted(&relay, 0.0).await?;
    let (mut alice, bob) = relay.pair().await?;
    counted(&relay, 2.0).await?;
    alice.command(SUBSCRIBE, &bob.me.public.x).await?;
    alice.event_is(PEER_ONLINE, &bob.me.public.x, "PEER_ONLINE").await?;
    let key = bob.me.public.x;
    drop(bob);
    alice.event_is(PEER_OFFLINE, &key, "PEER_OFFLINE").await?;
    counted(&relay, 1.0).await
}

/// Sessions end with 1012, nobody new is let in, and the process ends without a complaint.
async fn sigterm(trial: &mut Trial) -> Outcome {
    let mut relay = trial.start(&[]).await?;
    let (mut alice, mut bob) = relay.pair().await?;
    let _no_hello = relay.socket().await?;
    let Some(mut process) = relay.process.take() else {
        return Err(Stop::Broken("a relay without its process".to_owned()));
    };
    process.0.terminate()?;
    alice.close_is(1012).await?;
    bob.close_is(1012).await?;
    let late = relay.socket().await;
    require(late.is_err(), "no further connection", "a connection that was upgraded")?;
    let status = process.0.ended(PROCESS_PATIENCE).await?;
    let code = status.and_then(|status| status.code());
    let complaints = process.0.complaints();
    require(code == Some(0), "exit code 0", format!("exit code {code:?}: {complaints}"))
}
