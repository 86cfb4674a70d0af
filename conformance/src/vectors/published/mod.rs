//! Published sets that others wrote: what a conforming implementation makes of each vector is
//! decided by the specification, not by the set, and stands here as one rule a set.
//!
//! | set | rule |
//! |---|---|
//! | "Taming the many EdDSAs", 12 | none is accepted |
//! | C2SP CCTV, 914 | number 305 is accepted, no other |
//! | BLAKE3, 35 lengths | `derive_key`, extended output included; the model only, because the set's context is registered nowhere |

#[cfg(test)]
mod wycheproof;

use serde_json::Value;

use super::case::Expect;
use super::check::{By, Failure, Verdict, judge};
use super::input::{Members, Written};
use crate::model::primitives::derive_any;

/// The one vector of CCTV that S1 accepts.
const CCTV_ACCEPTED: u64 = 305;

/// S1 a, b and c.
const REFUSALS: [&str; 3] = [
    "primitives/ed25519-key-encoding",
    "primitives/ed25519-key-order",
    "primitives/ed25519-signature",
];

/// What `takes` takes of every set, by every runner that can run it.
pub(super) fn verdicts(takes: impl Fn(&str) -> bool) -> Vec<Verdict> {
    let signatures = [speccheck(), cctv()].concat();
    let by_both = |signature: &Signature| {
        let taken = By::ALL.into_iter().filter(|by| takes(&by.reported(&signature.id)));
        taken.map(|by| verdict(&signature.id, by, signature.failure(by))).collect::<Vec<_>>()
    };
    let of_both: Vec<_> = signatures.iter().flat_map(by_both).collect();
    let of_model = blake3().into_iter().filter(|verdict| takes(&By::Model.reported(&verdict.id)));
    of_both.into_iter().chain(of_model).collect()
}

/// One vector of a set of signatures.
#[derive(Clone)]
struct Signature {
    id: String,
    input: Members,
    accepted: bool,
}

fn set(name: &str) -> Value {
    let text = sealwire_vectors::get(name).unwrap_or_default();
    serde_json::from_str(text).unwrap_or_default()
}

fn list(set: &Value) -> impl Iterator<Item = &Value> {
    set.as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn speccheck() -> Vec<Signature> {
    let set = set("ed25519-speccheck.json");
    let signature = |(number, vector): (usize, &Value)| Signature {
        id: format!("ed25519-speccheck-{number}"),
        input: Written::new()
            .value("key", text(vector, "pub_key"))
            .value("message", text(vector, "message"))
            .value("signature", text(vector, "signature"))
            .members(),
        accepted: false,
    };
    list(&set).enumerate().map(signature).collect()
}

fn cctv() -> Vec<Signature> {
    let set = set("ed25519-cctv.json");
    let signature = |vector: &Value| Signature {
        id: format!("ed25519-cctv-{}", vector["number"]),
        input: Written::new()
            .value("key", text(vector, "key"))
            .bytes("message", text(vector, "msg").as_bytes())
            .value("signature", text(vector, "sig"))
            .members(),
        accepted: vector["number"] == CCTV_ACCEPTED,
    };
    list(&set).map(signature).collect()
}

impl Signature {
    /// What one runner makes of it. Which of the three Ed25519 clauses refuses it the set does not
    /// say: the model does, and the crate must agree.
    fn failure(&self, by: By) -> Option<Failure> {
        let verify = |by: By, expect| judge(by, "primitives.verify", &self.input, &expect);
        if self.accepted {
            return verify(by, Expect::Ok(Members::new()));
        }
        let refused = |clause: &str| Expect::Reject(clause.to_owned());
        let by_model = |clause: &&str| verify(By::Model, refused(clause)).is_none();
        let clause = REFUSALS.into_iter().find(by_model).unwrap_or(REFUSALS[2]);
        verify(by, refused(clause))
    }
}

fn verdict(id: &str, by: By, failure: Option<Failure>) -> Verdict {
    let clause = if id.starts_with("blake3") { "context" } else { "ed25519-signature" };
    let clause = format!("primitives/{clause}");
    Verdict { id: id.to_owned(), clause, chapter: "published".to_owned(), by, failure }
}

fn blake3() -> Vec<Verdict> {
    let set = set("blake3.json");
    let context = text(&set, "context_string").to_owned();
    let verdicts = list(&set["cases"]).map(|vector| {
        let length = vector["input_len"].as_u64().unwrap_or_default();
        let material: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
        let expected = text(vector, "derive_key").to_owned();
        let actual = hex::encode(derive_any(&context, &material, expected.len() / 2));
        let failure = (expected != actual).then_some(Failure {
            expected,
            actual,
            compared: Vec::new(),
            notes: Vec::new(),
        });
        verdict(&format!("blake3-derive-key-{length}"), By::Model, failure)
    });
    verdicts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vector_of_every_set_runs_and_passes() {
        let verdicts = verdicts(|_| true);
        let ran = |prefix: &str| verdicts.iter().filter(|v| v.id.starts_with(prefix)).count();
        assert_eq!(ran("ed25519-speccheck-"), 2 * 12);
        assert_eq!(ran("ed25519-cctv-"), 2 * 914);
        assert_eq!(ran("blake3-derive-key-"), 35);
        let failures: Vec<_> = verdicts.iter().filter(|v| v.failure.is_some()).collect();
        assert_eq!(failures, Vec::<&Verdict>::new());
    }

    /// The specification says how many end at each step of S1.
    #[test]
    fn refusals_end_where_the_specification_counts_them() {
        let ends = |set: &[Signature]| {
            REFUSALS.map(|clause| {
                let expect = Expect::Reject(clause.to_owned());
                let ends_here = |signature: &&Signature| {
                    judge(By::Model, "primitives.verify", &signature.input, &expect).is_none()
                };
                set.iter().filter(ends_here).count()
            })
        };
        assert_eq!(ends(&speccheck()), [2, 8, 2]);
        assert_eq!(ends(&cctv()), [226, 660, 27]);
    }
}
