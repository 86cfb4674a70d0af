//! Specification, table of clauses, vectors and live cases hold each other.

use std::collections::BTreeSet;

use crate::clauses::{all, find};
use crate::{cases, vectors};

/// The clauses that a vector or a live case exercises.
fn exercised() -> BTreeSet<String> {
    let offline = vectors::catalogue().into_iter().map(|(_, clause)| clause);
    let live = cases::relay().map(|case| case.clause()).chain(cases::client().map(|c| c.clause()));
    offline.chain(live.map(str::to_owned)).collect()
}

#[test]
fn every_clause_is_exercised_or_says_why_not() {
    let exercised = exercised();
    for clause in all() {
        let shown = exercised.contains(clause.id);
        assert!(
            shown != clause.untestable.is_some(),
            "{} at {}:{}: exercised is {shown}, untestable is {:?}",
            clause.id,
            clause.file,
            clause.line,
            clause.untestable
        );
    }
}

#[test]
fn nothing_cites_a_clause_that_does_not_exist() {
    for clause in exercised() {
        assert!(find(&clause).is_some(), "{clause} is exercised and not specified");
    }
    for (file, text) in sealwire_spec::FILES {
        for cited in text.split('[').filter_map(|rest| rest.split_once(']').map(|(id, _)| id)) {
            let chapter = cited.split('/').next().unwrap_or_default();
            let is_id = cited.contains('/') && crate::clauses::CHAPTERS.contains(&chapter);
            assert!(!is_id || find(cited).is_some(), "{file} cites [{cited}]");
        }
    }
}

#[test]
fn specification_and_crate_name_the_same_clauses() {
    let specified: Vec<_> = all().iter().map(|clause| clause.id).collect();
    let distinct: BTreeSet<_> = specified.iter().collect();
    assert_eq!(distinct.len(), specified.len(), "a clause is defined twice");
    let named: Vec<_> = vectors::named_by_the_crate().collect();
    assert_eq!(specified, named, "in the order of the specification");
}

#[test]
fn no_two_live_cases_share_clause_and_stimulus() {
    // The same stimulus may meet a relay and a client: they are different testees.
    let relay: Vec<_> = cases::relay().map(|case| case.id).collect();
    let client: Vec<_> = cases::client().map(|case| case.id).collect();
    for ids in [relay, client] {
        let distinct: BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }
}
