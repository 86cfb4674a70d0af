//! Every operation of the vectors, done by the model. What it answers is what the files say.

use super::input::{Answer, Input, Steps, Stop, Written};
use crate::model::frame::{self, Routes, route_keys};
use crate::model::handshake::{self, open_relay_frame};
use crate::model::identity::{self, Keys, Public};
use crate::model::packet::{self, Inner};
use crate::model::primitives as p;
use crate::model::relay::{Command, Event, read_command, read_event};

/// Runs `op` and notes the intermediate values it reaches.
pub(crate) fn run(op: &str, input: &Input, steps: &mut Steps) -> Answer {
    match op.split_once('.') {
        Some(("primitives", verb)) => primitives(verb, input, steps),
        Some(("identity", verb)) => identity(verb, input, steps),
        Some(("packet", verb)) => packet(verb, input, steps),
        Some(("frame", verb)) => frame(verb, input, steps),
        Some(("handshake", verb)) => handshake(verb, input, steps),
        Some(("relay", verb)) => relay(verb, input, steps),
        _ => unknown(op),
    }
}

fn unknown(op: &str) -> Answer {
    Err(Stop::Malformed(format!("no operation {op:?}")))
}

fn primitives(verb: &str, input: &Input, steps: &mut Steps) -> Answer {
    let out = Written::new();
    match verb {
        "x25519" => {
            let (secret, public) = (input.array("secret")?, input.array("public")?);
            steps.note("raw", &p::x25519_raw(secret, public));
            out.bytes("shared", &p::x25519(secret, public)?)
        }
        "import-x25519" => out.bytes("key", &p::import_x25519(input.array("key")?)?),
        "import-ed25519" => out.bytes("key", &p::import_ed25519(signing_key(input, "key")?)?),
        "sign" => {
            let (seed, message) = (input.array("seed")?, input.bytes("message")?);
            out.bytes("public", &p::ed25519_public(seed))
                .bytes("signature", &p::sign(seed, &message))
        }
        "verify" => {
            let (key, message) = (signing_key(input, "key")?, input.bytes("message")?);
            let signature = input.bytes("signature")?;
            if let Some(r) = signature.first_chunk() {
                steps.note("challenge", &p::challenge(*r, key, &message).to_bytes());
            }
            p::verify(key, &message, &signature)?;
            out
        }
        "aead-seal" => {
            let (key, nonce) = (input.array("key")?, input.array("nonce")?);
            out.bytes("sealed", &p::aead_seal(key, nonce, &input.bytes("plaintext")?))
        }
        "aead-open" => {
            let (key, nonce) = (input.array("key")?, input.array("nonce")?);
            out.bytes("plaintext", &p::aead_open(key, nonce, &input.bytes("sealed")?)?)
        }
        "derive" => {
            let (context, length) = (input.text("context")?, input.number("length")?);
            out.bytes("key", &p::derive(context, &input.bytes("material")?, length)?)
        }
        _ => return unknown(verb),
    }
    .answer()
}

/// An Ed25519 key: what has another length is no encoding of one.
fn signing_key(input: &Input, name: &str) -> Result<[u8; 32], Stop> {
    input.array_or(name, "primitives/ed25519-key-encoding")
}

fn identity(verb: &str, input: &Input, steps: &mut Steps) -> Answer {
    let out = Written::new();
    match verb {
        "from-seeds" => {
            let keys = keys(input, "")?;
            let Public { x, ed } = keys.public();
            out.bytes("x25519", &x).bytes("ed25519", &ed).bytes("id", &keys.id())
        }
        "import" => out.bytes("id", &imported(input, "", "")?.id()),
        "invite-encode" => {
            let (public, nickname) = (public(input, "", "")?, input.text("nickname")?);
            steps.note("payload", &[&public.bytes(), nickname.as_bytes()].concat());
            out.value("invite", identity::invite_encode(&public, nickname)?)
        }
        "invite-decode" => {
            let (Public { x, ed }, nickname) = identity::invite_decode(input.text("invite")?)?;
            let (name, kind) = identity::split_type(&nickname);
            out.bytes("x25519", &x)
                .bytes("ed25519", &ed)
                .value("name", name)
                .value("contact_type", kind)
        }
        "safety-number" => {
            let (a, b) = (imported(input, "", "_a")?, public(input, "", "_b")?);
            let material = identity::safety_material(&a, &b);
            steps.note("material", &material);
            steps.note("stream", &p::derive(p::SAFETY_NUMBER, &material, 60)?);
            out.value("digits", identity::safety_number(&a, &b)?)
        }
        _ => return unknown(verb),
    }
    .answer()
}

/// Two seeds; `prefix` tells whose.
fn keys(input: &Input, prefix: &str) -> Result<Keys, Stop> {
    let seed = |kind| input.bytes(&format!("{prefix}{kind}_seed"));
    Ok(Keys::from_slices(&seed("x25519")?, &seed("ed25519")?)?)
}

