//! The known answers of the specification.

mod answers;

use sealwire::identity::PeerId;

/// Fails on an answer that is another.
fn judge(what: &str, got: &[u8], expected: &str) {
    assert_eq!(hex::encode(got), expected, "{what}");
}

#[test]
fn public_keys_and_ids() {
    answers::public_keys(&mut judge);
}

#[test]
fn shared_secret_and_route_keys() {
    answers::shared_secrets(&mut judge);
}

#[test]
fn hello_reply_and_text() {
    answers::exchange(&mut judge);
}

#[test]
fn ids_print_as_hex() {
    let id = PeerId([0x8f, 0x40, 0xc5, 0xad, 0xb6, 0x8f, 0x25, 0x62]);
    assert_eq!(id.to_string(), "8f40c5adb68f2562");
}
