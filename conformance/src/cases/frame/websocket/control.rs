//! Control frames: short, whole, masked; pings that are answered, closes that close.

use crate::live::case::cases;
use crate::live::outcome::{Outcome, require, same};
use crate::live::session::{SMALLEST_PACKET, Session};
use crate::live::socket::{BINARY, CLOSE, FIN, Heard, PING, PONG, header, masked_frame};
use crate::live::trial::Trial;

use super::{answered, each_answered, next, put};

cases! { Trial in "control.rs";
    "frame/websocket.long-control-frame" long_control from "ws-protocol-errors";
    "frame/websocket.fragmented-control-frame" fragmented_control from "ws-protocol-errors";
    "frame/websocket.unmasked-control-frame" unmasked_control from "ws-protocol-errors";
    "frame/websocket.pong-of-every-length" pongs from "ws-protocol-errors";
    "frame/websocket.close-of-one-byte" close_of_one_byte from "ws-close-codes";
    "frame/websocket.close-with-a-reserved-code" reserved_code from "ws-close-codes";
    "frame/websocket.close-reason-not-utf8" reason_not_utf8 from "ws-close-codes";
    "frame/websocket.close-echoed" close_echoed from "ws-close-codes";
    "frame/websocket.close-without-a-code" close_without_code from "ws-close-codes";
    "frame/websocket.frame-behind-a-close" behind_a_close from "ws-close-codes";
}

/// Each control opcode, and what to call it.
const CONTROL: [(u8, &str); 3] = [(CLOSE, "a close"), (PING, "a ping"), (PONG, "a pong")];

/// Control frames of 126 bytes.
async fn long_control(trial: &mut Trial) -> Outcome {
    // As a close it holds a code, so that its length alone is wrong.
    let payload = [&1000u16.to_be_bytes()[..], &[b'x'; 124]].concat();
    let frame =
        |(opcode, name)| (format!("{name} of 126 bytes"), masked_frame(FIN | opcode, &payload));
    each_answered(trial, CONTROL.map(frame), 1002).await
}

/// Control frames without FIN.
async fn fragmented_control(trial: &mut Trial) -> Outcome {
    let frame = |(opcode, name)| {
        (format!("{name} without FIN"), masked_frame(opcode, &1000u16.to_be_bytes()))
    };
    each_answered(trial, CONTROL.map(frame), 1002).await
}

/// Control frames that a client did not mask.
async fn unmasked_control(trial: &mut Trial) -> Outcome {
    let frame = |(opcode, name)| {
        let bytes = [header(FIN | opcode, 2, false), 1000u16.to_be_bytes().to_vec()].concat();
        (format!("{name} without a mask"), bytes)
    };
    each_answered(trial, CONTROL.map(frame), 1002).await
}

/// A ping is answered with its own bytes, from none to 125.
async fn pongs(trial: &mut Trial) -> Outcome {
    let Session { mut socket, .. } = trial.join().await?;
    for length in [0, 1, 124, 125] {
        let payload = trial.random.vec(length);
        put(&mut socket, &masked_frame(FIN | PING, &payload)).await?;
        let heard = next(&mut socket, "a pong").await?;
        same(&format!("the pong of {length} bytes"), &Heard::Pong(payload), &heard)?;
    }
    Ok(())
}

/// A close whose code is cut in half.
async fn close_of_one_byte(trial: &mut Trial) -> Outcome {
    answered(trial, &masked_frame(FIN | CLOSE, &[3]), 1002).await
}

/// Codes that RFC 6455 keeps off the wire, or does not use.
async fn reserved_code(trial: &mut Trial) -> Outcome {
    let frame = |code: u16| {
        (format!("a close with {code}"), masked_frame(FIN | CLOSE, &code.to_be_bytes()))
    };
    each_answered(trial, [0, 999, 1004, 1005, 1006, 1015].map(frame), 1002).await
}

/// A reason that is no text.
async fn reason_not_utf8(trial: &mut Trial) -> Outcome {
    let payload = [&1000u16.to_be_bytes()[..], &[0xc3, 0x28]].concat();
    answered(trial, &masked_frame(FIN | CLOSE, &payload), 1007).await
}

/// A close by the rules is answered with its own code.
async fn close_echoed(trial: &mut Trial) -> Outcome {
    let frame = |code: u16| {
        let payload = [&code.to_be_bytes()[..], b"the reader leaves"].concat();
        masked_frame(FIN | CLOSE, &payload)
    };
    for code in [1000, 1001, 3000, 4999] {
        answered(trial, &frame(code), code).await?;
    }
    Ok(())
}

/// A close without a code is answered with a close; there is no code to echo.
async fn close_without_code(trial: &mut Trial) -> Outcome {
    let Session { mut socket, .. } = trial.join().await?;
    put(&mut socket, &masked_frame(FIN | CLOSE, &[])).await?;
    let heard = next(&mut socket, "a close").await?;
    let closed = matches!(heard, Heard::Close(None | Some(1000)));
    require(closed, "a close without a code, or with 1000", heard.describe())
}

/// What comes behind a close is not forwarded.
async fn behind_a_close(trial: &mut Trial) -> Outcome {
    let (mut alice, mut bob) = trial.pair().await?;
    let packet = alice.opaque(SMALLEST_PACKET);
    let frame = alice.frame(bob.id(), &packet);
    let close = masked_frame(FIN | CLOSE, &1000u16.to_be_bytes());
    put(&mut alice.socket, &[close, masked_frame(FIN | BINARY, &frame)].concat()).await?;
    alice.close_is(1000).await?;
    bob.quiet("no frame from behind a close").await
}
