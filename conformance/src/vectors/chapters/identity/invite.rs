//! Invites: what is written, and every way in which a reader refuses.

use super::super::super::case::{Case, Draft, case};
use super::super::numbered;
use super::{ED_ORDER, X_ORDER, ZERO_ID, public};
use crate::model::forge::{
    high_bit_twin, key_with_prefix, second_encodings_ed25519, small_order_ed25519, torsion_siblings,
};
use crate::model::identity::{Public, invite_encode, invite_text};
use crate::model::people::{alice, mallory};

const INVITE: &str = "identity/invite";
const NICKNAME: &str = "identity/invite-nickname";
const TRIM: &str = "identity/invite-trim";
const URL: &str = "identity/invite-url";
const PREFIX: &str = "identity/invite-prefix";
const ENCODING: &str = "identity/invite-encoding";
const LENGTH: &str = "identity/invite-length";
const NICKNAME_READ: &str = "identity/invite-nickname-read";
const UTF8: &str = "identity/invite-utf8";
const CONTACT_TYPE: &str = "identity/contact-type";

pub(super) fn cases() -> Vec<Case> {
    let urls = [urls(), urls_with_oddities()].concat();
    [writing(), trimming(), urls, encodings(), lengths(), texts(), keys(), contact_types()].concat()
}

fn encode(clause: &str, number: usize, comment: &str, nickname: &str) -> Draft {
    let Public { x, ed } = alice().public();
    public(&numbered(clause, number), "identity.invite-encode", comment, x, ed)
        .value("nickname", nickname)
}

fn decode(clause: &str, number: usize, comment: &str, invite: &str) -> Draft {
    case(&numbered(clause, number), "identity.invite-decode", comment).value("invite", invite)
}

/// Alice's invite without a nickname.
fn code() -> String {
    invite_encode(&alice().public(), "").expect("honest keys")
}

/// The invite of Alice's keys and any bytes for a nickname.
fn with_nickname(nickname: &[u8]) -> String {
    invite_text(&[&alice().public().bytes(), nickname].concat())
}

const KEYS_FIRST: &str = "keys are judged before the nickname, here of 65 bytes";

fn writing() -> Vec<Case> {
    let Public { x, ed } = alice().public();
    let sibling = torsion_siblings(x).expect("an honest key")[1];
    let of_keys = |number, comment, x, ed| {
        public(&numbered(INVITE, number), "identity.invite-encode", comment, x, ed)
            .value("nickname", "")
    };
    vec![
        encode(INVITE, 1, "a name and a contact type", "Alice␟person").accepted(),
        encode(INVITE, 2, "no nickname: 88 characters", "").accepted(),
        of_keys(3, "keys that nobody will import: a torsion sibling", sibling, ed).refused(X_ORDER),
        of_keys(4, "keys that nobody will import: Ed25519 of small order", x, [0; 32])
            .refused(ED_ORDER),
        public(&numbered(INVITE, 11), "identity.invite-encode", KEYS_FIRST, sibling, ed)
            .value("nickname", "n".repeat(65))
            .flag("order")
            .refused(X_ORDER),
        encode(NICKNAME, 1, "64 bytes", &"n".repeat(64)).flag("boundary").accepted(),
        encode(NICKNAME, 2, "65 bytes", &"n".repeat(65)).flag("boundary").refused(NICKNAME),
        encode(NICKNAME, 3, "22 characters, but 66 bytes", &"␟".repeat(22)).refused(NICKNAME),
        encode(NICKNAME, 4, "64 bytes with its contact type", &typed(57)).accepted(),
        encode(CONTACT_TYPE, 1, "the type counts: 65 bytes with it", &typed(58))
            .flag("boundary")
            .refused(NICKNAME),
    ]
}

/// A name of `length` bytes, and seven of contact type with its mark.
fn typed(length: usize) -> String {
    format!("{}␟info", "n".repeat(length))
}

fn trimming() -> Vec<Case> {
    let code = code();
    let (head, tail) = code.split_at(40);
    vec![
        decode(TRIM, 1, "white space of every ASCII kind around", &format!("\t\n\x0c {code} \r\n"))
            .accepted(),
        decode(TRIM, 2, "a line break inside", &format!("{head}\n{tail}")).refused(ENCODING),
        decode(TRIM, 3, "a space after the prefix", &code.replacen("K0", "K0 ", 1))
            .refused(ENCODING),
        decode(TRIM, 4, "a no-break space before is not ASCII", &format!("\u{a0}{code}"))
            .refused(PREFIX),
        decode(TRIM, 5, "a vertical tab before is not in the list", &format!("\x0b{code}"))
            .refused(PREFIX),
    ]
}

