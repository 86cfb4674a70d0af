//! What the caller asks for.

use super::{Code, Fault, Key, Reference, Uuid};
use serde::Deserialize;
use serde_json::Value;

/// Longest `ref`, in bytes.
pub const MAX_REFERENCE: usize = 128;

/// Longest explanation of a line that is no command, in characters.
const MAX_DETAIL: usize = 200;

/// A command of the bridge.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "cmd", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Adds a contact, or renames one.
    Contact {
        /// A bare code, or a URL that holds one.
        invite: String,
        /// What to call the contact; by default the invite's nickname.
        name: Option<String>,
        /// Echoed.
        #[serde(rename = "ref")]
        reference: Reference,
    },
    /// Sends a text to a contact until it is acknowledged.
    Send {
        /// The contact.
        peer: Key,
        /// Any UTF-8.
        text: String,
        /// The message's uuid; by default a random one.
        uuid: Option<Uuid>,
        /// Echoed.
        #[serde(rename = "ref")]
        reference: Reference,
    },
    /// Watches the presence of keys.
    Subscribe {
        /// They need not be contacts.
        peers: Vec<Key>,
        /// Echoed.
        #[serde(rename = "ref")]
        reference: Reference,
    },
    /// Hands the own keys to a contact, through the relay.
    Introduce {
        /// The contact.
        peer: Key,
        /// What to call ourselves.
        #[serde(default)]
        name: String,
        /// Echoed.
        #[serde(rename = "ref")]
        reference: Reference,
    },
    /// Ends the bridge.
    Quit {
        /// Without effect.
        #[serde(rename = "ref")]
        reference: Reference,
    },
}

impl Command {
    /// Reads one line, without its end.
    ///
    /// # Errors
    /// The `bad_command` to report, with the line's `ref` if it has one.
    pub fn parse(line: &[u8]) -> Result<Self, Fault> {
        let value = serde_json::from_slice::<Value>(line).map_err(|error| fault(&error))?;
        let reference = value.get("ref").and_then(Value::as_str).map(str::to_owned);
        if reference.as_ref().is_some_and(|text| text.len() > MAX_REFERENCE) {
            let detail = format!("ref is longer than {MAX_REFERENCE} bytes");
            return Err(Fault::new(Code::BadCommand, None, detail));
        }
        serde_json::from_value(value).map_err(|error| fault(&error).with_reference(reference))
    }
}

/// What the parser says, without the megabytes that it may quote.
fn fault(error: &serde_json::Error) -> Fault {
    let detail: String = error.to_string().chars().take(MAX_DETAIL).collect();
    Fault::new(Code::BadCommand, None, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, Fault> {
        Command::parse(line.as_bytes())
    }

    #[test]
    fn commands_are_read() {
        let key = "79a631eede1bf9c98f12032cdeadd0e7a079398fc786b88cc846ec89af85a51a";
        let line = format!(r#"{{"cmd":"send","peer":"{key}","text":"a\nb","ref":"m1"}}"#);
        let send = Command::Send {
            peer: Key::parse(key).unwrap(),
            text: "a\nb".into(),
            uuid: None,
            reference: Some("m1".into()),
        };
        assert_eq!(parse(&line), Ok(send));
        assert_eq!(parse(r#"{"cmd":"quit"}"#), Ok(Command::Quit { reference: None }));
        let subscribe = Command::Subscribe { peers: vec![], reference: None };
        assert_eq!(parse(r#" {"peers":[], "cmd":"subscribe"} "#), Ok(subscribe));
    }

    #[test]
    fn what_is_no_command_is_a_fault_that_keeps_its_ref() {
        for line in [
            "",
            "null",
            "[]",
            "{}",
            "{",
            r#"{"cmd":"dance"}"#,
            r#"{"cmd":"quit","now":true}"#,
            r#"{"cmd":"send","peer":"00","text":""}"#,
            r#"{"cmd":"send","text":""}"#,
            r#"{"cmd":"quit","ref":7}"#,
            r#"{"cmd":"contact","invite":"\ud800"}"#,
        ] {
            assert_eq!(parse(line).unwrap_err().code, Code::BadCommand, "{line}");
        }
        let fault = parse(r#"{"cmd":"dance","ref":"x"}"#).unwrap_err();
        assert_eq!(fault.reference.as_deref(), Some("x"));
        let long = format!(r#"{{"cmd":"quit","ref":"{}"}}"#, "x".repeat(129));
        assert_eq!(parse(&long).unwrap_err().reference, None);
        assert!(Command::parse(b"{\"cmd\":\"quit\xff\"}").is_err());
        let quoted = format!(r#"{{"cmd":"{}"}}"#, "x".repeat(10_000));
        assert_eq!(parse(&quoted).unwrap_err().detail.len(), MAX_DETAIL);
    }
}