/// Two public keys, not yet judged; `prefix` and `suffix` tell whose. An Ed25519 key of a wrong
/// length cannot be held: then the X25519 key, which comes first, is judged here.
fn public(input: &Input, prefix: &str, suffix: &str) -> Result<Public, Stop> {
    let x = input.array(&format!("{prefix}x25519{suffix}"))?;
    match signing_key(input, &format!("{prefix}ed25519{suffix}")) {
        Ok(ed) => Ok(Public { x, ed }),
        Err(refused) => Err(p::import_x25519(x).err().map_or(refused, Stop::from)),
    }
}

fn imported(input: &Input, prefix: &str, suffix: &str) -> Result<Public, Stop> {
    let Public { x, ed } = public(input, prefix, suffix)?;
    Ok(Public::import(x, ed)?)
}

fn imported_x25519(input: &Input, name: &str) -> Result<[u8; 32], Stop> {
    Ok(p::import_x25519(input.array(name)?)?)
}

fn inner_out(inner: &Inner) -> Written {
    Written::new()
        .value("message_id", inner.message_id)
        .value("command", inner.command)
        .bytes("body", &inner.body)
}

fn packet(verb: &str, input: &Input, steps: &mut Steps) -> Answer {
    match verb {
        "seal" => {
            let own = keys(input, "")?;
            let key = packet::pair_key(own.x_seed, imported_x25519(input, "peer_x25519")?)?;
            let inner = Inner {
                message_id: input.number("message_id")?,
                command: input.number("command")?,
                body: input.bytes("body")?,
            };
            let inner = inner.bytes();
            let packet = packet::seal_inner(key, own.ed_seed, input.array("nonce")?, &inner);
            let signature_at = packet.len() - 64;
            steps.note("key", &key);
            steps.note("inner", &inner);
            steps.note("ciphertext", &packet[24..signature_at]);
            steps.note("signature", &packet[signature_at..]);
            Written::new().bytes("packet", &packet).answer()
        }
        "open" => {
            let peer = imported(input, "peer_", "")?;
            let key = packet::pair_key(input.array("x25519_seed")?, peer.x)?;
            steps.note("key", &key);
            let inner = packet::open(key, peer.ed, &input.bytes("packet")?)?;
            steps.note("inner", &inner.bytes());
            inner_out(&inner).answer()
        }
        _ => unknown(verb),
    }
}

fn frame(verb: &str, input: &Input, steps: &mut Steps) -> Answer {
    let out = Written::new();
    match verb {
        "uplink" | "send" | "forward" => return frame_up(verb, input, steps),
        "mask" => {
            let (key, nonce): (_, [u8; 24]) = (input.array("key")?, input.array("nonce")?);
            let iv = nonce[..12].try_into().expect("12 bytes");
            steps.note("keystream", &p::keystream(key, iv, 16));
            out.bytes("mask", &p::mask(key, nonce))
        }
        "downlink" => {
            let (s2c, bytes) = (input.array("s2c")?, input.bytes("frame")?);
            note_mask(steps, "mask", s2c, bytes.get(8..));
            out.bytes("from", &frame::read_downlink(s2c, &bytes)?.0)
        }
        "relay-header" => {
            let (s2c, bytes) = (input.array("s2c")?, input.bytes("frame")?);
            note_mask(steps, "mask", s2c, bytes.get(8..));
            frame::relay_packet(s2c, &bytes)?;
            out
        }
        _ => return unknown(verb),
    }
    .answer()
}

/// The frames that a client sends.
fn frame_up(verb: &str, input: &Input, steps: &mut Steps) -> Answer {
    let (out, c2s) = (Written::new(), input.array("c2s")?);
    match verb {
        "uplink" => {
            let bytes = input.bytes("frame")?;
            note_mask(steps, "mask", c2s, bytes.get(8..));
            out.bytes("to", &frame::read_uplink(c2s, &bytes)?.0)
        }
        "send" => {
            let packet = input.bytes("packet")?;
            note_mask(steps, "mask", c2s, Some(&packet));
            out.bytes("frame", &frame::send(c2s, input.array("to")?, &packet)?)
        }
        "forward" => {
            let (s2c, from) = (input.array("s2c")?, input.array("from")?);
            let bytes = input.bytes("frame")?;
            note_mask(steps, "mask_c2s", c2s, bytes.get(8..));
            note_mask(steps, "mask_s2c", s2c, bytes.get(8..));
            let (to, forwarded) = frame::forward(c2s, s2c, from, &bytes)?;
            out.bytes("to", &to).bytes("frame", &forwarded)
        }
        _ => return unknown(verb),
    }
    .answer()
}

/// The mask under `key`, if there is a packet long enough to have a nonce.
fn note_mask(steps: &mut Steps, name: &str, key: [u8; 32], packet: Option<&[u8]>) {
    if let Some(nonce) = packet.and_then(<[u8]>::first_chunk) {
        steps.note(name, &p::mask(key, *nonce));
    }
}

