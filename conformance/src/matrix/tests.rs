use std::fs;

use super::*;
use crate::report::tests::failing;

/// A folder with these reports in it, and their paths.
fn folder(reports: &[(&str, Kind)]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |(at, (name, kind)): (usize, &(&str, Kind))| {
        let mut document = Document::of(&failing());
        (document.target, document.kind) = ((*name).to_owned(), *kind);
        let path = folder.path().join(format!("{at}.json"));
        fs::write(&path, document.json()).expect("written");
        path
    };
    let paths = reports.iter().enumerate().map(write).collect();
    (folder, paths)
}

fn two() -> Matrix {
    let (_folder, paths) = folder(&[("a <b>", Kind::Adapter), ("c", Kind::Relay)]);
    Matrix::read(&paths).expect("a matrix")
}

#[test]
fn reports_of_one_name_are_one_column_and_a_kind_stands_once() {
    let (_folder, paths) =
        folder(&[("a", Kind::Adapter), ("b", Kind::Adapter), ("a", Kind::Client)]);
    let matrix = Matrix::read(&paths).expect("a matrix");
    let columns: Vec<_> = matrix.columns.iter().map(|c| (c.name.as_str(), c.kinds())).collect();
    assert_eq!(columns, [("a", "adapter, client".to_owned()), ("b", "adapter".to_owned())]);
    let (_folder, paths) = folder(&[("a", Kind::Adapter), ("a", Kind::Adapter)]);
    let fault = Matrix::read(&paths).expect_err("twice");
    assert!(fault.contains("1.json: a second adapter report of a"), "{fault}");
}

#[test]
fn what_is_no_report_is_named_with_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.json");
    let fault = Matrix::read(std::slice::from_ref(&path)).expect_err("missing");
    assert!(fault.contains("x.json"), "{fault}");
    fs::write(&path, "{}").expect("written");
    assert!(Matrix::read(&[path]).expect_err("empty").contains("no report of this suite"));
}

#[test]
fn a_clause_is_kept_only_if_every_case_that_ran_passed() {
    let matrix = two();
    let sums: Vec<_> = matrix.chapters.iter().map(|chapter| matrix.sums(chapter)[0]).collect();
    let sum = |kept, broken, open| Sum { kept, broken, known: 0, open };
    assert_eq!(sums, [sum(1, 1, 0), sum(0, 0, 1), sum(0, 0, 1)], "packet, frame, relay");
    assert_eq!(matrix.columns[0].conclusion(), Conclusion::DoesNot);
}

#[test]
fn page_badge_and_table_name_all_and_run_nothing_that_they_were_told() {
    let matrix = two();
    let page = page::render(&matrix).expect("a page");
    assert!(
        page.contains("href=\"#told:0:packet/layout\"")
            && page.contains("id=\"told:0:packet/layout\"")
    );
    for made in [page, badge::render(&matrix).expect("a badge")] {
        assert!(!made.contains("<b>") && made.contains("a &#60;b&#62;"), "{made}");
        assert!(!made.contains("src=") && !made.contains("href=\"http"));
    }
    let text = text::render(&matrix, Style::plain());
    assert!(text.contains("3 packet") && text.contains("1 of 2"), "{text}");
}

#[test]
fn a_badge_has_a_line_for_each() {
    let badge = badge::render(&two()).expect("a badge");
    assert_eq!(
        badge.matches("does not conform · 1 of 2").count(),
        6,
        "label, title and lines, of two"
    );
    assert!(badge.contains("height=\"40\""), "{badge}");
}

/// A matrix of one report that says so of its cases: verdict, staged.
fn of(cases: &[(Word, bool)], complete: bool) -> Matrix {
    let mut document = Document::of(&failing());
    let case = document.cases[0].clone();
    let with = |(verdict, staged): &(Word, bool)| Case {
        verdict: *verdict,
        staged: *staged,
        ..case.clone()
    };
    document.cases = cases.iter().map(with).collect();
    (document.totals, document.complete) = (Totals::of(&document.cases), complete);
    // What a report says of itself is no evidence.
    (document.exit, document.conclusion) = (0, "conforms".to_owned());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("one.json");
    fs::write(&path, document.json()).expect("written");
    Matrix::read(&[path]).expect("a matrix")
}

#[test]
fn the_cases_decide_and_not_what_a_report_says_of_itself() {
    use Conclusion::{Conforms, DoesNot, Known, NotJudged};
    for (cases, complete, conclusion, word) in [
        (&[(Word::Pass, false)][..], true, Conforms, Some(Word::Pass)),
        (&[(Word::Pass, false)], false, NotJudged, Some(Word::Pass)),
        (&[(Word::Pass, false), (Word::Fail, false)], true, DoesNot, Some(Word::Fail)),
        (&[(Word::Fail, false)], false, DoesNot, Some(Word::Fail)),
        (&[(Word::Pass, false), (Word::Fail, true)], true, Conforms, Some(Word::Pass)),
        (&[(Word::Pass, false), (Word::Known, false)], true, Known, Some(Word::Known)),
        (&[(Word::Pass, false), (Word::NotRun, false)], true, Conforms, Some(Word::Pass)),
        (&[(Word::Pass, false), (Word::Broken, false)], true, NotJudged, Some(Word::Pass)),
        (&[(Word::NotRun, false)], true, NotJudged, Some(Word::NotRun)),
        (&[(Word::Crash, false), (Word::Fail, false)], true, DoesNot, Some(Word::Fail)),
    ] {
        let matrix = of(cases, complete);
        assert_eq!(matrix.columns[0].conclusion(), conclusion, "{cases:?}");
        assert_eq!(matrix.chapters[0].rows[0].cells[0].word, word, "{cases:?}");
        let (badge, text) =
            (badge::render(&matrix).expect("one"), text::render(&matrix, Style::plain()));
        assert!(badge.contains(conclusion.said()) && text.contains(conclusion.said()), "{text}");
    }
}

#[test]
fn implementations_differ_where_cases_that_ran_do() {
    let words = |words: &[Option<Word>]| {
        let cell =
            |word: &Option<Word>| Cell { word: *word, totals: Totals::default(), told: vec![] };
        Row { clause: &clauses::all()[0], cells: words.iter().map(cell).collect() }
    };
    for (row, differs, fails) in [
        (words(&[Some(Word::Pass), Some(Word::Pass)]), false, false),
        (words(&[Some(Word::Pass), Some(Word::Fail)]), true, true),
        (words(&[Some(Word::Pass), None, Some(Word::NotRun)]), false, false),
        (words(&[Some(Word::Pass), Some(Word::Known)]), true, true),
        (words(&[Some(Word::Pass), Some(Word::Broken)]), false, false),
    ] {
        assert_eq!((row.differs(), row.fails()), (differs, fails), "{row:?}");
    }
}

#[test]
fn clauses_of_another_edition_are_counted_and_long_names_cut() {
    let mut document = Document::of(&failing());
    document.target = "n".repeat(100_000);
    document.cases[0].clause = "frame/of-tomorrow".to_owned();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("one.json");
    fs::write(&path, document.json()).expect("written");
    let matrix = Matrix::read(std::slice::from_ref(&path)).expect("a matrix");
    let text = text::render(&matrix, Style::plain());
    assert!(text.contains("1 cases of clauses that this suite does not know"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() < 120), "{text}");
    let asked = cli::Matrix { reports: vec![path.clone()], html: Some(path), badge: None };
    assert!(made(&asked).expect_err("an input is overwritten").contains("named twice"));
}
