//! The known answers that two earlier implementations agreed on, before anything else.

use super::frame::{forward, masked, route_keys, uplink};
use super::handshake::{accept, hello, read_reply, reply_ok};
use super::packet::{open, pair_key, seal};
use super::people::{alice, bob, relay};
use super::primitives::x25519;

const S: &str = "6d54cc9c397e31691401110f58da1e182a635d7e44c21dc2d7be93624652ab15";
const UPLINK: &str = "7977c9813a7ea7eb000102030405060708090a0b0c0d0e0f1011121314151617\
    5c9558cdce37ad554ea78140dcb2040a36b6215497c501d4411d1ed5a7f384468463de62f153c169e4ee708d\
    573218e9522dbb9cba8c343bdd308697d4ac1a8c1621334cb81ed7adb2c9791c781b58ac6985f3b2c1bd1701\
    a418dfdc04be5912ec9f67d7ae67c205";

#[test]
fn keys_and_ids() {
    let answers = [
        (
            relay(),
            "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f",
            "29acbae141bccaf0b22e1a94d34d0bc7361e526d0bfe12c89794bc9322966dd7",
            "8f40c5adb68f2562",
        ),
        (
            alice(),
            "79a631eede1bf9c98f12032cdeadd0e7a079398fc786b88cc846ec89af85a51a",
            "174553b456dddfc6908ecab1c101fe6ab21e2baa0617795b7d43a63482993fd5",
            "79a631eede1bf9c9",
        ),
        (
            bob(),
            "493e82fc74464a59268817623d2053c5eb8e2cc4a988b4fee179ec6b010d531d",
            "4fd099ccd47d7893dfe9ec24414ecb0d9b5420232aad30d91c465be33cbe65c4",
            "493e82fc74464a59",
        ),
    ];
    for (keys, x, ed, id) in answers {
        assert_eq!(hex::encode(keys.public().x), x);
        assert_eq!(hex::encode(keys.public().ed), ed);
        assert_eq!(hex::encode(keys.id()), id);
    }
}

#[test]
fn secret_and_route_keys() {
    let shared = x25519(alice().x_seed, relay().public().x).unwrap();
    assert_eq!(hex::encode(shared), S);
    assert_eq!(x25519(relay().x_seed, alice().public().x), Ok(shared));
    let routes = route_keys(shared);
    assert_eq!(
        hex::encode(routes.c2s),
        "7521be5e8390093789ee80f20dad1f8b7e90cd028d2e9f8ebb475c8ffc0fe29e"
    );
    assert_eq!(
        hex::encode(routes.s2c),
        "1cad9bc0a4dcfb83077c01238af0af46abb65d68db309191f72676ed6b2739d2"
    );
}

#[test]
fn the_hello() {
    let bytes = hello(&alice(), relay().public().x, [1; 24]).unwrap();
    assert_eq!(
        hex::encode(&bytes),
        "79a631eede1bf9c98f12032cdeadd0e7a079398fc786b88cc846ec89af85a51a\
         0101010101010101010101010101010101010101010101010d4234e46fd4a97b453033337eb44769b41b55\
         27c9da2e5dacdf710fa72e8f2827c271baf81878bc1418755663346e4abca84cece170f31c6aed9f30c808\
         67e06f70b57726a1e9310c4ce548e5c0e08efb27e5382c2144b9dab7b28c6d114f084bff21a675abebd2b6\
         de726a7fe8627ae59bcb0f"
    );
    let accepted = accept(&relay(), &bytes).unwrap();
    assert_eq!(accepted.peer, alice().public());
    assert_eq!(hex::encode(accepted.shared), S);
}

#[test]
fn the_reply() {
    let bytes = reply_ok(&relay(), alice().public().x, [2; 24]).unwrap();
    assert_eq!(
        hex::encode(&bytes),
        "aba6520ca7fbc376020202020202020202020202020202020202020202020202ce18b690377403f383ac16\
         fd47851c35c11c7a32dff6c3ea5a4d10de98effe38536b83bbb99e2d86deaedf7e164c2d099ac50548247d\
         236f362c3e0eea1b458f545bf040981f340dd24bc8af91fdbb43d182520c"
    );
    assert_eq!(read_reply(alice().x_seed, &relay().public(), &bytes), Ok(2));
}

#[test]
fn a_text_from_alice_to_bob() {
    let key = pair_key(alice().x_seed, bob().public().x).unwrap();
    assert_eq!(
        hex::encode(key),
        "dcd77236231add34de0561c47859a65d304f2a8550e8df98df053cf5dfabea0b"
    );
    let body = [&[0x11; 16][..], b"hello"].concat();
    let nonce = core::array::from_fn(|i| i as u8);
    let packet = seal(key, alice().ed_seed, nonce, 7, 0x20, &body);
    let routes = route_keys(x25519(alice().x_seed, relay().public().x).unwrap());
    let frame = uplink(routes.c2s, bob().id(), &packet);
    assert_eq!(hex::encode(&frame), UPLINK);

    let to_bob = route_keys(x25519(relay().x_seed, bob().public().x).unwrap());
    let (to, forwarded) = forward(routes.c2s, to_bob.s2c, alice().id(), &frame).unwrap();
    assert_eq!(to, bob().id());
    assert_eq!(hex::encode(&forwarded[..8]), "e478d09c0355aaf0");
    assert_eq!(forwarded[8..], frame[8..]);
    assert_eq!(masked(to_bob.s2c, nonce, alice().id())[..], forwarded[..8]);

    let inner = open(key, alice().public().ed, &packet).unwrap();
    assert_eq!((inner.message_id, inner.command, inner.body), (7, 0x20, body));
}
