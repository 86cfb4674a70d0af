"""Public validators accept what the suite writes for programs: `accept.py FOLDER`, which make.mjs
has filled.

JSON against the schema that the suite prints, SARIF against that of OASIS, JUnit against that of
the xUnit plugin of Jenkins; and a parser of build servers counts what the JSON counts.
"""

import json, pathlib, sys

import jsonschema, junitparser, xmlschema

folder = pathlib.Path(sys.argv[1])
schemas = pathlib.Path(__file__).parent.parent / "schemas"
faults = []


def read(path):
    return json.loads(path.read_text("utf-8"))


def validator(path):
    schema = read(path)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def refusals(schema, path):
    return [f"{path.name}: {fault.json_path}: {fault.message}"[:300] for fault in schema.iter_errors(read(path))]


ours, sarif = validator(folder / "report.schema.json"), validator(schemas / "sarif-2.1.0.json")
junit = xmlschema.XMLSchema(schemas / "junit-10.xsd", allow="local")

for name in ["passing", "failing", "relay", "known", "interrupted"]:
    told, log, xml = (folder / f"{name}.{form}" for form in ["json", "sarif", "xml"])
    faults += refusals(ours, told) + refusals(sarif, log)
    faults += [f"{xml.name}: {fault.path}: {fault.reason}" for fault in junit.iter_errors(xml)]
    document = read(told)
    totals = document["totals"]
    bad = totals["fail"] + totals["crash"] + totals["unproven"]
    # A run that did not come to its end is one error more: itself.
    due = [bad, int(not document["complete"])]
    due.append(sum(totals.values()) + due[1])
    suites = junitparser.JUnitXml.fromfile(str(xml))
    counted = [sum(suite.failures for suite in suites), sum(suite.errors for suite in suites),
               sum(suite.tests for suite in suites)]
    if counted != due:
        faults.append(f"{xml.name}: failures, errors and tests are {counted}, not {due}")
    results = read(log)["runs"][0]["results"]
    if len(results) < bad:
        faults.append(f"{log.name}: {len(results)} results for {bad} failures")

# A validator that accepts everything proves nothing.
if ours.is_valid({}) or sarif.is_valid({"version": "2.0.0", "runs": []}) or junit.is_valid("<testsuites x='1'/>"):
    faults.append("a validator accepts what it must refuse")

print(*faults, sep="\n", end="\n" if faults else "")
sys.exit(bool(faults))
