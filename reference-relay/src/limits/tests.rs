use super::*;

/// Each limit as it is shown.
fn table(limits: &Limits) -> Vec<String> {
    Limits::ROWS.iter().map(|row| format!("{}={}", row.name, row.show(limits))).collect()
}

#[test]
fn what_is_shown_is_taken_back() {
    let before = table(&Limits::default());
    let mut limits = Limits::default();
    before.iter().for_each(|setting| limits.set(setting).unwrap());
    assert_eq!(table(&limits), before);
}

#[test]
fn a_reload_changes_what_can_change_and_names_the_rest() {
    let (running, mut new) = (Limits::default(), Limits::default());
    for setting in ["idle.ping=7s", "socket.unsent=1KiB", "socket.max=77", "hello.rate=2000"] {
        new.set(setting).unwrap();
    }
    let adopted = running.adopt(&new);
    assert_eq!(adopted.changed, ["socket.max=77", "idle.ping=7s"]);
    assert_eq!(adopted.later, ["socket.unsent"]);
    assert_eq!(running.idle_ping(), Duration::from_secs(7));
    assert_eq!(running.socket_unsent(), 131_072);
    assert_eq!(running.adopt(&running.clone()), Adopted::default());
}

#[test]
fn values_are_read_with_their_units() {
    let mut limits = Limits::default();
    for setting in ["idle.ping=250ms", "idle.end=2min", "queue.soft-bytes=3KiB", "hello.rate=7"] {
        limits.set(setting).unwrap();
    }
    for setting in ["slow.wait=36h", "drain.window=365d", "queue.hard-bytes=32GiB"] {
        limits.set(setting).unwrap();
        assert!(table(&limits).contains(&setting.to_owned()), "{setting}");
    }
    assert_eq!(limits.idle_ping(), Duration::from_millis(250));
    assert_eq!(limits.idle_end(), Duration::from_secs(120));
    assert_eq!(limits.soft_bytes(), 3_072);
    assert_eq!(limits.hello_rate(), 7);
}

#[test]
fn nonsense_is_refused_in_one_line_and_changes_nothing() {
    let mut limits = Limits::default();
    let before = table(&limits);
    let cases = [
        ("idle.ping", "write NAME=VALUE"),
        ("idle.pong=1s", "no limit has this name"),
        ("idle.ping=1", "a time as in"),
        ("idle.ping=-1s", "a time as in"),
        ("idle.ping=s", "a time as in"),
        ("idle.ping=0s", "1ms to 365d"),
        ("idle.ping=366d", "1ms to 365d"),
        ("queue.soft-bytes=33GiB", "1 to 32GiB"),
        ("session.max=2000000001", "1 to 2000000000"),
        ("queue.soft-bytes=1kB", "bytes as in"),
        ("hello.rate=2s", "a number as in"),
        ("hello.rate=99999999999999999999", "a number as in"),
        ("frame.max=1048577", "1 to 1MiB"),
    ];
    for (setting, complaint) in cases {
        let line = limits.set(setting).unwrap_err().to_string();
        assert!(line.contains(complaint), "{line}");
        assert!(!line.contains('\n'), "{line}");
    }
    assert_eq!(table(&limits), before);
}

#[test]
fn names_are_told_once() {
    let mut names: Vec<_> = Limits::ROWS.iter().map(|row| row.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Limits::ROWS.len());
}
