//! A module uses only modules above it in the table of the specification.

use std::{fs, path::Path};

/// The order of the table; what everybody may use stands in front.
const ORDER: [&str; 9] = [
    "clause",
    "error",
    "reader",
    "primitives",
    "identity",
    "packet",
    "frame",
    "handshake",
    "relay",
];

/// The sources of a module: one file, or a folder of them.
fn sources(module: &str) -> String {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = src.join(format!("{module}.rs"));
    if file.exists() {
        return fs::read_to_string(file).unwrap();
    }
    let files = fs::read_dir(src.join(module)).unwrap();
    files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

/// Whether `source` names `crate::module`, alone or in a list of imports.
fn names(source: &str, module: &str) -> bool {
    let listed = |list: &str| {
        let items = list.split([',', '{']).map(str::trim);
        items.into_iter().any(|item| item.split("::").next() == Some(module))
    };
    let lists = source.split("use crate::{").skip(1);
    let mut lists = lists.map(|rest| rest.split("};").next().unwrap_or(rest));
    source.contains(&format!("crate::{module}::")) || lists.any(listed)
}

#[test]
fn modules_use_only_what_stands_above_them() {
    for (n, module) in ORDER.iter().enumerate() {
        let source = sources(module);
        for below in &ORDER[n + 1..] {
            assert!(!names(&source, below), "{module} uses {below}");
        }
    }
}

#[test]
fn the_table_is_whole() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let modules = lib
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'));
    let mut modules = modules.collect::<Vec<_>>();
    modules.sort_unstable();
    let mut order = ORDER;
    order.sort_unstable();
    assert_eq!(modules, order);
}
