//! Every operation of the vectors, done by the crate.

use sealwire::Clause;
use sealwire::frame::{self, Downlink, RouteKeys, Uplink};
use sealwire::handshake::{self, AwaitHello, Hello, RelayLink, Reply, VERSION};
use sealwire::identity::{self, Identity, Invite, Nickname, PeerId, PublicIdentity};
use sealwire::packet::{self, Inner, PairKey};
use sealwire::primitives::{
    self as p, Context, Ed25519Public, FreshNonce, NonceBytes, Secret, X25519Public,
};
use sealwire::relay::{FromRelay, ToRelay};

use super::input::{Input, Output, Steps, Stop, Written};
use super::output::{command_out, event_out};

/// Longer than anything that the suite asks a client to build.
const ROOM: usize = 8_192;

/// Runs `op` and notes those intermediate values that the crate shows.
pub(super) fn run(op: &str, input: &Input, steps: &mut Steps) -> Output {
    match op.split_once('.') {
        Some(("primitives", verb)) => primitives(verb, input),
        Some(("identity", verb)) => identity(verb, input),
        Some(("packet", verb)) => packet(verb, input, steps),
        Some(("frame", verb)) => frame(verb, input, steps),
        Some(("handshake", verb)) => handshake(verb, input, steps),
        Some(("relay", verb)) => relay(verb, input, steps),
        _ => Err(Stop::Unknown),
    }
}

fn secret(input: &Input, name: &str) -> Result<Secret<32>, Stop> {
    Ok(Secret::new(input.array(name)?))
}

fn nonce(input: &Input) -> Result<FreshNonce, Stop> {
    Ok(FreshNonce::from_random(input.array("nonce")?))
}

/// Ed25519 keys and signatures are arrays in the crate: a wrong length ends here.
fn signing_key(input: &Input, name: &str) -> Result<[u8; 32], Stop> {
    input.array_or(name, Clause::PrimitivesEd25519KeyEncoding)
}

/// Opens in place; what a refused buffer shows that it did not before, is released.
fn in_place<T>(
    bytes: &mut [u8],
    open: impl FnOnce(&mut [u8]) -> Result<T, Clause>,
) -> Result<T, Stop> {
    let before = bytes.to_vec();
    match open(bytes) {
        Err(clause) if bytes != before => Err(Stop::Released(clause, bytes.to_vec())),
        result => Ok(result?),
    }
}

fn primitives(verb: &str, input: &Input) -> Output {
    let out = Written::new();
    match verb {
        "x25519" => {
            let shared = p::x25519(&secret(input, "secret")?, &input.array("public")?)?;
            out.bytes("shared", shared.expose())
        }
        "import-x25519" => out.bytes("key", X25519Public::import(input.array("key")?)?.as_bytes()),
        "import-ed25519" => {
            out.bytes("key", Ed25519Public::import(signing_key(input, "key")?)?.as_bytes())
        }
        "sign" => {
            let (public, signature) = p::sign(&secret(input, "seed")?, &input.bytes("message")?);
            out.bytes("public", &public).bytes("signature", &signature)
        }
        "verify" => {
            let key = Ed25519Public::import(signing_key(input, "key")?)?;
            let wrong_length = Clause::PrimitivesEd25519Signature;
            let signature = input.array_or("signature", wrong_length)?;
            key.verify(&input.bytes("message")?, &signature)?;
            out
        }
        "aead-seal" => {
            let mut text = input.bytes("plaintext")?;
            let tag = p::aead_seal(&secret(input, "key")?, nonce(input)?, &mut text)?;
            out.bytes("sealed", &[&text[..], &tag].concat())
        }
        "aead-open" => {
            let (key, nonce) = (secret(input, "key")?, NonceBytes(input.array("nonce")?));
            let mut sealed = input.bytes("sealed")?;
            let open = |sealed: &mut [u8]| p::aead_open(&key, &nonce, sealed).map(|t| t.to_vec());
            out.bytes("plaintext", &in_place(&mut sealed, open)?)
        }
        "derive" => {
            let context = Context::parse(input.text("context")?)?;
            // Nothing of the protocol is longer, and no line may ask for all the memory there is.
            let mut key = vec![0; usize::from(input.number::<u16>("length")?)];
            context.derive(&input.bytes("material")?, &mut key);
            out.bytes("key", &key)
        }
        _ => return Err(Stop::Unknown),
    }
    .output()
}

