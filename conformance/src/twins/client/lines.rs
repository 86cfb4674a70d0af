//! The lines of the contract: commands in, events out.

use std::io::Write;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, channel};

/// What the client is told.
#[derive(Debug, Deserialize)]
#[serde(tag = "cmd", rename_all = "lowercase")]
pub(super) enum Order {
    /// A contact.
    Contact {
        /// The code.
        invite: String,
    },
    /// A text.
    Send {
        /// Whom to.
        peer: String,
        /// What.
        text: String,
        /// What comes back.
        r#ref: Option<String>,
    },
    /// Keys to watch.
    Subscribe {
        /// Which.
        peers: Vec<String>,
    },
    /// An introduction.
    Introduce {
        /// To whom.
        peer: String,
        /// As whom.
        name: Option<String>,
    },
    /// The end.
    Quit,
}

/// The orders on stdin; its end is `quit`, and what is no order is passed over.
pub(super) fn orders() -> Receiver<Order> {
    let (sender, receiver) = channel(64);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            let Ok(order) = serde_json::from_str(&line) else { continue };
            if sender.blocking_send(order).is_err() {
                return;
            }
        }
        // Whoever does not listen any more has ended already.
        let _ = sender.blocking_send(Order::Quit);
    });
    receiver
}

/// The events on stdout.
#[derive(Default)]
pub(super) struct Events {
    seq: u64,
}

impl Events {
    /// Says what happened.
    pub(super) fn say(&mut self, event: &str, members: Value) {
        self.print(&escaped(&self.next(event, members).to_string()));
    }

    /// The same with control characters as they came.
    pub(super) fn say_raw(&mut self, event: &str, members: Value) {
        let line = self.next(event, members).to_string();
        self.print(&line.replace("\\n", "\n"));
    }

    fn next(&self, event: &str, members: Value) -> Value {
        let mut line = json!({ "seq": self.seq + 1, "event": event });
        if let (Value::Object(line), Value::Object(members)) = (&mut line, members) {
            line.extend(members);
        }
        line
    }

    fn print(&mut self, line: &str) {
        self.seq += 1;
        let mut out = std::io::stdout().lock();
        // Whoever started the client may have stopped listening to it.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

/// JSON in which nothing stands outside U+0020 to U+007E.
fn escaped(json: &str) -> String {
    let mut out = String::new();
    for c in json.chars() {
        if (' '..='~').contains(&c) {
            out.push(c);
        } else {
            let units = c.encode_utf16(&mut [0; 2]).to_vec();
            out.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_plain_ascii() {
        let text = "a\u{85}\u{2028}\u{7f}☂\u{1f600}\n";
        let line = escaped(&json!(text).to_string());
        assert!(line.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{line}");
        assert_eq!(serde_json::from_str::<Value>(&line).expect("JSON"), text);
    }
}
