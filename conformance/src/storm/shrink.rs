//! The smallest input that is still answered wrong in the same way.

use super::change::{Change, Mutation};
use super::hunt::Hunt;
use super::kind::Kind;
use super::seals::{Layer, layers, open};
use super::trial::Trial;
use crate::adapter::Session;
use crate::live::outcome::Verdict;

/// How many inputs are tried to make one smaller.
const TRIES: usize = 160;
/// The same where each may end the adapter: fewer than it may be started anew.
const TRIES_OF_CRASH: usize = 12;

/// One shrinking.
pub(super) struct Shrink<'a> {
    session: &'a mut Session,
    kind: &'a Kind,
    left: usize,
}

impl<'a> Shrink<'a> {
    pub(super) fn new(session: &'a mut Session, kind: &'a Kind, verdict: &Verdict) -> Self {
        let crash = matches!(verdict, Verdict::Crash(_) | Verdict::Broken(_));
        Self { session, kind, left: if crash { TRIES_OF_CRASH } else { TRIES } }
    }

    /// Undoes mutations one by one, then cuts what can be cut.
    pub(super) async fn run(mut self, trial: Trial) -> Trial {
        let mut best = trial;
        let mut at = 0;
        while at < best.mutations.len() {
            let mut fewer = best.clone();
            fewer.mutations.remove(at);
            if self.is_same(&fewer).await { best = fewer } else { at += 1 }
        }
        let op = &best.ground.op;
        let members = best.ground.input.keys().cloned();
        let places: Vec<_> = members
            .flat_map(|member| {
                let inner_first = layers(op, &member).iter().rev().copied();
                inner_first.map(move |layer| (member.clone(), layer)).collect::<Vec<_>>()
            })
            .filter(|(_, layer)| matches!(layer, Layer::Outer | Layer::Inner))
            .collect();
        for (member, layer) in places {
            best = self.cut(best, member, layer).await;
        }
        best
    }

    /// The shortest beginning of a member with which the answer stays as it is.
    async fn cut(&mut self, best: Trial, member: String, layer: Layer) -> Trial {
        let Some((input, _)) = best.input() else { return best };
        let text = |value: &serde_json::Value| Some(value.as_str()?.chars().count());
        let length = match open(&best.ground.op, &input, &member, layer) {
            Some(bytes) => bytes.len(),
            None => input.get(&member).and_then(text).unwrap_or_default(),
        };
        let resized = |length: usize| {
            let change = Change::Resize(length);
            let mut shorter = best.clone();
            shorter.mutations.push(Mutation { member: member.clone(), layer, change });
            shorter
        };
        let (mut shortest, mut step, mut cut) = (length, length, None);
        while step > 0 {
            let shorter = resized(shortest.saturating_sub(step));
            if shortest >= step && self.is_same(&shorter).await {
                shortest -= step;
                cut = Some(shorter);
            } else {
                step /= 2;
            }
        }
        cut.unwrap_or(best)
    }

    async fn is_same(&mut self, trial: &Trial) -> bool {
        if self.left == 0 {
            return false;
        }
        let Some(case) = trial.case() else { return false };
        self.left -= 1;
        let judged = Hunt::judged(self.session, &case).await;
        Kind::of(&case, &judged).as_ref() == Some(self.kind)
    }
}
