//! What the world can do to a client: time, connections, frames true and false, a user.

use crate::people::{ALICE, BOB, CAROL, DAVE, DOUBLE, EVE, RELAY, TWIN, x25519};
use proptest::{collection::vec, prelude::*, sample::Index};
use std::time::Duration;

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Time passes, and then a tick.
    Pass(Duration),
    /// A tick at the very time that the client asked for.
    Wake,
    /// The connection stands.
    Connected,
    /// It ends, or could not be made.
    Closed,
    /// The relay takes the next hello, whatever has to happen before.
    Welcome,
    /// The relay answers the next hello like this.
    Reply(Said),
    /// A WebSocket ping or pong.
    Control,
    /// A text message.
    Text(&'static str),
    /// A frame as its writer made it.
    Say(Said),
    /// The same with one bit changed.
    Flip(Said, Index),
    /// A frame that came before comes again.
    Again(Index),
    /// A frame that the client sent comes back, as the relay's or as a peer's.
    Reflect(Index, Option<usize>),
    /// Bytes.
    Noise(Vec<u8>),
    /// The user adds a contact.
    Contact(usize),
    /// The user writes.
    Send { to: usize, uuid: u8, length: usize },
    /// The user watches keys.
    Subscribe(Vec<usize>),
    /// The user introduces themselves, and again.
    Introduce { to: usize, length: usize, times: usize },
    /// The user writes to a key that has a person's id and is another's.
    Alias(usize),
}

/// Who says what.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// The relay, any command.
    Relay(u8, Vec<u8>),
    /// The relay, about a text that the client sent: it found nobody; or about another recipient.
    Offline(Index, bool),
    /// Somebody else in the relay's name.
    Forged(u8, Vec<u8>),
    /// A person, any command.
    Peer(usize, u8, Vec<u8>),
}

/// Everybody; the last four are no friends.
fn anybody() -> impl Strategy<Value = usize> {
    prop_oneof![
        3 => Just(BOB),
        4 => prop::sample::select(&[CAROL, DAVE, EVE][..]),
        1 => prop::sample::select(&[TWIN, DOUBLE, ALICE, RELAY][..]),
    ]
}

fn uuid() -> impl Strategy<Value = u8> {
    0..5_u8
}

/// Lists of keys; the same one may stand in them twice.
fn people() -> impl Strategy<Value = Vec<usize>> {
    vec(anybody(), 0..4)
}

fn keys() -> impl Strategy<Value = Vec<u8>> {
    people().prop_map(|people| people.into_iter().flat_map(x25519).collect())
}

fn noise() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 110..114), vec(any::<u8>(), 0..200)]
}

fn from_relay() -> impl Strategy<Value = (u8, Vec<u8>)> {
    let introduction = (anybody(), "[a-c\u{241f}]{0,3}").prop_map(|(who, name)| {
        let (x25519, ed25519) = crate::people::keys(who);
        [&x25519[..], &ed25519, name.as_bytes()].concat()
    });
    prop_oneof![
        6 => keys().prop_map(|keys| (0x42, keys)),
        2 => keys().prop_map(|keys| (0x43, keys)),
        4 => introduction.prop_map(|body| (0x47, body)),
        1 => Just((0x02, vec![2])),
        1 => Just((0x4a, vec![])),
        1 => Just((0x88, b"noon".to_vec())),
        2 => (0..5_u8, 0..40_usize).prop_map(|(code, n)| (0xff, [vec![code], vec![2; n]].concat())),
        2 => (any::<u8>(), vec(any::<u8>(), 0..80)),
    ]
}

fn from_peer() -> impl Strategy<Value = (u8, Vec<u8>)> {
    let text = (uuid(), "[a-c]{0,3}")
        .prop_map(|(uuid, text)| (0x20, [&[uuid; 16][..], text.as_bytes()].concat()));
    prop_oneof![
        9 => text,
        4 => uuid().prop_map(|uuid| (0x27, vec![uuid; 16])),
        1 => from_relay(),
        1 => (prop::sample::select(&[0x20, 0x27][..]), vec(any::<u8>(), 0..20)),
    ]
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        4 => from_relay().prop_map(|(command, body)| Said::Relay(command, body)),
        2 => (any::<Index>(), prop::bool::weighted(0.2))
            .prop_map(|(text, other)| Said::Offline(text, other)),
        1 => from_relay().prop_map(|(command, body)| Said::Forged(command, body)),
        5 => (anybody(), from_peer()).prop_map(|(who, (command, body))| Said::Peer(who, command, body)),
    ]
}

/// What a relay says to a hello, honest or not.
fn reply() -> impl Strategy<Value = Said> {
    let relay = |command, body: &[u8]| Just(Said::Relay(command, body.to_vec()));
    prop_oneof![
        4 => relay(0x02, &[2]),
        8 => relay(0xff, &[1]),
        1 => (0..4_u8).prop_map(|version| Said::Relay(0x02, vec![version])),
        1 => any::<u8>().prop_map(|version| Said::Relay(0xff, vec![2, version])),
        1 => relay(0xff, &[2]),
        3 => said(),
    ]
}

fn passes() -> impl Strategy<Value = Step> {
    let milliseconds = prop_oneof![4 => 0..2_000_u64, 1 => 0..120_000_u64];
    milliseconds.prop_map(|milliseconds| Step::Pass(Duration::from_millis(milliseconds)))
}

/// Connections that come, are refused, hang and go.
fn connecting() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => passes(),
        4 => Just(Step::Wake),
        2 => Just(Step::Connected),
        1 => Just(Step::Closed),
        1 => Just(Step::Control),
        1 => prop::sample::select(&["ping", "pong", ""][..]).prop_map(Step::Text),
        6 => reply().prop_map(Step::Reply),
    ]
}

fn frames() -> impl Strategy<Value = Step> {
    prop_oneof![
        14 => said().prop_map(Step::Say),
        2 => (said(), any::<Index>()).prop_map(|(said, flip)| Step::Flip(said, flip)),
        4 => any::<Index>().prop_map(Step::Again),
        1 => (any::<Index>(), prop::option::of(BOB..=CAROL))
            .prop_map(|(frame, from)| Step::Reflect(frame, from)),
        1 => noise().prop_map(Step::Noise),
    ]
}

fn user() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => anybody().prop_map(Step::Contact),
        6 => (anybody(), uuid(), 0..30_usize)
            .prop_map(|(to, uuid, length)| Step::Send { to, uuid, length }),
        2 => people().prop_map(Step::Subscribe),
        1 => anybody().prop_map(Step::Alias),
        1 => (anybody(), prop_oneof![0..10_usize, 1_023..1_026_usize], 1..6_usize)
            .prop_map(|(to, length, times)| Step::Introduce { to, length, times }),
    ]
}

/// A life among friends: a session most of the time, and much to say in it.
pub(crate) fn sociable() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Welcome),
        1 => Just(Step::Closed),
        1 => connecting(),
        12 => frames(),
        8 => user(),
    ];
    vec(step, 0..60).prop_map(|steps| {
        let beginning = [Step::Contact(BOB), Step::Contact(CAROL), Step::Welcome];
        beginning.into_iter().chain(steps).collect()
    })
}

/// A life of trouble with the relay.
pub(crate) fn troubled() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![12 => connecting(), 1 => frames(), 4 => user()];
    vec(step, 0..60).prop_map(|steps| [Step::Contact(BOB)].into_iter().chain(steps).collect())
}
