//! No secret speaks: the `Debug` of every public type that holds one, and of those that hold it.

use sealwire::{
    BufferTooSmall, BuildError, Clause,
    handshake::{AwaitHello, Hello, Reply, hello},
    identity::{Identity, PeerId},
    packet::PairKey,
    primitives::{Context, FreshNonce, Secret},
    relay::{FromRelay, ToRelay},
};

/// Recognisable in hex and in decimal lists alike.
const SEED: [u8; 32] = [0xc7; 32];

/// What must not appear: the secrets, in each way `Debug` would write bytes.
fn assert_silent(what: &str, printed: &str, secrets: &[[u8; 32]]) {
    for secret in secrets {
        let decimal = format!("{:?}", &secret[..4]);
        let decimal = decimal.trim_matches(['[', ']']);
        let pretty = printed.replace(char::is_whitespace, "");
        assert!(!pretty.contains(&decimal.replace(' ', "")), "{what} prints a secret: {printed}");
        let hex = hex::encode(&secret[..4]);
        assert!(!printed.to_lowercase().contains(&hex), "{what} prints a secret: {printed}");
    }
}

#[test]
fn debug_prints_no_secret() {
    let relay = Identity::from_seeds(&Secret::new([1; 32]), &Secret::new([2; 32])).unwrap();
    let alice = Identity::from_seeds(&Secret::new(SEED), &Secret::new(SEED)).unwrap();
    let shared = sealwire::primitives::x25519(&Secret::new(SEED), relay.public().x25519()).unwrap();
    let secrets = [
        SEED,
        *shared.expose(),
        *Context::RouteC2s.derive_key(&shared).expose(),
        *Context::RouteS2c.derive_key(&shared).expose(),
    ];
    let check = |what: &str, value: &dyn std::fmt::Debug| {
        assert_silent(what, &format!("{value:?}"), &secrets);
        assert_silent(what, &format!("{value:#?}"), &secrets);
    };

    check("Secret", &Secret::new(SEED));
    check("FreshNonce", &FreshNonce::from_random([0xc7; 24]));
    check("Identity", &alice);
    check("PairKey", &PairKey::between(&alice, relay.public()).unwrap());
    check("RouteKeys", &sealwire::frame::RouteKeys::derive(&shared));

    let mut message = [0; 172];
    let nonce = FreshNonce::from_random([1; 24]);
    let await_reply = hello(&mut message, &alice, relay.public(), nonce).unwrap();
    check("AwaitReply", &await_reply);
    let await_hello = AwaitHello::new(&relay);
    check("AwaitHello", &await_hello);
    let Ok(Hello::Admitted(admitted)) = await_hello.receive(&mut message) else { panic!() };
    check("Admitted", &admitted);
    let link = admitted.into_link();
    check("RelayLink", &link);
    let mut ok = [0; 116];
    let nonce = FreshNonce::from_random([2; 24]);
    link.seal_event(&mut ok, &relay, nonce, &FromRelay::HandshakeOk).unwrap();
    let reply = await_reply.receive(&mut ok);
    assert!(matches!(reply, Ok(Reply::Session(_))));
    check("Reply", &reply);
}

#[test]
#[should_panic(expected = "prints a secret")]
fn the_check_itself_sees_a_secret() {
    assert_silent("bytes", &format!("{SEED:?}"), &[SEED]);
}

#[test]
fn what_is_no_secret_is_told() {
    let short = BufferTooSmall { needed: 9 };
    assert_eq!(Clause::FrameTooLong.to_string(), "frame/too-long");
    assert_eq!(short.to_string(), "buffer too small: 9 bytes needed");
    assert_eq!(BuildError::from(Clause::FrameTooLong).to_string(), "frame/too-long");
    assert_eq!(BuildError::from(short).to_string(), short.to_string());

    let wake = ToRelay::Wake { target: PeerId([1; 8]), kind: Some(0) };
    assert_eq!(format!("{wake:?}"), "Wake(9 bytes)");
    assert_eq!(format!("{:?}", FromRelay::Notice("text")), "Notice(4 bytes)");
    let own = Identity::from_seeds(&Secret::new(SEED), &Secret::new(SEED)).unwrap();
    let key = own.public().signing_key();
    assert_eq!(format!("{key:?}"), format!("Ed25519Public({:?})", key.as_bytes()));
}
