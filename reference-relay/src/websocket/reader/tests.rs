use super::*;
use proptest::{collection::vec, prelude::*};

const LIMIT: usize = 1 << 20;

/// A masked frame.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..126 => bytes.push(0x80 | short as u8),
        medium @ 126..65_536 => {
            bytes.push(0xfe);
            bytes.extend((medium as u16).to_be_bytes());
        }
        long => {
            bytes.push(0xff);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// What comes of bytes that arrive in pieces of these sizes.
fn read(bytes: &[u8], limit: usize, cuts: &[usize]) -> (Vec<Message>, Option<Close>) {
    let (mut reader, mut messages) = (Reader::default(), Vec::new());
    let (mut bytes, mut cuts) = (bytes.to_vec(), cuts.iter().cycle());
    let mut rest = &mut bytes[..];
    while !rest.is_empty() {
        let cut = cuts.next().copied().unwrap_or(usize::MAX).min(rest.len());
        let (mut now, later) = rest.split_at_mut(cut);
        rest = later;
        loop {
            match reader.next(&mut now, limit) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(close) => return (messages, Some(close)),
            }
        }
        assert!(now.is_empty(), "all of it is taken in");
    }
    (messages, None)
}

fn whole(bytes: &[u8]) -> (Vec<Message>, Option<Close>) {
    read(bytes, LIMIT, &[])
}

/// The verdict over one frame behind a message that has begun, or before any.
fn verdict(frames: &[Vec<u8>]) -> Option<Close> {
    whole(&frames.concat()).1
}

#[test]
fn fragments_are_put_together_and_control_frames_come_between_them() {
    let bytes = [frame(0x02, b"ab"), frame(0x89, b"?"), frame(0x00, b""), frame(0x80, b"c")];
    let expected = [Message::new(Kind::Ping, *b"?"), Message::new(Kind::Binary, *b"abc")];
    assert_eq!(whole(&bytes.concat()), (expected.to_vec(), None));
}

#[test]
fn broken_rules_are_1002() {
    let begun = frame(0x01, b"a");
    let unmasked = vec![0x82, 0x00];
    for frames in [
        &[frame(0xc2, b"")][..],
        &[frame(0x92, b"")],
        &[frame(0x83, b"")],
        &[frame(0x8b, b"")],
        &[frame(0x80, b"")],
        &[frame(0x09, b"")],
        &[frame(0x89, &[0; 126])],
        &[frame(0x88, b"x")],
        &[begun.clone(), frame(0x82, b"")],
        &[unmasked],
        &[vec![0x82, 0xfe, 0x00, 0x7d]],
        &[vec![0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff]],
    ] {
        assert_eq!(verdict(frames), Some(Close::PROTOCOL), "{frames:x?}");
    }
    assert_eq!(verdict(&[frame(0x89, &[0; 125])]), None);
    assert_eq!(verdict(&[begun, frame(0x80, b"b")]), None);
}

#[test]
fn what_is_no_text_is_1007() {
    assert_eq!(verdict(&[frame(0x81, b"\xff")]), Some(Close::NOT_TEXT));
    assert_eq!(verdict(&[frame(0x01, b"\xe2\x82"), frame(0x80, b"\xac")]), None);
    assert_eq!(verdict(&[frame(0x88, b"\x03\xe8\xff")]), Some(Close::NOT_TEXT));
}

#[test]
fn a_close_has_a_code_that_may_be_sent_or_none() {
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000_u16] {
        let close = frame(0x88, &code.to_be_bytes());
        assert_eq!(verdict(&[close]), Some(Close::PROTOCOL), "{code}");
    }
    for code in [1000, 1003, 1007, 1014, 3000, 4999_u16] {
        assert_eq!(verdict(&[frame(0x88, &code.to_be_bytes())]), None, "{code}");
    }
    assert_eq!(verdict(&[frame(0x88, b"")]), None);
}

