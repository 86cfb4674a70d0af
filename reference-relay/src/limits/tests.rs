use super::*;

#[test]
fn every_line_of_the_table_is_taken_back() {
    let mut limits = Limits::default();
    let before = limits.table();
    for line in before.lines() {
        let setting = line.split_whitespace().next().unwrap();
        limits.set(setting).unwrap();
    }
    assert_eq!(limits.table(), before);
}

#[test]
fn values_are_read_with_their_units() {
    let mut limits = Limits::default();
    for setting in ["idle.ping=250ms", "idle.end=2min", "queue.soft-bytes=3KiB", "hello.rate=7"] {
        limits.set(setting).unwrap();
    }
    assert_eq!(limits.idle_ping(), Duration::from_millis(250));
    assert_eq!(limits.idle_end(), Duration::from_secs(120));
    assert_eq!(limits.soft_bytes(), 3_072);
    assert_eq!(limits.hello_rate(), 7);
}

#[test]
fn nonsense_is_refused_in_one_line_and_changes_nothing() {
    let mut limits = Limits::default();
    let before = limits.table();
    let cases = [
        ("idle.ping", "write NAME=VALUE"),
        ("idle.pong=1s", "no limit has this name"),
        ("idle.ping=1", "a time as in"),
        ("idle.ping=-1s", "a time as in"),
        ("idle.ping=s", "a time as in"),
        ("idle.ping=0s", "at least 1"),
        ("queue.soft-bytes=1kB", "bytes as in"),
        ("hello.rate=2s", "a number as in"),
        ("hello.rate=99999999999999999999", "a number as in"),
        ("frame.max=1048577", "at most 1MiB"),
    ];
    for (setting, complaint) in cases {
        let line = limits.set(setting).unwrap_err().to_string();
        assert!(line.starts_with("--set ") && line.contains(complaint), "{line}");
        assert!(!line.contains('\n'), "{line}");
    }
    assert_eq!(limits.table(), before);
}

#[test]
fn names_are_told_once() {
    let mut names: Vec<_> = Limits::ROWS.iter().map(|row| row.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Limits::ROWS.len());
}
