use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use super::*;
use crate::websocket::frame;

/// A live session, and the other end of its connection.
fn live(role: Role) -> (Session, UnixStream) {
    let (own, other) = UnixStream::pair().expect("a pair of sockets");
    own.set_nonblocking(true).expect("a socket");
    other.set_nonblocking(true).expect("a socket");
    let session = Session { stage: Stage::Live, ..Session::dialing(own.into(), role) };
    (session, other)
}

/// Feeds `bytes` in pieces: what was taken of each frame and its length, and how it ended.
fn fed(
    session: &mut Session,
    other: &mut UnixStream,
    bytes: &[u8],
    piece: usize,
) -> (Vec<(Vec<u8>, usize)>, Option<End>) {
    let mut taken = Vec::new();
    let mut scratch = vec![0; 4_096];
    for piece in bytes.chunks(piece) {
        other.write_all(piece).expect("room");
        let mut take = |seen: &mut [u8], length| taken.push((seen.to_vec(), length));
        if let Err(end) = session.receive(&mut scratch, &mut take) {
            return (taken, Some(end));
        }
    }
    (taken, None)
}

#[test]
fn frames_are_seen_however_they_are_cut() {
    let long: Vec<u8> = (0..9_000_usize).map(|byte| (byte % 251) as u8).collect();
    let frames = [
        frame(Opcode::Binary, &long[..200], None),
        frame(Opcode::Ping, b"life", None),
        frame(Opcode::Binary, &long, None),
        frame(Opcode::Text, b"ping", None),
        frame(Opcode::Binary, &[7], None),
        frame(Opcode::Close, &1_013_u16.to_be_bytes(), None),
    ]
    .concat();
    let expected = [(long[..200].to_vec(), 200), (long[..EVENT].to_vec(), 9_000), (vec![7], 1)];
    for piece in [1, 3, 7, 100, 4_095, 4_096, 4_097, 20_000] {
        let (mut session, mut other) = live(Role::Pair);
        let (taken, end) = fed(&mut session, &mut other, &frames, piece);
        assert_eq!((taken, end), (expected.to_vec(), Some(End::Closed(Some(1_013)))), "{piece}");
        let mut said = [0; 64];
        let count = other.read(&mut said).expect("a pong");
        assert_eq!(said[..count], frame(Opcode::Pong, b"life", Some(MASK)), "{piece}");
    }
}

#[test]
fn who_does_nothing_sees_nothing_and_keeps_nothing() {
    let (mut session, mut other) = live(Role::Idle);
    let bytes = frame(Opcode::Binary, &[1; 3_000], None);
    let (taken, end) = fed(&mut session, &mut other, &bytes, 2_000);
    assert_eq!((taken, end), (vec![(vec![], 3_000)], None));
    assert_eq!(session.held.capacity(), 0);
}

#[test]
fn a_frame_that_is_torn_was_not_received() {
    for role in [Role::Idle, Role::Pair] {
        let (mut session, mut other) = live(role);
        let bytes = frame(Opcode::Binary, &[1; 3_000], None);
        let (first, last) = bytes.split_at(bytes.len() - 1);
        let taken = fed(&mut session, &mut other, first, 1_000).0;
        assert!(taken.is_empty(), "{role:?}");
        let taken = fed(&mut session, &mut other, last, 1).0;
        assert_eq!(taken.len(), 1, "{role:?}");
    }
}

#[test]
fn the_end_behind_the_last_bytes_is_seen_with_them() {
    let (mut session, mut other) = live(Role::Pair);
    other.write_all(&frame(Opcode::Binary, b"last", None)).expect("room");
    drop(other);
    // As epoll tells it, once.
    session.ended = true;
    let mut taken = 0;
    let end = session.receive(&mut [0; 4_096], &mut |_, _| taken += 1);
    assert_eq!((end, taken), (Err(End::Closed(None)), 1));
}

#[test]
fn what_breaks_the_rules_ends_it() {
    for bytes in [
        frame(Opcode::Binary, b"x", Some([1; KEY])),
        frame(Opcode::Continuation, b"x", None),
        frame(Opcode::Ping, &[0; 126], None),
        vec![0x02, 1, 0],
        vec![0x8b, 0],
    ] {
        let (mut session, mut other) = live(Role::Pair);
        let (taken, end) = fed(&mut session, &mut other, &bytes, bytes.len());
        assert!(taken.is_empty() && matches!(end, Some(End::Foreign(_))), "{bytes:?} {end:?}");
    }
}

#[test]
fn nothing_is_said_in_the_middle_of_a_frame() {
    let (mut session, mut other) = live(Role::Pair);
    session.mid_frame = true;
    let ping = frame(Opcode::Ping, b"", None);
    assert_eq!(fed(&mut session, &mut other, &ping, 2).1, None);
    assert!(other.read(&mut [0; 8]).is_err(), "there is nothing to read");
}