#[test]
fn a_length_over_the_limit_is_1009_as_soon_as_it_is_announced() {
    let announcing = |length: usize| {
        let bytes = frame(0x82, &vec![0; length]);
        read(&bytes[..bytes.len() - length - 4], 200, &[]).1
    };
    assert_eq!([announcing(200), announcing(201)], [None, Some(Close::TOO_BIG)]);
    let second = |length: usize| {
        let bytes = [frame(0x02, &[0; 100]), frame(0x80, &vec![0; length])].concat();
        read(&bytes[..106 + 2], 200, &[]).1
    };
    assert_eq!([second(100), second(101)], [None, Some(Close::TOO_BIG)]);
    let huge = [0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let close = read(&[frame(0x02, b"a"), huge.to_vec()].concat(), LIMIT, &[]).1;
    assert_eq!(close, Some(Close::PROTOCOL), "no frame before the other has ended");
    assert_eq!(read(&huge, LIMIT, &[]).1, Some(Close::TOO_BIG));
}

#[test]
fn control_frames_do_not_count_towards_the_limit_of_a_message() {
    let bytes = [frame(0x02, &[0; 100]), frame(0x8a, &[0; 50]), frame(0x80, &[0; 100])].concat();
    assert_eq!(read(&bytes, 200, &[]).1, None);
}

#[test]
fn an_idle_connection_owns_nothing() {
    let mut reader = Reader::default();
    let mut bytes = frame(0x82, &[7; 70_000]);
    let last = bytes.len() - 1;
    let (mut first, mut second) = bytes.split_at_mut(last);
    assert_eq!(reader.next(&mut first, LIMIT), Ok(None));
    assert!(reader.data.capacity() >= 69_999);
    assert!(matches!(reader.next(&mut second, LIMIT), Ok(Some(_))));
    assert_eq!((reader.data.capacity(), reader.control.capacity()), (0, 0));
}

#[test]
fn room_is_not_made_for_what_is_only_announced() {
    let mut reader = Reader::default();
    let mut bytes = frame(0x82, &[7; LIMIT]);
    let mut some = &mut bytes[..1_000];
    assert_eq!(reader.next(&mut some, LIMIT), Ok(None));
    assert!(reader.data.capacity() <= 1_000 + STEP, "{}", reader.data.capacity());
}

proptest! {
    /// However the bytes are cut, the same messages and the same verdict come out.
    #[test]
    fn segmentation_changes_nothing(
        frames in vec((any::<u8>(), vec(any::<u8>(), 0..300)), 1..8),
        regular in any::<bool>(),
        cuts in vec(1_usize..400, 1..40),
    ) {
        let opcodes = [0x82, 0x81, 0x02, 0x00, 0x80, 0x89, 0x8a];
        let first = |byte: u8| if regular { opcodes[usize::from(byte) % 7] } else { byte };
        let frames = frames.iter().map(|(byte, payload)| frame(first(*byte), payload));
        let bytes = frames.collect::<Vec<_>>().concat();
        prop_assert_eq!(read(&bytes, 500, &cuts), read(&bytes, 500, &[]));
        prop_assert_eq!(read(&bytes, 500, &[1]), read(&bytes, 500, &[]));
    }
}

#[test]
fn the_rest_of_a_long_message_is_read_to_where_it_stays() {
    let payload: Vec<u8> = (0..70_001).map(|number| (number % 251) as u8).collect();
    let next = frame(0x82, b"short");
    // What comes in one read ends within the message, with it, or up to a header behind it.
    for step in [10_007, LONG + HEADER, 69_908, 69_909, 70_000] {
        let mut bytes = [frame(0x82, &payload), next.clone(), next.clone()].concat();
        let mut reader = Reader::default();
        let (mut first, mut rest) = bytes.split_at_mut(101);
        assert_eq!((reader.next(&mut first, LIMIT), reader.direct().is_some()), (Ok(None), true));
        let mut behind = [0; HEADER];
        let mut came = 0;
        while let Some((message, most)) = reader.direct() {
            assert_eq!(came, 0);
            assert!(
                message.capacity() > message.len() && most + 2 * next.len() == rest.len() + HEADER
            );
            let length = most.min(step).min(message.capacity() - message.len());
            let (now, later) = rest.split_at_mut(length);
            message.extend_from_slice(now);
            came = reader.read(length, &mut behind);
            rest = later;
        }
        let mut more = [&behind[..came], rest].concat();
        let mut more = &mut more[..];
        let message = reader.next(&mut more, LIMIT);
        assert_eq!(message, Ok(Some(Message::new(Kind::Binary, payload.clone()))), "{step}");
        assert_eq!(reader.appetite(), HEADER);
        for _ in 0..2 {
            let message = reader.next(&mut more, LIMIT);
            assert_eq!(message, Ok(Some(Message::new(Kind::Binary, *b"short"))), "{step}");
        }
        assert_eq!((reader.appetite(), reader.direct()), (usize::MAX, None));
    }
}

#[test]
fn behind_a_long_message_what_turns_out_short_is_read_in_one_go() {
    let mut reader = Reader::default();
    let mut long = frame(0x82, &[7; LONG]);
    assert!(reader.next(&mut &mut long[..], LIMIT).unwrap().is_some());
    assert_eq!(reader.appetite(), HEADER);
    let mut first = frame(0x02, &[7; 4_096]);
    assert_eq!(reader.next(&mut &mut first[..HEADER], LIMIT), Ok(None));
    assert_eq!(reader.appetite(), first.len(), "the rest, and the header behind it");
    assert_eq!(reader.next(&mut &mut first[HEADER..], LIMIT), Ok(None));
    assert_eq!(reader.appetite(), usize::MAX, "between fragments");
    let mut last = frame(0x80, &[7; 4_096]);
    assert!(reader.next(&mut &mut last[..], LIMIT).unwrap().is_some());
    assert_eq!(reader.appetite(), usize::MAX, "the last message was no long one");
}
