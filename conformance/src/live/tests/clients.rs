//! What the judge says about clients that are none.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};

use crate::cases;
use crate::live::case::Case;
use crate::live::examiner::judge;
use crate::live::meeting::Meeting;
use crate::live::outcome::Verdict;
use crate::live::seed::Seed;
use crate::live::testee::Testee;

/// The verdict of one case on the command that `script` is.
async fn verdict(script: &str, patience: Duration, case: &'static Case<Meeting>) -> Verdict {
    let seed: Seed = "0000000000000001".parse().expect("16 digits");
    let testee = Testee::of("sh".into(), vec!["-c".into(), script.into()], patience);
    judge(case, Arc::new(testee), seed.stream(case.id)).await
}

/// Every case, with little patience.
async fn verdicts(script: &str) -> Vec<(&'static str, Verdict)> {
    let patience = Duration::from_millis(100);
    let judged = |case: &'static Case<Meeting>| async move {
        (case.id, verdict(script, patience, case).await)
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
    let case = cases::client().next().expect("a case");
    match verdict("echo why >&2; exit 7", Duration::from_secs(8), case).await {
        Verdict::Crash(why) => {
            assert!(why.contains("exit status: 7") && why.contains("why"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}
