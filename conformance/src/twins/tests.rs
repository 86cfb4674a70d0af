//! The table is sound, and the codec twins are caught.

use std::collections::BTreeSet;

use super::codec;
use super::faults::Twin;
use super::faults::codec::Fault;
use crate::{clauses, vectors};

#[test]
fn every_row_names_a_clause_and_no_two_rows_a_twin() {
    let mut ids = BTreeSet::new();
    for twin in Twin::all() {
        assert!(ids.insert(twin.id()), "{} twice", twin.id());
        let Some(row) = twin.row() else { continue };
        assert!(clauses::find(row.clause).is_some(), "{}: {}", twin.id(), row.clause);
        assert!(row.sentence.ends_with('.'), "{}", twin.id());
    }
}

/// A clause that can be observed at all is broken by a twin.
#[test]
fn every_observable_clause_has_a_twin() {
    let broken: BTreeSet<_> =
        Twin::all().iter().filter_map(|twin| twin.row()).map(|row| row.clause).collect();
    for clause in clauses::all() {
        let (id, has) = (clause.id, broken.contains(clause.id));
        assert!(has || clause.untestable.is_some(), "[{id}] has no row in twins/faults/");
        assert!(!has || clause.untestable.is_none(), "[{id}] has a twin, and says *untestable*");
    }
}

#[test]
fn every_codec_twin_is_caught_by_a_vector_of_its_clause() {
    let escapes = |fault: &&Fault| {
        let own = |clause: &str| clause == fault.row().clause;
        let cases = vectors::judged(own, |op, input| codec::run(Some(**fault), op, input));
        cases.iter().all(|(_, _, passed)| *passed)
    };
    let escaped: Vec<_> = Fault::ALL.iter().filter(escapes).collect();
    assert!(
        escaped.is_empty(),
        "no vector of its clause notices {escaped:?}: twins/codec/ does not act on it, or the \
         vectors are too weak"
    );
}

#[test]
fn the_codec_without_a_fault_passes_every_vector() {
    let cases = vectors::judged(|_| true, |op, input| codec::run(None, op, input));
    let failed: Vec<_> = cases.iter().filter(|(_, _, passed)| !passed).collect();
    assert!(cases.len() > 400 && failed.is_empty(), "{failed:?}");
}
