//! Chapter 2.

use super::{bytes, identities, lengths};
use base64ct::{Base64UrlUnpadded, Encoding};
use proptest::{collection::vec, prelude::*, sample::Index};
use sealwire::{
    BufferTooSmall, Clause,
    identity::{
        Identity, Invite, MAX_INVITE, MAX_SCRATCH, Nickname, PublicIdentity, safety_number, seed,
    },
    primitives::{Context, Secret, sign, x25519},
};

// The numbers of the chapter, not those of the crate.
const MAX_NICKNAME: usize = 64;
const MAX_NICKNAME_READ: usize = 1_024;

/// What a reader makes of a text: both keys and the nickname, or the clause.
type Read = Result<(PublicIdentity, String), Clause>;

fn read(text: &str) -> Read {
    let mut scratch = [0; MAX_SCRATCH];
    Invite::decode(text, &mut scratch).map(|invite| (invite.peer, invite.nickname.0.to_owned()))
}

fn code_of(payload: &[u8]) -> String {
    let mut out = [0; 4_096];
    format!("K0{}", Base64UrlUnpadded::encode(payload, &mut out).unwrap())
}

/// The payload that a writer without limits would make.
fn payload(peer: &PublicIdentity, nickname: &[u8]) -> Vec<u8> {
    [peer.x25519(), peer.ed25519(), nickname].concat()
}

/// Strict base64url, bit by bit.
fn decoded(digits: &str) -> Option<Vec<u8>> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for digit in digits.chars() {
        bits = bits << 6 | ALPHABET.find(digit)? as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    // Six bits left are a character that carries no byte.
    (held < 6 && bits == 0).then_some(bytes)
}

fn written(peer: &PublicIdentity, nickname: &str) -> String {
    let mut out = [0; MAX_INVITE];
    Invite { peer: *peer, nickname: Nickname(nickname) }.encode(&mut out).unwrap().to_owned()
}

/// Whatever a person may call themselves, most of it short enough for an invite.
fn nicknames() -> impl Strategy<Value = String> {
    const PARTS: [char; 3] = ['a', '\u{241f}', '\n'];
    prop_oneof![
        3 => vec(any::<char>(), 0..=24).prop_map(String::from_iter),
        1 => vec(prop::sample::select(&PARTS[..]), 0..=40)
            .prop_map(String::from_iter),
    ]
}

/// Query or fragment of a URL: items, most of which carry no invite.
fn items() -> impl Strategy<Value = Vec<(&'static str, bool)>> {
    const NAMES: [&str; 8] =
        ["peer=", "Peer=", "peers=", "peer", "x=peer=", "x;peer=", "%70eer=", ""];
    vec((prop::sample::select(&NAMES[..]), any::<bool>()), 0..4)
}

/// The items as text, and what stands behind the first `peer=`.
fn spelled(items: &[(&str, bool)], code: &str, other: &str) -> (String, Option<String>) {
    let value = |genuine: bool| if genuine { code } else { other }.to_owned();
    let texts = items.iter().map(|(name, genuine)| format!("{name}{}", value(*genuine)));
    let first = items.iter().find(|(name, _)| *name == "peer=");
    (texts.collect::<Vec<_>>().join("&"), first.map(|(_, genuine)| value(*genuine)))
}

