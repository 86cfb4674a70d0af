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
    assert_eq!(sums, [sum(1, 1, 0), sum(0, 1, 0), sum(0, 0, 1)], "packet, frame, relay");
    assert!(!matrix.columns[0].conforms());
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
        badge.matches("does not conform · 1 of 3").count(),
        6,
        "label, title and lines, of two"
    );
    assert!(badge.contains("height=\"40\""), "{badge}");
}