fn handshake(verb: &str, input: &Input, steps: &mut Steps) -> Answer {
    let out = Written::new();
    match verb {
        "hello" => {
            let relay_x = input.array("relay_x25519")?;
            let parts = handshake::hello_parts(&keys(input, "")?, relay_x, input.array("nonce")?)?;
            steps.note("shared", &parts.shared);
            steps.note("inner", &parts.inner);
            out.bytes("hello", &parts.bytes())
        }
        "accept" => {
            let (relay, bytes) = (keys(input, "relay_")?, input.bytes("hello")?);
            if let Some(x) = bytes.first_chunk() {
                steps.note("shared", &p::x25519_raw(relay.x_seed, *x));
            }
            let Public { x, ed } = handshake::accept(&relay, &bytes)?.peer;
            out.bytes("x25519", &x).bytes("ed25519", &ed).bytes("id", &x[..8])
        }
        "reply" => {
            let (relay, client) = (keys(input, "relay_")?, imported_x25519(input, "x25519")?);
            note_session(steps, p::x25519(relay.x_seed, client)?);
            out.bytes("reply", &handshake::reply_ok(&relay, client, input.array("nonce")?)?)
        }
        "read-reply" => {
            let relay = imported(input, "relay_", "")?;
            let seed = input.array("x25519_seed")?;
            note_session(steps, p::x25519(seed, relay.x)?);
            let version = handshake::read_reply(seed, &relay, &input.bytes("reply")?)?;
            out.value("version", version)
        }
        _ => return unknown(verb),
    }
    .answer()
}

fn note_session(steps: &mut Steps, shared: [u8; 32]) {
    let Routes { c2s, s2c } = route_keys(shared);
    steps.note("shared", &shared);
    steps.note("c2s", &c2s);
    steps.note("s2c", &s2c);
}

fn relay(verb: &str, input: &Input, steps: &mut Steps) -> Answer {
    match verb {
        "command" => {
            let body = input.bytes("body")?;
            command_out(&read_command(input.number("command")?, &body)?).answer()
        }
        "event" => {
            let body = input.bytes("body")?;
            event_out(&read_event(input.number("command")?, &body)?).answer()
        }
        "frame" => {
            let (relay, client) = (keys(input, "relay_")?, imported_x25519(input, "x25519")?);
            let (command, body) = (input.number("command")?, input.bytes("body")?);
            steps.note("body", &body);
            note_session(steps, p::x25519(relay.x_seed, client)?);
            let nonce = input.array("nonce")?;
            let frame = handshake::relay_frame(&relay, client, nonce, command, &body)?;
            Written::new().bytes("frame", &frame).answer()
        }
        "open" => {
            let relay = imported(input, "relay_", "")?;
            let shared = p::x25519(input.array("x25519_seed")?, relay.x)?;
            note_session(steps, shared);
            let inner = open_relay_frame(shared, relay.ed, &input.bytes("frame")?)?;
            steps.note("inner", &inner.bytes());
            inner_out(&inner).answer()
        }
        _ => unknown(verb),
    }
}

fn command_out(command: &Command) -> Written {
    let name = |name: &str| Written::new().value("name", name);
    match command {
        Command::Subscribe(keys) => name("SUBSCRIBE").keys("keys", keys),
        Command::Unsubscribe(keys) => name("UNSUBSCRIBE").keys("keys", keys),
        Command::Introduce(target, nickname) => {
            name("INTRODUCE").bytes("target", target).bytes("nickname", nickname)
        }
        Command::Wake(target, kind) => name("WAKE").bytes("target", target).value("kind", *kind),
        Command::PushRegister(kind, token) => {
            name("PUSH_REGISTER").value("kind", *kind).bytes("token", token)
        }
    }
}

fn event_out(event: &Event) -> Written {
    let name = |name: &str| Written::new().value("name", name);
    let error = |code: u8| name("ERROR").value("code", code);
    match event {
        Event::HandshakeOk => name("HANDSHAKE_OK").value("version", handshake::VERSION),
        Event::PeerOnline(keys) => name("PEER_ONLINE").keys("keys", keys),
        Event::PeerOffline(keys) => name("PEER_OFFLINE").keys("keys", keys),
        Event::IntroFrom(peer, nickname) => name("INTRO_FROM")
            .bytes("x25519", &peer.x)
            .bytes("ed25519", &peer.ed)
            .value("nickname", nickname.as_str()),
        Event::Wake(target, kind) => name("WAKE").bytes("target", target).value("kind", *kind),
        Event::PushRegister(sender, kind, token) => {
            name("PUSH_REGISTER").bytes("sender", sender).value("kind", *kind).bytes("token", token)
        }
        Event::ServerPing => name("SERVER_PING"),
        Event::Notice(text) => name("NOTICE").value("text", text.as_str()),
        Event::IdInUse => error(1),
        Event::BadVersion(supported) => error(2).value("supported", *supported),
        Event::RecipientOffline(target, nonce) => {
            error(3).bytes("target", target).bytes("nonce", nonce)
        }
        Event::UnknownError(code) => error(*code),
    }
}
