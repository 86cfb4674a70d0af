//! What criterion measured: the median of each contender in each round.

use crate::Result;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// An operation of a row at a size, 0 where size does not matter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Operation {
    /// Of the grid.
    pub(crate) row: String,
    /// What is done.
    pub(crate) name: String,
    /// Bytes.
    pub(crate) size: u64,
}

/// Nanoseconds of each contender, by round.
type Times = BTreeMap<String, BTreeMap<String, f64>>;

/// All operations, in alphabetical order.
#[derive(Debug, Default)]
pub(crate) struct Results(BTreeMap<Operation, Times>);

/// Reads every `benchmark.json` and the `estimates.json` beside it, but for criterion's own copies
/// of the last round.
pub(crate) fn read(home: &Path) -> Result<Results> {
    let mut results = Results::default();
    let mut directories = vec![home.to_owned()];
    while let Some(directory) = directories.pop() {
        let entries = fs::read_dir(&directory).map_err(|error| {
            format!("{}: {error}; run without --render first", directory.display())
        })?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                directories.push(path);
            } else if path.ends_with("benchmark.json") {
                results.add(&path)?;
            }
        }
    }
    Ok(results)
}

fn json(path: PathBuf) -> Result<Value> {
    let text = fs::read_to_string(&path);
    text.map_err(|error| format!("{}: {error}", path.display()).into())
        .and_then(|text| Ok(serde_json::from_str(&text)?))
}

impl Results {
    fn add(&mut self, path: &Path) -> Result<()> {
        let broken = || format!("{}: not as criterion writes it", path.display());
        let directory = path.parent().ok_or_else(broken)?;
        let round = directory.file_name().and_then(|name| name.to_str()).ok_or_else(broken)?;
        if ["new", "base", "change"].contains(&round) {
            return Ok(());
        }
        let benchmark = json(path.to_owned())?;
        let text = |key: &str| benchmark[key].as_str().ok_or_else(broken);
        let (row, name) = text("group_id")?.split_once('/').ok_or_else(broken)?;
        let size = text("value_str")?.parse()?;
        let operation = Operation { row: row.to_owned(), name: name.to_owned(), size };
        let estimates = json(directory.join("estimates.json"))?;
        let median = estimates["median"]["point_estimate"].as_f64().ok_or_else(broken)?;
        let who = text("function_id")?.to_owned();
        self.0
            .entry(operation)
            .or_default()
            .entry(who)
            .or_default()
            .insert(round.to_owned(), median);
        Ok(())
    }

    /// Every one.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Operation> {
        self.0.keys()
    }

    /// Those of one row.
    pub(crate) fn row<'a>(&'a self, row: &'a str) -> impl Iterator<Item = &'a Operation> {
        self.0.keys().filter(move |operation| operation.row == row)
    }

    /// Nanoseconds, the median of the rounds.
    pub(crate) fn time(&self, operation: &Operation, who: &str) -> Option<f64> {
        median(self.0.get(operation)?.get(who)?.values().copied().collect())
    }

    /// `ours` ÷ another's in the same round, the median of the rounds.
    pub(crate) fn ratio(&self, operation: &Operation, other: &str) -> Option<f64> {
        let times = self.0.get(operation)?;
        let (ours, other) = (times.get("ours")?, times.get(other)?);
        median(ours.iter().filter_map(|(round, time)| Some(time / other.get(round)?)).collect())
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get(values.len().saturating_sub(1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_taken_within_a_round() {
        let operation = Operation { row: "packet".into(), name: "seal".into(), size: 64 };
        let times = |times: [f64; 3]| (0..3).map(|round| round.to_string()).zip(times).collect();
        let results = Results(BTreeMap::from([(
            operation.clone(),
            BTreeMap::from([
                ("ours".to_owned(), times([1.0, 20.0, 4.0])),
                ("limit".to_owned(), times([1.0, 10.0, 1.0])),
            ]),
        )]));
        assert_eq!(results.ratio(&operation, "limit"), Some(2.0));
        assert_eq!(results.time(&operation, "ours"), Some(4.0));
        assert_eq!(results.ratio(&operation, "naive"), None);
    }
}
