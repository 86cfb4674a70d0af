//! Commands that a relay must drop, without an answer and without a close.

use crate::live::case::cases;
use crate::live::outcome::Outcome;
use crate::live::session::Session;
use crate::live::trial::Trial;
use crate::model::handshake::{ERROR, HANDSHAKE_OK, HANDSHAKE_REQUEST, VERSION};
use crate::model::identity::RELAY_ID;
use crate::model::packet::seal;
use crate::model::primitives::x25519;
use crate::model::relay::{
    INTRO_FROM, INTRODUCE, NOTICE, PEER_OFFLINE, PEER_ONLINE, PUSH_REGISTER, SERVER_PING,
    SUBSCRIBE, UNSUBSCRIBE, WAKE, intro_from_body, recipient_offline_body,
};

/// What a client may send, and what only a relay may send (or only before the session).
const TO_RELAY: [u8; 5] = [SUBSCRIBE, UNSUBSCRIBE, INTRODUCE, WAKE, PUSH_REGISTER];
const NOT_TO_RELAY: [u8; 8] = [
    HANDSHAKE_REQUEST,
    HANDSHAKE_OK,
    PEER_ONLINE,
    PEER_OFFLINE,
    INTRO_FROM,
    SERVER_PING,
    NOTICE,
    ERROR,
];

cases! { Trial in "commands.rs";
    "relay/command-authentic.every-byte" every_byte from "rf-bitflip-sweep";
    "relay/command-authentic.another-signer" another_signer from "ed-length-and-random";
    "relay/command-authentic.anothers-session" anothers_session;
    "relay/command-authentic.no-inner" no_inner from "ae-size-edges";
    "relay/unknown-command.all-others" unknown from "sc-command-edges";
    "relay/direction.all-of-them" direction from "rf-opcode-privilege";
    "relay/direction.second-hello-inside" second_hello from "hs-cmd-confusion";
}

/// The packet that asks whether `session` itself is online: an answer shows that it was taken.
fn question(session: &mut Session) -> Vec<u8> {
    let x = session.me.public.x;
    session.command_packet(SUBSCRIBE, &x)
}

/// The honest question is answered.
async fn answers(session: &mut Session) -> Outcome {
    let x = session.me.public.x;
    session.command(SUBSCRIBE, &x).await?;
    session.event_is(PEER_ONLINE, &x, "PEER_ONLINE to an honest SUBSCRIBE").await
}

/// Each byte of a command, changed in one bit.
async fn every_byte(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    answers(&mut alice).await?;
    let packet = question(&mut alice);
    for at in 0..packet.len() {
        let mut changed = packet.clone();
        changed[at] ^= 1 << (at % 8);
        alice.send_packet(RELAY_ID, &changed).await?;
    }
    alice.quiet("no answer to a command that does not verify").await?;
    answers(&mut alice).await
}

/// A command that the right key sealed and somebody else signed.
async fn another_signer(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    let (stranger, relay) = (trial.person(), trial.target.relay);
    let shared = x25519(alice.me.keys.x_seed, relay.x).expect("an honest key");
    let body = alice.me.public.x;
    let packet = seal(shared, stranger.keys.ed_seed, trial.random.bytes(), 0, SUBSCRIBE, &body);
    alice.send_packet(RELAY_ID, &packet).await?;
    alice.quiet("no answer to a stranger's signature").await?;
    answers(&mut alice).await
}

/// Bob's command, sent through Alice's session.
async fn anothers_session(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let packet = question(&mut bob);
    alice.send_packet(RELAY_ID, &packet).await?;
    alice.quiet("no answer to another's command").await?;
    bob.quiet("no answer to a command that another sent").await?;
    answers(&mut alice).await
}

/// A sealed and signed inner part of 0, 1 and 2 bytes.
async fn no_inner(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    let shared = x25519(alice.me.keys.x_seed, trial.target.relay.x).expect("an honest key");
    for length in 0..3 {
        let (nonce, inner) = (trial.random.bytes(), vec![0; length]);
        let seed = alice.me.keys.ed_seed;
        let packet = crate::model::packet::seal_inner(shared, seed, nonce, &inner);
        alice.send_packet(RELAY_ID, &packet).await?;
    }
    alice.quiet("no answer to a packet without a command").await?;
    answers(&mut alice).await
}

/// Every command that no table lists, with no body, a key, and more than any command carries.
async fn unknown(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    let bodies = [vec![], alice.me.public.x.to_vec(), vec![0; 5_000]];
    for command in (0..=255).filter(|c| !TO_RELAY.contains(c) && !NOT_TO_RELAY.contains(c)) {
        for body in &bodies {
            alice.command(command, body).await?;
        }
    }
    alice.quiet("no answer to an unknown command").await?;
    answers(&mut alice).await
}

/// Every command of the other direction, with a body that would do harm; Bob, whom they concern,
/// hears nothing, and neither does Alice.
async fn direction(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let x = bob.me.public.x;
    alice.command(SUBSCRIBE, &x).await?;
    alice.event_is(PEER_ONLINE, &x, "PEER_ONLINE").await?;
    let stranger = trial.person().public;
    let bodies: [(u8, Vec<u8>); 8] = [
        (HANDSHAKE_REQUEST, [&stranger.ed[..], &[VERSION]].concat()),
        (HANDSHAKE_OK, vec![VERSION]),
        (PEER_ONLINE, stranger.x.to_vec()),
        (PEER_OFFLINE, x.to_vec()),
        (INTRO_FROM, intro_from_body(&stranger, b"Mallory")),
        (SERVER_PING, vec![]),
        (NOTICE, b"the relay moves".to_vec()),
        (ERROR, recipient_offline_body(bob.id(), trial.random.bytes())),
    ];
    for (command, body) in bodies {
        alice.command(command, &body).await?;
    }
    alice.quiet("no effect of a relay's command from a client").await?;
    bob.quiet("no effect of a relay's command from a client").await?;
    answers(&mut bob).await
}

/// A HANDSHAKE_REQUEST in a session binds no new signing key.
async fn second_hello(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    let stranger = trial.person();
    alice.command(HANDSHAKE_REQUEST, &[&stranger.public.ed[..], &[VERSION]].concat()).await?;
    let shared = x25519(alice.me.keys.x_seed, trial.target.relay.x).expect("an honest key");
    let body = alice.me.public.x;
    let packet = seal(shared, stranger.keys.ed_seed, trial.random.bytes(), 0, SUBSCRIBE, &body);
    alice.send_packet(RELAY_ID, &packet).await?;
    alice.quiet("no answer under a key that was never registered").await?;
    answers(&mut alice).await
}
