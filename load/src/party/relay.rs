//! The relay: where it is and which keys it holds; and one that is started here, measured and ended.

use crate::{Failure, generator, values::key};
use rustix::process::{Pid, Signal, kill_process};
use sealwire::identity::PublicIdentity;
use serde::Deserialize;
use std::{ffi::OsString, net::SocketAddr, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    task::JoinHandle,
    time::timeout,
};

/// How long a relay may take to say its first line, and to end when it is asked to.
const PATIENCE: Duration = Duration::from_secs(20);
/// How much of what it complains about is kept.
const COMPLAINTS: usize = 1 << 20;

/// A relay that somebody runs.
#[derive(Clone, Debug)]
pub(crate) struct Relay {
    /// Where its sockets are.
    pub(crate) address: SocketAddr,
    /// ws://HOST:PORT/PATH.
    pub(crate) url: String,
    /// Its keys, imported.
    pub(crate) keys: PublicIdentity,
    /// Its process, if it runs on this machine.
    pub(crate) pid: Option<u32>,
    /// Where its operator asks, if it has said so.
    pub(crate) admin: Option<SocketAddr>,
}

/// The first line of a relay.
#[derive(Deserialize)]
struct Announcement {
    listening: String,
    x25519: String,
    ed25519: String,
    admin: Option<String>,
}

impl Relay {
    /// Looks its name up and imports its keys.
    pub(crate) fn find(url: &str, x25519: &str, ed25519: &str) -> Result<Self, Failure> {
        let key = |text: &str| key(text).map_err(|why| Failure::Usage(format!("{text}: {why}")));
        let found = generator::relay::Relay::find(url, key(x25519)?, key(ed25519)?)?;
        let (address, keys) = (found.address, found.keys);
        Ok(Self { address, url: url.to_owned(), keys, pid: None, admin: None })
    }
}

/// A relay of our own; it is killed when it is dropped.
pub(crate) struct RelayProcess {
    pub(crate) relay: Relay,
    child: Child,
    complaints: JoinHandle<String>,
}

impl RelayProcess {
    /// Starts one with this command and waits until it says where it listens.
    pub(crate) async fn start(command: &[OsString]) -> Result<Self, Failure> {
        let (program, arguments) = command.split_first().ok_or_else(|| {
            Failure::Usage("name the command that starts the relay, behind two dashes".to_owned())
        })?;
        let name = program.to_string_lossy().into_owned();
        let broken = |what: &str| Failure::Broken(format!("{name}: {what}"));
        let mut child = Command::new(program);
        child.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child.kill_on_drop(true).spawn().map_err(|e| broken(&e.to_string()))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (stdout, stderr) = stdout.zip(stderr).ok_or_else(|| broken("no pipes"))?;
        let complaints = tokio::spawn(listen(stderr));
        let mut line = String::new();
        let mut stdout = BufReader::new(stdout);
        let said = timeout(PATIENCE, stdout.read_line(&mut line)).await;
        said.map_err(|_| broken("says nothing"))?.map_err(|error| broken(&error.to_string()))?;
        let Ok(Announcement { listening, x25519, ed25519, admin }) = serde_json::from_str(&line)
        else {
            return Err(broken(&format!("no relay, it says {line:?}")));
        };
        let mut relay = Relay::find(&listening, &x25519, &ed25519)?;
        relay.pid = child.id();
        let admin = admin.as_deref().and_then(|url| url.strip_prefix("http://"));
        // Where nobody reads, a relay that writes its log there would end.
        tokio::spawn(async move { tokio::io::copy(&mut stdout, &mut tokio::io::sink()).await });
        relay.admin = admin.and_then(|address| address.trim_end_matches('/').parse().ok());
        Ok(Self { relay, child, complaints })
    }

    /// Asks it to end, and gives back what it complained about.
    pub(crate) async fn end(mut self) -> Result<String, Failure> {
        let pid = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let dead = || Failure::Fails("the relay has ended by itself".to_owned());
        kill_process(pid.ok_or_else(dead)?, Signal::TERM).map_err(|_| dead())?;
        let late =
            |_| Failure::Fails(format!("the relay had not ended {PATIENCE:?} after SIGTERM"));
        let status = timeout(PATIENCE, self.child.wait()).await.map_err(late)?;
        let complaints = self.complaints.await.unwrap_or_default();
        match status {
            Ok(status) if status.success() => Ok(complaints),
            Ok(status) => Err(Failure::Fails(format!("the relay ended with {status}"))),
            Err(error) => Err(Failure::Broken(error.to_string())),
        }
    }
}

/// Keeps the last of what it says.
async fn listen(mut stderr: impl AsyncReadExt + Unpin) -> String {
    let mut kept = Vec::new();
    let mut piece = [0; 4_096];
    while let Ok(count @ 1..) = stderr.read(&mut piece).await {
        kept.extend_from_slice(&piece[..count]);
        let surplus = kept.len().saturating_sub(COMPLAINTS);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}
