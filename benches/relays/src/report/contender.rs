//! Those that are measured: each starts as a process of its own and says where it listens.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{Result, home, root};

/// How long one may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);

/// One of those that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    Ceiling,
    CeilingMask,
    Relay,
    Obvious,
    Iroh,
}

impl Contender {
    pub(crate) const ALL: [Self; 5] =
        [Self::Ceiling, Self::CeilingMask, Self::Relay, Self::Obvious, Self::Iroh];

    /// Its name in the results.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ceiling => "ceiling",
            Self::CeilingMask => "ceiling --mask",
            Self::Relay => "relay",
            Self::Obvious => "obvious",
            Self::Iroh => "iroh-relay",
        }
    }

    fn command(self) -> Command {
        let (program, arguments): (_, &[&str]) = match self {
            Self::Ceiling => (sealwire(), &["ceiling"]),
            Self::CeilingMask => (sealwire(), &["ceiling", "--mask"]),
            // Or else handshakes and storms would measure that limit.
            Self::Relay => {
                (root().join("target/release/sealwire-relay"), &["--set", "hello.rate=20000"])
            }
            Self::Obvious => (home().join("release/obvious"), &[]),
            Self::Iroh => (iroh(), &["relay"]),
        };
        let mut command = Command::new(program);
        command.args(arguments);
        command
    }

    /// Starts it, and waits until it takes a connection.
    pub(crate) fn start(self) -> Result<Running> {
        let name = self.name();
        let failed = |what: &str| format!("{name} {what}; see target/relays/{name}.log");
        fs::create_dir_all(home())?;
        let began = Instant::now();
        let mut command = self.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(self.log())?);
        let child = command.spawn().map_err(|error| failed(&format!("does not start: {error}")))?;
        let mut running = Running { child, said: Value::Null, ready: Duration::ZERO };
        let stdout = running.child.stdout.take().ok_or("no pipe")?;
        let (say, heard) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            // What is not read, or by nobody, is found out by the time that is over.
            drop(BufReader::new(stdout).read_line(&mut line).map(|_| say.send(line)));
        });
        let line = heard.recv_timeout(PATIENCE).map_err(|_| failed("says nothing"))?;
        running.said = serde_json::from_str(&line).map_err(|_| failed("says no address"))?;
        TcpStream::connect(running.address()).map_err(|error| failed(&error.to_string()))?;
        running.ready = began.elapsed();
        Ok(running)
    }

    fn log(self) -> PathBuf {
        home().join(format!("{}.log", self.name()))
    }
}

/// The press.
pub(crate) fn sealwire() -> PathBuf {
    root().join("target/release/sealwire")
}

/// iroh-relay, and what drives it.
pub(crate) fn iroh() -> PathBuf {
    home().join("release/iroh")
}

/// One that runs; it is killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    said: Value,
    /// From its start to a connection that it took.
    pub(crate) ready: Duration,
}

impl Running {
    /// What it said of itself, by name.
    pub(crate) fn said(&self, name: &str) -> &str {
        self.said[name].as_str().unwrap_or_default()
    }

    pub(crate) fn pid(&self) -> String {
        self.child.id().to_string()
    }

    /// Bytes of memory that it has present.
    pub(crate) fn resident(&self) -> Option<u64> {
        let text = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id())).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("Rss:"))?;
        Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1_024)
    }

    /// `HOST:PORT` of what it listens on.
    fn address(&self) -> &str {
        let url = self.said("listening");
        url.split('/').nth(2).unwrap_or(url)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
