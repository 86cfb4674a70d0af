//! What the judge says about relays that are right, wrong, or nothing at all.

use std::sync::Arc;

use futures_util::future::join_all;

use super::stub::{Fault, listen};
use crate::cases;
use crate::live::outcome::Verdict;
use crate::live::runner::judge;
use crate::live::seed::Seed;
use crate::live::trial::Trial;

/// The verdict of one case on a stub with this fault.
async fn verdict(fault: Fault, id: &str) -> Verdict {
    let seed: Seed = "0000000000000001".parse().expect("16 digits");
    let case = cases::relay().find(|case| case.id == id).expect("a case with this id");
    let target = listen(fault, seed.stream("stub")).await;
    judge(case, Trial::of(Arc::new(target), seed.stream(id))).await
}

#[tokio::test]
async fn a_right_relay_passes() {
    for id in ["handshake/reply-layout.honest", "frame/verbatim.text", "frame/to-self.smallest"] {
        assert_eq!(verdict(Fault::None, id).await, Verdict::Pass, "{id}");
    }
}

#[tokio::test]
async fn one_fault_fails_its_case_and_is_no_crash() {
    let verdict = verdict(Fault::PaddedHello, "handshake/too-short.every-length").await;
    assert!(matches!(verdict, Verdict::Fail { .. }), "{verdict:?}");
}

#[tokio::test]
async fn a_fault_that_spoils_the_control_exchange_is_named_by_its_own_clause() {
    let id = "frame/mask.reply";
    assert_eq!(verdict(Fault::None, id).await, Verdict::Pass);
    let verdict = verdict(Fault::MaskFromTail, id).await;
    let Verdict::Fail { actual, .. } = verdict else { panic!("{verdict:?}") };
    assert!(actual.ends_with("the mask by its bytes 12..24"), "{actual}");
}

#[tokio::test]
async fn a_relay_that_lets_broken_frames_pass_is_named_for_each() {
    // The stub's codec is the judge's own, which forbids nothing; but it answers pings.
    let rules = cases::relay()
        .filter(|case| case.clause() == "frame/websocket" && !case.id.contains("pong"));
    let verdicts = join_all(rules.map(|case| verdict(Fault::None, case.id))).await;
    assert!(verdicts.len() >= 15, "{}", verdicts.len());
    assert!(verdicts.iter().all(|v| matches!(v, Verdict::Fail { .. })), "{verdicts:?}");
}

#[tokio::test]
async fn a_relay_without_a_control_exchange_passes_nothing() {
    let id = "handshake/too-short.every-length";
    for fault in
        [Fault::Closes, Fault::Echoes, Fault::Silent, Fault::MaskFromTail, Fault::FlipsABit]
    {
        let verdict = verdict(fault, id).await;
        assert!(matches!(verdict, Verdict::Crash(_)), "{fault:?}: {verdict:?}");
    }
}
