//! SARIF 2.1.0: a rule for each clause, a result for each case that does not pass, pointing at the
//! line of the specification.

use serde_json::{Value, json};

use super::document::{Case, Clause, Document, Word};
use super::style::Style;
use super::text::told;

/// The whole log, with a line feed at its end.
pub(crate) fn render(document: &Document) -> String {
    let results = document.cases.iter().filter(|case| case.verdict.is_bad() || is_known(case));
    let results: Vec<_> = results.map(|case| result(document, case)).collect();
    let rules: Vec<_> = document.clauses.iter().map(|(id, clause)| rule(id, clause)).collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "sealwire",
                "version": env!("CARGO_PKG_VERSION"),
                "shortDescription": { "text": "The conformance suite of the Sealwire protocol" },
                "rules": rules,
            }},
            "invocations": [{
                "executionSuccessful": document.complete && document.exit != 3,
                "exitCode": document.exit,
                "startTimeUtc": document.started,
                "toolExecutionNotifications": notifications(document),
            }],
            "results": results,
            "properties": { "target": document.target, "seed": document.seed },
        }],
    });
    format!("{log:#}\n")
}

fn is_known(case: &Case) -> bool {
    case.verdict == Word::Known
}

/// A run that judged nobody says why.
fn notifications(document: &Document) -> Vec<Value> {
    let said = |why: String| json!({ "level": "error", "message": { "text": why } });
    document.unjudged().map(said).into_iter().collect()
}

fn rule(id: &str, clause: &Clause) -> Value {
    json!({
        "id": id,
        "shortDescription": { "text": clause.sentence },
        "defaultConfiguration": { "level": severity(&clause.level) },
        "properties": { "level": clause.level },
    })
}

fn result(document: &Document, case: &Case) -> Value {
    let mut result = json!({
        "message": { "text": told(document, case, Style::plain()) },
        "level": weight(case),
        // What the suite could not judge is open: it accuses nobody.
        "kind": if case.verdict == Word::Broken { "open" } else { "fail" },
        "partialFingerprints": { "case/v1": case.id },
        "properties": { "case": case.id, "verdict": case.verdict, "replay": case.replay },
    });
    if let Some(clause) = document.clauses.get(&case.clause) {
        result["ruleId"] = case.clause.as_str().into();
        result["locations"] = json!([{ "physicalLocation": {
            "artifactLocation": { "uri": clause.file },
            "region": { "startLine": clause.line },
        }}]);
    }
    if is_known(case) {
        let listed = json!({ "kind": "external", "justification": case.detail });
        result["suppressions"] = json!([listed]);
    }
    result
}

/// How much a result weighs.
fn weight(case: &Case) -> &'static str {
    match case.verdict {
        Word::Broken => "none",
        _ if case.staged => "note",
        _ => severity(&case.level),
    }
}

/// How much a clause of this level weighs.
fn severity(level: &str) -> &'static str {
    match level {
        "SHOULD" | "SHOULD NOT" | "MAY" => "warning",
        _ => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::failing;

    /// The schema of the standard, as OASIS publishes it.
    const STANDARD: &str = include_str!("../../tests/schemas/sarif-2.1.0.json");

    #[test]
    fn a_log_satisfies_the_schema_of_the_standard() {
        // It has a pattern with a bare bracket, which this validator calls no regular expression.
        let text = STANDARD.replace("{2}]?$", r"{2}\\]?$");
        let schema: Value = serde_json::from_str(&text).expect("JSON");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        for complete in [true, false] {
            let mut document = Document::of(&failing());
            document.complete = complete;
            let log: Value = serde_json::from_str(&render(&document)).expect("JSON");
            let faults: Vec<_> = validator.iter_errors(&log).map(|e| e.to_string()).collect();
            assert_eq!(faults, [""; 0]);
        }
        assert!(!validator.is_valid(&serde_json::json!({ "version": "2.0.0", "runs": [] })));
    }

    #[test]
    fn a_result_points_at_the_line_of_its_clause() {
        let document = Document::of(&failing());
        let log: Value = serde_json::from_str(&render(&document)).expect("JSON");
        let run = &log["runs"][0];
        let result = &run["results"][0];
        assert_eq!(result["ruleId"], "packet/layout");
        let place = &result["locations"][0]["physicalLocation"];
        let clause = &document.clauses["packet/layout"];
        assert_eq!(place["artifactLocation"]["uri"], clause.file.as_str());
        assert_eq!(place["region"]["startLine"], clause.line);
        assert_eq!(run["invocations"][0]["exitCode"], 3, "one case was broken");
        assert_eq!(run["results"].as_array().map(Vec::len), Some(2), "what passed is no result");
    }
}
