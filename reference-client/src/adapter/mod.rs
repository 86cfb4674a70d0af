//! The crate `sealwire` as the suite's adapter protocol sees it: `spec/testing.md`, version 1.
//!
//! One JSON object a line, both ways. [`answer`] is the whole of it; [`serve`] carries lines
//! between it and a pair of pipes.

mod input;
mod operations;
mod output;

use std::{
    io::{self, BufRead, Write},
    num::NonZeroU64,
};

use sealwire::Clause;
use serde::{Deserialize, Serialize};

use input::{Input, Members, Steps, Stop};

/// The operations of chapters 1 to 6.
const OPS: [&str; 29] = [
    "primitives.x25519",
    "primitives.import-x25519",
    "primitives.import-ed25519",
    "primitives.sign",
    "primitives.verify",
    "primitives.aead-seal",
    "primitives.aead-open",
    "primitives.derive",
    "identity.from-seeds",
    "identity.import",
    "identity.invite-encode",
    "identity.invite-decode",
    "identity.safety-number",
    "packet.seal",
    "packet.open",
    "frame.mask",
    "frame.uplink",
    "frame.send",
    "frame.forward",
    "frame.downlink",
    "frame.relay-header",
    "handshake.hello",
    "handshake.accept",
    "handshake.reply",
    "handshake.read-reply",
    "relay.command",
    "relay.event",
    "relay.frame",
    "relay.open",
];

/// A line from the suite.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Request {
    Hello {},
    Run { seq: NonZeroU64, op: String, input: Members },
    Bye {},
}

/// A line to the suite.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Answer {
    Hello {
        name: &'static str,
        version: &'static str,
        language: &'static str,
        homepage: &'static str,
        profiles: [&'static str; 1],
        ops: &'static [&'static str],
        features: [&'static str; 2],
        aliases: Members,
    },
    Ok {
        seq: NonZeroU64,
        output: Members,
        #[serde(skip_serializing_if = "Members::is_empty")]
        steps: Members,
    },
    Reject {
        seq: NonZeroU64,
        class: &'static str,
        clause: &'static str,
        released: String,
    },
    Unsupported {
        seq: NonZeroU64,
        feature: String,
    },
    Error {
        seq: NonZeroU64,
        message: String,
    },
}

/// The answer to one line, without a line feed; `None` to `bye`.
///
/// # Errors
/// The line is none of the protocol: nothing can be answered, for nothing was numbered.
pub fn answer(line: &str) -> serde_json::Result<Option<String>> {
    let answer = match serde_json::from_str(line)? {
        Request::Hello {} => hello(),
        Request::Run { seq, op, input } => run(seq, op, input),
        Request::Bye {} => return Ok(None),
    };
    serde_json::to_string(&answer).map(Some)
}

/// Answers line by line until `bye` or the end.
///
/// # Errors
/// Those of the pipes, and `InvalidData` for a line that is none of the protocol.
pub fn serve(lines: impl BufRead, mut out: impl Write) -> io::Result<()> {
    for line in lines.lines() {
        let Some(answer) = answer(&line?)? else { return Ok(()) };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn hello() -> Answer {
    Answer::Hello {
        name: "sealwire",
        version: env!("CARGO_PKG_VERSION"),
        language: "Rust",
        homepage: "",
        profiles: ["wire-2"],
        ops: &OPS,
        features: ["steps", "released"],
        aliases: Members::new(),
    }
}

fn run(seq: NonZeroU64, op: String, input: Members) -> Answer {
    let mut steps = Steps::default();
    let refused = |clause: Clause, released: &[u8]| Answer::Reject {
        seq,
        class: clause.class().name(),
        clause: clause.id(),
        released: hex::encode(released),
    };
    match operations::run(&op, &Input(input), &mut steps) {
        Ok(output) => Answer::Ok { seq, output, steps: steps.0 },
        Err(Stop::Refused(clause)) => refused(clause, &[]),
        Err(Stop::Released(clause, bytes)) => refused(clause, &bytes),
        Err(Stop::Unknown) if op.is_empty() => {
            Answer::Error { seq, message: "no operation is named".into() }
        }
        Err(Stop::Unknown) => Answer::Unsupported { seq, feature: op },
        Err(Stop::Malformed(message)) => Answer::Error { seq, message },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn answered(line: &Value) -> Value {
        serde_json::from_str(&answer(&line.to_string()).unwrap().unwrap()).unwrap()
    }

    fn run_line(op: &str, input: &Value) -> Value {
        json!({ "type": "run", "seq": 7, "op": op, "input": input })
    }

    #[test]
    fn every_operation_that_is_named_exists_and_no_other() {
        for op in OPS {
            assert_eq!(answered(&run_line(op, &json!({})))["type"], "error", "{op}");
        }
        let unknown = answered(&run_line("frame.unknown", &json!({})));
        assert_eq!(unknown, json!({ "type": "unsupported", "seq": 7, "feature": "frame.unknown" }));
    }

    #[test]
    fn runs_are_numbered_from_one() {
        let line = json!({ "type": "run", "seq": 0, "op": "frame.mask", "input": {} });
        assert!(answer(&line.to_string()).is_err());
    }

    #[test]
    fn an_operation_without_a_name_is_no_feature() {
        let answer = answered(&run_line("", &json!({})));
        assert_eq!((&answer["type"], &answer["seq"]), (&json!("error"), &json!(7)));
    }

    #[test]
    fn a_refusal_names_class_and_clause() {
        let input = json!({ "key": "00".repeat(31) + "80" });
        let answer = answered(&run_line("primitives.import-x25519", &input));
        assert_eq!(answer["clause"], "primitives/x25519-high-bit");
        assert_eq!((&answer["class"], &answer["released"]), (&json!("key"), &json!("")));
    }

    /// However long: a buffer that is short is no refusal.
    #[test]
    fn an_event_that_is_far_too_long_is_refused() {
        let input = json!({
            "relay_x25519_seed": "07".repeat(32),
            "relay_ed25519_seed": "08".repeat(32),
            "x25519": "79a631eede1bf9c98f12032cdeadd0e7a079398fc786b88cc846ec89af85a51a",
            "nonce": "00".repeat(24),
            "command": 0x88,
            "body": "6e".repeat(1_048_600),
        });
        assert_eq!(answered(&run_line("relay.frame", &input))["clause"], "frame/relay-limit");
        let huge =
            json!({ "context": "ws.lleo.me v2 route c2s", "material": "", "length": u64::MAX });
        assert_eq!(answered(&run_line("primitives.derive", &huge))["type"], "error");
    }

    #[test]
    fn lines_are_answered_until_bye() {
        let hello = json!({ "type": "hello", "protocol": 1, "suite": "0.1.0" });
        let lines = format!("{hello}\n{}\n{hello}\n", json!({ "type": "bye" }));
        let mut out = Vec::new();
        serve(lines.as_bytes(), &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap().lines().count(), 1);
        assert!(serve(&b"nonsense\n"[..], Vec::new()).is_err());
    }
}
