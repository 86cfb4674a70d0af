//! The program as a process: what it says, what it refuses, how it ends.

mod support;

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};
use support::program::Program;

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
        let program = Program::start(&["--identity", path.to_str().unwrap()]);
        let announced = program.announced.clone();
        assert_eq!(announced["x25519"], keys["x25519"]);
        assert_eq!(announced["ed25519"], keys["ed25519"]);
        let url = announced["listening"].as_str().unwrap();
        assert!(url.starts_with("ws://127.0.0.1:") && url.ends_with("/ws"), "{url}");
        program.signal(name);
        let (code, log, _) = program.ended();
        assert_eq!(code, Some(0), "SIG{name}");
        for secret in ["x25519", "ed25519"] {
            assert!(!log.contains(keys[secret].as_str().unwrap()), "{log}");
        }
        let own = url.trim_start_matches("ws://").trim_end_matches("/ws");
        let mut addresses = log.lines().filter(|line| line.contains("127.0.0.1"));
        let serving = addresses.next().unwrap();
        assert!(serving.contains("serving") && serving.contains(own), "{log}");
        assert_eq!(addresses.next(), None, "the relay's own, at its start");
    }
}

#[test]
fn without_an_identity_it_says_so() {
    let program = Program::start(&[]);
    program.signal("TERM");
    let (_, log, _) = program.ended();
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
fn a_bad_file_is_explained_line_by_line() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("relay.toml");
    let name = path.to_str().unwrap();
    fs::write(&path, "listne = 1\n[limits]\nidle.pong = '1s'\n").unwrap();
    for arguments in [&["check", name][..], &["--config", name]] {
        let output = relay(arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), text.lines().count()), (Some(2), 2), "{text}");
        for place in [":1:1: ", ":3:6: "] {
            let line = format!("sealwire-relay: {name}{place}");
            assert!(text.lines().any(|told| told.starts_with(&line)), "{text}");
        }
    }
    let page = relay(&["--print-config", "--set", "idle.ping=1s"]).stdout;
    fs::write(&path, &page).unwrap();
    let good = relay(&["check", name]);
    assert!(good.status.success() && good.stdout.ends_with(b": good\n"));
    refused(&["check", "/nowhere/relay.toml"], 2, "cannot be read");
}

#[test]
fn what_cannot_start_is_not_good() {
    let room = tempfile::tempdir().unwrap();
    let [path, keys] = ["relay.toml", "relay.json"].map(|name| room.path().join(name));
    let name = path.to_str().unwrap();
    let write = |limit: &str| {
        fs::write(&path, format!("identity = {keys:?}\n[limits]\n{limit}\n")).unwrap();
    };
    write("idle.ping = '1s'");
    refused(&["check", name], 2, "keygen --out");
    fs::write(&keys, "something else").unwrap();
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o644)).unwrap();
    refused(&["check", name], 2, "chmod 600");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).unwrap();
    refused(&["check", name], 2, "is no identity");
    fs::remove_file(&keys).unwrap();
    keygen(&keys);
    assert!(relay(&["check", name]).status.success());

    write("idle.ping = '2min'");
    refused(&["check", name], 2, "must be less than idle.end = 1min");
    write("socket.max = 1000000000");
    let warned = relay(&["check", name]);
    assert!(warned.status.success() && warned.stdout.ends_with(b": good\n"));
    let text = String::from_utf8(warned.stderr).unwrap();
    assert!(text.starts_with("sealwire-relay: warning: socket.max"), "{text}");

    let mut command = Command::new(env!("CARGO_BIN_EXE_sealwire-relay"));
    let command = command.args(["check", name]).env("SEALWIRE_RELAY_LOG", "loud");
    assert_eq!(command.output().unwrap().status.code(), Some(2), "variables count as well");
}

#[test]
fn sessions_are_as_many_as_descriptors_less_a_hundred() {
    for (descriptors, sessions, sockets) in [(1_000, 900, 950), (101, 1, 51), (40, 1, 1)] {
        let program = env!("CARGO_BIN_EXE_sealwire-relay");
        let line = format!("ulimit -n {descriptors} && exec {program} --print-config");
        let output = Command::new("sh").args(["-c", &line]).output().unwrap();
        let page = String::from_utf8(output.stdout).unwrap();
        for line in [format!("session.max = {sessions} "), format!("socket.max = {sockets} ")] {
            assert!(page.contains(&line), "{line} of {descriptors}\n{page}");
        }
    }
}

#[test]
fn too_few_descriptors_are_the_environment_and_it_says_what_to_raise() {
    let program = env!("CARGO_BIN_EXE_sealwire-relay");
    for descriptors in [4, 6, 7, 15] {
        let line = format!("ulimit -n {descriptors} && exec {program} --log-level off");
        let output = Command::new("sh").args(["-c", &line]).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        let told = (output.status.code(), told.lines().last().unwrap_or_default().to_owned());
        assert_eq!(told.0, Some(3), "{descriptors}: {}", told.1);
        assert!(told.1.contains("raise the limit of descriptors"), "{descriptors}: {}", told.1);
    }
}

#[test]
fn the_limits_in_force_are_shown() {
    let shown = relay(&["--set", "idle.ping=250ms", "--print-config"]);
    let table = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.status.success() && table.contains("idle.ping = \"250ms\" "), "{table}");
    let about = "# Silence, in either direction, after which a session is pinged: 1ms to 365d";
    assert!(table.contains(&format!("{about} [relay/idle-ping]; --set")), "{table}");
    assert!(table.contains("the process at worst"));
}
