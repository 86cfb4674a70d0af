//! What a process takes: CPU and memory, as /proc tells it.

use std::fs;
use std::io::ErrorKind;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::Failure;

/// Ticks that /proc counts in a second, on every architecture.
const TICKS: u64 = 100;

/// A process of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// The process that `--pid` names.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn find(pid: u32) -> Result<Self, Failure> {
        let absent = |failure| match failure {
            Failure::Fails(_) => Failure::Usage(format!(
                "--pid {pid}: there is no such process; give that of a relay on this machine"
            )),
            other => other,
        };
        Self(pid).cpu().map(|_| Self(pid)).map_err(absent)
    }

    /// CPU time of all its threads so far, in the system and outside it.
    pub(crate) fn cpu(self) -> Result<Duration, Failure> {
        let text = self.read("stat")?;
        let ticks = ticks(&text).ok_or_else(|| self.unreadable("stat"))?;
        Ok(Duration::from_millis(ticks * 1_000 / TICKS))
    }

    /// Bytes of memory that are its own and present.
    pub(crate) fn resident(self) -> Result<u64, Failure> {
        // Exact, where VmRSS lags behind by some pages of each thread.
        let text = self.read("smaps_rollup")?;
        field(&text, "Rss:").ok_or_else(|| self.unreadable("smaps_rollup"))
    }

    fn read(self, file: &str) -> Result<String, Failure> {
        let path = format!("/proc/{}/{file}", self.0);
        fs::read_to_string(&path).map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied => Failure::Usage(format!(
                "{path}: {error}; what measures a relay must be allowed to look at its process"
            )),
            _ => {
                Failure::Fails(format!("the relay, process {}, has ended: {path}: {error}", self.0))
            }
        })
    }

    fn unreadable(self, file: &str) -> Failure {
        Failure::Broken(format!("/proc/{}/{file} is not as Linux writes it", self.0))
    }
}

/// utime + stime, the 14th and 15th field; the name, the second, may hold blanks and parentheses.
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(ticks()? + ticks()?)
}

/// A line `NAME  1234 kB`, in bytes.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

/// CPU time of this process so far.
pub(crate) fn own_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// Lets this process open as many files.
pub(crate) fn raise_open_files(needed: usize) -> Result<(), Failure> {
    let limit = getrlimit(Resource::Nofile);
    let needed = needed as u64;
    let suffices = |limit: Option<u64>| limit.is_none_or(|limit| limit >= needed);
    if suffices(limit.current) {
        return Ok(());
    }
    let most = limit.maximum.map_or("any number".to_owned(), |most| most.to_string());
    let refused = || {
        Failure::Usage(format!(
            "{needed} open files are needed and this process may have {most}; ask for fewer \
             sessions, or raise `ulimit -Hn`"
        ))
    };
    if !suffices(limit.maximum) {
        return Err(refused());
    }
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    setrlimit(Resource::Nofile, raised).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_process_may_look_like_fields() {
        let stat = "7 (a) 9 (b) S 1 7 7 0 -1 4194560 99 0 0 0 120 30 5 6 20 0 1 0 100 0 0";
        assert_eq!(ticks(stat), Some(150));
        assert_eq!(ticks("7 (a) S 1 7"), None);
    }

    #[test]
    fn memory_is_told_in_kilobytes() {
        let text = "00400000-7ffc [rollup]\nRss:      1044 kB\nPss:  900 kB\n";
        assert_eq!(field(text, "Rss:"), Some(1_044 * 1_024));
        assert_eq!(field(text, "Swap:"), None);
    }

    #[test]
    fn this_process_can_be_measured() {
        let own = Process(std::process::id());
        assert!(own.resident().expect("memory") > 100_000);
        assert!(matches!(Process::find(u32::MAX), Err(Failure::Usage(_))));
        assert!(matches!(Process(u32::MAX).cpu(), Err(Failure::Fails(_))));
        // Both clocks run with what this process does, other tests included; one is coarse.
        let before = own_cpu();
        while own_cpu() < before + Duration::from_millis(100) {}
        let (told, exact) = (own.cpu().expect("its CPU"), own_cpu());
        assert!(told.abs_diff(exact) < Duration::from_millis(60), "{told:?} {exact:?}");
    }

    #[test]
    fn more_files_than_a_process_may_have_are_refused_before_they_are_opened() {
        assert_eq!(raise_open_files(1), Ok(()));
        if getrlimit(Resource::Nofile).maximum.is_some() {
            assert!(matches!(raise_open_files(usize::MAX), Err(Failure::Usage(_))));
        }
    }
}
