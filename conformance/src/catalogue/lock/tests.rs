//! The lock as it is, and as it would be if somebody broke its rules.

use std::collections::BTreeSet;

use super::*;
use crate::catalogue::all;

/// What is wrong between a lock and the catalogue.
fn faults(lock: &[Line], entries: &[Entry]) -> Vec<String> {
    let locked: BTreeMap<_, _> = lock.iter().map(|line| (line.key(), line)).collect();
    let present: BTreeSet<_> = entries.iter().map(|entry| (&*entry.id, entry.way)).collect();
    let twice = lock.windows(2).filter(|pair| pair[0].key() >= pair[1].key());
    let twice = twice.map(|pair| format!("{} stands twice or out of order", pair[1].id));
    let gone = lock.iter().filter(|line| line.status != Status::Retired);
    let gone = gone.filter(|line| !present.contains(&line.key()));
    let gone = gone.map(|line| format!("{} is gone: run `sealwire list --lock`", line.id));
    let of_entry = |entry: &Entry| match locked.get(&(&*entry.id, entry.way)) {
        None => Some(format!("{} is new: run `sealwire list --lock`", entry.id)),
        Some(line) => fault(line, entry),
    };
    twice.chain(gone).chain(entries.iter().filter_map(of_entry)).collect()
}

/// Two vectors and a live case.
fn some() -> Vec<Entry> {
    let mut all = all().unwrap();
    let ids = ["frame/mask-0001", "frame/mask-0002", "frame/too-long.four-gib"];
    all.retain(|entry| ids.contains(&&*entry.id));
    assert_eq!(all.len(), 3);
    all
}

fn release(text: &str) -> Release {
    text.parse().unwrap()
}

fn first() -> Vec<Line> {
    refreshed(&[], &some(), release("0.1")).unwrap()
}

/// The same case with another comment.
fn changed(entry: &mut Entry) {
    entry.about.insert(0, '!');
    if let Some(case) = &mut entry.vector {
        case.comment.insert(0, '!');
    }
}

fn line<'a>(lock: &'a [Line], id: &str) -> &'a Line {
    lock.iter().find(|line| line.id == id).unwrap()
}

#[test]
fn the_lock_holds_the_catalogue_as_it_is() {
    let lock = read(LOCK).unwrap();
    assert_eq!(write(&lock), LOCK, "not as `sealwire list --lock` writes it");
    assert_eq!(faults(&lock, &all().unwrap()), [""; 0]);
}

#[test]
fn the_first_lock_takes_all_as_active_and_reads_as_it_was_written() {
    let lock = first();
    assert!(lock.iter().all(|line| line.status == Status::Active && line.since == release("0.1")));
    assert_eq!(read(&write(&lock)), Ok(lock.clone()));
    assert_eq!(faults(&lock, &some()), [""; 0]);
    for wrong in
        ["a b c", "a vector a 0.1 lost 00", "a boat a 0.1 active 00", "a vector a x active 0"]
    {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn every_departure_from_the_lock_is_a_fault() {
    let (lock, mut entries) = (first(), some());
    let live = entries.iter().position(|entry| entry.way != Way::Vector).unwrap();
    changed(&mut entries[0]);
    changed(&mut entries[live]);
    let said = faults(&lock, &entries).join("\n");
    assert!(said.contains("frame/mask-0001 has changed: give it a new number"), "{said}");
    assert!(said.contains("frame/too-long.four-gib has changed: run"), "{said}");
    let said = faults(&lock, &some()[1..]).join("\n");
    assert_eq!(said, "frame/mask-0001 is gone: run `sealwire list --lock`");
    let said = faults(&lock[1..], &some()).join("\n");
    assert_eq!(said, "frame/mask-0001 is new: run `sealwire list --lock`");
    let twice = [&lock[..1], &lock].concat();
    assert_eq!(faults(&twice, &some()), ["frame/mask-0001 stands twice or out of order"]);
}

#[test]
fn what_is_gone_is_retired_and_never_comes_back() {
    let retired = refreshed(&first(), &some()[1..], release("0.1")).unwrap();
    assert_eq!(line(&retired, "frame/mask-0001").status, Status::Retired);
    assert_eq!(faults(&retired, &some()[1..]), [""; 0]);
    let again = refreshed(&retired, &some(), release("0.2")).unwrap_err();
    assert_eq!(again, ["frame/mask-0001 was retired: an id is never used again"]);
    assert_eq!(faults(&retired, &some()), again);
}

#[test]
fn an_active_vector_never_changes_and_a_live_case_is_reworded_in_the_open() {
    let mut entries = some();
    changed(&mut entries[0]);
    assert!(refreshed(&first(), &entries, release("0.1")).is_err());
    let mut entries = some();
    let live = entries.iter_mut().find(|entry| entry.way != Way::Vector).unwrap();
    changed(live);
    let id = live.id.clone();
    let lock = refreshed(&first(), &entries, release("0.1")).unwrap();
    assert_ne!(line(&lock, &id).hash, line(&first(), &id).hash);
    assert_eq!(faults(&lock, &entries), [""; 0]);
}

#[test]
fn new_cases_are_staged_for_one_release_and_may_be_mended_meanwhile() {
    let lock = refreshed(&first()[1..], &some(), release("0.1")).unwrap();
    assert_eq!(line(&lock, "frame/mask-0001").status, Status::Staged);
    let mut entries = some();
    changed(&mut entries[0]);
    assert_eq!(faults(&lock, &entries).len(), 1);
    let lock = refreshed(&lock, &entries, release("0.1")).unwrap();
    assert_eq!(line(&lock, "frame/mask-0001").status, Status::Staged);
    let lock = refreshed(&lock, &entries, release("0.2")).unwrap();
    let promoted = line(&lock, "frame/mask-0001");
    assert_eq!((promoted.status, promoted.since), (Status::Active, release("0.2")));
    assert_eq!(line(&lock, "frame/mask-0002").since, release("0.1"));
}

#[test]
fn a_level_holds_what_was_counted_then_and_what_is_no_case() {
    let id = &built_in().values().flatten().find(|l| l.status == Status::Active).unwrap().id;
    assert!(is_of_level(release("0.1"), id) && !is_of_level(release("0.0"), id));
    assert!(is_of_level(release("0.1"), "frame/mask-0001.wire"));
    assert!(is_of_level(release("0.0"), "ed25519-cctv-305.wire"));
    assert!(!is_staged("no/such-0001") && !is_staged("frame/mask-0001.wire"));
}
