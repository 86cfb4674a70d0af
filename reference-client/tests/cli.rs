//! The command line: trouble is one line and a code, files are never overwritten, secrets never
//! shown.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Output},
};
use tempfile::TempDir;

/// Runs the client without any of its environment.
fn client(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealwire-client"));
    command.args(arguments);
    for variable in ["RELAY_URL", "RELAY_X25519", "RELAY_ED25519", "X25519_SEED", "ED25519_SEED"] {
        command.env_remove(format!("SEALWIRE_{variable}"));
    }
    command.output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line of trouble with this code.
fn trouble(code: i32, arguments: &[&str]) -> String {
    let output = client(arguments);
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// A fresh identity's file, and its public keys as `whoami` prints them.
    fn identity(&self, name: &str) -> (String, serde_json::Value) {
        let path = self.path(name);
        let made = stdout(&client(&["keygen", "--out", &path]));
        (path, serde_json::from_str(&made).unwrap())
    }
}

#[test]
fn an_identity_is_made_shown_and_invited_to() {
    let home = Home::new();
    let (file, made) = home.identity("alice.key");
    let whoami = stdout(&client(&["whoami", "--identity", &file]));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&whoami).unwrap(), made);
    assert_eq!(made["x25519"].as_str().unwrap()[..16], *made["id"].as_str().unwrap());
    let secrets = fs::read_to_string(&file).unwrap();
    for seed in secrets.split('"').filter(|word| word.len() == 64) {
        assert!(!whoami.contains(seed));
    }
    let invite = stdout(&client(&["invite", "--identity", &file]));
    assert_eq!((invite.len(), &invite[..2]), (89, "K0"));
    let named = stdout(&client(&["invite", "--identity", &file, "--nick", "Alice␟person"]));
    assert!(named.starts_with(&invite[..80]) && named.len() > invite.len());
    let long = "x".repeat(65);
    let line = trouble(2, &["invite", "--identity", &file, "--nick", &long]);
    assert!(line.contains("identity/invite-nickname"), "{line}");
}

#[test]
fn nothing_is_overwritten() {
    let home = Home::new();
    let (file, _) = home.identity("alice.key");
    let before = fs::read(&file).unwrap();
    assert!(trouble(2, &["keygen", "--out", &file]).contains("exists already"));
    assert_eq!(fs::read(&file).unwrap(), before);
    let nowhere = home.path("no/such/directory.key");
    assert!(trouble(2, &["keygen", "--out", &nowhere]).contains("directory.key"));
    assert!(!Path::new(&nowhere).exists());
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let (file, _) = home.identity("alice.key");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(trouble(2, &["whoami", "--identity", &file]).contains("chmod 600"));
}

#[test]
fn mistakes_in_what_was_typed_are_usage() {
    let home = Home::new();
    let (file, public) = home.identity("alice.key");
    let (x25519, ed25519) =
        (public["x25519"].as_str().unwrap(), public["ed25519"].as_str().unwrap());
    let zero = "0".repeat(64);
    let bridge = |url, x25519, ed25519| {
        let keys = ["--relay-x25519", x25519, "--relay-ed25519", ed25519];
        trouble(2, &[&["bridge", "--identity", &file, "--relay", url], &keys[..]].concat())
    };
    assert!(bridge("http://x", x25519, ed25519).contains("ws://"));
    assert!(bridge("ws://x", "12", ed25519).contains("--relay-x25519"));
    assert!(bridge("ws://x", x25519, &x25519[1..]).contains("--relay-ed25519"));
    assert!(bridge("ws://x", &zero, ed25519).contains("identity/zero-id"));
    let anonymous =
        ["bridge", "--relay", "ws://x", "--relay-x25519", x25519, "--relay-ed25519", ed25519];
    assert!(trouble(2, &anonymous).contains("SEALWIRE_X25519_SEED"));

    for arguments in [
        &[][..],
        &["dance"],
        &["bridge"],
        &["whoami", "--identity", &file, "--loud"],
        &["whoami", "--identity", &file, "--set", "idle.silence"],
        &["whoami", "--identity", &file, "--set", "no.such=1"],
        &["whoami", "--identity", "no\nsuch"],
        &["send", "--timeout", "soon"],
    ] {
        trouble(2, arguments);
    }
}

#[test]
fn the_configuration_shows_what_was_set() {
    let shown = stdout(&client(&["--print-config", "--set", "idle.silence=3s"]));
    assert!(shown.contains("idle.silence = 3s  # "), "{shown}");
    assert!(shown.contains("retry.id-in-use = 5s,15s,30s,65s  # "), "{shown}");
}

#[test]
fn a_relay_that_is_not_there_is_the_environment() {
    let home = Home::new();
    let (file, _) = home.identity("alice.key");
    let invite = stdout(&client(&["invite", "--identity", &home.identity("bob.key").0]));
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("ws://127.0.0.1:{port}/ws");
    let (_, relay) = home.identity("relay.key");
    let keys = [relay["x25519"].as_str().unwrap(), relay["ed25519"].as_str().unwrap()];
    let common = [
        "--identity",
        &file,
        "--relay",
        &url,
        "--relay-x25519",
        keys[0],
        "--relay-ed25519",
        keys[1],
    ];
    let send = [&["send"], &common[..], &["--to", invite.trim(), "hello"]].concat();
    assert!(trouble(3, &send).contains(&url));
    assert!(trouble(3, &[&["listen"], &common[..]].concat()).contains(&url));
    let bad = [&["send"], &common[..], &["--to", "K0", "hello"]].concat();
    assert!(trouble(2, &bad).contains("identity/invite-length"));
}
