use super::*;

const LIST: &str = r##"# Kept.
[[known]]
id = "frame/order.a"
fails = "fail: after # ms"
reason = "slow" # really
issue = "#12"
expires = "2027-03-01"
"##;

fn known(text: &str, today: &str) -> Known {
    let list = List::read(text).expect("a list");
    let today = today.parse().expect("a date");
    Known { path: "known.toml".into(), list, today, fix: true }
}

fn finding(id: &str, verdict: Verdict) -> Finding {
    Finding::new(id.to_owned(), "frame/order".to_owned(), verdict)
}

fn late(ms: u32) -> Verdict {
    Verdict::failed("at once", format!("after {ms} ms"))
}

/// The only finding of a run in which the listed case ended like this.
fn applied(verdict: Verdict, today: &str) -> Finding {
    let known = known(LIST, today);
    let mut findings = known.applied(vec![finding("frame/order.a", verdict)], |_| true);
    assert_eq!(findings.len(), 1);
    findings.swap_remove(0)
}

#[test]
fn a_case_that_fails_as_listed_is_known_until_the_end_of_its_last_day() {
    for today in ["2026-01-01", "2027-03-01"] {
        let verdict = applied(late(7), today).verdict;
        assert_eq!(verdict.word(), "known");
        assert_eq!(
            verdict.detail(),
            "fail: expected at once; actual after 7 ms; known until 2027-03-01: slow (#12)"
        );
    }
    let expired = applied(late(7), "2027-03-02");
    assert_eq!(expired.verdict, late(7));
    assert!(expired.notes[0].1.contains("known.toml listed it until 2027-03-01"));
}

#[test]
fn a_listed_case_that_passes_or_does_not_run_fails_the_run() {
    for (verdict, said) in [
        (Verdict::Pass, "it passes"),
        (Verdict::NotRun("slow".into()), "not run: slow"),
        (Verdict::Unsupported("frame".into()), "unsupported: frame"),
    ] {
        let Verdict::Fail { actual, .. } = applied(verdict, "2026-01-01").verdict else { panic!() };
        assert!(actual.starts_with(said), "{actual}");
    }
    let missing = known(LIST, "2026-01-01").applied(Vec::new(), |_| true);
    assert_eq!((missing[0].id.as_str(), missing[0].verdict.word()), ("frame/order.a", "fail"));
    assert!(missing[0].verdict.detail().contains("there is no such case; --fix takes"));
    let real = known(&LIST.replace("frame/order.a", "frame/mask-0001"), "2026-01-01");
    let missing = &real.applied(Vec::new(), |_| true)[0];
    assert_eq!(missing.clause, "frame/mask");
    assert!(missing.verdict.detail().ends_with("it has not run"), "{missing:?}");
    let runners = finding("frame/mask-0001.wire", Verdict::Pass);
    let missing = &real.applied(vec![runners], |_| true)[1];
    assert!(missing.verdict.detail().ends_with("here it is called frame/mask-0001.wire"));
    assert!(known(LIST, "2026-01-01").applied(Vec::new(), |_| false).is_empty(), "not selected");
}

#[test]
fn another_failure_is_not_the_known_one() {
    for verdict in [Verdict::failed("at once", "never"), Verdict::Crash("after 7 ms".into())] {
        let other = applied(verdict.clone(), "2026-01-01");
        assert_eq!(other.verdict, verdict);
        assert!(other.notes[0].1.contains("lists another failure: fail: after # ms"));
    }
    assert_eq!(applied(Verdict::Broken("x".into()), "2026-01-01").verdict.word(), "broken");
}

#[test]
fn fixing_takes_off_what_passes_and_keeps_what_people_wrote() {
    let mut fixed = known(LIST, "2026-01-01");
    let day = fixed.today;
    fixed.list.fix(&[finding("frame/order.a", Verdict::Crash("gone".into()))], |_| true, day);
    let text = fixed.list.text();
    assert!(text.contains("fails = \"crash: gone\"") && text.contains("# really"), "{text}");
    assert!(text.starts_with("# Kept."), "{text}");
    let new = finding("frame/order.b", late(1));
    fixed.list.fix(&[new, finding("frame/order.a", Verdict::Pass)], |_| true, day);
    assert!(fixed.list.entries.is_empty(), "it only shrinks: {}", fixed.list.text());
    for unjudged in [
        Verdict::Broken("no socket".into()),
        Verdict::NotRun("slow".into()),
        Verdict::Unsupported("frame".into()),
    ] {
        let mut kept = known(LIST, "2026-01-01");
        kept.list.fix(&[finding("frame/order.a", unjudged.clone())], |_| true, day);
        assert_eq!(kept.list.text(), LIST, "{unjudged:?} says nothing of the failure");
    }
    let windows = LIST.replace('\n', "\r\n");
    assert_eq!(List::read(&windows).expect("a list").text(), windows);
    let mut unselected = known(LIST, "2026-01-01");
    unselected.list.fix(&[], |_| false, day);
    assert_eq!(unselected.list.text(), LIST);
}

#[test]
fn a_list_that_is_begun_holds_all_that_fails_and_waits_for_reasons() {
    let day = "2026-01-01".parse().expect("a date");
    let mut list = List::begun();
    list.fix(&[finding("frame/order.a", late(1)), finding("b", Verdict::Pass)], |_| true, day);
    let read = List::read(&list.text()).expect("what is written can be read");
    assert_eq!(read.entries.len(), 1);
    assert!(read.entries[0].fault(day).expect("a fault").contains("no reason"));
}

#[test]
fn a_date_may_stand_without_quotes() {
    let bare = LIST.replace("\"2027-03-01\"", "2027-03-01");
    assert_eq!(List::read(&bare).expect("a list").entries, List::read(LIST).expect("one").entries);
}

#[test]
fn a_list_that_cannot_be_used_says_where_in_one_line() {
    for (text, said) in [
        ("[[known]]\nid = \"a\"", "the entry of a has no text \"fails\""),
        ("known = 3", "entries are [[known]]"),
        ("[[listed]]\nid = \"a\"", "\"listed\" is nothing that a list holds"),
        ("[[known]\n", "TOML parse error at line 1"),
        (&LIST.replace("2027-03-01", "soon"), "expires \"soon\" is no date"),
        (&LIST.repeat(2), "frame/order.a is listed twice"),
        (&LIST.replace("issue", "ticket"), "has no text \"issue\""),
        (&format!("{LIST}since = \"0.1\""), "has a member \"since\""),
    ] {
        let fault = List::read(text).expect_err(text);
        assert!(fault.contains(said) && fault.lines().count() == 1, "{fault}");
    }
}
