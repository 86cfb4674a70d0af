//! The invite: a text by which one person gives another both public keys and a name.
//!
//! ```text
//! invite  = "K0" ‖ base64url-unpadded(X25519 public(32) ‖ Ed25519 public(32) ‖ nickname)
//! nickname = name [ ‖ U+241F ‖ contact type ]                                       UTF-8
//! ```
//!
//! Clauses: `identity/invite*`, `identity/contact-type`.

use super::PublicIdentity;
use crate::{
    BufferTooSmall, BuildError, Clause,
    primitives::KEY,
    reader::{Reader, Writer},
};
use base64ct::{Base64UrlUnpadded, Encoding};

/// Longest nickname that is written, in bytes, its contact type included: it must fit a QR code.
pub const MAX_NICKNAME: usize = 64;
/// Longest nickname that is read, in bytes.
pub const MAX_NICKNAME_READ: usize = 1_024;
/// Bytes of scratch that decode every invite.
pub const MAX_SCRATCH: usize = 2 * KEY + MAX_NICKNAME_READ;
/// Characters of the longest invite that is written: the prefix and 128 bytes in base64url.
pub const MAX_INVITE: usize = PREFIX.len() + (2 * KEY + MAX_NICKNAME).div_ceil(3) * 4 - 1;

const PREFIX: &str = "K0";
/// SYMBOL FOR UNIT SEPARATOR, between name and contact type.
const TYPE_SEPARATOR: char = '\u{241f}';

/// A nickname as it travels: a name, and perhaps a contact type behind the last U+241F.
///
/// It is somebody's text: control characters in it are data and never a new line of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nickname<'a>(pub &'a str);

impl<'a> Nickname<'a> {
    /// The name alone.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.0.rsplit_once(TYPE_SEPARATOR).map_or(self.0, |(name, _)| name)
    }

    /// The contact type (`person`, `info`, an agent's name), if there is one.
    #[must_use]
    pub fn contact_type(&self) -> Option<&'a str> {
        self.0.rsplit_once(TYPE_SEPARATOR).map(|(_, kind)| kind)
    }
}

/// Both public keys of a party, and what it calls itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invite<'a> {
    /// Whom it invites to.
    pub peer: PublicIdentity,
    /// Its own name for itself; may be empty.
    pub nickname: Nickname<'a>,
}

impl<'a> Invite<'a> {
    /// Reads a bare code, or a URL that holds one in its `peer` parameter or its fragment.
    /// `scratch` is enough for every text; the nickname borrows from it.
    ///
    /// # Errors
    /// The first clause broken, in the order trim, `invite-url`, `-prefix`, `-encoding`,
    /// `-length`, `-nickname-read`, `-utf8`, then the keys.
    pub fn decode(text: &str, scratch: &'a mut [u8; MAX_SCRATCH]) -> Result<Self, Clause> {
        let code = find_code(text.trim_matches(|c: char| c.is_ascii_whitespace()))?;
        let digits = code.strip_prefix(PREFIX).ok_or(Clause::IdentityInvitePrefix)?;
        let decoded = decode_base64url(digits, scratch)?;
        let mut reader = Reader::new(decoded);
        let (x25519, ed25519) =
            reader.array().zip(reader.array()).ok_or(Clause::IdentityInviteLength)?;
        let nickname =
            core::str::from_utf8(reader.rest()).map_err(|_| Clause::IdentityInviteUtf8)?;
        let peer = PublicIdentity::import(*x25519, *ed25519)?;
        Ok(Self { peer, nickname: Nickname(nickname) })
    }

    /// Writes the bare code. [`MAX_INVITE`] bytes are enough.
    ///
    /// # Errors
    /// [`Clause::IdentityInviteNickname`] over [`MAX_NICKNAME`] bytes; or `out` is too small.
    pub fn encode<'b>(&self, out: &'b mut [u8]) -> Result<&'b str, BuildError> {
        if self.nickname.0.len() > MAX_NICKNAME {
            return Err(Clause::IdentityInviteNickname.into());
        }
        let mut payload = [0; 2 * KEY + MAX_NICKNAME];
        let mut writer = Writer::new(&mut payload);
        writer.put(self.peer.x25519())?;
        writer.put(self.peer.ed25519())?;
        writer.put(self.nickname.0.as_bytes())?;
        let length = writer.written();
        let payload = payload.get(..length).unwrap_or_default();

        let digits = Base64UrlUnpadded::encoded_len(payload);
        let short = BufferTooSmall { needed: digits.saturating_add(PREFIX.len()) };
        let (prefix, rest) = out.split_at_mut_checked(PREFIX.len()).ok_or(short)?;
        prefix.copy_from_slice(PREFIX.as_bytes());
        Base64UrlUnpadded::encode(payload, rest).map_err(|_| short)?;
        out.get(..short.needed).and_then(|code| core::str::from_utf8(code).ok()).ok_or(short.into())
    }
}

/// The bare code in `text`. A text with `://` in it is a URL.
fn find_code(text: &str) -> Result<&str, Clause> {
    if !text.contains("://") {
        return Ok(text);
    }
    let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
    let query = address.split_once('?').map_or("", |(_, query)| query);
    peer_parameter(query)
        .or_else(|| peer_parameter(fragment))
        .or_else(|| fragment.starts_with(PREFIX).then_some(fragment))
        .ok_or(Clause::IdentityInviteUrl)
}

fn peer_parameter(query: &str) -> Option<&str> {
    query.split('&').find_map(|pair| pair.strip_prefix("peer="))
}

/// Decodes strictly, a block at a time: the whole text is judged before its length is, and none of
/// it is written past the scratch.
fn decode_base64url<'a>(
    digits: &str,
    scratch: &'a mut [u8; MAX_SCRATCH],
) -> Result<&'a [u8], Clause> {
    const BLOCK: usize = 48;
    let mut length = 0_usize;
    for chunk in digits.as_bytes().chunks(BLOCK / 3 * 4) {
        let mut block = [0; BLOCK];
        let bytes = Base64UrlUnpadded::decode(chunk, &mut block)
            .map_err(|_| Clause::IdentityInviteEncoding)?;
        if let Some(free) = scratch.get_mut(length..).and_then(|free| free.get_mut(..bytes.len())) {
            free.copy_from_slice(bytes);
        }
        length = length.saturating_add(bytes.len());
    }
    scratch.get(..length).ok_or(Clause::IdentityInviteNicknameRead)
}
