//! Announced lengths: judged before the payload, answered with a code that arrives.

use crate::live::case::cases;
use crate::live::outcome::{Outcome, Stop, fail, require, same};
use crate::live::session::{Answer, Session};
use crate::live::socket::{BINARY, FIN, Heard, Socket, header, masked_frame};
use crate::live::trial::Trial;
use crate::model::frame::FRAME_MAX;

/// What a relay may read away after a 1009.
const DRAINED: usize = 64 * 1024;

cases! { Trial in "size.rs";
    "frame/too-long.one-byte-over" one_byte_over from "ws-max-boundary";
    "frame/too-long.four-gib" four_gib from "ws-length-lies";
    "frame/too-long.sixty-three-bits" sixty_three_bits from "ws-length-lies";
    "frame/too-long.sixty-four-bits" sixty_four_bits from "ws-length-lies";
    "frame/too-long.nothing-forwarded" nothing_forwarded;
    "frame/drain-after-1009.payload-behind" payload_behind;
    "frame/before-hello.one-byte-over" before_hello from "ws-length-lies";
    "frame/before-hello.largest" largest_hello;
}

/// Announces a binary message of `length` bytes and sends none of them.
async fn announce(socket: &mut Socket, length: u64) -> Outcome {
    let sent = socket.send_raw(&header(FIN | BINARY, length, true)).await;
    require(sent.is_ok(), "a relay that reads the header", format!("{sent:?}"))
}

/// What ends the connection, and that nothing came before it.
async fn end(socket: &mut Socket) -> Outcome<Heard> {
    loop {
        match socket.hear("a close for the announced length").await? {
            Heard::Ping(_) | Heard::Text(_) => {}
            heard => return Ok(heard),
        }
    }
}

/// An announcement in a session is answered 1009 before its payload is awaited.
async fn refused(trial: &mut Trial, length: u64) -> Outcome {
    let Session { mut socket, .. } = trial.join().await?;
    announce(&mut socket, length).await?;
    let what = format!("of {length} bytes announced and none sent");
    same(&what, &Heard::Close(Some(1009)), &end(&mut socket).await?)
}

/// 1,048,577 bytes.
async fn one_byte_over(trial: &mut Trial) -> Outcome {
    refused(trial, FRAME_MAX as u64 + 1).await
}

/// 2³² bytes: a length that a 32-bit counter takes for none.
async fn four_gib(trial: &mut Trial) -> Outcome {
    refused(trial, 1 << 32).await
}

/// 2⁶³ − 1 bytes, the largest length of RFC 6455.
async fn sixty_three_bits(trial: &mut Trial) -> Outcome {
    refused(trial, (1 << 63) - 1).await
}

/// 2⁶³ bytes: too long, and no length of RFC 6455 at all, so that either code says the truth.
async fn sixty_four_bits(trial: &mut Trial) -> Outcome {
    let Session { mut socket, .. } = trial.join().await?;
    announce(&mut socket, 1 << 63).await?;
    match end(&mut socket).await? {
        Heard::Close(Some(1009 | 1002)) => Ok(()),
        other => Err(fail("close 1009 (or 1002, for a broken length)", other.describe())),
    }
}

/// A whole frame of one byte too many reaches nobody.
async fn nothing_forwarded(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let packet = alice.opaque(FRAME_MAX - 7);
    let frame = alice.frame(bob.id(), &packet);
    // The relay stops reading in the middle, and may then reset the connection: neither a failed
    // send nor a lost code is news here.
    let _ = alice.socket.send_binary(&frame).await;
    while !matches!(end(&mut alice.socket).await?, Heard::Close(_) | Heard::End) {}
    bob.quiet("no part of a frame of 1,048,577 bytes").await
}

/// The code reaches a client that goes on sending for 64 KiB, and nothing of that is reset.
async fn payload_behind(trial: &mut Trial) -> Outcome {
    let Session { mut socket, .. } = trial.join().await?;
    let message = masked_frame(FIN | BINARY, &vec![0; FRAME_MAX + 1]);
    let (before, behind) = message[..DRAINED].split_at(DRAINED / 2);
    let sent = socket.send_raw(before).await;
    require(sent.is_ok(), "a relay that reads 32 KiB away", format!("{sent:?}"))?;
    let Ok(actual) = end(&mut socket).await else {
        // It waits for a message that it will not take.
        return Err(Stop::Unmet("frame/too-long"));
    };
    same("with 32 KiB sent behind it", &Heard::Close(Some(1009)), &actual)?;
    for piece in behind.chunks(4 * 1024) {
        let sent = socket.send_raw(piece).await;
        let expected = "a relay that half-closes, and reads 64 KiB away";
        require(sent.is_ok(), expected, format!("{sent:?}"))?;
    }
    Ok(())
}

/// Before the hello 4,097 bytes are too many.
async fn before_hello(trial: &mut Trial) -> Outcome {
    let mut socket = trial.socket().await?;
    announce(&mut socket, 4_097).await?;
    same("4,097 bytes announced", &Heard::Close(Some(1009)), &end(&mut socket).await?)
}

/// Before the hello 4,096 bytes are not: a hello may grow to this size.
async fn largest_hello(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let mut parts = trial.hello(&person)?;
    parts.inner.resize(parts.inner.len() + 4_096 - 172, 0);
    let (answer, _) = trial.try_hello(&person, &parts.bytes()).await?;
    same("HANDSHAKE_OK for a hello of 4,096 bytes", &Answer::Reply(Ok(2)), &answer)
}