fn urls() -> Vec<Case> {
    let code = code();
    let of = |number, comment, url: &str| decode(URL, number, comment, &url.replace("CODE", &code));
    vec![
        of(1, "query parameter", "https://example.org/?peer=CODE").accepted(),
        of(2, "query parameter among others", "https://example.org/a?x=1&peer=CODE&y=2").accepted(),
        of(3, "parameter in the fragment", "https://example.org/#peer=CODE").accepted(),
        of(4, "the whole fragment", "https://example.org/#CODE").accepted(),
        of(5, "the query wins over the fragment", "https://example.org/?peer=CODE#peer=K0AA")
            .accepted(),
        of(6, "another scheme, white space around", " app://open?peer=CODE\n").accepted(),
        of(7, "no code at all", "https://example.org/").refused(URL),
        of(8, "a parameter of a similar name", "https://example.org/?Peer=CODE&xpeer=CODE")
            .refused(URL),
        of(9, "the code in the path", "https://example.org/CODE").refused(URL),
        of(10, "nothing is percent-decoded", "https://example.org/?peer=K0%65CODE")
            .refused(ENCODING),
        of(11, "an empty parameter holds no prefix", "https://example.org/?peer=#CODE")
            .refused(PREFIX),
    ]
}

/// What is cut where, and what is no separator.
fn urls_with_oddities() -> Vec<Case> {
    let code = code();
    let of = |number, comment, url: &str| {
        let url = format!("https://example.org/{}", url.replace("CODE", &code));
        decode(URL, number, comment, &url)
    };
    vec![
        of(12, "the first peer counts", "?peer=CODE&peer=K0AA").accepted(),
        of(13, "the first peer counts, though the second would do", "?peer=K0AA&peer=CODE")
            .refused(LENGTH),
        of(14, "a second question mark is a character", "?x=?&peer=CODE").accepted(),
        of(15, "a second question mark in a name", "?x?peer=CODE").refused(URL),
        of(16, "a second number sign is a character of the value", "#peer=CODE#x")
            .refused(ENCODING),
        of(17, "a second number sign in a name", "#x#peer=CODE").refused(URL),
        of(18, "a semicolon separates nothing", "?x=1;peer=CODE").refused(URL),
        of(19, "items without an equals sign are skipped", "?peer&x&peer=CODE").accepted(),
        of(20, "a second equals sign belongs to the value", "?peer=CODE=").refused(ENCODING),
        of(21, "a peer in the fragment wins over the whole fragment", "#K0AA&peer=CODE").accepted(),
        of(22, "the whole fragment is not cut", "#CODE&x=1").refused(ENCODING),
        of(23, "names are not percent-decoded", "?%70eer=CODE").refused(URL),
    ]
}

fn encodings() -> Vec<Case> {
    let code = code();
    let last = |text: &str, to: char| format!("{}{to}", &text[..text.len() - 1]);
    let second = "one identity in several texts: they cannot be compared";
    let standard = code.replace('-', "+").replace('_', "/");
    // 65 bytes end in `4`, 111000 in bits, of which the last two are unused.
    let stray = last(&with_nickname(b"n"), '5');
    vec![
        decode(PREFIX, 1, "as Alice wrote it", &code).accepted(),
        decode(PREFIX, 2, "a small k", &code.replacen('K', "k", 1)).refused(PREFIX),
        decode(PREFIX, 3, "another version", &code.replacen("K0", "K1", 1)).refused(PREFIX),
        decode(PREFIX, 4, "no prefix", &code[2..]).refused(PREFIX),
        decode(PREFIX, 5, "nothing", "").refused(PREFIX),
        decode(ENCODING, 1, "with a nickname", &with_nickname(b"n")).accepted(),
        decode(ENCODING, 2, "padding", &format!("{code}==")).effect(second).refused(ENCODING),
        decode(ENCODING, 3, "the standard alphabet", &standard).effect(second).refused(ENCODING),
        decode(ENCODING, 4, "stray bits in the last character", &stray)
            .effect(second)
            .refused(ENCODING),
        decode(ENCODING, 5, "a length of 1 modulo 4", &format!("{}A", with_nickname(b"nn")))
            .refused(ENCODING),
        decode(ENCODING, 6, "a character beyond ASCII", &last(&code, 'é')).refused(ENCODING),
    ]
}

