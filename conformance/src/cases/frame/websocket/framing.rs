//! Frames that RFC 6455 forbids, and extensions offered in vain.

use crate::live::case::cases;
use crate::live::outcome::{Outcome, Stop, same};
use crate::live::session::{SMALLEST_PACKET, Seen, Session};
use crate::live::socket::{BINARY, CONTINUATION, FIN, TEXT, header, masked_frame};
use crate::live::trial::Trial;

use super::{answered, each_answered, put};

/// The reserved bits of the first byte.
const RESERVED: [u8; 3] = [0x40, 0x20, 0x10];

cases! { Trial in "framing.rs";
    "frame/websocket.unmasked" unmasked from "ws-protocol-errors";
    "frame/websocket.reserved-bit" reserved_bit from "ws-protocol-errors";
    "frame/websocket.unknown-opcode" unknown_opcode from "ws-protocol-errors";
    "frame/websocket.unknown-control-opcode" unknown_control from "ws-protocol-errors";
    "frame/websocket.length-not-shortest" not_shortest from "ws-length-lies";
    "frame/websocket.continuation-of-nothing" continuation from "ws-fragment-abuse";
    "frame/websocket.continuation-of-the-whole" continuation_of_whole from "ws-fragment-abuse";
    "frame/websocket.message-in-a-message" nested from "ws-fragment-abuse";
    "frame/websocket.text-not-utf8" not_utf8 from "ws-protocol-errors";
    "frame/websocket.text-cut-in-a-character" cut_in_a_character from "ws-protocol-errors";
    "frame/text-other.fragments-within-a-character" fragments_within from "ws-protocol-errors";
    "frame/no-compression.deflate-offered" deflate from "ws-deflate";
}

/// A client that does not mask.
async fn unmasked(trial: &mut Trial) -> Outcome {
    let bytes = [header(FIN | BINARY, 4, false), b"bare".to_vec()].concat();
    answered(trial, &bytes, 1002).await
}

/// Each reserved bit, and all of them, without an extension that gives them a meaning.
async fn reserved_bit(trial: &mut Trial) -> Outcome {
    let all = RESERVED.iter().fold(0, |all, bit| all | bit);
    let bits = RESERVED.into_iter().chain([all]);
    let frame = |bits| masked_frame(FIN | bits | BINARY, b"reserved");
    each_answered(trial, bits.map(|bits| (format!("reserved bits {bits:02x}"), frame(bits))), 1002)
        .await
}

/// Opcodes 3 to 7.
async fn unknown_opcode(trial: &mut Trial) -> Outcome {
    each_answered(trial, (0x3..=0x7).map(with_opcode), 1002).await
}

/// Opcodes B to F.
async fn unknown_control(trial: &mut Trial) -> Outcome {
    each_answered(trial, (0xb..=0xf).map(with_opcode), 1002).await
}

/// A frame with this opcode, and what to call it.
fn with_opcode(opcode: u8) -> (String, Vec<u8>) {
    (format!("opcode {opcode:x}"), masked_frame(FIN | opcode, b"what"))
}

/// 125 bytes in the form for 126 and more, 200 bytes in the form for 65,536 and more.
async fn not_shortest(trial: &mut Trial) -> Outcome {
    let mask = [0; 4];
    let two = [&[FIN | BINARY, 0x80 | 126, 0, 125][..], &mask, &[0; 125]].concat();
    let eight =
        [&[FIN | BINARY, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0, 200][..], &mask, &[0; 200]].concat();
    let broken = [("125 bytes, length in two", two), ("200 bytes, length in eight", eight)];
    each_answered(trial, broken.map(|(what, bytes)| (what.to_owned(), bytes)), 1002).await
}

/// A continuation that continues nothing.
async fn continuation(trial: &mut Trial) -> Outcome {
    answered(trial, &masked_frame(FIN | CONTINUATION, b"and then"), 1002).await
}

/// A continuation of a message that was whole.
async fn continuation_of_whole(trial: &mut Trial) -> Outcome {
    let whole = masked_frame(FIN | BINARY, b"whole");
    let more = masked_frame(FIN | CONTINUATION, b"and then");
    answered(trial, &[whole, more].concat(), 1002).await
}

/// A new message before the last fragment of the old one.
async fn nested(trial: &mut Trial) -> Outcome {
    let bytes = [masked_frame(BINARY, b"one"), masked_frame(FIN | BINARY, b"two")].concat();
    answered(trial, &bytes, 1002).await
}

/// Text that is no UTF-8: a byte out of place, an overlong form, half of a surrogate pair.
async fn not_utf8(trial: &mut Trial) -> Outcome {
    let texts: [&[u8]; 4] = [&[0xc3, 0x28], &[0xc0, 0xaf], &[0xed, 0xa0, 0x80], &[0xff]];
    let broken = texts.map(|text| (hex::encode(text), masked_frame(FIN | TEXT, text)));
    each_answered(trial, broken, 1007).await
}

/// A text that ends within a character.
async fn cut_in_a_character(trial: &mut Trial) -> Outcome {
    joins_fragments(trial).await?;
    let [first, second] = split_character();
    let last = masked_frame(FIN | CONTINUATION, &second[..1]);
    answered(trial, &[masked_frame(TEXT, &first), last].concat(), 1007).await
}

/// The relay reads fragments: the ground of cases about what they hold.
async fn joins_fragments(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    let packet = alice.opaque(SMALLEST_PACKET);
    let frame = alice.frame(alice.id(), &packet);
    let (first, second) = frame.split_at(frame.len() / 2);
    let last = masked_frame(FIN | CONTINUATION, second);
    put(&mut alice.socket, &[masked_frame(BINARY, first), last].concat()).await?;
    let joined = Seen::Frame(alice.id(), packet);
    let read = alice.settle().await?.contains(&joined);
    if read { Ok(()) } else { Err(Stop::Unmet("frame/fragments")) }
}

/// Fragments may part the bytes of a character: the text is whole, and ignored like any other.
async fn fragments_within(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    let [first, second] = split_character();
    let last = masked_frame(FIN | CONTINUATION, &second);
    put(&mut alice.socket, &[masked_frame(TEXT, &first), last].concat()).await?;
    alice.quiet("no answer to other text").await
}

/// A text in two parts, cut within a character of three bytes.
fn split_character() -> [Vec<u8>; 2] {
    let text = "eight bits: \u{241f}".as_bytes();
    let (first, second) = text.split_at(text.len() - 2);
    [first.to_vec(), second.to_vec()]
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
