use super::*;
use crate::{BufferTooSmall, BuildError};
use std::{
    format,
    string::{String, ToString},
    vec::Vec,
};

fn identity(x: u8, ed: u8) -> Identity {
    Identity::from_seeds(&Secret::new([x; 32]), &Secret::new([ed; 32])).unwrap()
}

fn invite(nickname: &str) -> String {
    let mut out = [0; MAX_INVITE];
    let invite = Invite { peer: *identity(1, 2).public(), nickname: Nickname(nickname) };
    invite.encode(&mut out).unwrap().to_string()
}

fn refusal(text: &str) -> Clause {
    Invite::decode(text, &mut [0; MAX_SCRATCH]).unwrap_err()
}

#[test]
fn an_identity_prints_its_id_alone() {
    let printed = format!("{:?}", identity(1, 2));
    assert!(printed.starts_with("Identity { id: PeerId(") && printed.ends_with(", .. }"));
}

#[test]
fn an_invite_comes_back_in_every_dress() {
    let code = invite("Alice\u{241f}person");
    for text in [
        code.clone(),
        format!(" \t{code}\r\n"),
        format!("https://example.org/x?lang=en&peer={code}&y=1#top"),
        format!("https://example.org/#peer={code}"),
        format!("https://example.org/#{code}"),
    ] {
        let mut scratch = [0; MAX_SCRATCH];
        let read = Invite::decode(&text, &mut scratch).unwrap();
        assert_eq!(read.peer, *identity(1, 2).public());
        assert_eq!((read.nickname.name(), read.nickname.contact_type()), ("Alice", Some("person")));
    }
}

#[test]
fn the_last_separator_divides_name_and_type() {
    assert_eq!(Nickname("plain").contact_type(), None);
    let nested = Nickname("a\u{241f}b\u{241f}info");
    assert_eq!((nested.name(), nested.contact_type()), ("a\u{241f}b", Some("info")));
}

#[test]
fn an_invite_is_refused_with_its_clause() {
    let code = invite("");
    assert_eq!(code.len(), 88);
    assert_eq!(refusal(&code.replacen("K0", "K1", 1)), Clause::IdentityInvitePrefix);
    assert_eq!(refusal(&code.replacen("K0", "k0", 1)), Clause::IdentityInvitePrefix);
    assert_eq!(refusal(""), Clause::IdentityInvitePrefix);
    assert_eq!(refusal("https://example.org/"), Clause::IdentityInviteUrl);
    assert_eq!(refusal(&format!("{code}=")), Clause::IdentityInviteEncoding);
    assert_eq!(
        refusal(&format!("{} {}", &code[..40], &code[40..])),
        Clause::IdentityInviteEncoding
    );
    assert_eq!(refusal(&code[..86]), Clause::IdentityInviteLength);
    assert_eq!(refusal("K0"), Clause::IdentityInviteLength);
    let mut stray = code.clone();
    stray.pop();
    stray.push('_');
    assert_eq!(refusal(&stray), Clause::IdentityInviteEncoding);
}

#[test]
fn nicknames_are_bounded_apart_for_writing_and_reading() {
    let mut out = [0; MAX_INVITE];
    let peer = *identity(1, 2).public();
    assert_eq!(invite(&"n".repeat(64)).len(), MAX_INVITE);
    let long = "n".repeat(65);
    let refused = Invite { peer, nickname: Nickname(&long) }.encode(&mut out);
    assert_eq!(refused, Err(Clause::IdentityInviteNickname.into()));

    let read = |nickname: &[u8]| {
        let bytes = [peer.x25519().as_slice(), peer.ed25519(), nickname].concat();
        let mut digits = std::vec![0; bytes.len() * 2];
        let digits = base64ct::Base64UrlUnpadded::encode(&bytes, &mut digits).unwrap();
        Invite::decode(&format!("K0{digits}"), &mut [0; MAX_SCRATCH]).map(|_| ())
    };
    use base64ct::Encoding as _;
    assert_eq!(read(&[b'n'; 1_024]), Ok(()));
    assert_eq!(read(&[b'n'; 1_025]), Err(Clause::IdentityInviteNicknameRead));
    assert_eq!(read(&[b'n'; 9_000]), Err(Clause::IdentityInviteNicknameRead));
    assert_eq!(read(&[0xff]), Err(Clause::IdentityInviteUtf8));
}

#[test]
fn short_buffers_are_told_what_is_needed() {
    let nickname = Nickname("n");
    let invite = Invite { peer: *identity(1, 2).public(), nickname };
    let mut out = [0xaa; MAX_INVITE];
    let needed = invite.encode(&mut out).unwrap().len();
    for length in 0..needed {
        let mut short = Vec::from([0xaa; MAX_INVITE]);
        short.truncate(length);
        let expected = BuildError::Buffer(BufferTooSmall { needed });
        assert_eq!(invite.encode(&mut short), Err(expected));
    }
}

/// Seeds of consecutive bytes, as in the specification's known answers.
fn known(x: u8, ed: u8) -> Identity {
    let seed = |first: u8| Secret::new(core::array::from_fn(|i| first + i as u8));
    Identity::from_seeds(&seed(x), &seed(ed)).unwrap()
}

#[test]
fn a_safety_number_knows_no_order() {
    let (alice, bob) = (known(0x40, 0x60), known(0x80, 0xa0));
    let number = safety_number(alice.public(), bob.public());
    assert_eq!(number, safety_number(bob.public(), alice.public()));
    let expected = "33112 41062 41760 55066 38287 16671 14603 57082 73389 71513 67584 06836";
    assert_eq!(number.to_string(), expected);
}

#[test]
fn a_seed_has_32_bytes() {
    let verdicts = [31, 32, 33].map(|length| seed(&std::vec![7; length]).err());
    assert_eq!(verdicts, [Some(Clause::IdentitySeeds), None, Some(Clause::IdentitySeeds)]);
}

#[test]
fn the_query_comes_before_the_fragment_and_the_first_of_each() {
    let code = invite("first");
    for text in [
        format!("https://example.org/?peer={code}&peer=K0second#peer=K0third"),
        format!("https://example.org/?x=1#a=b&peer={code}&peer=K0second"),
    ] {
        let mut scratch = [0; MAX_SCRATCH];
        assert_eq!(Invite::decode(&text, &mut scratch).unwrap().nickname.name(), "first");
    }
    assert_eq!(refusal(&format!("https://example.org/?PEER={code}")), Clause::IdentityInviteUrl);
}
