//! What was measured, as it came, and medians of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::contender::Contender;

/// All of it: `docs/relay.json`.
#[derive(Deserialize, Serialize)]
pub(crate) struct Results {
    /// The machine, as a table.
    pub(crate) facts: String,
    pub(crate) rounds: usize,
    /// Of most figures.
    pub(crate) sessions: u32,
    /// Seconds that it all took.
    pub(crate) seconds: f64,
    pub(crate) runs: Vec<Run>,
}

/// One run of one figure.
#[derive(Deserialize, Serialize)]
pub(crate) struct Run {
    pub(crate) round: usize,
    pub(crate) figure: String,
    pub(crate) contender: String,
    /// Why there is no result, if so.
    pub(crate) failed: Option<String>,
    /// What the generator printed.
    pub(crate) result: Value,
}

impl Results {
    /// By round, without those that are void; `pointer` is a JSON pointer into the result.
    fn values<'a>(
        &'a self,
        figure: &'a str,
        contender: Contender,
        pointer: &'a str,
    ) -> impl Iterator<Item = (usize, f64)> + 'a {
        let of = move |run: &&Run| {
            let it = run.figure == figure && run.contender == contender.name();
            it && run.void().is_none()
        };
        self.runs
            .iter()
            .filter(of)
            .filter_map(move |run| Some((run.round, run.result.pointer(pointer)?.as_f64()?)))
    }

    /// Of all rounds.
    pub(crate) fn median(&self, figure: &str, of: Contender, pointer: &str) -> Option<f64> {
        median(self.values(figure, of, pointer).map(|(_, value)| value).collect())
    }

    /// The largest of all rounds.
    pub(crate) fn most(&self, figure: &str, of: Contender, pointer: &str) -> Option<f64> {
        self.values(figure, of, pointer).map(|(_, value)| value).max_by(f64::total_cmp)
    }

    /// The smallest of all rounds.
    pub(crate) fn least(&self, figure: &str, of: Contender, pointer: &str) -> Option<f64> {
        self.values(figure, of, pointer).map(|(_, value)| value).min_by(f64::total_cmp)
    }

    /// The median of the ratios, each of two runs in one round.
    pub(crate) fn ratio(
        &self,
        (figure, of): (&str, Contender),
        (other, to): (&str, Contender),
        pointer: &str,
    ) -> Option<f64> {
        let others: Vec<_> = self.values(other, to, pointer).collect();
        let ratio = |(round, value): (usize, f64)| {
            let (_, other) = others.iter().find(|(other, _)| *other == round)?;
            Some(value / other)
        };
        median(self.values(figure, of, pointer).filter_map(ratio).collect())
    }

    /// Whether something was true in one round or another.
    pub(crate) fn ever(&self, figure: &str, pointer: &str) -> bool {
        let mut runs = self.runs.iter().filter(|run| run.figure == figure);
        runs.any(|run| run.result.pointer(pointer) == Some(&Value::Bool(true)))
    }

    /// Runs that failed or are void, and why.
    pub(crate) fn faults(&self) -> impl Iterator<Item = (&Run, &str)> {
        self.runs.iter().filter_map(|run| Some((run, run.failed.as_deref().or(run.void())?)))
    }
}

impl Run {
    /// Why it says nothing of the relay, if so.
    fn void(&self) -> Option<&str> {
        self.result.get("void").and_then(Value::as_str)
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    Some((upper + values.get(values.len() / 2 - 1)?) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn results(runs: &[(usize, Contender, f64)]) -> Results {
        let run = |(round, contender, value): &(usize, Contender, f64)| Run {
            round: *round,
            figure: "f".to_owned(),
            contender: contender.name().to_owned(),
            failed: None,
            result: json!({ "v": value }),
        };
        let runs = runs.iter().map(run).collect();
        Results { facts: String::new(), rounds: 3, sessions: 9, seconds: 0.0, runs }
    }

    #[test]
    fn a_ratio_is_of_one_round_and_a_round_that_lacks_one_counts_for_nothing() {
        use Contender::{Ceiling, Relay};
        let found = results(&[
            (0, Relay, 1.0),
            (0, Ceiling, 2.0),
            (1, Relay, 30.0),
            (1, Ceiling, 100.0),
            (2, Relay, 7.0),
        ]);
        assert_eq!(found.ratio(("f", Relay), ("f", Ceiling), "/v"), Some(0.4));
        assert_eq!(found.median("f", Relay, "/v"), Some(7.0));
        assert_eq!(found.median("f", Contender::Iroh, "/v"), None);
    }
}
