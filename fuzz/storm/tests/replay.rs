//! Every target has a module, a binary, a README row and regressions; and every regression passes.

use proptest::{collection::vec, prelude::*};
use sealwire_storm::TARGETS;
use std::{collections::BTreeSet, fs, path::PathBuf};

fn fuzz() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn names() -> BTreeSet<String> {
    TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect()
}

fn listed(folder: &str, ending: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(fuzz().join(folder)).unwrap();
    let files = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    files.map(|file| file.strip_suffix(ending).unwrap_or(&file).to_owned()).collect()
}

#[test]
fn every_target_is_whole() {
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    let manifest: toml_edit::DocumentMut = manifest.parse().unwrap();
    let binaries = manifest["bin"].as_array_of_tables().unwrap().iter();
    let binaries: BTreeSet<_> = binaries.map(|bin| bin["name"].as_str().unwrap().into()).collect();
    assert_eq!(binaries, names(), "the binaries of fuzz/Cargo.toml");
    assert_eq!(listed("fuzz_targets", ".rs"), names(), "the files of fuzz_targets");
    assert_eq!(listed("regressions", ""), names(), "the folders of regressions");
    let readme = fs::read_to_string(fuzz().join("README.md")).unwrap();
    for name in names() {
        assert!(readme.contains(&format!("| `{name}` |")), "README.md has no row {name}");
    }
}

#[test]
fn every_regression_passes() {
    for (name, check) in TARGETS {
        let folder = fuzz().join("regressions").join(name);
        let files: Vec<_> =
            fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(!files.is_empty(), "{name} has no regression");
        for file in files {
            println!("{}", file.display());
            check(&fs::read(file).unwrap());
        }
    }
}

/// A little of what the fuzzer does, for who has none: what fails is shrunk.
#[test]
fn every_check_holds_by_chance() {
    let config = ProptestConfig { cases: 16, failure_persistence: None, ..Default::default() };
    for (name, check) in TARGETS {
        println!("{name}");
        proptest!(config.clone(), |(input in vec(any::<u8>(), 0..600))| check(&input));
    }
}
