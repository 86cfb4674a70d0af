//! The usual mistakes, by clause: what is done, and how it shows.

/// One mistake.
pub(super) struct Mistake {
    /// The clause that it breaks.
    pub(super) clause: &'static str,
    /// What is done.
    pub(super) what: &'static str,
    /// What is seen then.
    pub(super) shows: &'static str,
}

/// `clause: what => how it shows;`
macro_rules! mistakes {
    ($($clause:literal: $what:literal => $shows:literal;)+) => {
        /// In the order of the specification.
        pub(super) const MISTAKES: &[Mistake] =
            &[$(Mistake { clause: $clause, what: $what, shows: $shows }),+];
    };
}

mistakes! {
    "primitives/x25519-contributory":
        "The output is hashed, as crypto_box and its kin do, before it is used."
        => "`shared` differs in every byte and nothing can be opened.";
    "primitives/x25519-contributory":
        "The library's check for an output of zero is optional and was left out."
        => "Keys of small order give a secret that everybody knows, instead of a refusal.";
    "primitives/x25519-canonical":
        "The library reduces modulo p, and the key is stored as it came."
        => "The aliases from p to 2^255 - 1 pass: one key, two ids.";
    "primitives/x25519-order":
        "A list of the known points of small order is compared, and nothing is multiplied."
        => "A key with a small-order part added passes: eight ids for one secret.";
    "primitives/x25519-order":
        "The point is multiplied by the order after clamping it."
        => "Honest keys are refused, or mixed ones pass.";
    "primitives/ed25519-key-encoding":
        "The decoder accepts y of p or more, or the sign bit with x = 0."
        => "Two encodings of one key pass.";
    "primitives/ed25519-key-order":
        "Only points of small order are looked for."
        => "Keys of mixed order pass; cases with the flag `low-order` do not tell.";
    "primitives/ed25519-sign":
        "The public half comes from the caller or from bytes 32..64 of a stored key."
        => "The signature differs from byte 32: R is equal and S is not.";
    "primitives/ed25519-signature":
        "The library verifies with the cofactor, or in batches."
        => "Published edge cases pass that have to be refused.";
    "primitives/aead":
        "XChaCha20 with a counter from 1, or an 8-byte nonce of plain ChaCha20."
        => "`sealed` differs from byte 0, the tag too.";
    "primitives/aead":
        "The tag stands in front, as in secretbox."
        => "`sealed` has the right length and differs from byte 0; the two parts are exchanged.";
    "primitives/context":
        "BLAKE3 in keyed mode, or the plain hash of context and material, instead of derive_key."
        => "Every derived key differs, and with it each header.";

    "identity/id":
        "The id is a hash of the key, or its bytes are read as a number and turned round."
        => "`id` shares no byte with the key, or the same bytes in reverse order.";
    "identity/full-key":
        "Contacts or watched keys are looked up by their id."
        => "Somebody with the same first eight bytes is taken for the contact.";
    "identity/invite":
        "base64 with `+` and `/`, or with padding."
        => "The invite differs where `-` or `_` should stand, or ends with `=`.";
    "identity/invite-encoding":
        "The decoder is lenient: stray bits, padding or white space inside pass."
        => "Two texts give one identity.";
    "identity/invite-url":
        "The URL is percent-decoded, or its fragment is looked at before its query."
        => "The wrong one of two codes is taken.";
    "identity/safety-number":
        "Own keys first, instead of the lower; or the groups are read little-endian."
        => "The two sides read different digits to each other.";

    "packet/layout":
        "The message id is written big-endian."
        => "Ciphertext, tag and signature differ from byte 24 on; the step `inner` differs at 0..2.";
    "packet/key":
        "The shared secret is hashed or derived from, or a key for each direction is made."
        => "The step `key` differs; every foreign packet is refused by packet/authentic.";
    "packet/signed-range":
        "The ciphertext alone is signed, without nonce or tag; or the frame's header is, too."
        => "Only the signature differs; foreign packets are refused by packet/signature.";
    "packet/nonce-fresh":
        "A clock or a counter fills the first bytes."
        => "Nonces of two packets share their beginning; a mask may be used twice.";
    "packet/too-short":
        "The limit of frames, 112 - 8 = 104 bytes, is taken for packets as well."
        => "A signed packet of 104 to 106 bytes is opened, or its inner part is read out of bounds.";
    "packet/signature":
        "Ed25519ph, or a context, or the cofactored check of the library's default."
        => "Own packets open and nobody else's do; or edge cases pass.";
    "packet/authentic":
        "Wrong key, wrong tag and altered ciphertext are told apart."
        => "A clause or class other than packet/authentic.";
    "packet/verify-first":
        "The packet is decrypted first, since the signature is nearer its end."
        => "With both wrong the refusal is packet/authentic, not packet/signature.";
    "packet/no-release":
        "The buffer is decrypted in place while the tag is computed."
        => "After the refusal the buffer holds plaintext, or zeros.";
    "packet/reflection":
        "The signature is verified under the key inside, or under any known one."
        => "One's own packet comes back as a message of the peer.";
    "packet/message-id":
        "Messages are sorted or dropped by their message id."
        => "A second message with the same id is missing.";

    "frame/binary":
        "Two frames in one message, or base64 in a text message."
        => "The relay reads one frame, or none.";
    "frame/header-to":
        "The mask of the other direction (K_s2c) is taken."
        => "The id unmasks to random bytes; the relay answers recipient_offline.";
    "frame/header-from":
        "The header of the sender is forwarded untouched, or masked under the sender's key."
        => "`frame` differs in header 0..8; all behind it is equal.";
    "frame/mask":
        "The block counter begins at 1, as for sealed text in RFC 8439."
        => "`mask` differs in every byte.";
    "frame/mask":
        "The last twelve bytes of the nonce are taken, or all of them, as XChaCha20 does."
        => "`mask` differs, or changes when bytes 12..24 change.";
    "frame/relay-header":
        "Any header that unmasks to an unknown id is taken for the relay."
        => "Frames of strangers are opened with the relay's keys.";
    "frame/opaque":
        "The relay asks for 115 bytes, or verifies what it forwards."
        => "A frame of 112 bytes, or one that no key opens, does not arrive.";
    "frame/too-short":
        "The connection is closed on a short frame."
        => "The next honest frame is not forwarded.";
    "frame/too-long":
        "The length is judged when the message is complete."
        => "No close while four announced gibibytes are awaited.";
    "frame/too-long":
        "The limit excludes its last value, or counts the packet without its header."
        => "1,048,576 bytes are refused, or 1,048,577 pass.";
    "frame/drain-after-1009":
        "The socket is closed at once after the close frame."
        => "The client sees a reset and no code.";
    "frame/fragments-limit":
        "Each fragment is judged by itself."
        => "Many fragments of permitted size add up to a message over the limit.";

    "handshake/hello-layout":
        "The Ed25519 key stands in clear, or the version in front."
        => "The ciphertext differs, the step `inner` in its fields.";
    "handshake/client-key":
        "The key is used for X25519 before it is judged, and the zero output only is refused."
        => "Aliases of an honest key log in under ids of their own.";
    "handshake/hello-seal":
        "The signature is verified first, under a key that is still sealed."
        => "Another clause than handshake/hello-seal.";
    "handshake/hello-signature":
        "The signature is verified over the key in clear, too, from byte 0."
        => "Honest hellos are refused.";
    "handshake/version":
        "The version is judged before the signature."
        => "Unauthenticated hellos are answered with ERROR.";
    "handshake/silent-refusal":
        "Each cause has a close code or an ERROR of its own."
        => "Two refused hellos see different ends.";
    "handshake/register-before-ok":
        "HANDSHAKE_OK is sent, then the session is registered."
        => "A frame sent right after OK is answered recipient_offline, now and then.";
    "handshake/one-winner":
        "Look-up and insertion are two steps with a pause between."
        => "Two simultaneous hellos both get HANDSHAKE_OK.";
    "handshake/removal-by-session":
        "A session that ends removes its id, whoever holds it."
        => "After a refused newcomer the old session gets no frames.";
    "handshake/reply-layout":
        "The reply has no header, or is signed over it."
        => "108 bytes instead of 116, or only the signature differs.";
    "handshake/reply-version":
        "A body longer than one byte is refused."
        => "HANDSHAKE_OK with bytes behind its version opens no session.";

    "relay/direction":
        "Commands are dispatched by one table for both directions."
        => "A client is answered for PEER_ONLINE, or a second hello changes the session.";
    "relay/key-list":
        "Whole keys are taken, and the rest is cut off."
        => "A list of 33 bytes has an effect.";
    "relay/subscribe":
        "An empty PEER_ONLINE is sent if nobody is there."
        => "An event that should not come.";
    "relay/introduce":
        "The keys of INTRO_FROM come from the body."
        => "Anybody introduces anybody's keys.";
    "relay/introduce-nickname":
        "The limit counts characters, or the whole body."
        => "1,024 bytes are dropped, or 1,025 pass.";
    "relay/wake":
        "A missing type is written as zero on the way."
        => "The notifier gets 9 bytes where 8 were sent.";
    "relay/recipient-offline":
        "The nonce of the answer is given, or the id unmasked with the wrong key."
        => "The client cannot tell which of its frames failed.";
    "relay/relay-signed":
        "Events are believed because their header is zero."
        => "A client's own command, reflected, is taken for an event.";
    "relay/error":
        "Bytes after the detail, or an unknown code, are refused."
        => "An ERROR of a later version ends the session.";
    "relay/presence-offline":
        "PEER_OFFLINE is sent on a clean close only."
        => "Whoever loses the connection stays online for those who watch.";
    "relay/slow-isolation":
        "One writer task or one lock serves all sessions."
        => "Others wait while one reader is slow.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clauses::{CHAPTERS, chapter, find};

    #[test]
    fn mistakes_are_made_against_clauses_that_exist_in_every_chapter() {
        for mistake in MISTAKES {
            assert!(find(mistake.clause).is_some(), "{}", mistake.clause);
        }
        for name in CHAPTERS {
            assert!(MISTAKES.iter().any(|mistake| chapter(mistake.clause) == name), "{name}");
        }
    }

    #[test]
    fn a_mistake_is_told_in_sentences() {
        for Mistake { clause, what, shows } in MISTAKES {
            assert!(what.ends_with('.') && shows.ends_with('.'), "{clause}");
        }
    }
}
