//! The program as a process of its own, which ends with its handle.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

/// A relay that has said its first line.
pub struct Program {
    child: Child,
    /// Its first line.
    pub announced: serde_json::Value,
    log: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
}

impl Program {
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sealwire-relay"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let (log, stderr) = (Arc::default(), BufReader::new(child.stderr.take().unwrap()));
        let kept: Arc<Mutex<String>> = Arc::clone(&log);
        let reader = thread::spawn(move || {
            for line in stderr.lines() {
                *kept.lock().unwrap() += &format!("{}\n", line.unwrap());
            }
        });
        let announced = serde_json::from_str(&line).unwrap();
        Self { child, announced, log, reader }
    }

    /// `TERM`, `INT`, `HUP`.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// What it has logged until now.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until it ends: its exit code, what it logged, what it said behind its first line.
    pub fn ended(mut self) -> (Option<i32>, String, String) {
        let code = self.child.wait().unwrap().code();
        while !self.reader.is_finished() {
            thread::yield_now();
        }
        let mut rest = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        (code, self.log(), rest)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes the file of an identity whose seeds are these bytes throughout.
pub fn identity_file(path: &Path, x25519: u8, ed25519: u8) {
    let seed = |byte: u8| hex::encode([byte; 32]);
    let seeds = serde_json::json!({"x25519_seed": seed(x25519), "ed25519_seed": seed(ed25519)});
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    serde_json::to_writer(file.unwrap(), &seeds).unwrap();
}
