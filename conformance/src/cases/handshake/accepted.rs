//! Hellos that a relay must take, and the bytes of its reply.

use crate::live::case::cases;
use crate::live::outcome::{Outcome, require, same};
use crate::live::session::{Answer, SMALLEST_PACKET, Seen, answer, send};
use crate::live::socket::{BINARY, FIN, Heard, PING, PONG, masked_frame};
use crate::live::trial::Trial;

cases! { Trial in "accepted.rs";
    "handshake/reply-layout.honest" honest from "hs-happy-kat";
    "handshake/hello-trailing.hundred-bytes" trailing from "hs-length-sweep";
    "handshake/control-frames.ping-and-pong" control_frames;
    "handshake/early-frames.three-to-oneself" early_frames;
    "packet/nonce-fresh.two-hundred-replies" fresh_nonces from "ae-nonce-uniqueness";
}

/// An honest hello is answered with 116 bytes, HANDSHAKE_OK.
async fn honest(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let hello = trial.hello(&person)?.bytes();
    let mut socket = trial.socket().await?;
    send(&mut socket, &hello).await?;
    match socket.hear("the reply").await? {
        Heard::Binary(reply) => {
            same("the length of HANDSHAKE_OK", &116, &reply.len())?;
            let read = crate::model::handshake::read_reply;
            same("its version", &Ok(2), &read(person.keys.x_seed, &trial.target.relay, &reply))
        }
        other => require(false, "the reply as the first message", other.describe()),
    }
}

/// Inner bytes behind the version are ignored.
async fn trailing(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let mut parts = trial.hello(&person)?;
    parts.inner.extend(trial.random.vec(100));
    let (answer, _) = trial.try_hello(&person, &parts.bytes()).await?;
    same("HANDSHAKE_OK", &Answer::Reply(Ok(2)), &answer)
}

/// A ping before the hello is answered, a pong is ignored, and the hello still counts.
async fn control_frames(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let hello = trial.hello(&person)?.bytes();
    let mut socket = trial.socket().await?;
    let frames = [masked_frame(FIN | PONG, b"late"), masked_frame(FIN | PING, b"early")].concat();
    let sent = socket.send_raw(&frames).await;
    require(sent.is_ok(), "a relay that takes control frames", format!("{sent:?}"))?;
    same("the pong", &Heard::Pong(b"early".to_vec()), &socket.hear("a pong").await?)?;
    send(&mut socket, &hello).await?;
    let answer = answer(&mut socket, &person, &trial.target.relay).await?;
    same("HANDSHAKE_OK", &Answer::Reply(Ok(2)), &answer)
}

/// Frames behind the hello, in one piece with it, are handled in order after the reply.
async fn early_frames(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let hello = trial.hello(&person)?.bytes();
    let socket = trial.socket().await?;
    let mut me = trial.adopt(socket, &person)?;
    let packets: Vec<_> = (0..3).map(|_| me.opaque(SMALLEST_PACKET)).collect();
    let mut bytes = me.socket.frame(FIN | BINARY, &hello);
    for packet in &packets {
        let frame = me.frame(me.id(), packet);
        bytes.extend(masked_frame(FIN | BINARY, &frame));
    }
    let sent = me.socket.send_raw(&bytes).await;
    require(sent.is_ok(), "a relay that takes early frames", format!("{sent:?}"))?;
    let reply = answer(&mut me.socket, &person, &trial.target.relay).await?;
    same("the reply first", &Answer::Reply(Ok(2)), &reply)?;
    for packet in &packets {
        me.frame_is(person.id(), packet, "an early frame, in its turn").await?;
    }
    Ok(())
}

/// The nonces of a relay's own frames repeat in no part and tell no time.
async fn fresh_nonces(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    let nobody = trial.person().id();
    for _ in 0..200 {
        alice.send_opaque(nobody, SMALLEST_PACKET).await?;
    }
    let mut nonces = Vec::new();
    while nonces.len() < 200 {
        match alice.socket.hear("ERROR recipient_offline").await? {
            Heard::Binary(frame) => {
                require(
                    matches!(alice.see(Heard::Binary(frame.clone()))?, Some(Seen::Event(_))),
                    "an event",
                    "a frame of a peer",
                )?;
                nonces.push(frame[8..32].to_vec());
            }
            Heard::Ping(_) | Heard::Text(_) => {}
            other => return require(false, "ERROR recipient_offline", other.describe()),
        }
    }
    for (part, range) in [("first", 0..8), ("second", 8..16), ("third", 16..24)] {
        let mut parts: Vec<_> = nonces.iter().map(|nonce| &nonce[range.clone()]).collect();
        parts.sort_unstable();
        parts.dedup();
        let expected = format!("200 different {part} thirds of 200 nonces");
        require(parts.len() == 200, expected, format!("{} different ones", parts.len()))?;
    }
    Ok(())
}
