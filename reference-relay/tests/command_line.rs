//! The program as a process: what it says, what it refuses, how it ends.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

fn relay(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sealwire-relay")).args(arguments).output().unwrap()
}

/// Exit code and the one line on stderr.
fn complaint(arguments: &[&str]) -> (Option<i32>, String) {
    let output = relay(arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(output.stdout.is_empty());
    (output.status.code(), text)
}

fn refused(arguments: &[&str], code: i32, what: &str) {
    let (status, line) = complaint(arguments);
    assert_eq!(status, Some(code), "{line}");
    assert!(line.starts_with("sealwire-relay: ") && line.contains(what), "{line}");
}

struct Running(Child, serde_json::Value);

fn start(arguments: &[&str]) -> Running {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sealwire-relay"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    Running(child, serde_json::from_str(&line).unwrap())
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

fn keygen(path: &Path) -> Output {
    relay(&["keygen", "--out", path.to_str().unwrap()])
}

#[test]
fn an_identity_lasts_and_signals_end_it_in_good_order() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("relay.json");
    let made = keygen(&path);
    assert!(made.status.success());
    let keys: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    for name in ["TERM", "INT"] {
        let mut running = start(&["--identity", path.to_str().unwrap()]);
        assert_eq!(running.1["x25519"], keys["x25519"]);
        assert_eq!(running.1["ed25519"], keys["ed25519"]);
        let url = running.1["listening"].as_str().unwrap();
        assert!(url.starts_with("ws://127.0.0.1:") && url.ends_with("/ws"), "{url}");
        signal(&running.0, name);
        assert_eq!(running.0.wait().unwrap().code(), Some(0), "SIG{name}");
        let mut log = String::new();
        running.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        for secret in ["x25519", "ed25519"] {
            assert!(!log.contains(keys[secret].as_str().unwrap()), "{log}");
        }
        assert!(!log.contains("127.0.0.1"), "{log}");
    }
}

#[test]
fn without_an_identity_it_says_so() {
    let mut running = start(&[]);
    signal(&running.0, "TERM");
    running.0.wait().unwrap();
    let mut log = String::new();
    running.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("keys for this run only"), "{log}");
}

#[test]
fn files_are_refused_by_name_and_never_overwritten() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("relay.json");
    let name = path.to_str().unwrap();
    refused(&["--identity", name], 2, "keygen --out");
    fs::write(&path, "something else").unwrap();
    refused(&["keygen", "--out", name], 2, "does not exist yet");
    assert_eq!(fs::read_to_string(&path).unwrap(), "something else");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    refused(&["--identity", name], 2, "chmod 600");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    refused(&["--identity", name], 2, "is no identity");
}

#[test]
fn nonsense_is_refused_in_one_line() {
    refused(&["--frobnicate"], 2, "--frobnicate");
    refused(&["--listen", "nowhere"], 2, "nowhere");
    refused(&["--set", "idle.pong=1s"], 2, "did you mean idle.ping?");
    refused(&["--set", "idle.ping=soon"], 2, "a time as in");
    refused(&["--notifier", "xyz"], 2, "16 hex digits");
    refused(&["--notifier", "0000000000000000"], 2, "an id of zero");
    refused(&["keygen"], 2, "--out");
}

#[test]
fn an_occupied_port_is_the_environment() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("relay.json");
    keygen(&path);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(&["--identity", path.to_str().unwrap(), "--listen", &address], 3, &address);
}

#[test]
fn the_limits_in_force_are_shown() {
    let shown = relay(&["--set", "idle.ping=250ms", "--print-config"]);
    let table = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.status.success() && table.contains("idle.ping = \"250ms\" "), "{table}");
    assert!(table.contains("[relay/idle-ping]; --set"));
    assert!(table.contains("the process at worst"));
}
