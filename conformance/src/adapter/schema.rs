//! Every line against the schema: what is wrong, and at which member.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde::Deserialize;
use serde_json::{Value, json};

use super::protocol::{Answer, Hello};

/// How much of the validator's words is shown: they quote values, and values can be long.
const SHOWN: usize = 240;

/// The schema, one validator for each definition that is asked for by name.
pub(crate) struct Schema(BTreeMap<String, Validator>);

impl Schema {
    /// Reads the schema that travels with the vectors.
    pub(crate) fn read() -> Result<Self, String> {
        let schema: Value =
            serde_json::from_str(sealwire_vectors::ADAPTER_SCHEMA).map_err(|e| e.to_string())?;
        let definitions = schema["$defs"].as_object().ok_or("a schema without definitions")?;
        let validator = |name: &String| {
            let one = json!({
                "$schema": schema["$schema"],
                "$ref": format!("#/$defs/{name}"),
                "$defs": definitions,
            });
            let validator = jsonschema::validator_for(&one).map_err(|e| e.to_string())?;
            Ok((name.clone(), validator))
        };
        let named = definitions.keys().filter(|name| name.contains('.'));
        named.map(validator).collect::<Result<_, _>>().map(Self)
    }

    /// What a line breaks of `definition`: the first fault, with its member.
    pub(crate) fn fault(&self, definition: &str, line: &Value) -> Option<String> {
        self.fault_at("", definition, line)
    }

    /// The same for the output of `op`; an operation that does not exist has no shape to break.
    pub(crate) fn output_fault(&self, op: &str, output: &Value) -> Option<String> {
        let definition = format!("output.{op}");
        self.0.contains_key(&definition).then(|| self.fault_at("/output", &definition, output))?
    }

    /// A line as the answer to a run of `op`, or what is wrong with it.
    pub(crate) fn answer(&self, op: &str, line: Value) -> Result<Answer, String> {
        let kind = line.get("type").and_then(Value::as_str).unwrap_or_default();
        let definition = Answer::definition(kind)
            .ok_or_else(|| format!("/type: no answer to a run is {kind:?}"))?;
        let of_output = || self.output_fault(op, line.get("output")?);
        if let Some(fault) = self.fault(definition, &line).or_else(of_output) {
            return Err(fault);
        }
        Answer::deserialize(line).map_err(|error| error.to_string())
    }

    /// A line as the answer to a hello, or what is wrong with it.
    pub(crate) fn hello(&self, line: Value) -> Result<Hello, String> {
        match self.fault("adapter.hello", &line) {
            Some(fault) => Err(format!("its hello breaks the schema at {fault}")),
            None => Hello::deserialize(line).map_err(|error| error.to_string()),
        }
    }

    fn fault_at(&self, place: &str, definition: &str, value: &Value) -> Option<String> {
        let Some(validator) = self.0.get(definition) else {
            return Some(format!("no definition {definition}"));
        };
        let fault = validator.iter_errors(value).next()?;
        let place = format!("{place}{}", fault.instance_path());
        let place = if place.is_empty() { "the line" } else { &place };
        Some(format!("{place}: {}", shortened(&fault.to_string())))
    }
}

/// At most [`SHOWN`] characters of a text.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::Request;
    use crate::vectors::{self, Expect, Input};

    #[test]
    fn a_fault_names_its_member_and_is_short() {
        let schema = Schema::read().unwrap();
        let good = json!({ "type": "reject", "seq": 1, "class": "key" });
        assert_eq!(schema.fault("adapter.reject", &good), None);
        let wrong = json!({ "type": "reject", "seq": 1, "class": "k".repeat(9_999) });
        let fault = schema.fault("adapter.reject", &wrong).unwrap();
        assert!(fault.starts_with("/class: ") && fault.len() < 300, "{fault}");
        assert!(schema.fault("adapter.rejects", &good).is_some());
    }

    /// The examples of `spec/testing.md`.
    #[test]
    fn the_lines_of_the_guide_are_sound() {
        let schema = Schema::read().unwrap();
        let guide = sealwire_spec::get("spec/testing.md").unwrap();
        let mut kinds = Vec::new();
        for side in ["suite", "adapter"] {
            let (_, block) = guide.split_once(&format!("```jsonl {side}\n")).unwrap();
            let (block, _) = block.split_once("```").unwrap();
            for line in block.lines() {
                let line: Value = serde_json::from_str(line).unwrap();
                let definition = format!("{side}.{}", line["type"].as_str().unwrap());
                assert_eq!(schema.fault(&definition, &line), None, "{line}");
                kinds.push(definition);
            }
        }
        let mut defined: Vec<_> = schema.0.keys().filter(|name| !name.contains("put.")).collect();
        kinds.sort();
        defined.sort();
        assert_eq!(kinds.iter().collect::<Vec<_>>(), defined, "one example for each kind of line");
    }

    /// What the suite asks keeps the law that it holds others to; so does what the vectors expect.
    #[test]
    fn every_case_makes_lines_that_satisfy_the_schema() {
        let schema = Schema::read().unwrap();
        for case in vectors::cases().unwrap() {
            let input = Input::each(&case.input).unwrap()[0].plain().unwrap();
            let line = Request::Run { seq: 1, op: &case.op, input: &input, case: Some(&case.id) };
            let line = serde_json::from_str(&line.line()).unwrap();
            assert_eq!(schema.fault("suite.run", &line), None, "{}", case.id);
            if let Expect::Ok(output) = case.expect {
                let plain = Value::Object(Input::each(&output).unwrap()[0].plain().unwrap());
                assert_eq!(schema.output_fault(&case.op, &plain), None, "{}", case.id);
            }
        }
    }

    #[test]
    fn outputs_have_a_shape_by_operation() {
        let schema = Schema::read().unwrap();
        let fault = |value| schema.output_fault("frame.mask", &value);
        assert_eq!(fault(json!({ "mask": "00ff" })), None);
        assert!(fault(json!({ "mask": "00FF" })).unwrap().starts_with("/output/mask: "));
        assert!(fault(json!({})).is_some());
        assert!(fault(json!({ "mask": "00", "more": 1 })).is_some());
        assert_eq!(schema.output_fault("frame.unknown", &json!({})), None);
    }
}
