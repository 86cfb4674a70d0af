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
        let (id, file, line) = (clause.id, clause.file, clause.line);
        match (exercised.contains(id), &clause.untestable) {
            (false, None) => panic!(
                "{file}:{line}: [{id}] has no vector and no live case, and does not end with \
                 *untestable: why.*"
            ),
            (true, Some(why)) => panic!("{file}:{line}: [{id}] has a case, and denies it: {why}"),
            _ => {}
        }
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
    let same = specified.iter().zip(&named).take_while(|(a, b)| a == b).count();
    assert_eq!(
        specified.get(same),
        named.get(same),
        "clause {} of spec/ (left) and of the table in wire/src/clause.rs (right), which are to \
         have the same order",
        same + 1
    );
}

/// Nor do a relay's and a client's: reports and `--only` name a case by its id alone.
#[test]
fn no_two_live_cases_share_clause_and_stimulus() {
    let mut ids = BTreeSet::new();
    for id in cases::relay().map(|case| case.id).chain(cases::client().map(|case| case.id)) {
        assert!(ids.insert(id), "two live cases are called {id}");
    }
}
