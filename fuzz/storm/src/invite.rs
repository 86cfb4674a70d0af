//! Row 2, the text of an invite: whatever it says, it is read one way, and written the same again.
//!
//! The input is a text; then the nickname of a known party, in each dress an invite may wear.

use crate::support::PARTIES;
use base64ct::{Base64UrlUnpadded, Encoding};
use sealwire::{
    Clause,
    identity::{Invite, MAX_INVITE, MAX_NICKNAME, MAX_NICKNAME_READ, MAX_SCRATCH, Nickname},
};

/// Row 2, invite.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut scratch = [0; MAX_SCRATCH];
    if let Ok(invite) = Invite::decode(&text, &mut scratch) {
        rewritten(&invite, &text);
    }
    named(input);
}

/// What an honest party would send with these bytes for a name.
fn named(nickname: &[u8]) {
    let peer = *PARTIES.client.public();
    let payload = [peer.x25519().as_slice(), peer.ed25519(), nickname].concat();
    let code = format!("K0{}", Base64UrlUnpadded::encode_string(&payload));
    let text = str::from_utf8(nickname).map_err(|_| Clause::IdentityInviteUtf8);
    let expected = if nickname.len() > MAX_NICKNAME_READ {
        Err(Clause::IdentityInviteNicknameRead)
    } else {
        text.map(|text| Invite { peer, nickname: Nickname(text) })
    };
    for dressed in [
        format!("\t {code}\r\n"),
        format!("https://example.org/?a=K0&peer={code}&b#K0"),
        format!("https://example.org/#peer={code}"),
        format!("x://#{code}"),
        code,
    ] {
        let mut scratch = [0; MAX_SCRATCH];
        let read = Invite::decode(&dressed, &mut scratch);
        assert_eq!(read, expected);
        read.iter().for_each(|invite| rewritten(invite, &dressed));
    }
}

/// An invite that was read has one code, which stands in the text that it was read from.
fn rewritten(invite: &Invite<'_>, text: &str) {
    let nickname = invite.nickname;
    assert!(nickname.0.len() <= MAX_NICKNAME_READ);
    let again = match nickname.contact_type() {
        Some(kind) => format!("{}\u{241f}{kind}", nickname.name()),
        None => nickname.name().to_owned(),
    };
    assert_eq!(again, nickname.0, "name and type are the whole nickname");

    let mut out = [0; MAX_INVITE];
    let written = invite.encode(&mut out);
    if nickname.0.len() > MAX_NICKNAME {
        assert_eq!(written, Err(Clause::IdentityInviteNickname.into()));
        return;
    }
    let code = written.expect("the buffer holds every invite");
    assert!(text.contains(code), "read as {code}, which does not stand there");
    assert_eq!(Invite::decode(code, &mut [0; MAX_SCRATCH]).as_ref(), Ok(invite));
}
