//! The vectors about themselves: fresh, complete, and able to fail.

use std::collections::{BTreeMap, BTreeSet};

use crate::clauses::class;

use super::check::{By, judge, schema_faults};
use super::*;
use sealwire_vectors::README;
use serde_json::Value;

/// What the issue of chapters 1 to 6 asks for at least.
const FEWEST: usize = 170;

fn cases() -> Vec<Case> {
    super::cases().unwrap()
}

#[test]
fn every_file_is_fresh_and_every_runner_passes() {
    let report = check();
    let failures: Vec<_> = report.failures().collect();
    assert!(report.is_clean(), "{:#?}\n{failures:#?}", report.faults);
}

#[test]
fn every_clause_that_has_vectors_has_one_of_each_kind() {
    let mut kinds: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for case in &cases() {
        let kind = match case.expect {
            Expect::Ok(_) => "accept",
            Expect::Reject(_) => "reject",
        };
        kinds.entry(case.clause().to_owned()).or_default().insert(kind);
    }
    let half: Vec<_> = kinds.iter().filter(|(_, kinds)| kinds.len() < 2).collect();
    assert_eq!(half, [], "clauses that lack a vector that is accepted, or one that is refused");
}

/// Refusals fold into classes by the tables of the specification, and the crate has the same.
#[test]
fn every_clause_is_in_the_table_of_classes() {
    for clause in crate::clauses::all() {
        let (id, file) = (clause.id, clause.file);
        let (specified, named) = (class(id), wire::class_of(id));
        assert!(specified.is_some(), "{file}: [{id}] is missing under \"Refusals by class\"");
        assert_eq!(specified, named, "[{id}]: {file} (left), wire/src/clause.rs (right)");
    }
}

#[test]
fn numbers_of_a_clause_have_no_gap_and_inputs_are_counted_once() {
    let cases = cases();
    let mut numbers: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for case in &cases {
        let number = case.id.rsplit_once('-').unwrap().1.parse().unwrap();
        numbers.entry(case.clause()).or_default().insert(number);
    }
    for (clause, numbers) in numbers {
        assert!(numbers.iter().copied().eq(1..=numbers.len()), "a gap in {clause}: {numbers:?}");
    }
    let distinct: BTreeSet<_> = cases
        .iter()
        .map(|case| format!("{} {}", case.op, Value::from(case.input.clone())))
        .collect();
    assert!(distinct.len() >= FEWEST, "{} cases by the honest count", distinct.len());
}

#[test]
fn the_readme_counts_right() {
    let mut total = 0;
    for (name, text) in sealwire_vectors::FILES {
        let count = file::read(text).unwrap().len();
        let row = README.lines().find(|line| line.starts_with(&format!("| [`{name}`]"))).unwrap();
        assert!(row.contains(&format!(" | {count} | ")), "{row}: {count}");
        total += count;
    }
    assert!(README.contains(&format!(" {total} cases in six JSON files")));
}

#[test]
fn the_specification_states_every_sum() {
    let specification = sealwire_spec::get("spec/README.md").unwrap();
    let row = |(name, text): (&str, &str)| {
        format!("| [`{name}`](../vectors/{name}) | `{}` |\n", sealwire_vectors::hash(text))
    };
    let mut table: String = sealwire_vectors::FILES.into_iter().map(row).collect();
    let (name, sum) = (archive::FOLDER, sealwire_vectors::hash(archive().unwrap()));
    let how = "../vectors/README.md#sums-and-the-archive";
    table += &format!("| the whole folder as [`{name}.tar`]({how}) | `{sum}` |\n");
    assert!(specification.contains(&table), "spec/README.md is to say:\n{table}");
}

#[test]
fn the_readme_names_every_step() {
    let (_, section) = README.split_once("\n## Steps\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    for case in cases().iter().filter(|case| !case.steps.is_empty()) {
        let row = section.lines().find(|row| row.contains(&format!("`{}`", case.op)));
        let row = row.unwrap_or_else(|| panic!("no row for {}", case.op));
        for step in case.steps.keys() {
            assert!(row.contains(&format!("`{step}`")), "{}: {step}", case.op);
        }
    }
}

/// A corrupted expectation must come back unequal, whatever the operation and whoever runs it.
#[test]
fn no_runner_passes_a_corrupted_expectation() {
    for case in cases() {
        let expect = case.expect.corrupted();
        for by in By::ALL {
            assert!(judge(by, &case.op, &case.input, &expect).is_some(), "{} {by:?}", case.id);
        }
    }
}

#[test]
fn the_schema_refuses_what_is_no_vector() {
    let (_, text) = sealwire_vectors::FILES[3];
    assert_eq!(schema_faults(text), Vec::<String>::new());
    for (from, to) in [
        ("\"c2s\"", "\"C2S\""),
        ("\"op\": \"frame.mask\"", "\"op\": \"frame.musk\""),
        ("\"reject\": \"frame/", "\"reject\": \"frames/"),
        ("\"comment\": \"no mask at all\",", ""),
        ("\"to\": \"493e", "\"to\": \"493E"),
    ] {
        assert!(text.contains(from), "{from}");
        assert_ne!(schema_faults(&text.replacen(from, to, 1)), Vec::<String>::new(), "{to}");
    }
}

#[test]
fn an_order_that_is_broken_earlier_is_noticed() {
    let mut case = cases().into_iter().find(|case| case.id == "packet/authentic-0002").unwrap();
    assert_eq!(orders::fault(&case), None);
    case.expect = Expect::Reject("packet/signature".to_owned());
    assert!(orders::fault(&case).is_some());
}

/// The judge does not speak through what it judges.
#[test]
fn one_file_names_the_judged_crate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let names = |path: &Path| {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().any(|line| line.trim_start().starts_with("use sealwire::"))
    };
    let naming: Vec<_> = sources(&root).into_iter().filter(|path| names(path)).collect();
    assert_eq!(naming, [root.join("vectors/wire.rs")]);
}

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let (directories, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let deeper = directories.iter().flat_map(|directory| sources(directory));
    let rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    files.into_iter().filter(rust).chain(deeper).collect()
}
