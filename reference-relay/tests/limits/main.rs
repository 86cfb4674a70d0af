//! Every limit at its edge: what is just within it passes, and one more does not. The numbers are
//! those of chapter 6, "Limits", written here once more so that no default changes unseen.
//!
//! Where a limit is obeyed by the pure core, it is met there, to the byte and the millisecond;
//! what only sockets show is met on sockets, where a time can be proven not to pass early.

#[path = "../support/mod.rs"]
mod support;

mod core;
mod sockets;

use sealwire_relay::limits::Limits;

/// One line a limit: its name, its default, the test that stands at its edge.
macro_rules! edges {
    ($($name:literal $default:literal $room:ident $test:ident;)*) => {
        const EDGES: &[(&str, &str)] = &[$(($name, $default),)*];
        $(
            #[test]
            fn $test() {
                $room::$test();
            }
        )*
    };
}

edges! {
    "frame.max"              "1MiB"   sockets frame_max;
    "frame.before-hello"     "4KiB"   sockets frame_before_hello;
    "close.drain"            "64KiB"  sockets close_drain;
    "close.drain-time"       "1s"     sockets close_drain_time;
    "close.wait"             "5s"     sockets close_wait;
    "socket.max"             ""       sockets socket_max;
    "socket.send-buffer"     "256KiB" sockets socket_send_buffer;
    "socket.unsent"          "128KiB" sockets socket_unsent;
    "socket.timeout"         "2min"   sockets socket_timeout;
    "hello.deadline"         "10s"    core hello_deadline;
    "hello.probe"            "3s"     core hello_probe;
    "hello.replays"          "65536"  core hello_replays;
    "hello.rate"             "2000"   core hello_rate;
    "hello.prefix-rate"      "50"     core hello_prefix_rate;
    "hello.prefix-burst"     "200"    core hello_prefix_burst;
    "hello.sockets"          "10000"  core hello_sockets;
    "hello.prefix-sockets"   "1024"   core hello_prefix_sockets;
    "session.max"            ""       core session_max;
    "session.replies"        "256"    core session_replies;
    "command.rate"           "200"    core command_rate;
    "command.burst"          "1000"   core command_burst;
    "presence.subscriptions" "4096"   core presence_subscriptions;
    "presence.watchers"      "4096"   core presence_watchers;
    "introduce.nickname"     "1KiB"   core introduce_nickname;
    "push.token"             "4KiB"   core push_token;
    "queue.soft-bytes"       "512KiB" core queue_soft_bytes;
    "queue.soft-frames"      "128"    core queue_soft_frames;
    "queue.hard-bytes"       "4MiB"   core queue_hard_bytes;
    "queue.hard-frames"      "1024"   core queue_hard_frames;
    "slow.progress"          "16KiB"  core slow_progress;
    "slow.window"            "5s"     core slow_window;
    "slow.wait"              "1min"   core slow_wait;
    "slow.dead"              "30s"    core slow_dead;
    "idle.ping"              "20s"    core idle_ping;
    "idle.end"               "1min"   core idle_end;
    "drain.window"           "5s"     sockets drain_window;
}

/// Two follow from the descriptors of the process; `command_line.rs` looks at them.
#[test]
fn every_limit_has_an_edge_and_the_default_of_the_specification() {
    let limits = Limits::default();
    let rows: Vec<_> = Limits::ROWS.iter().map(|row| row.name).collect();
    let edges: Vec<_> = EDGES.iter().map(|(name, _)| *name).collect();
    assert_eq!(rows, edges);
    for (row, (name, default)) in Limits::ROWS.iter().zip(EDGES) {
        assert!(default.is_empty() || row.show(&limits) == *default, "{name}");
    }
}
