//! What the judge says about clients that are none.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};

use crate::live::case::Case;
use crate::live::examiner::judge;
use crate::live::meeting::Meeting;
use crate::live::outcome::Verdict;
use crate::live::seed::Seed;
use crate::live::testee::Testee;
use crate::{cases, clauses};

/// Every case on the command that `script` is, with little patience.
async fn verdicts(script: &str) -> Vec<(&'static str, Verdict)> {
    let seed: Seed = "0000000000000001".parse().expect("16 digits");
    let patience = Duration::from_millis(500);
    let testee = Arc::new(Testee::of("sh".into(), vec!["-c".into(), script.into()], patience));
    let judged = |case: &'static Case<Meeting>| {
        let (testee, random) = (Arc::clone(&testee), seed.stream(case.id));
        async move { (case.id, judge(case, testee, random).await) }
    };
    stream::iter(cases::client().map(judged)).buffer_unordered(100).collect().await
}

/// Nobody passes anything by doing nothing, by repeating what is said, or by dying.
#[tokio::test]
async fn a_client_that_is_none_passes_nothing() {
    for script in ["cat > /dev/null", "cat", "exit 0", "exit 1"] {
        for (id, verdict) in verdicts(script).await {
            let refused = matches!(verdict, Verdict::Fail { .. } | Verdict::Crash(_));
            assert!(refused, "`{script}` in {id}: {verdict:?}");
        }
    }
}

#[tokio::test]
async fn a_process_that_is_gone_has_crashed() {
    let (_, verdict) = verdicts("exit 7").await.remove(0);
    match verdict {
        Verdict::Crash(why) => assert!(why.contains("exit status: 7"), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn ids_differ_and_name_clauses() {
    let mut ids = HashSet::new();
    for id in cases::client().map(|case| case.id).chain(cases::relay().map(|case| case.id)) {
        assert!(ids.insert(id), "{id} twice");
        let clause = id.split('.').next().unwrap_or_default();
        assert!(clauses::find(clause).is_some(), "{id}: no such clause");
    }
}