fn lengths() -> Vec<Case> {
    let keys = alice().public().bytes();
    vec![
        decode(LENGTH, 1, "64 bytes: both keys and no nickname", &code()).accepted(),
        decode(LENGTH, 2, "63 bytes", &invite_text(&keys[..63])).flag("boundary").refused(LENGTH),
        decode(LENGTH, 3, "no bytes", "K0").refused(LENGTH),
        decode(LENGTH, 4, "one key only", &invite_text(&keys[..32])).refused(LENGTH),
        decode(NICKNAME_READ, 1, "1,024 bytes: more than a writer may", &nickname_of(1024))
            .flag("boundary")
            .accepted(),
        decode(NICKNAME_READ, 2, "1,025 bytes", &nickname_of(1025))
            .flag("boundary")
            .refused(NICKNAME_READ),
        decode(
            NICKNAME_READ,
            3,
            "the length is judged before UTF-8",
            &with_nickname(&[0xff; 1025]),
        )
        .flag("order")
        .refused(NICKNAME_READ),
    ]
}

fn nickname_of(length: usize) -> String {
    with_nickname(&vec![b'n'; length])
}

fn texts() -> Vec<Case> {
    let of =
        |number, comment, nickname: &[u8]| decode(UTF8, number, comment, &with_nickname(nickname));
    vec![
        of(1, "two scripts and a picture", "Алиса ✉ 愛".as_bytes()).accepted(),
        of(2, "a byte that UTF-8 never has", &[0xff]).refused(UTF8),
        of(3, "a character cut in the middle", &[0xe2, 0x90]).refused(UTF8),
        of(4, "half of a surrogate pair", &[0xed, 0xa0, 0x80]).refused(UTF8),
        of(5, "a zero in two bytes", &[0xc0, 0x80])
            .effect("text that compares unequal and shows the same")
            .refused(UTF8),
        of(6, "control characters are text", b"line\nbreak\x1b").accepted(),
        of(7, "a byte order mark in front is a character", "\u{feff}Alice".as_bytes()).accepted(),
        of(8, "a zero behind is a character", b"Alice\0").accepted(),
    ]
}

/// An invite whose text is right and whose keys are not.
fn keys() -> Vec<Case> {
    let Public { x, ed } = alice().public();
    let of = |number, comment, x: [u8; 32], ed: [u8; 32]| {
        decode(INVITE, number, comment, &invite_text(&[x, ed].concat())).flag("keys")
    };
    let sibling = torsion_siblings(x).expect("an honest key")[4];
    let bad_text = [&high_bit_twin(x)[..], &ed, &[0xff]].concat();
    vec![
        of(5, "Alice's key with bit 255 set", high_bit_twin(x), ed)
            .refused("primitives/x25519-high-bit"),
        of(6, "a torsion sibling: Alice's messages shown as somebody else's", sibling, ed)
            .effect("an unknown key share: genuine messages under a wrong name")
            .refused(X_ORDER),
        of(7, "an id of zero", key_with_prefix(&[0; 8]), mallory().public().ed).refused(ZERO_ID),
        of(8, "an Ed25519 key of small order", x, small_order_ed25519()[0])
            .effect("one signature is valid for every message of this contact")
            .refused(ED_ORDER),
        of(9, "a second encoding of an Ed25519 key", x, second_encodings_ed25519()[4])
            .refused("primitives/ed25519-key-encoding"),
        decode(INVITE, 10, "the nickname is judged before the keys", &invite_text(&bad_text))
            .flag("order")
            .refused(UTF8),
    ]
}

fn contact_types() -> Vec<Case> {
    let of = |number, comment, nickname: &str| {
        decode(CONTACT_TYPE, number, comment, &with_nickname(nickname.as_bytes())).accepted()
    };
    vec![
        of(2, "a type", "Alice␟person"),
        of(3, "the last mark counts", "Alice␟Smith␟info"),
        of(4, "an empty type is a type", "Alice␟"),
        of(5, "no mark, no type", "Alice"),
        of(6, "an empty name", "␟agent"),
        of(7, "a name with a mark in it, kept whole by an empty type", "Alice␟Smith␟"),
    ]
}
