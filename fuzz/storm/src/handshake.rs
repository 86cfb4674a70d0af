//! Row 5: a hello is judged by its parts in the written order, and only a genuine reply makes a
//! session.
//!
//! The input is a hello and a reply of a stranger's; then the inner part of a hello that somebody
//! sealed and signed, under a key of the input's own or the client's; then what the relay itself
//! replies. Knowing the relay's seed, a check seals under every key there is, those of small order
//! among them.

use crate::support::{
    CLIENT_ED25519, PARTIES, RELAY_X25519, draw, greet, nonce, refusal, tampered,
};
use arbitrary::Unstructured;
use sealwire::{
    Clause,
    frame::{MAX_BEFORE_HELLO, MIN},
    handshake::{AwaitHello, HELLO, Hello, MARK, Reply, VERSION},
    primitives::{
        Ed25519Public, KEY, NONCE, SIGNATURE, Secret, TAG, X25519Public, aead_seal, sign, x25519,
    },
};

/// Row 5, handshake.
pub fn check(input: &[u8]) {
    let clause = refusal(input, welcome);
    assert_eq!(clause == Clause::FrameBeforeHello, input.len() > MAX_BEFORE_HELLO);
    assert_eq!(clause == Clause::HandshakeTooShort, input.len() < HELLO);
    let (awaited, _) = greet(&PARTIES.client, &PARTIES.relay);
    let (_, clause) = refusal(input, |message| awaited.receive(message).map(drop));
    assert_eq!(clause == Clause::FrameTooShort, input.len() < MIN);

    let mut choices = Unstructured::new(input);
    match draw::<u8>(&mut choices) % 4 {
        0 => reply(&mut choices),
        own => greeting(own, &mut choices),
    }
}

fn welcome(message: &mut [u8]) -> Result<(), Clause> {
    AwaitHello::new(&PARTIES.relay).receive(message).map(drop).map_err(|(_, clause)| clause)
}

/// A hello whose seal holds. `own` says how many of its keys are the client's.
fn greeting(own: u8, choices: &mut Unstructured<'_>) {
    let client = PARTIES.client.public();
    let key: [u8; KEY] = if own > 1 { *client.x25519() } else { draw(choices) };
    let mut choices = Unstructured::new(choices.peek_bytes(choices.len()).unwrap_or_default());
    let mut inner = choices.peek_bytes(choices.len()).unwrap_or_default().to_vec();
    if own > 2 && inner.len() >= 3 {
        inner.splice(3..3, *client.ed25519());
    }
    let message = seal(&key, &inner);
    refusal(&tampered(&message, &mut choices), welcome);

    let mut judged = message.clone();
    let outcome = AwaitHello::new(&PARTIES.relay).receive(&mut judged);
    assert!(judged == message, "a hello stays as it was, whatever the outcome");
    match outcome {
        Ok(Hello::Admitted(admitted)) => {
            assert_eq!(verdict(&key, &inner), Ok(VERSION));
            assert_eq!((admitted.peer().x25519(), admitted.peer().ed25519()), (&key, client.ed25519()));
            let tag = &message[message.len() - SIGNATURE - TAG..][..TAG];
            let mark = [&message[KEY..KEY + NONCE], tag].concat();
            assert!(mark == *admitted.mark(), "known again by nonce and tag");
            assert_eq!(mark.len(), MARK);
        }
        Ok(Hello::WrongVersion(_)) => assert_ne!(verdict(&key, &inner), Ok(VERSION)),
        Err((_, clause)) => assert_eq!(verdict(&key, &inner), Err(clause)),
    }
}

fn seal(key: &[u8; KEY], inner: &[u8]) -> Vec<u8> {
    // Keys of small order agree on nothing; a hello under one is refused whatever seals it.
    let shared = x25519(&Secret::new(RELAY_X25519), key).unwrap_or(Secret::new([0; KEY]));
    let mut text = inner.to_vec();
    let tag = aead_seal(&shared, nonce(4), &mut text).expect("inputs are shorter than 256 GiB");
    let signed = [&[4; NONCE], text.as_slice(), &tag].concat();
    let (_, signature) = sign(&Secret::new(CLIENT_ED25519), &signed);
    [key.as_slice(), &signed, &signature].concat()
}

/// The version, or the first clause in the order of chapter 5.
fn verdict(key: &[u8; KEY], inner: &[u8]) -> Result<u8, Clause> {
    let length = KEY + NONCE + inner.len() + TAG + SIGNATURE;
    if length > MAX_BEFORE_HELLO {
        return Err(Clause::FrameBeforeHello);
    }
    let [_, _, command, body @ ..] = inner else { return Err(Clause::HandshakeTooShort) };
    let Some((ed25519, [version, ..])) = body.split_first_chunk::<KEY>() else {
        return Err(Clause::HandshakeTooShort);
    };
    X25519Public::import(*key)?;
    if *command != 1 {
        return Err(Clause::HandshakeHelloCommand);
    }
    Ed25519Public::import(*ed25519)?;
    let signed = ed25519 == PARTIES.client.public().ed25519();
    if signed { Ok(*version) } else { Err(Clause::HandshakeHelloSignature) }
}

/// A reply whose seal holds; if it is refused, a better one is still taken.
fn reply(choices: &mut Unstructured<'_>) {
    let command = draw(choices);
    let body = choices.peek_bytes(choices.len()).unwrap_or_default();
    let message = PARTIES.relay_says(command, body);
    let (awaited, _) = greet(&PARTIES.client, &PARTIES.relay);
    let changed = tampered(&message, choices);
    let (awaited, _) = refusal(&changed, |message| awaited.receive(message).map(drop));

    let mut judged = message.clone();
    match (awaited.receive(&mut judged), command, body) {
        (Ok(Reply::Session(session)), 0x02, [VERSION, ..]) => {
            assert_eq!(session.relay(), PARTIES.relay.public());
        }
        (Ok(Reply::IdInUse), 0xff, [1, ..]) => {}
        (Ok(Reply::BadVersion { supported }), 0xff, [2, version, ..]) => {
            assert_eq!(supported, *version);
        }
        (Err((awaited, clause)), _, _) => {
            assert!(judged == message, "what is refused was changed");
            let session = matches!((command, body), (0x02, [VERSION, ..]) | (0xff, [1, ..] | [2, _, ..]));
            assert!(!session, "a genuine reply is refused by {clause}");
            let genuine = awaited.receive(&mut PARTIES.relay_says(0x02, &[VERSION]));
            assert!(matches!(genuine, Ok(Reply::Session(_))), "the machine was changed");
        }
        (outcome, ..) => panic!("{outcome:?} from {command:#04x}, {body:02x?}"),
    }
}
