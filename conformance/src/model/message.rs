//! Chapter 7, message: the two commands between peers without which no client can be judged.
//!
//! ```text
//! 20 TEXT          uuid 16 ‖ UTF-8
//! 27 DELIVERY_ACK  uuid 16
//! ```

/// A message for the user.
pub(crate) const TEXT: u8 = 0x20;
/// The recipient has it.
pub(crate) const DELIVERY_ACK: u8 = 0x27;

/// `uuid ‖ text`.
pub(crate) fn text_body(uuid: [u8; 16], text: &[u8]) -> Vec<u8> {
    [&uuid[..], text].concat()
}
