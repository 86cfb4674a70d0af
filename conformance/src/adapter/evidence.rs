//! Passes count only for operations that tell right from wrong.
//!
//! Whoever accepts everything passes all that is to be accepted, and whoever refuses everything all
//! that is to be refused. So where an operation has cases of both kinds, its passes stand only if
//! at least one of each kind passes.

use std::collections::BTreeSet;

use crate::live::outcome::Verdict;
use crate::vectors::{Case, Expect};

use super::judging::{Judged, judge};
use super::session::Session;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Accept,
    Refuse,
}

impl Kind {
    fn of(case: &Case) -> Self {
        if matches!(case.expect, Expect::Ok(_)) { Self::Accept } else { Self::Refuse }
    }

    fn unproven(self, op: &str) -> Verdict {
        Verdict::Unproven(match self {
            Self::Accept => {
                format!("{op} accepts nothing that it should, so its refusals prove nothing")
            }
            Self::Refuse => {
                format!("{op} refuses nothing as it should, so what it accepts proves nothing")
            }
        })
    }
}

/// Takes the passes back that prove nothing. `all` are the cases of the suite: where `judged` holds
/// only some, the missing kind is sought among the others.
pub(crate) async fn weigh(session: &mut Session, judged: &mut [(&Case, Judged)], all: &[Case]) {
    let ops: BTreeSet<&str> = judged.iter().map(|(case, _)| case.op.as_str()).collect();
    for op in ops {
        let Some(missing) = missing(session, op, judged, all).await else { continue };
        let of_op = judged.iter_mut().filter(|(case, _)| case.op == op);
        for (_, (verdict, _)) in of_op.filter(|(_, (verdict, _))| *verdict == Verdict::Pass) {
            *verdict = missing.unproven(op);
        }
    }
}

/// The kind of which no case of `op` passes, though another kind does.
async fn missing(
    session: &mut Session,
    op: &str,
    judged: &[(&Case, Judged)],
    all: &[Case],
) -> Option<Kind> {
    let passes =
        |(case, (verdict, _)): &&(&Case, Judged)| case.op == op && *verdict == Verdict::Pass;
    let passed: BTreeSet<Kind> =
        judged.iter().filter(passes).map(|(case, _)| Kind::of(case)).collect();
    let [shown] = passed.into_iter().collect::<Vec<_>>()[..] else { return None };
    let missing = if shown == Kind::Accept { Kind::Refuse } else { Kind::Accept };
    let is_judged = |case: &Case| judged.iter().any(|(known, _)| known.id == case.id);
    let mut of_kind =
        all.iter().filter(|case| case.op == op && Kind::of(case) == missing).peekable();
    // An operation that cannot be refused, or that always is, has nothing to tell apart.
    of_kind.peek()?;
    for case in of_kind {
        if !is_judged(case) && judge(session, case, false).await.0 == Verdict::Pass {
            return None;
        }
    }
    Some(missing)
}
