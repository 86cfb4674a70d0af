//! Messages in fragments, and the sum that is judged.

use crate::live::case::cases;
use crate::live::outcome::{Outcome, require, same};
use crate::live::session::{Answer, SMALLEST_PACKET, Session, answer};
use crate::live::socket::{BINARY, CONTINUATION, FIN, Heard, PING, Socket, masked_frame};
use crate::live::trial::Trial;
use crate::model::frame::FRAME_MAX;

cases! { Trial in "fragments.rs";
    "frame/fragments.three" three;
    "frame/fragments.one-byte-each" one_byte_each from "ws-fragment-abuse";
    "frame/fragments.ping-between" ping_between from "ws-protocol-errors";
    "frame/fragments.hello" hello from "hs-length-sweep";
    "frame/fragments.largest" largest from "ws-max-boundary";
    "frame/fragments-limit.sum-over" sum_over from "ws-fragment-abuse";
    "frame/fragments-limit.nothing-forwarded" nothing_forwarded;
}

/// The fragments of `message`, cut into pieces of `size`.
fn fragments(message: &[u8], size: usize) -> Vec<Vec<u8>> {
    let last = message.len().div_ceil(size).saturating_sub(1);
    let cut = |(n, piece): (usize, &[u8])| {
        let opcode = if n == 0 { BINARY } else { CONTINUATION };
        masked_frame(if n == last { FIN | opcode } else { opcode }, piece)
    };
    message.chunks(size).enumerate().map(cut).collect()
}

/// Sends raw bytes that the relay has to take.
async fn put(socket: &mut Socket, bytes: &[u8]) -> Outcome {
    let sent = socket.send_raw(bytes).await;
    require(sent.is_ok(), "a relay that takes fragments", format!("{sent:?}"))
}

/// A frame in pieces of `size` arrives whole.
async fn forwarded(trial: &mut Trial, length: usize, size: usize) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let packet = alice.opaque(length);
    let frame = alice.frame(bob.id(), &packet);
    let pieces = fragments(&frame, size).concat();
    let sender = alice.id();
    let sending = put(&mut alice.socket, &pieces);
    let receiving = bob.frame_is(sender, &packet, "the fragments joined");
    tokio::try_join!(sending, receiving).map(|_| ())
}

/// Three fragments.
async fn three(trial: &mut Trial) -> Outcome {
    forwarded(trial, 592, 200).await
}

/// As many fragments as bytes.
async fn one_byte_each(trial: &mut Trial) -> Outcome {
    forwarded(trial, 192, 1).await
}

/// The largest frame in pieces.
async fn largest(trial: &mut Trial) -> Outcome {
    forwarded(trial, FRAME_MAX - 8, 100_000).await
}

/// Control frames stand between fragments.
async fn ping_between(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let packet = alice.opaque(SMALLEST_PACKET);
    let frame = alice.frame(bob.id(), &packet);
    let pieces = fragments(&frame, 60);
    let ping = masked_frame(FIN | PING, b"between");
    put(&mut alice.socket, &[&pieces[0][..], &ping, &pieces[1]].concat()).await?;
    let pong = alice.socket.hear("a pong").await?;
    same("the pong", &Heard::Pong(b"between".to_vec()), &pong)?;
    bob.frame_is(alice.id(), &packet, "the fragments joined").await
}

/// A hello in fragments is a hello.
async fn hello(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let hello = trial.hello(&person)?.bytes();
    let mut socket = trial.socket().await?;
    put(&mut socket, &fragments(&hello, 50).concat()).await?;
    let answer = answer(&mut socket, &person, &trial.target.relay).await?;
    same("HANDSHAKE_OK", &Answer::Reply(Ok(2)), &answer)
}

/// 1,048,576 bytes in one fragment, and a second of one more.
async fn sum_over(trial: &mut Trial) -> Outcome {
    let Session { mut socket, .. } = trial.join().await?;
    put(&mut socket, &masked_frame(BINARY, &vec![0; FRAME_MAX])).await?;
    put(&mut socket, &masked_frame(FIN | CONTINUATION, &[0])).await?;
    same("the fragment that exceeds", &Heard::Close(Some(1009)), &next(&mut socket).await?)
}

/// Of a message whose last fragment exceeds the limit nothing is forwarded.
async fn nothing_forwarded(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let packet = alice.opaque(FRAME_MAX - 7);
    let frame = alice.frame(bob.id(), &packet);
    let (first, last) = frame.split_at(FRAME_MAX);
    put(&mut alice.socket, &masked_frame(BINARY, first)).await?;
    put(&mut alice.socket, &masked_frame(FIN | CONTINUATION, last)).await?;
    same("the last fragment", &Heard::Close(Some(1009)), &next(&mut alice.socket).await?)?;
    bob.quiet("no part of the message").await
}

/// What comes next, keep-alive aside.
async fn next(socket: &mut Socket) -> Outcome<Heard> {
    loop {
        match socket.hear("a close for the sum of the fragments").await? {
            Heard::Ping(_) | Heard::Text(_) => {}
            heard => return Ok(heard),
        }
    }
}