proptest! {
    /// [identity/seeds], [identity/id]: everything follows from the two seeds, each key from its own.
    #[test]
    fn an_identity_is_its_seeds((x, ed) in any::<([u8; 32], [u8; 32])>()) {
        let (x, ed) = (Secret::new(x), Secret::new(ed));
        let own = Identity::from_seeds(&x, &ed).unwrap();
        let mut nine = [0; 32];
        nine[0] = 9;
        let public = x25519(&x, &nine).unwrap();
        prop_assert_eq!(own.public().x25519(), public.expose());
        prop_assert_eq!(own.public().ed25519(), &sign(&ed, &[]).0);
        prop_assert_eq!(&own.id().0[..], &own.public().x25519()[..8]);
        prop_assert_eq!(own.id(), own.public().id());
        let public = own.public();
        prop_assert_eq!(PublicIdentity::import(*public.x25519(), *public.ed25519()), Ok(*public));
    }

    /// [identity/seeds]
    #[test]
    fn a_seed_has_thirty_two_bytes(bytes in bytes(70)) {
        match <[u8; 32]>::try_from(&bytes[..]) {
            Ok(exact) => prop_assert_eq!(seed(&bytes), Ok(Secret::new(exact))),
            Err(_) => prop_assert_eq!(seed(&bytes), Err(Clause::IdentitySeeds)),
        }
    }

    /// [identity/full-key]
    #[test]
    fn two_identities_with_one_key_in_common_are_two(seeds: [[u8; 32]; 3]) {
        let [a, b, c] = seeds.map(Secret::new);
        prop_assume!(a != b && b != c && a != c);
        let of = |x, ed| *Identity::from_seeds(x, ed).unwrap().public();
        prop_assert_eq!(of(&a, &b).id(), of(&a, &c).id());
        prop_assert_ne!(of(&a, &b), of(&a, &c));
        prop_assert_ne!(of(&a, &b), of(&c, &b));
        prop_assert_eq!(of(&a, &b), of(&a, &b));
    }

    /// [identity/invite], [identity/invite-nickname]: the text that the formula gives, read as what
    /// was written; a longer nickname has no invite.
    #[test]
    fn every_nickname_comes_back_or_is_refused(own in identities(), nickname in nicknames()) {
        let invite = Invite { peer: *own.public(), nickname: Nickname(&nickname) };
        let mut out = [0; MAX_INVITE];
        match invite.encode(&mut out) {
            Ok(code) => {
                prop_assert!(nickname.len() <= MAX_NICKNAME);
                prop_assert_eq!(code, code_of(&payload(own.public(), nickname.as_bytes())));
                prop_assert_eq!(read(code), Ok((*own.public(), nickname)));
            }
            Err(refused) => {
                prop_assert!(nickname.len() > MAX_NICKNAME);
                prop_assert_eq!(refused, Clause::IdentityInviteNickname.into());
            }
        }
    }

    /// A short buffer is told the length.
    #[test]
    fn an_invite_takes_its_room(own in identities(), n in 0..=64_usize, room in 0..=MAX_INVITE) {
        let nickname = "n".repeat(n);
        let needed = written(own.public(), &nickname).len();
        let invite = Invite { peer: *own.public(), nickname: Nickname(&nickname) };
        let mut out = [0; MAX_INVITE];
        let written = invite.encode(&mut out[..room]).map(str::len);
        let expected = if room < needed { Err(BufferTooSmall { needed }.into()) } else { Ok(needed) };
        prop_assert_eq!(written, expected);
    }

    /// [identity/invite-encoding]: one identity, one text. What is read is written as it was read.
    #[test]
    fn a_changed_invite_never_means_the_same(
        own in identities(),
        nickname in "\\PC{0,8}",
        position: Index,
        digit in "[-_A-Za-z0-9+/=. \u{00}é]",
    ) {
        let mut code = written(own.public(), &nickname);
        let before = read(&code);
        let position = position.index(code.len());
        prop_assume!(code[position..=position] != digit);
        code.replace_range(position..=position, &digit);
        let after = read(&code);
        if let Ok((peer, nickname)) = &after {
            // A blank at the end is trimmed: what is left was read.
            prop_assert_eq!(written(peer, nickname), code.trim_end_matches(' '));
        }
        prop_assert_ne!(after, before);
    }

    /// [identity/invite-prefix], [identity/invite-length], [identity/invite-nickname-read],
    /// [identity/invite-utf8]: in this order, and the keys behind all of them.
    #[test]
    fn an_invite_is_refused_by_the_first_check_that_it_breaks(
        own in identities(),
        length in lengths(&[0, 64, 64 + MAX_NICKNAME_READ], 1_200),
        (prefixed, text, key) in any::<(bool, bool, bool)>(),
    ) {
        let mut payload = payload(own.public(), &[]);
        if !key {
            payload[31] |= 0x80;
        }
        payload.resize(length, if text { b'n' } else { 0xff });
        let code = code_of(&payload);
        let code = if prefixed { code } else { code.to_lowercase() };
        let nickname = payload.get(64..).unwrap_or_default();
        let expected = if !prefixed {
            Err(Clause::IdentityInvitePrefix)
        } else if length < 64 {
            Err(Clause::IdentityInviteLength)
        } else if nickname.len() > MAX_NICKNAME_READ {
            Err(Clause::IdentityInviteNicknameRead)
        } else if !text && !nickname.is_empty() {
            Err(Clause::IdentityInviteUtf8)
        } else if !key {
            Err(Clause::PrimitivesX25519HighBit)
        } else {
            Ok((*own.public(), String::from_utf8(nickname.to_vec()).unwrap()))
        };
        prop_assert_eq!(read(&code), expected);
    }

    /// [identity/invite-encoding]: also where the rest of the text is too long to be an invite.
    #[test]
    fn a_foreign_character_is_refused_wherever_it_stands(
        length in 64..1_500_usize,
        position: Index,
        foreign in "[^-_A-Za-z0-9]",
    ) {
        let mut code = code_of(&vec![b'n'; length]);
        // White space at the end would be trimmed.
        let position = 2 + position.index(code.len() - 3);
        code.replace_range(position..=position, &foreign);
        prop_assert_eq!(read(&code), Err(Clause::IdentityInviteEncoding));
    }

    /// [identity/invite-encoding], [identity/invite-length], [identity/invite-nickname-read],
    /// [identity/invite-utf8]: any text of the right characters, of any length.
    #[test]
    fn every_text_of_digits_is_judged_in_order(
        keys in vec(any::<u8>(), 64),
        nickname in prop_oneof![bytes(20), vec(0x20..0x7f_u8, 0..1_100)],
        cut in 0..5_usize,
        last in "[-_A-Za-z0-9]{0,2}",
    ) {
        let mut digits = code_of(&[keys, nickname].concat()).split_off(2);
        digits.truncate(digits.len() - cut);
        digits += &last;
        let expected = match decoded(&digits) {
            None => Err(Clause::IdentityInviteEncoding),
            Some(payload) if payload.len() < 64 => Err(Clause::IdentityInviteLength),
            Some(payload) if payload.len() > 64 + MAX_NICKNAME_READ => {
                Err(Clause::IdentityInviteNicknameRead)
            }
            Some(payload) if str::from_utf8(&payload[64..]).is_err() => {
                Err(Clause::IdentityInviteUtf8)
            }
            Some(payload) => {
                let (x25519, ed25519) = (payload[..32].try_into(), payload[32..64].try_into());
                PublicIdentity::import(x25519.unwrap(), ed25519.unwrap()).map(|_| ())
            }
        };
        let code = format!("K0{digits}");
        prop_assert_eq!(read(&code).map(|_| ()), expected);
    }

    /// [identity/invite-trim]: five characters, at both ends, and no others.
    #[test]
    fn white_space_is_trimmed_from_the_ends(
        own in identities(),
        front in "[\t\n\u{0c}\r ]{0,4}",
        back in "[\t\n\u{0c}\r ]{0,4}",
        other in "[\u{0b}\u{85}\u{a0}\u{2003}\u{feff}]",
    ) {
        let code = written(own.public(), "n");
        prop_assert_eq!(read(&format!("{front}{code}{back}")), read(&code));
        let before = read(&format!("{front}{other}{code}"));
        prop_assert_eq!(before, Err(Clause::IdentityInvitePrefix));
        let behind = read(&format!("{code}{other}{back}"));
        prop_assert_eq!(behind, Err(Clause::IdentityInviteEncoding));
    }

    /// [identity/invite-url]: the first `peer` of the query, else of the fragment, else the whole
    /// fragment if it begins as a code does.
    #[test]
    fn a_url_carries_its_code_where_the_chapter_says(
        own in identities(),
        (query, fragment) in (items(), items()),
        (asked, cut) in any::<(bool, bool)>(),
        bare in prop::option::of("[#?=]{0,1}"),
    ) {
        let code = written(own.public(), "n");
        let (query, in_query) = spelled(&query, &code, "K0?=");
        let (fragment, in_fragment) = match bare {
            Some(more) => (format!("{code}{more}"), None),
            None => spelled(&fragment, &code, "K0?#"),
        };
        let mut url = "https://example.org/x".to_owned();
        if asked {
            url += &format!("?{query}");
        }
        if cut {
            url += &format!("#{fragment}");
        }
        let whole = Some(fragment).filter(|text| text.starts_with("K0"));
        let in_fragment = in_fragment.or(whole).filter(|_| cut);
        let found = in_query.filter(|_| asked).or(in_fragment);
        let expected = found.map_or(Err(Clause::IdentityInviteUrl), |code| read(&code));
        prop_assert_eq!(read(&url), expected, "{}", url);
    }

    /// [identity/contact-type]: the last separator parts name and type, and nothing is lost.
    #[test]
    fn a_nickname_is_its_name_and_its_type(nickname in nicknames()) {
        let separator = '\u{241f}';
        let parted = Nickname(&nickname);
        match parted.contact_type() {
            None => prop_assert_eq!((parted.name(), nickname.contains(separator)), (&*nickname, false)),
            Some(kind) => {
                prop_assert!(!kind.contains(separator));
                prop_assert_eq!(format!("{}{separator}{kind}", parted.name()), nickname.clone());
            }
        }
    }

    /// [identity/safety-number]: both sides compute the digits that the formula gives.
    #[test]
    fn a_safety_number_is_the_same_on_both_sides((a, b) in (identities(), identities())) {
        let (a, b) = (a.public(), b.public());
        let mut keys = [payload(a, &[]), payload(b, &[])];
        keys.sort();
        let mut bytes = [0; 60];
        Context::SafetyNumber.derive(&keys.concat(), &mut bytes);
        let groups = bytes.chunks(5).map(|group| {
            let number = group.iter().fold(0, |sum, byte| sum * 256 + u64::from(*byte));
            format!("{:05}", number % 100_000)
        });
        let digits = groups.collect::<Vec<_>>().join(" ");
        prop_assert_eq!(safety_number(a, b).to_string(), &*digits);
        prop_assert_eq!(safety_number(b, a).to_string(), digits);
    }

    /// [identity/safety-number]: no key of the four may change.
    #[test]
    fn a_safety_number_changes_with_any_key(seeds: [[u8; 32]; 4], changed in 0..4_usize) {
        let number = |seeds: [[u8; 32]; 4]| {
            let [a, b, c, d] = seeds.map(Secret::new);
            let (one, other) = (Identity::from_seeds(&a, &b), Identity::from_seeds(&c, &d));
            safety_number(one.unwrap().public(), other.unwrap().public())
        };
        let mut other = seeds;
        // A bit that clamping keeps.
        other[changed][1] ^= 1;
        prop_assert_ne!(number(seeds), number(other));
    }

    /// Nothing that somebody may paste makes a reader panic.
    #[test]
    fn whatever_is_pasted_is_judged(text in ".{0,200}", url in "(K0|a)://[?#&=K0peer]{0,60}") {
        let _ = (read(&text), read(&url));
    }
}
