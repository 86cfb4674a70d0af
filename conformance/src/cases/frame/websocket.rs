//! RFC 6455 broken on purpose, and extensions offered in vain.

use crate::live::case::cases;
use crate::live::outcome::{Outcome, require, same};
use crate::live::session::Session;
use crate::live::socket::{
    BINARY, CLOSE, CONTINUATION, FIN, Heard, PING, TEXT, header, masked_frame,
};
use crate::live::trial::Trial;

/// The first reserved bit of the first byte.
const RSV1: u8 = 0x40;

cases! { Trial;
    "frame/websocket.unmasked" unmasked from "ws-protocol-errors";
    "frame/websocket.reserved-bit" reserved_bit from "ws-protocol-errors";
    "frame/websocket.unknown-opcode" unknown_opcode from "ws-protocol-errors";
    "frame/websocket.unknown-control-opcode" unknown_control from "ws-protocol-errors";
    "frame/websocket.long-control-frame" long_control from "ws-protocol-errors";
    "frame/websocket.fragmented-control-frame" fragmented_control from "ws-protocol-errors";
    "frame/websocket.continuation-of-nothing" continuation from "ws-fragment-abuse";
    "frame/websocket.message-in-a-message" nested from "ws-fragment-abuse";
    "frame/websocket.text-not-utf8" not_utf8 from "ws-protocol-errors";
    "frame/websocket.close-of-one-byte" close_of_one_byte from "ws-close-codes";
    "frame/websocket.close-with-a-reserved-code" reserved_code from "ws-close-codes";
    "frame/websocket.close-echoed" close_echoed from "ws-close-codes";
    "frame/no-compression.deflate-offered" deflate from "ws-deflate";
}

/// Bytes in a session, and the close that must follow.
async fn answered(trial: &mut Trial, bytes: &[u8], code: u16) -> Outcome {
    let Session { mut socket, .. } = trial.join().await?;
    let sent = socket.send_raw(bytes).await;
    require(sent.is_ok(), "a relay that reads", format!("{sent:?}"))?;
    loop {
        match socket.hear(&format!("close {code}")).await? {
            Heard::Ping(_) => {}
            heard => return same("the connection fails", &Heard::Close(Some(code)), &heard),
        }
    }
}

/// A client that does not mask.
async fn unmasked(trial: &mut Trial) -> Outcome {
    let bytes = [header(FIN | BINARY, 4, false), b"bare".to_vec()].concat();
    answered(trial, &bytes, 1002).await
}

/// A reserved bit without an extension that gives it a meaning.
async fn reserved_bit(trial: &mut Trial) -> Outcome {
    answered(trial, &masked_frame(FIN | RSV1 | BINARY, b"rsv1"), 1002).await
}

/// Opcode 3.
async fn unknown_opcode(trial: &mut Trial) -> Outcome {
    answered(trial, &masked_frame(FIN | 0x3, b"what"), 1002).await
}

/// Opcode B.
async fn unknown_control(trial: &mut Trial) -> Outcome {
    answered(trial, &masked_frame(FIN | 0xb, b"what"), 1002).await
}

/// A ping of 126 bytes.
async fn long_control(trial: &mut Trial) -> Outcome {
    answered(trial, &masked_frame(FIN | PING, &[0; 126]), 1002).await
}

/// A ping without FIN.
async fn fragmented_control(trial: &mut Trial) -> Outcome {
    answered(trial, &masked_frame(PING, b"half"), 1002).await
}

/// A continuation that continues nothing.
async fn continuation(trial: &mut Trial) -> Outcome {
    answered(trial, &masked_frame(FIN | CONTINUATION, b"and then"), 1002).await
}

/// A new message before the last fragment of the old one.
async fn nested(trial: &mut Trial) -> Outcome {
    let bytes = [masked_frame(BINARY, b"one"), masked_frame(FIN | BINARY, b"two")].concat();
    answered(trial, &bytes, 1002).await
}

/// Text that is no UTF-8.
async fn not_utf8(trial: &mut Trial) -> Outcome {
    answered(trial, &masked_frame(FIN | TEXT, &[0xc3, 0x28]), 1007).await
}

/// A close whose code is cut in half.
async fn close_of_one_byte(trial: &mut Trial) -> Outcome {
    answered(trial, &masked_frame(FIN | CLOSE, &[3]), 1002).await
}

/// 1005 never stands on the wire.
async fn reserved_code(trial: &mut Trial) -> Outcome {
    answered(trial, &masked_frame(FIN | CLOSE, &1005u16.to_be_bytes()), 1002).await
}

/// A close by the rules is answered with its own code.
async fn close_echoed(trial: &mut Trial) -> Outcome {
    answered(trial, &masked_frame(FIN | CLOSE, &1000u16.to_be_bytes()), 1000).await
}

/// permessage-deflate is offered and not taken, and the connection serves.
async fn deflate(trial: &mut Trial) -> Outcome {
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    let (address, patience) = (&trial.target.address, trial.target.patience);
    let (socket, head) = address.connect_with(offer, patience).await?;
    same("no extension", &None, &head.value("sec-websocket-extensions"))?;
    let person = trial.person();
    let random = trial.random.fork();
    let mut alice = Session::open(socket, person, trial.target.relay, random).await?;
    alice.quiet("a session without extensions").await
}
