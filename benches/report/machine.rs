//! On what, with what and when it was measured.

use chrono::Utc;
use std::{fs, path::Path, process::Command, thread};

/// The averages of one, five and fifteen minutes, where the system tells them.
pub(crate) fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// A table of two columns.
pub(crate) fn facts(root: &Path, rounds: usize, load_at_begin: &str) -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let changed =
        !output(root, "git", &["status", "--porcelain", "--untracked-files=no"]).is_empty();
    let commit = output(root, "git", &["rev-parse", "--short=12", "HEAD"]);
    let lines = [
        ("processor", format!("{}, {cores} cores", value_of("/proc/cpuinfo", "model name"))),
        (
            "system",
            format!(
                "{}, Linux {}",
                value_of("/etc/os-release", "PRETTY_NAME").trim_matches('"'),
                fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim()
            ),
        ),
        ("compiler", output(root, "rustc", &["--version"])),
        ("commit", if changed { format!("{commit}, with changes") } else { commit }),
        ("date", Utc::now().format("%Y-%m-%d %H:%M UTC").to_string()),
        ("rounds", rounds.to_string()),
        ("load, begin", load_at_begin.to_owned()),
        ("load, end", load()),
    ];
    let table = lines.iter().map(|(name, value)| format!("| {name} | {value} |\n"));
    format!("| | |\n|---|---|\n{}", table.collect::<String>())
}

/// The first `key: value` or `key=value` of a file.
fn value_of(file: &str, key: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    line.unwrap_or("unknown").trim_start_matches([' ', '\t', ':', '=']).to_owned()
}

fn output(root: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(root).output();
    output
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}