fn identity(verb: &str, input: &Input) -> Output {
    let out = Written::new();
    match verb {
        "from-seeds" => {
            let own = own(input, "")?;
            let public = own.public();
            out.bytes("x25519", public.x25519())
                .bytes("ed25519", public.ed25519())
                .bytes("id", &own.id().0)
        }
        "import" => out.bytes("id", &public(input, "", "")?.id().0),
        "invite-encode" => {
            let nickname = Nickname(input.text("nickname")?);
            let invite = Invite { peer: public(input, "", "")?, nickname };
            out.value("invite", invite.encode(&mut [0; identity::MAX_INVITE])?)
        }
        "invite-decode" => {
            let mut scratch = [0; identity::MAX_SCRATCH];
            let Invite { peer, nickname } = Invite::decode(input.text("invite")?, &mut scratch)?;
            out.bytes("x25519", peer.x25519())
                .bytes("ed25519", peer.ed25519())
                .value("name", nickname.name())
                .value("contact_type", nickname.contact_type())
        }
        "safety-number" => {
            let (a, b) = (public(input, "", "_a")?, public(input, "", "_b")?);
            let number = identity::safety_number(&a, &b);
            out.value("digits", number.to_string())
        }
        _ => return Err(Stop::Unknown),
    }
    .output()
}

/// An identity by its two seeds; `prefix` tells whose.
fn own(input: &Input, prefix: &str) -> Result<Identity, Stop> {
    let seed = |kind: &str| input.bytes(&format!("{prefix}{kind}_seed"));
    let (x25519, ed25519) = (identity::seed(&seed("x25519")?)?, identity::seed(&seed("ed25519")?)?);
    Ok(Identity::from_seeds(&x25519, &ed25519)?)
}

/// An identity of which the case tells the X25519 seed only.
fn agreeing(input: &Input) -> Result<Identity, Stop> {
    Ok(Identity::from_seeds(&secret(input, "x25519_seed")?, &Secret::new([0; 32]))?)
}

fn agreement_key(input: &Input, name: &str) -> Result<X25519Public, Stop> {
    Ok(X25519Public::import(input.array(name)?)?)
}

/// Both public keys; `prefix` and `suffix` tell whose.
fn public(input: &Input, prefix: &str, suffix: &str) -> Result<PublicIdentity, Stop> {
    let x25519 = agreement_key(input, &format!("{prefix}x25519{suffix}"))?;
    let ed25519 = signing_key(input, &format!("{prefix}ed25519{suffix}"))?;
    Ok(PublicIdentity::new(x25519, Ed25519Public::import(ed25519)?))
}

/// Packets and frames need one signing key to make an identity whole, which they then ignore.
fn agreed(x25519: X25519Public, any: &Identity) -> PublicIdentity {
    PublicIdentity::new(x25519, *any.public().signing_key())
}

fn inner_out(inner: &Inner<'_>) -> Written {
    Written::new()
        .value("message_id", inner.message_id)
        .value("command", inner.command)
        .bytes("body", inner.body)
}

