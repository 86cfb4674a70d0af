//! The receivers' written orders, rule by rule: proof that a negative breaks what it says first.
//!
//! The model stops at the first broken rule. Here every rule of an order is judged by itself, as
//! far as the input lets it, and nothing stops: so a case that is refused by the *n*-th rule is
//! shown to keep the *n* − 1 before it. Operations whose refusals need no order are not listed.

use super::case::{Case, Expect};
use super::input::{Input, Stop};
use crate::model::frame::{
    BEFORE_HELLO_MAX, FRAME_MAX, FRAME_MAX_FROM_RELAY, FRAME_MIN, Routes, masked, route_keys,
};
use crate::model::handshake::{BAD_VERSION, ERROR, HANDSHAKE_OK, ID_IN_USE, VERSION};
use crate::model::identity::NICKNAME_WRITE_MAX;
use crate::model::packet::PACKET_MIN;
use crate::model::primitives as p;

/// A rule, and whether the input keeps it.
type Rule = (&'static str, bool);

/// What is wrong with the order of a case; `None` if all is well or its operation has no order.
pub(crate) fn fault(case: &Case) -> Option<String> {
    let inputs = Input::each(&case.input).ok()?;
    inputs.iter().find_map(|input| {
        let rules = rules(&case.op, input)?;
        let first_broken = rules.iter().find(|(_, kept)| !kept).map(|(clause, _)| *clause);
        let expected = match &case.expect {
            Expect::Ok(_) => None,
            Expect::Reject(clause) => Some(clause.as_str()),
        };
        (first_broken != expected).then(|| {
            format!("{}: expects {expected:?}, but first broken is {first_broken:?}", case.id)
        })
    })
}

/// The order of `op`, every rule judged by itself.
fn rules(op: &str, input: &Input) -> Option<Vec<Rule>> {
    let rules = match op {
        "primitives.import-x25519" => input.array("key").map(x25519),
        "identity.import" => identity(input, "", ""),
        "identity.invite-encode" => invite(input),
        "identity.safety-number" => both_identities(input),
        "primitives.verify" => verify(input),
        "packet.seal" => input.array("peer_x25519").map(x25519),
        "packet.open" => packet_open(input),
        "frame.send" => input
            .bytes("packet")
            .map(|packet| lengths(packet.len() + 8, "frame/send-limit", FRAME_MAX)),
        "frame.uplink" | "frame.forward" => {
            input.bytes("frame").map(|frame| lengths(frame.len(), "frame/too-long", FRAME_MAX))
        }
        "frame.downlink" => input.bytes("frame").map(|frame| at_client(&frame)),
        "frame.relay-header" => relay_header(input),
        "handshake.hello" => input.array("relay_x25519").map(x25519),
        "handshake.accept" => hello(input),
        "handshake.reply" => input.array("x25519").map(x25519),
        "handshake.read-reply" => reply(input),
        "relay.frame" => built(input),
        "relay.open" => relays_own(input, "frame").map(|(rules, _)| rules),
        _ => return None,
    };
    rules.ok()
}

fn x25519(key: [u8; 32]) -> Vec<Rule> {
    let below = (0..32).rev().map(|i| key[i].cmp(&p::FIELD_PRIME[i])).find(|o| o.is_ne());
    let point = p::x25519_point(key);
    vec![
        ("primitives/x25519-high-bit", key[31] < 0x80),
        ("primitives/x25519-canonical", below.is_some_and(core::cmp::Ordering::is_lt)),
        ("identity/zero-id", key[..8].iter().any(|byte| *byte != 0)),
        ("primitives/x25519-on-curve", point != Err("primitives/x25519-on-curve")),
        ("primitives/x25519-order", point.is_ok()),
    ]
}

fn ed25519(key: &[u8]) -> Vec<Rule> {
    let judged = key.try_into().map_or(Err("primitives/ed25519-key-encoding"), p::import_ed25519);
    vec![
        ("primitives/ed25519-key-encoding", judged != Err("primitives/ed25519-key-encoding")),
        ("primitives/ed25519-key-order", judged.is_ok()),
    ]
}

/// The import of both public keys; `prefix` and `suffix` tell whose.
fn identity(input: &Input, prefix: &str, suffix: &str) -> Result<Vec<Rule>, Stop> {
    let x = input.array(&format!("{prefix}x25519{suffix}"))?;
    Ok([x25519(x), ed25519(&input.bytes(&format!("{prefix}ed25519{suffix}"))?)].concat())
}

fn invite(input: &Input) -> Result<Vec<Rule>, Stop> {
    let fits = input.text("nickname")?.len() <= NICKNAME_WRITE_MAX;
    Ok([identity(input, "", "")?, vec![("identity/invite-nickname", fits)]].concat())
}

fn both_identities(input: &Input) -> Result<Vec<Rule>, Stop> {
    Ok([identity(input, "", "_a")?, identity(input, "", "_b")?].concat())
}

fn holds(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    key.try_into().is_ok_and(|key| p::verify(key, message, signature).is_ok())
}

fn verify(input: &Input) -> Result<Vec<Rule>, Stop> {
    let (key, message) = (input.bytes("key")?, input.bytes("message")?);
    let holds = holds(&key, &message, &input.bytes("signature")?);
    Ok([ed25519(&key), vec![("primitives/ed25519-signature", holds)]].concat())
}

/// Length, signature, seal of `packet` under `key`, by `sender`.
fn packet(packet: &[u8], key: [u8; 32], sender: &[u8]) -> Vec<Rule> {
    let (range, signature) = packet.split_at(packet.len().saturating_sub(64));
    let nonce = range.first_chunk().copied().unwrap_or_default();
    let opens = p::aead_open(key, nonce, range.get(24..).unwrap_or_default()).is_ok();
    vec![
        ("packet/too-short", packet.len() >= PACKET_MIN),
        ("packet/signature", holds(sender, range, signature)),
        ("packet/authentic", opens),
    ]
}

fn packet_open(input: &Input) -> Result<Vec<Rule>, Stop> {
    let key = p::x25519_raw(input.array("x25519_seed")?, input.array("peer_x25519")?);
    let opening = packet(&input.bytes("packet")?, key, &input.bytes("peer_ed25519")?);
    Ok([identity(input, "peer_", "")?, opening].concat())
}

fn lengths(frame: usize, too_long: &'static str, most: usize) -> Vec<Rule> {
    vec![(too_long, frame <= most), ("frame/too-short", frame >= FRAME_MIN)]
}

fn at_client(frame: &[u8]) -> Vec<Rule> {
    lengths(frame.len(), "frame/client-limit", FRAME_MAX_FROM_RELAY)
}

/// A frame of the relay's own, as it is built.
fn built(input: &Input) -> Result<Vec<Rule>, Stop> {
    let length = 8 + PACKET_MIN + input.bytes("body")?.len();
    Ok([x25519(input.array("x25519")?), vec![("frame/relay-limit", length <= FRAME_MAX)]].concat())
}

/// The lengths and the header of a frame that should be the relay's own.
fn of_relay(frame: &[u8], s2c: [u8; 32]) -> Vec<Rule> {
    let zero = frame.first_chunk::<32>().is_some_and(|head| {
        let (header, nonce) = head.split_at(8);
        let (header, nonce) = (header.try_into().expect("8"), nonce.try_into().expect("24"));
        masked(s2c, nonce, header) == [0; 8]
    });
    [at_client(frame), vec![("frame/relay-header", zero)]].concat()
}

fn relay_header(input: &Input) -> Result<Vec<Rule>, Stop> {
    Ok(of_relay(&input.bytes("frame")?, input.array("s2c")?))
}

/// A frame of the relay's own, whole, and what it carries if it opens.
fn relays_own(input: &Input, name: &str) -> Result<(Vec<Rule>, Vec<u8>), Stop> {
    let frame = input.bytes(name)?;
    let shared = p::x25519_raw(input.array("x25519_seed")?, input.array("relay_x25519")?);
    let Routes { s2c, .. } = route_keys(shared);
    let sealed = frame.get(8..).unwrap_or_default();
    let packet = packet(sealed, shared, &input.bytes("relay_ed25519")?);
    let (range, _) = sealed.split_at(sealed.len().saturating_sub(64));
    let nonce = range.first_chunk().copied().unwrap_or_default();
    let inner = p::aead_open(shared, nonce, range.get(24..).unwrap_or_default());
    let rules = [identity(input, "relay_", "")?, of_relay(&frame, s2c), packet].concat();
    Ok((rules, inner.unwrap_or_default()))
}

fn reply(input: &Input) -> Result<Vec<Rule>, Stop> {
    let (mut rules, inner) = relays_own(input, "reply")?;
    let (command, body) = (inner.get(2).copied(), inner.get(3..).unwrap_or_default());
    let is_error = command == Some(ERROR);
    let well_formed = matches!(body, [ID_IN_USE, ..] | [BAD_VERSION, _, ..]);
    rules.extend([
        ("handshake/reply-command", is_error || command == Some(HANDSHAKE_OK)),
        ("handshake/reply-version", is_error || body.first() == Some(&VERSION)),
        ("relay/error", !is_error || well_formed),
        ("handshake/version", !is_error || body.first() != Some(&BAD_VERSION)),
        ("handshake/id-in-use", !is_error || body.first() != Some(&ID_IN_USE)),
    ]);
    Ok(rules)
}

fn hello(input: &Input) -> Result<Vec<Rule>, Stop> {
    let hello = input.bytes("hello")?;
    let (x, packet) = hello.split_at(hello.len().min(32));
    let x: [u8; 32] = x.try_into().unwrap_or_default();
    let shared = p::x25519_raw(input.array("relay_x25519_seed")?, x);
    let (range, signature) = packet.split_at(packet.len().saturating_sub(64));
    let nonce = range.first_chunk().copied().unwrap_or_default();
    let opened = p::aead_open(shared, nonce, range.get(24..).unwrap_or_default());
    let inner = opened.clone().unwrap_or_default();
    let ed = inner.get(3..35).unwrap_or_default();
    let mut rules = vec![
        ("frame/before-hello", hello.len() <= BEFORE_HELLO_MAX),
        ("handshake/too-short", hello.len() >= 172),
    ];
    let mut screened = x25519(x);
    let proved = screened.split_off(3);
    rules.extend(screened);
    // With a secret of zero there is nothing to open: the key's second half is next.
    rules.push(("handshake/hello-seal", opened.is_ok() || shared == [0; 32]));
    rules.extend(proved);
    rules.push(("handshake/hello-command", inner.get(2) == Some(&1)));
    rules.extend(ed25519(ed));
    rules.push(("handshake/hello-signature", holds(ed, range, signature)));
    rules.push(("handshake/version", inner.get(35) == Some(&VERSION)));
    Ok(rules)
}
