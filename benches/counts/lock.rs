//! The lock: which tools counted, and how many instructions each operation took.

use std::fmt;

/// Instructions of each operation, in the order in which they are done.
pub(crate) type Counts = Vec<(String, u64)>;

/// `benches/counts.lock`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lock {
    /// Compiler, valgrind, architecture.
    pub(crate) tools: String,
    /// What they counted.
    pub(crate) counts: Counts,
}

impl Lock {
    /// Reads what [`fmt::Display`] writes.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let tools = lines.next().and_then(|line| line.strip_prefix("tools: ")).ok_or("no tools")?;
        let counts = lines.map(|line| {
            let (count, name) = line.trim_start().split_once("  ").ok_or(line)?;
            Ok((name.to_owned(), count.parse().map_err(|_| line)?))
        });
        let counts = counts.collect::<Result<_, &str>>();
        let counts = counts.map_err(|line| format!("`{line}` is no count and name"))?;
        Ok(Self { tools: tools.to_owned(), counts })
    }

    /// Prints what differs; returns how many rose by more than `tolerance` per cent.
    pub(crate) fn compare(&self, counts: &Counts, tolerance: u64) -> usize {
        let mut rises = 0;
        for (name, now) in counts {
            let Some(before) = find(&self.counts, name) else {
                println!("{name}: {now}, not in the lock yet");
                continue;
            };
            let rose = now * 100 > before * (100 + tolerance);
            let fell = now * 100 < before * (100 - tolerance);
            rises += usize::from(rose);
            if rose || fell {
                let change = *now as f64 / before as f64 - 1.0;
                let word = if rose { "ROSE" } else { "fell" };
                println!("{name}: {word} by {:.1} %, {before} → {now}", 100.0 * change.abs());
            }
        }
        let gone = self.counts.iter().filter(|(name, _)| find(counts, name).is_none());
        for (name, _) in gone {
            println!("{name}: in the lock, but not counted any more");
        }
        rises
    }
}

fn find(counts: &Counts, name: &str) -> Option<u64> {
    counts.iter().find(|(found, _)| found == name).map(|(_, count)| *count)
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# Instructions of the hot paths. `.ci/counts` compares, `.ci/counts --lock` renews."
        )?;
        writeln!(f, "tools: {}\n", self.tools)?;
        self.counts.iter().try_for_each(|(name, count)| writeln!(f, "{count:>9}  {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(counts: &[(&str, u64)]) -> Lock {
        let counts = counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        Lock { tools: "a compiler".into(), counts }
    }

    #[test]
    fn what_is_written_is_read() {
        let lock = lock(&[("packet/seal, 64 B", 12), ("frame/mask", 1_000)]);
        assert_eq!(Lock::parse(&lock.to_string()), Ok(lock));
    }

    #[test]
    fn only_a_rise_beyond_the_tolerance_counts() {
        let counted = |count| lock(&[("frame/mask", count)]).counts;
        let lock = lock(&[("frame/mask", 1_000)]);
        assert_eq!(lock.compare(&counted(1_030), 3), 0);
        assert_eq!(lock.compare(&counted(1_031), 3), 1);
        assert_eq!(lock.compare(&counted(500), 3), 0);
    }
}
