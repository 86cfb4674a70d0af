//! Whose bytes these are: the keys and ids of the parties that the vectors know, and the names of
//! commands and codes.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::model::frame::route_keys;
use crate::model::handshake as h;
use crate::model::identity::Keys;
use crate::model::message::{DELIVERY_ACK, TEXT};
use crate::model::people::{alice, bob, mallory, relay};
use crate::model::primitives::x25519_raw;
use crate::model::relay as r;

/// What a key, seed or id is and whose, if one of the parties of the known answers has it.
pub(super) fn owner(bytes: &[u8]) -> Option<&'static str> {
    static KNOWN: OnceLock<BTreeMap<Vec<u8>, String>> = OnceLock::new();
    KNOWN.get_or_init(known).get(bytes).map(String::as_str)
}

fn known() -> BTreeMap<Vec<u8>, String> {
    let clients = [("Alice", alice()), ("Bob", bob()), ("Mallory", mallory())];
    let mut known = BTreeMap::from([(vec![0; 8], "the relay".to_owned())]);
    let mut add = |bytes: &[u8], name: String| known.insert(bytes.to_vec(), name);
    for (name, keys) in [("the relay", relay())].iter().chain(&clients) {
        let public = keys.public();
        add(&keys.x_seed, format!("X25519 seed of {name}"));
        add(&keys.ed_seed, format!("Ed25519 seed of {name}"));
        add(&public.x, format!("X25519 key of {name}"));
        add(&public.ed, format!("Ed25519 key of {name}"));
        add(&public.id(), format!("id of {name}"));
    }
    let shared = |a: &Keys, b: &Keys| x25519_raw(a.x_seed, b.public().x);
    for (name, keys) in &clients {
        let shared = shared(keys, &relay());
        let routes = route_keys(shared);
        add(&shared, format!("S of {name} and the relay"));
        add(&routes.c2s, format!("K_c2s of {name}"));
        add(&routes.s2c, format!("K_s2c of {name}"));
    }
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        let ((a, of_a), (b, of_b)) = (&clients[a], &clients[b]);
        add(&shared(of_a, of_b), format!("pair key of {a} and {b}"));
    }
    known
}

/// The name of a command byte, as the specification has it.
pub(super) fn command(command: u8) -> Option<&'static str> {
    Some(match command {
        h::HANDSHAKE_REQUEST => "HANDSHAKE_REQUEST",
        h::HANDSHAKE_OK => "HANDSHAKE_OK",
        TEXT => "TEXT",
        DELIVERY_ACK => "DELIVERY_ACK",
        r::SUBSCRIBE => "SUBSCRIBE",
        r::UNSUBSCRIBE => "UNSUBSCRIBE",
        r::PEER_ONLINE => "PEER_ONLINE",
        r::PEER_OFFLINE => "PEER_OFFLINE",
        r::INTRODUCE => "INTRODUCE",
        r::INTRO_FROM => "INTRO_FROM",
        r::WAKE => "WAKE",
        r::PUSH_REGISTER => "PUSH_REGISTER",
        r::SERVER_PING => "SERVER_PING",
        r::NOTICE => "NOTICE",
        h::ERROR => "ERROR",
        _ => return None,
    })
}

/// The name of an error code.
pub(super) fn error(code: u8) -> Option<&'static str> {
    Some(match code {
        h::ID_IN_USE => "id_in_use",
        h::BAD_VERSION => "bad_version",
        r::RECIPIENT_OFFLINE => "recipient_offline",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parties_of_the_known_answers_are_recognised() {
        assert_eq!(owner(&alice().public().x), Some("X25519 key of Alice"));
        assert_eq!(owner(&bob().id()), Some("id of Bob"));
        assert_eq!(owner(&[0; 8]), Some("the relay"));
        let pair = hex::decode("dcd77236231add34de0561c47859a65d304f2a8550e8df98df053cf5dfabea0b");
        assert_eq!(owner(&pair.unwrap()), Some("pair key of Alice and Bob"));
        assert_eq!(owner(&[1; 32]), None);
    }
}