fn packet(verb: &str, input: &Input, steps: &mut Steps) -> Output {
    match verb {
        "seal" => {
            let own = own(input, "")?;
            let peer = agreed(agreement_key(input, "peer_x25519")?, &own);
            let body = input.bytes("body")?;
            let inner = Inner {
                message_id: input.number("message_id")?,
                command: input.number("command")?,
                body: &body,
            };
            let mut out = [0xaa; ROOM];
            let key = PairKey::between(&own, &peer)?;
            let length = packet::seal(&mut out, &key, &own, nonce(input)?, &inner)?;
            steps.note("key", p::x25519(&secret(input, "x25519_seed")?, peer.x25519())?.expose());
            steps.note("ciphertext", &out[24..length - 64]);
            steps.note("signature", &out[length - 64..length]);
            Written::new().bytes("packet", &out[..length]).output()
        }
        "open" => {
            let peer = public(input, "peer_", "")?;
            steps.note("key", p::x25519(&secret(input, "x25519_seed")?, peer.x25519())?.expose());
            let key = PairKey::between(&agreeing(input)?, &peer)?;
            open_packet(&mut input.bytes("packet")?, &key)
        }
        _ => Err(Stop::Unknown),
    }
}

fn open_packet(bytes: &mut [u8], key: &PairKey) -> Output {
    let open = |bytes: &mut [u8]| packet::open(bytes, key).map(|inner| inner_out(&inner));
    in_place(bytes, open)?.output()
}

fn frame(verb: &str, input: &Input, steps: &mut Steps) -> Output {
    let key = |name: &str| input.array(name).map(Secret::new);
    let none = || Secret::new([0; 32]);
    let out = Written::new();
    match verb {
        "mask" => {
            let mask = p::mask(&key("key")?, &NonceBytes(input.array("nonce")?));
            out.bytes("mask", &mask)
        }
        "uplink" => {
            let bytes = input.bytes("frame")?;
            let uplink = Uplink::parse(&bytes)?;
            steps.note("mask", &p::mask(&key("c2s")?, &uplink.nonce()));
            out.bytes("to", &uplink.to(&RouteKeys::new(key("c2s")?, none())).0)
        }
        "send" => {
            let mut bytes = [&[0; frame::HEADER][..], &input.bytes("packet")?].concat();
            let keys = RouteKeys::new(key("c2s")?, none());
            frame::address_to(&mut bytes, &keys, PeerId(input.array("to")?))?;
            out.bytes("frame", &bytes)
        }
        "forward" => {
            let mut bytes = input.bytes("frame")?;
            let to = Uplink::parse(&bytes)?.to(&RouteKeys::new(key("c2s")?, none()));
            let recipient = RouteKeys::new(none(), key("s2c")?);
            frame::address_from(&mut bytes, &recipient, PeerId(input.array("from")?))?;
            out.bytes("to", &to.0).bytes("frame", &bytes)
        }
        "downlink" => {
            let bytes = input.bytes("frame")?;
            let downlink = Downlink::parse(&bytes)?;
            steps.note("mask", &p::mask(&key("s2c")?, &downlink.nonce()));
            out.bytes("from", &downlink.from(&RouteKeys::new(none(), key("s2c")?)).0)
        }
        "relay-header" => {
            let bytes = input.bytes("frame")?;
            relays_own(&bytes, &RouteKeys::new(none(), key("s2c")?))?;
            out
        }
        _ => return Err(Stop::Unknown),
    }
    .output()
}

fn relays_own<'a>(frame: &'a [u8], keys: &RouteKeys) -> Result<Downlink<'a>, Stop> {
    let downlink = Downlink::parse(frame)?;
    if downlink.from(keys).is_relay() { Ok(downlink) } else { Err(Clause::FrameRelayHeader.into()) }
}

