//! TEXT and DELIVERY_ACK, the two commands between peers that this client speaks so far.
//!
//! ```text
//! 20 TEXT          message uuid(16) ‖ UTF-8
//! 27 DELIVERY_ACK  message uuid(16)
//! ```
//!
//! This layout belongs to row 7 of the grid: it moves to the wire crate's `message` module when
//! that chapter is written.

/// Bytes of a message uuid.
pub(crate) const UUID: usize = 16;
/// The command byte of TEXT.
pub(crate) const TEXT: u8 = 0x20;
/// The command byte of DELIVERY_ACK.
pub(crate) const DELIVERY_ACK: u8 = 0x27;

/// What a peer's packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FromPeer<'a> {
    /// A message for the user.
    Text { uuid: [u8; UUID], text: &'a str },
    /// The peer has this message of ours.
    DeliveryAck { uuid: [u8; UUID] },
}

impl<'a> FromPeer<'a> {
    /// `None` for another command, a short or long body, or text that is not UTF-8.
    pub(crate) fn parse(command: u8, body: &'a [u8]) -> Option<Self> {
        let (uuid, rest) = body.split_first_chunk()?;
        match command {
            TEXT => Some(Self::Text { uuid: *uuid, text: str::from_utf8(rest).ok()? }),
            DELIVERY_ACK => rest.is_empty().then_some(Self::DeliveryAck { uuid: *uuid }),
            _ => None,
        }
    }
}

/// The body of a TEXT.
pub(crate) fn text_body(uuid: &[u8; UUID], text: &str) -> Vec<u8> {
    [uuid.as_slice(), text.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_it_was_written() {
        let body = text_body(&[7; UUID], "a\nb");
        assert_eq!(body.len(), 19);
        let text = FromPeer::Text { uuid: [7; UUID], text: "a\nb" };
        assert_eq!(FromPeer::parse(TEXT, &body), Some(text));
        let empty = FromPeer::Text { uuid: [7; UUID], text: "" };
        assert_eq!(FromPeer::parse(TEXT, &[7; UUID]), Some(empty));
    }

    #[test]
    fn what_is_no_message_is_nothing() {
        assert_eq!(FromPeer::parse(TEXT, &[7; 15]), None);
        assert_eq!(FromPeer::parse(TEXT, &[0xff; 17]), None);
        assert_eq!(FromPeer::parse(DELIVERY_ACK, &[7; 15]), None);
        assert_eq!(FromPeer::parse(DELIVERY_ACK, &[7; 17]), None);
        assert_eq!(FromPeer::parse(0x28, &[7; 16]), None);
        let ack = FromPeer::DeliveryAck { uuid: [7; UUID] };
        assert_eq!(FromPeer::parse(DELIVERY_ACK, &[7; 16]), Some(ack));
    }
}
