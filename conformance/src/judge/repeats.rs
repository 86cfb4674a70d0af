//! Several runs of one case are one finding: the verdict they agree on, or `flaky`.

use std::collections::BTreeMap;

use crate::live::outcome::{Finding, Verdict};
use crate::report::Word;

/// One finding for each case, in the order of the first of each.
pub(crate) fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut cases: Vec<Vec<Finding>> = Vec::new();
    for finding in findings {
        let place = *places.entry(finding.id.clone()).or_insert(cases.len());
        match cases.get_mut(place) {
            Some(runs) => runs.push(finding),
            None => cases.push(vec![finding]),
        }
    }
    cases.into_iter().filter_map(one).collect()
}

/// The finding of all runs of one case: that of a run that could not be judged, or what those agree
/// on that ran. It replays the worst.
fn one(runs: Vec<Finding>) -> Option<Finding> {
    let word = |run: &Finding| Word::from(&run.verdict);
    let ms = runs.iter().map(|run| run.ms).max().unwrap_or_default();
    if let Some(broken) = runs.iter().find(|run| word(run) == Word::Broken) {
        return Some(Finding { ms, ..broken.clone() });
    }
    let ran = |run: &&Finding| !matches!(word(run), Word::NotRun | Word::Unsupported);
    let ran: Vec<_> = runs.iter().filter(ran).collect();
    let passed = ran.iter().filter(|run| run.verdict == Verdict::Pass).count();
    let worst = ran.iter().copied().min_by_key(|run| word(run)).or(runs.first())?;
    if passed == 0 || passed == ran.len() {
        return Some(Finding { ms, ..worst.clone() });
    }
    let failure = worst.verdict.said();
    let verdict = Verdict::Flaky { passed, runs: ran.len(), failure };
    Some(Finding { ms, verdict, ..worst.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(id: &str, verdict: Verdict, ms: u64) -> Finding {
        let replay = format!("replay of {ms}");
        Finding { ms, replay, ..Finding::new(id.into(), "frame/order".into(), verdict) }
    }

    #[test]
    fn runs_that_agree_are_one_finding() {
        let findings = ["a", "b", "a", "b"].map(|id| finding(id, Verdict::Pass, 1));
        let merged = merged(findings.to_vec());
        assert_eq!(merged.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(merged.iter().all(|f| f.verdict == Verdict::Pass));
        let crash = Verdict::Crash("gone".into());
        let merged = super::merged(vec![finding("a", crash.clone(), 1), finding("a", crash, 2)]);
        assert!(matches!(merged[..], [Finding { verdict: Verdict::Crash(_), ms: 2, .. }]));
    }

    #[test]
    fn a_case_that_passes_and_fails_is_flaky_and_replays_its_failure() {
        let crash = Verdict::Crash("gone".into());
        let merged = merged(vec![
            finding("a", Verdict::Pass, 1),
            finding("a", crash, 2),
            finding("a", Verdict::Pass, 3),
        ]);
        let [only] = &merged[..] else { panic!("{merged:?}") };
        let failure = "crash: gone".to_owned();
        assert_eq!(only.verdict, Verdict::Flaky { passed: 2, runs: 3, failure });
        assert_eq!((only.replay.as_str(), only.ms), ("replay of 2", 3));
        assert_eq!(only.verdict.detail(), "passed 2 of 3; else crash: gone");
    }

    #[test]
    fn what_did_not_run_accuses_nobody_and_hides_nothing() {
        let not_run = || Verdict::NotRun("stands on [x]".into());
        let failed = || Verdict::failed("a", "b");
        let broken = || Verdict::Broken("no socket".into());
        for (verdicts, word) in [
            (vec![Verdict::Pass, not_run()], "pass"),
            (vec![not_run(), failed()], "fail"),
            (vec![not_run(), not_run()], "not run"),
            (vec![Verdict::Pass, broken()], "broken"),
            (vec![failed(), broken(), Verdict::Pass], "broken"),
            (vec![failed(), Verdict::Crash("gone".into())], "fail"),
            (vec![Verdict::Pass, not_run(), failed()], "flaky"),
        ] {
            let runs = verdicts.iter().map(|verdict| finding("a", verdict.clone(), 1)).collect();
            assert_eq!(one(runs).map(|run| run.verdict.word()), Some(word), "{verdicts:?}");
        }
    }
}