fn handshake(verb: &str, input: &Input, steps: &mut Steps) -> Output {
    let out = Written::new();
    match verb {
        "hello" => {
            let own = own(input, "")?;
            let relay = agreed(agreement_key(input, "relay_x25519")?, &own);
            let mut hello = [0xaa; handshake::HELLO];
            handshake::hello(&mut hello, &own, &relay, nonce(input)?)?;
            steps.note(
                "shared",
                p::x25519(&secret(input, "x25519_seed")?, relay.x25519())?.expose(),
            );
            out.bytes("hello", &hello)
        }
        "accept" => {
            let relay = own(input, "relay_")?;
            let peer = *admitted(&relay, &mut input.bytes("hello")?)?.peer();
            out.bytes("x25519", peer.x25519())
                .bytes("ed25519", peer.ed25519())
                .bytes("id", &peer.id().0)
        }
        "reply" => {
            let client = agreement_key(input, "x25519")?;
            out.bytes("reply", &event_frame(input, &client, &FromRelay::HandshakeOk, ROOM)?)
        }
        "read-reply" => {
            let (own, relay) = (agreeing(input)?, public(input, "relay_", "")?);
            let unused = FreshNonce::from_random([0; 24]);
            let waiting = handshake::hello(&mut [0; handshake::HELLO], &own, &relay, unused)?;
            let receive = |bytes: &mut [u8]| waiting.receive(bytes).map_err(|(_, clause)| clause);
            match in_place(&mut input.bytes("reply")?, receive)? {
                Reply::Session(_) => out.value("version", VERSION),
                Reply::BadVersion { .. } => return Err(Clause::HandshakeVersion.into()),
                Reply::IdInUse => return Err(Clause::HandshakeIdInUse.into()),
            }
        }
        _ => return Err(Stop::Unknown),
    }
    .output()
}

fn admitted(relay: &Identity, hello: &mut [u8]) -> Result<RelayLink, Stop> {
    let receive =
        |hello: &mut [u8]| AwaitHello::new(relay).receive(hello).map_err(|(_, clause)| clause);
    match in_place(hello, receive)? {
        Hello::Admitted(admitted) => Ok(admitted.into_link()),
        Hello::WrongVersion(_) => Err(Clause::HandshakeVersion.into()),
    }
}

/// The relay's frame of an event to `client`. A link comes from a hello only; whoever has the
/// relay's seed can seal one for every client. What is too long is refused, so `room` is more than
/// that.
fn event_frame(
    input: &Input,
    client: &X25519Public,
    event: &FromRelay<'_>,
    room: usize,
) -> Result<Vec<u8>, Stop> {
    let relay = own(input, "relay_")?;
    let (x25519, seed) = (client.as_bytes(), Secret::new([1; 32]));
    let shared = p::x25519(&secret(input, "relay_x25519_seed")?, x25519)?;
    let hello_nonce = [0; 24];
    let (ed25519, _) = p::sign(&seed, b"");
    let mut inner = [&[0, 0, 1][..], &ed25519, &[VERSION]].concat();
    let tag = p::aead_seal(&shared, FreshNonce::from_random(hello_nonce), &mut inner)?;
    let signed = [&hello_nonce[..], &inner, &tag].concat();
    let (_, signature) = p::sign(&seed, &signed);
    let link = admitted(&relay, &mut [&x25519[..], &signed, &signature].concat())?;
    let mut out = vec![0xaa; room];
    let length = link.seal_event(&mut out, &relay, nonce(input)?, event)?;
    out.truncate(length);
    Ok(out)
}

fn relay(verb: &str, input: &Input, steps: &mut Steps) -> Output {
    match verb {
        "command" => {
            let body = input.bytes("body")?;
            command_out(&ToRelay::parse(input.number("command")?, &body)?).output()
        }
        "event" => {
            let body = input.bytes("body")?;
            event_out(&FromRelay::parse(input.number("command")?, &body)?).output()
        }
        "frame" => {
            let (client, body) = (agreement_key(input, "x25519")?, input.bytes("body")?);
            let event = FromRelay::parse(input.number("command")?, &body)?;
            let frame = event_frame(input, &client, &event, ROOM + body.len())?;
            Written::new().bytes("frame", &frame).output()
        }
        "open" => {
            let (own, relay) = (agreeing(input)?, public(input, "relay_", "")?);
            let shared = p::x25519(&secret(input, "x25519_seed")?, relay.x25519())?;
            steps.note("shared", shared.expose());
            let bytes = input.bytes("frame")?;
            let downlink = relays_own(&bytes, &RouteKeys::derive(&shared))?;
            let key = PairKey::between(&own, &relay)?;
            open_packet(&mut downlink.packet().to_vec(), &key)
        }
        _ => Err(Stop::Unknown),
    }
}
