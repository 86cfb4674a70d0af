//! The vectors, and nothing else, judge the crate: read as `vectors/README.md` says, and done by
//! the operations of the reference client's adapter, without its sockets.
//!
//! It builds and runs in seconds, so that a fault planted in the crate costs no more.

// A library's face elsewhere; here nobody can reach it.
#[allow(unreachable_pub)]
#[path = "../../reference-client/src/adapter/mod.rs"]
mod adapter;

use serde_json::{Map, Value, json};

/// The bytes of hex or of a rule.
fn bytes(value: &Value) -> Vec<u8> {
    if let Some(text) = value.as_str() {
        return hex::decode(text).unwrap();
    }
    if let Some(parts) = value["concat"].as_array() {
        return parts.iter().flat_map(bytes).collect();
    }
    bytes(&value["repeat"]).repeat(number(&value["count"]))
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

/// Hex for a rule; whatever else stands there as it is.
fn plain(value: &Value) -> Value {
    if value.is_object() { hex::encode(bytes(value)).into() } else { value.clone() }
}

/// What a sweep makes of `of` at `n`.
fn swept(sweep: &str, of: &[u8], n: usize) -> Vec<u8> {
    match sweep {
        "truncate" => of[..n].to_vec(),
        "extend" => [of, &vec![0; n]].concat(),
        "bit-flip" => {
            let mut flipped = of.to_vec();
            flipped[n / 8] ^= 1 << (n % 8);
            flipped
        }
        _ => panic!("no such sweep: {sweep}"),
    }
}

/// Every input that the input of a case stands for.
fn inputs(input: &Map<String, Value>) -> Vec<Value> {
    let each = |name: &str, values: Vec<Value>| {
        let with = |value: Value| {
            let member = |(other, v): (&String, &Value)| {
                (other.clone(), if other == name { value.clone() } else { plain(v) })
            };
            input.iter().map(member).collect()
        };
        values.into_iter().map(with).collect()
    };
    match input.iter().find(|(_, value)| value.get("sweep").is_some()) {
        Some((name, rule)) => {
            let (sweep, of) = (rule["sweep"].as_str().unwrap(), bytes(&rule["of"]));
            let range = number(&rule["from"])..number(&rule["to"]);
            each(name, range.map(|n| hex::encode(swept(sweep, &of, n)).into()).collect())
        }
        None => each("", vec![Value::Null]),
    }
}

/// An answer in the form of a case's `expect`; bytes released are in it, for no case expects any.
fn answer(op: &Value, input: &Value) -> Value {
    let line = json!({ "type": "run", "seq": 1, "op": op, "input": input }).to_string();
    let answer: Value = serde_json::from_str(&adapter::answer(&line).unwrap().unwrap()).unwrap();
    match (answer["type"].as_str(), answer["released"].as_str()) {
        (Some("ok"), _) => json!({ "ok": answer["output"] }),
        (Some("reject"), Some("")) => json!({ "reject": answer["clause"] }),
        _ => answer,
    }
}

/// What a case expects, its rules written out.
fn expected(expect: &Value) -> Value {
    match expect["ok"].as_object() {
        Some(output) => {
            let members = output.iter().map(|(name, value)| (name.clone(), plain(value)));
            json!({ "ok": members.collect::<Map<_, _>>() })
        }
        None => expect.clone(),
    }
}

/// The first answer to a case that it does not expect.
fn failure(case: &Value) -> Option<String> {
    let (id, expected) = (&case["id"], expected(&case["expect"]));
    let wrong = |input: &Value| {
        let answer = answer(&case["op"], input);
        (answer != expected).then(|| format!("{id}: {answer}, not {expected}"))
    };
    inputs(case["input"].as_object().unwrap()).iter().find_map(wrong)
}

#[test]
fn every_case_of_the_vectors_is_answered_as_it_expects() {
    for (name, text) in sealwire_vectors::FILES {
        let file: Value = serde_json::from_str(text).unwrap();
        let failure = file["cases"].as_array().unwrap().iter().find_map(failure);
        assert_eq!(failure, None, "{name}");
    }
}
