//! The annotated examples of the specification are the vectors' own bytes.
//!
//! An example is a fenced block with the info string `bytes VECTOR-ID POINTER`, read as the pages
//! of the specification read it: what stands there is what is checked here.

use serde_json::Value;

use crate::book::Example;

/// The member that `pointer` (dotted) names in the case `id`.
fn member(id: &str, pointer: &str) -> String {
    let files = sealwire_vectors::FILES.iter();
    let cases = files.flat_map(|(_, text)| {
        let file: Value = serde_json::from_str(text).unwrap();
        file["cases"].as_array().cloned().unwrap()
    });
    let case = cases.into_iter().find(|case| case["id"] == id);
    let case = case.unwrap_or_else(|| panic!("no vector {id}"));
    let value = case.pointer(&format!("/{}", pointer.replace('.', "/")));
    let value = value.unwrap_or_else(|| panic!("{id} has no {pointer}"));
    value.as_str().unwrap_or_else(|| panic!("{id} {pointer} is no string")).to_owned()
}

/// The blocks of a page that are marked as examples: info string, lines.
fn blocks(page: &str) -> impl Iterator<Item = (&str, &str)> {
    let blocks = page.split("\n```").filter(|block| block.starts_with("bytes "));
    blocks.map(|block| block.split_once('\n').expect("a block has lines"))
}

#[test]
fn every_example_is_the_bytes_of_its_vector() {
    for (path, text) in sealwire_spec::FILES {
        let is_chapter = path.starts_with("spec/0");
        assert!(!is_chapter || blocks(text).next().is_some(), "{path} has no example");
        for (info, lines) in blocks(text) {
            let example = Example::read(info, lines);
            let example = example.unwrap_or_else(|| panic!("{path}: the ranges of {info}"));
            let bytes = hex::encode(example.bytes());
            assert_eq!(bytes, member(example.vector, example.member), "{path}: {info}");
        }
    }
}

#[test]
fn the_texts_of_the_specification_are_those_of_the_vectors() {
    let identity = sealwire_spec::get("spec/02-identity.md").unwrap();
    for (id, pointer) in [
        ("identity/invite-0001", "expect.ok.invite"),
        ("identity/safety-number-0001", "expect.ok.digits"),
    ] {
        let text = member(id, pointer);
        assert!(identity.lines().any(|line| line == text), "{id}: {text}");
    }
}

/// Cases that are taken from RFCs have the answers printed there.
#[test]
fn cases_of_the_rfcs_have_their_answers() {
    for (id, pointer, answer) in [
        (
            "primitives/x25519-contributory-0003",
            "expect.ok.shared",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        ),
        (
            "primitives/x25519-contributory-0004",
            "expect.ok.shared",
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
        ),
        (
            "primitives/x25519-contributory-0005",
            "expect.ok.shared",
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
        ),
        (
            "primitives/ed25519-sign-0001",
            "expect.ok.signature",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39\
             701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "primitives/ed25519-sign-0002",
            "expect.ok.signature",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f36\
             13d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "primitives/ed25519-sign-0004",
            "expect.ok.signature",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7\
             c66431e0303dca179c138ac17ad9bef1177331a704",
        ),
        ("frame/mask-0006", "expect.ok.mask", "76b8e0ada0f13d90"),
    ] {
        assert_eq!(member(id, pointer), answer, "{id}");
    }
}
