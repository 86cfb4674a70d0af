//! The pages as they are read.

use super::*;
use crate::clauses::CHAPTERS;
use crate::report::WIDTH;

fn explained(id: &str) -> String {
    page(id, &catalogue::all().unwrap()).unwrap_or_else(|| panic!("nothing about {id}"))
}

#[track_caller]
fn holds(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
}

#[test]
fn a_vector_is_told_with_clause_bytes_and_mistakes() {
    let text = explained("packet/layout-0001");
    holds(
        &text,
        &[
            "packet/layout-0001 [MUST]\n\ncase       Alice to Bob: TEXT with message id 7\n",
            "spec/03-packet.md:",
            "input of packet.seal\n",
            "  command                         32 = 20, TEXT\n",
            "    0..2        message id        0700  little-endian: 7\n",
            "expected output\n  packet                          packet, 128 bytes\n",
            "    64..128     signature         e4ee708d573218e9",
            "usual mistakes\n  mistake  The message id is written big-endian.",
            "run        sealwire check --only packet/layout-0001\n",
        ],
    );
    assert_eq!(text, explained("packet/layout-0001.wire"));
}

#[test]
fn a_refusal_is_told_with_its_clause_and_class() {
    let all = catalogue::all().unwrap();
    let of = |entry: &&Entry| {
        entry.vector.as_ref().is_some_and(|case| {
            case.expect == crate::vectors::Expect::Reject("packet/authentic".to_owned())
                && entry.clause != "packet/authentic"
        })
    };
    let text = explained(&all.iter().find(of).expect("a case").id);
    holds(
        &text,
        &[
            "expected   refused by [packet/authentic], class authentic\n           The reader of",
            "mistake  Wrong key, wrong tag and altered ciphertext are told apart.",
        ],
    );
}

#[test]
fn headers_are_unmasked_and_owners_named() {
    let text = explained("frame/header-from-0001");
    holds(
        &text,
        &[
            "    0..8        header            7977c9813a7ea7eb  to: id of Bob, 493e82fc74464a59\n",
            "    0..8        header            e478d09c0355aaf0  from: id of Alice, 79a631eede1bf9c9\n",
            "K_c2s of Alice",
            "K_s2c of Bob",
        ],
    );
}

#[test]
fn what_is_sealed_is_shown_where_a_step_tells_the_key() {
    let hello = explained("handshake/too-short-0001");
    holds(&hello, &["sealed inside", "HANDSHAKE_REQUEST", "Ed25519 key of Alice"]);
    let reply = explained("handshake/reply-layout-0001");
    holds(&reply, &["from: the relay, 0000000000000000", "HANDSHAKE_OK"]);
}

#[test]
fn bodies_invites_and_sweeps_have_fields() {
    let all = catalogue::all().unwrap();
    let first = |clause: &str, op: &str| {
        let of_op = |entry: &&Entry| entry.vector.as_ref().is_some_and(|case| case.op == op);
        let entry = all.iter().filter(|entry| entry.clause == clause).find(of_op);
        explained(&entry.expect("a case").id)
    };
    holds(&first("relay/introduce", "relay.command"), &["INTRODUCE", "0..8        target"]);
    holds(
        &first("identity/invite-trim", "identity.invite-decode"),
        &["expected output", "X25519 key of Alice"],
    );
    let sweep = all.iter().find(|entry| {
        entry
            .vector
            .as_ref()
            .is_some_and(|case| case.input.values().any(|v| v["sweep"] == "bit-flip"))
    });
    holds(&explained(&sweep.expect("a sweep").id), &["with bit n mod 8 of byte n / 8 flipped"]);
}

#[test]
fn a_live_case_is_told_by_its_comment() {
    let text = explained("frame/too-long.four-gib");
    holds(
        &text,
        &[
            "stimulus   2³² bytes: a length that a 32-bit counter takes for none.\n",
            "why        A relay that looks at the size after it has buffered",
            "sealwire relay --url … --only frame/too-long.four-gib\n",
        ],
    );
}

#[test]
fn a_clause_is_told_with_its_cases_or_why_it_has_none() {
    holds(
        &explained("frame/too-long"),
        &[
            "[frame/too-long] MUST\n",
            "cases\n  frame/too-long-0001",
            "four-gib",
            "  twin     relay/buffers-first: Awaits a message before it judges its length. Caught by\n           frame/too-long.one-byte-over and 3 more.\n",
        ],
    );
    let untestable = clauses::all().iter().filter(|clause| clause.untestable.is_some());
    for clause in untestable {
        let text = explained(clause.id);
        assert!(text.contains("\nno case    ") && !text.contains("\ncases\n"), "{text}");
    }
}

#[test]
fn every_page_stays_within_its_width() {
    let all = catalogue::all().unwrap();
    let ids = all.iter().map(|entry| &*entry.id).chain(clauses::all().iter().map(|c| c.id));
    for id in ids {
        let text = page(id, &all).expect("a page");
        let long = text.lines().find(|line| line.chars().count() > WIDTH);
        assert_eq!(long, None, "{id}");
        assert!(!text.contains('\x1b'));
    }
}

#[test]
fn an_unknown_id_names_its_neighbours_in_one_line() {
    let all = catalogue::all().unwrap();
    assert_eq!(page("frame/to-long", &all), None);
    let line = unknown("frame/to-long", &all);
    assert!(line.contains("near it: frame/too-long"), "{line}");
    assert_eq!(line.lines().count(), 1);
    assert!(unknown("qqqqqqqqqqqqqqqq", &all).contains("sealwire list"));
    assert!(CHAPTERS.iter().all(|chapter| page(chapter, &all).is_none()));
}
