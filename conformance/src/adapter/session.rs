//! One adapter: started, asked line by line, started anew when it ends.

use std::ffi::OsString;
use std::process::ExitStatus;
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use crate::live::outcome::{Outcome, Stop};
use crate::live::process::{PROCESS_PATIENCE, Process};
use crate::vectors::Members;

use super::protocol::{Answer, Hello, PROTOCOL, Request};
use super::schema::{Schema, shortened};

/// How often an adapter is started anew.
const RESTARTS: usize = 16;
/// How long it may take to end after `bye`.
const GOODBYE: Duration = Duration::from_secs(2);
/// How long it may take to die after it closed its stdout.
const LAST_BREATH: Duration = Duration::from_secs(1);

/// Why a run has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It ended, or said nothing in time.
    Crash(String),
    /// It said something that is no answer to this run.
    Protocol(String),
    /// It was started anew too often.
    Spent,
}

/// A process with whatever it has started: a shell or a launcher is not left behind.
struct Group(Process);

impl Drop for Group {
    fn drop(&mut self) {
        self.0.kill_group();
    }
}

/// A session with one command.
pub(crate) struct Session {
    command: Vec<OsString>,
    patience: Duration,
    schema: Schema,
    process: Option<Group>,
    seq: u64,
    restarts: usize,
    /// What it said of itself when it was first started.
    pub(crate) hello: Hello,
}

impl Session {
    /// Starts `command`, whose every answer may take `patience`.
    pub(crate) async fn open(command: &[OsString], patience: Duration) -> Outcome<Self> {
        let mut session = Self {
            command: command.to_vec(),
            patience,
            schema: Schema::read().map_err(Stop::Broken)?,
            process: None,
            seq: 0,
            restarts: 0,
            hello: Hello::default(),
        };
        session.hello = session.start().await.map_err(|trouble| match trouble {
            Trouble::Crash(why) | Trouble::Protocol(why) => Stop::Broken(why),
            Trouble::Spent => Stop::Broken("started too often".to_owned()),
        })?;
        Ok(session)
    }

    /// Asks for one operation. `case` is its id, if the adapter shall know.
    pub(crate) async fn run(
        &mut self,
        op: &str,
        input: &Members,
        case: Option<&str>,
    ) -> Result<Answer, Trouble> {
        if self.process.is_none() {
            self.restart().await?;
        }
        self.seq += 1;
        let line = Request::Run { seq: self.seq, op, input, case }.line();
        let answer = self.exchange(&line, self.patience).await?;
        match answer.get("seq").and_then(Value::as_u64) {
            Some(seq) if seq == self.seq => {}
            seq => {
                self.process = None;
                let (seq, due) = (seq.map_or("none".to_owned(), |n| n.to_string()), self.seq);
                return Err(Trouble::Protocol(format!(
                    "seq {seq} where {due} is due: one answer for each run, in order"
                )));
            }
        }
        self.schema.answer(op, answer).map_err(Trouble::Protocol)
    }

    /// Forgets how often it was started anew: it still serves.
    pub(crate) fn forgive(&mut self) {
        self.restarts = 0;
    }

    /// Says goodbye; the fault, if the adapter does not end as it should.
    pub(crate) async fn close(mut self) -> Option<String> {
        let Group(process) = &mut self.process.take()?;
        let mut stdin = process.stdin.take()?;
        let told = stdin.write_all(Request::Bye {}.line().as_bytes()).await;
        drop(stdin);
        let ended = timeout(GOODBYE, async {
            let last = process.line().await;
            (last, process.ended(GOODBYE).await)
        });
        match (told, ended.await) {
            (Err(error), _) => Some(format!("cannot be told bye: {error}")),
            (_, Err(_) | Ok((_, Ok(None) | Err(_)))) => {
                Some(format!("still runs {GOODBYE:?} after bye"))
            }
            (_, Ok((Ok(Some(line)), _))) => {
                Some(format!("says more after bye: {}", shortened(&line)))
            }
            (_, Ok((Err(stop), _))) => Some(format!("says more after bye: {stop:?}")),
            (_, Ok((_, Ok(Some(status))))) => {
                (!status.success()).then(|| format!("ends with {status} after bye"))
            }
        }
    }

    async fn restart(&mut self) -> Result<(), Trouble> {
        if self.restarts == RESTARTS {
            return Err(Trouble::Spent);
        }
        self.restarts += 1;
        self.start().await.map(drop)
    }

    /// Starts the process and exchanges hellos.
    async fn start(&mut self) -> Result<Hello, Trouble> {
        let (program, arguments) =
            self.command.split_first().ok_or_else(|| Trouble::Protocol("no command".to_owned()))?;
        let mut command = Command::new(program);
        command.args(arguments);
        let cannot = |stop: Stop| {
            let why = if let Stop::Broken(why) = stop { why } else { format!("{stop:?}") };
            Trouble::Crash(format!("{}: {why}", program.to_string_lossy()))
        };
        self.process = Some(Group(Process::start(command).map_err(cannot)?));
        let suite = env!("CARGO_PKG_VERSION");
        let hello = Request::Hello { protocol: PROTOCOL, suite }.line();
        // Interpreters and virtual machines take their time to start.
        let hello = self.exchange(&hello, self.patience.max(PROCESS_PATIENCE)).await?;
        self.schema.hello(hello).map_err(|fault| {
            self.process = None;
            Trouble::Protocol(fault)
        })
    }

    /// One line there, one line back. Whoever fails at this is ended.
    async fn exchange(&mut self, line: &str, patience: Duration) -> Result<Value, Trouble> {
        let Some(mut group) = self.process.take() else { return Err(Trouble::Spent) };
        let Group(process) = &mut group;
        let answered = timeout(patience, async {
            // An adapter that ended without reading has perhaps still said why.
            if let Some(stdin) = &mut process.stdin {
                let _ = stdin.write_all(line.as_bytes()).await;
            }
            process.line().await
        });
        let answer = match answered.await {
            Err(_) => Err(Trouble::Crash(format!("no answer within {patience:?}"))),
            Ok(Err(Stop::Broken(why))) => Err(Trouble::Protocol(why)),
            Ok(Err(stop)) => Err(Trouble::Protocol(format!("{stop:?}"))),
            Ok(Ok(None)) => Err(Trouble::Crash(obituary(process).await)),
            Ok(Ok(Some(line))) => serde_json::from_str(&line)
                .map_err(|error| Trouble::Protocol(format!("{error} in {}", shortened(&line)))),
        }?;
        self.process = Some(group);
        Ok(answer)
    }
}

/// How a process ended, and its last words.
async fn obituary(process: &mut Process) -> String {
    let ended: Option<ExitStatus> = process.ended(LAST_BREATH).await.ok().flatten();
    let how = ended.map_or("closed its stdout".to_owned(), |status| format!("ended with {status}"));
    format!("{how}; {}", process.last_words())
}
