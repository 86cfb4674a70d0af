//! `sealwire load` as its users run it, against the reference relay, the ceiling, and relays with
//! one fault. How fast they are is nobody's affair here.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const SEALWIRE: &str = env!("CARGO_BIN_EXE_sealwire");

/// Whatever is loaded, on a free port of loopback. It ends with this.
struct Loaded {
    child: Child,
    listening: Value,
}

impl Drop for Loaded {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Loaded {
    fn start(command: &[&str]) -> Self {
        let mut child = Command::new(SEALWIRE)
            .args(command)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("its first line");
        Self { child, listening: serde_json::from_str(&line).expect("JSON") }
    }

    /// What `sealwire load OPTIONS` says of it.
    fn load(&self, options: &str) -> Output {
        let member = |name: &str| self.listening[name].as_str().expect("a text").to_owned();
        Command::new(SEALWIRE)
            .arg("load")
            .args(options.split_whitespace())
            .args(["--format", "json", "--url", &member("listening")])
            .args(["--x25519", &member("x25519"), "--ed25519", &member("ed25519")])
            .args(["--pid", &self.child.id().to_string()])
            .output()
            .expect("it runs")
    }

    /// The result of a load that has nothing to complain of.
    fn measured(&self, options: &str) -> Value {
        let output = self.load(options);
        assert_eq!(output.status.code(), Some(0), "{options}: {output:?}");
        serde_json::from_slice(&output.stdout).expect("JSON")
    }
}

fn reference_relay() -> Loaded {
    Loaded::start(&["reference-relay", "--listen", "127.0.0.1:0"])
}

/// Every frame that was sent has arrived, and there were some.
fn all_arrived(result: &Value) {
    let frames = &result["traffic"]["frames"];
    assert!(frames["sent"].as_u64() > Some(0), "{result}");
    assert_eq!(frames["sent"], frames["received"], "{result}");
    for none in ["answered", "outstanding", "twice", "astray"] {
        assert_eq!(frames[none], 0, "{result}");
    }
}

#[test]
fn frames_of_all_sizes_arrive_through_relay_and_ceiling() {
    let loaded =
        [&["reference-relay", "--listen", "127.0.0.1:0"][..], &["ceiling"], &["ceiling", "--mask"]];
    for command in loaded {
        let loaded = Loaded::start(command);
        for shape in [
            "--size 112 --sessions 5",
            "--pairs 3 --in-flight 1",
            "--size 65536",
            "--size 1048576 --pairs 1 --in-flight 2",
        ] {
            let result = loaded.measured(&format!("{shape} --duration 300ms --warm-up 50ms"));
            all_arrived(&result);
            assert!(result["relay"]["cpu_seconds"].is_number(), "{result}");
        }
    }
}

#[test]
fn an_open_loop_sends_what_is_due_and_tells_who_does_not_read_apart() {
    let relay = reference_relay();
    let shape = "--rate 500 --pairs 10 --stalled 20 --size 4096 --duration 1s --warm-up 100ms";
    let output = relay.load(shape);
    // A busy machine makes the result void, and it is told all the same.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{output:?}");
    let result: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let traffic = &result["traffic"];
    assert_eq!(traffic["frames"]["sent"], 550, "{result}");
    assert_eq!(traffic["stalled"]["pairs"], 2, "{result}");
    assert_eq!(traffic["stalled"]["frames"]["sent"], 110, "{result}");
    assert_eq!(traffic["latency"]["count"], 400, "{result}");
    assert_eq!(traffic["lateness"]["count"], 500, "{result}");
    let outcome = output.status.code().zip(Some(result["void"].is_null()));
    assert!(matches!(outcome, Some((0, true) | (3, false))), "{output:?}");
}

#[test]
fn sessions_idle_come_back_from_a_storm_and_weigh_something() {
    let relay = reference_relay();
    assert_eq!(relay.measured("idle --sessions 40 --duration 200ms")["idle"]["sessions"], 40);
    let storm = relay.measured("storm --sessions 60");
    assert_eq!(storm["storm"]["lost"], 0, "{storm}");
    assert!(storm["storm"]["seconds_until_last"].as_f64() > Some(0.0), "{storm}");
    let handshakes = relay.measured("handshakes --in-flight 4 --duration 300ms");
    assert!(handshakes["handshakes"]["completed"].as_u64() > Some(0), "{handshakes}");
    assert_eq!(handshakes["handshakes"]["refusals"]["id_in_use"], 0, "{handshakes}");
    let memory = relay.measured("memory --sessions 90 --rest 100ms --ramp 1000");
    let steps = memory["memory"]["steps"].as_array().expect("steps");
    assert_eq!((steps.len(), &steps[8]["sessions"]), (9, &90.into()), "{memory}");
    assert!(memory["memory"]["rested"]["resident_bytes"].as_u64() > Some(1 << 20), "{memory}");
}

#[test]
fn a_relay_that_changes_frames_or_their_order_is_told() {
    for fault in ["header-untouched", "flips-bit"] {
        let twin = Loaded::start(&["twin-relay", "--fault", fault]);
        let output = twin.load("--duration 200ms --pairs 1");
        assert_eq!(output.status.code(), Some(1), "{fault}: {output:?}");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(complaint.lines().count(), 1, "{fault}: {complaint}");
        let result: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert!(result["traffic"]["frames"]["astray"].as_u64() > Some(0), "{fault}: {result}");
    }
}

#[test]
fn a_stranger_a_silent_port_and_a_dead_process_are_told_in_one_line() {
    let relay = reference_relay();
    let (mut stranger, mut silent) = (reference_relay(), reference_relay());
    stranger.listening["listening"] = relay.listening["listening"].clone();
    let gone = {
        let mut gone = reference_relay();
        let _ = gone.child.kill();
        let _ = gone.child.wait();
        gone
    };
    silent.listening["listening"] = gone.listening["listening"].clone();
    for (loaded, said) in
        [(&stranger, "before its reply"), (&silent, "refused"), (&gone, "no such process")]
    {
        let output = loaded.load("--duration 100ms");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(output.stdout.is_empty() && complaint.contains(said), "{complaint}");
    }
}

#[test]
fn a_chart_is_drawn_where_it_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rate.svg");
    let shape = format!("--duration 300ms --chart {}", file.display());
    all_arrived(&reference_relay().measured(&shape));
    let svg = std::fs::read_to_string(file).expect("a chart");
    assert!(svg.starts_with("<svg") && svg.contains("frames/s"), "{svg}");
}
