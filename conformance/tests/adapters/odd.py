"""Adapters that are wrong on purpose: the first argument says how, the second is the schema.

Null testees know nothing of the protocol's contents and must score zero; broken ones do not keep
the lines, and are never taken for an implementation that refuses.
"""

import json, os, sys, time

how, schema = sys.argv[1], json.load(open(sys.argv[2]))["$defs"]
OPS = schema["op"]["enum"]
CLASSES = schema["class"]["enum"]


def say(line):
    print(json.dumps(line), flush=True)


def filler(op):
    """An output of the right shape that says nothing."""
    shape = schema["output." + op]
    if "$ref" in shape:
        return {"name": "SERVER_PING"}
    kinds = {"integer": 2, "string": "", None: ""}
    return {name: kinds.get(value.get("type") if isinstance(value.get("type"), str) else None)
            for name, value in shape["properties"].items()}


def echo(op, given):
    """What came in, as far as the shape has room for it, and filler elsewhere."""
    return {name: given.get(name, empty) for name, empty in filler(op).items()}


def refusal(seq):
    return {"type": "reject", "seq": seq, "class": "authentic"}


def answer(seq, op, given):
    ok = {"type": "ok", "seq": seq, "output": filler(op)}
    if how == "refuse-all":
        say(refusal(seq))
    elif how == "echo":
        say({**ok, "output": echo(op, given)})
    elif how == "silent":
        time.sleep(60)
    elif how == "late":
        time.sleep(0.2)
        say(ok)
    elif how == "crashing":
        sys.exit("no such thing")
    elif how == "wrong-seq":
        say({**ok, "seq": seq + 1})
    elif how == "two-answers":
        say(ok)
        say(ok)
    elif how == "not-json":
        print("fine, thanks", flush=True)
    elif how == "not-text":
        os.write(1, b"\xff\xfe\n")
    elif how == "endless-line":
        os.write(1, b'"' + b"a" * (17 << 20))
        time.sleep(60)
    elif how == "wrong-class":
        say({"type": "reject", "seq": seq, "class": "broken"})
    elif how == "failing":
        say({"type": "error", "seq": seq, "message": "out of order"})
    elif how == "fickle":
        say({**ok, "output": {**filler(op), **{k: f"{seq:04x}" for k in ("mask", "shared", "key")
                                               if k in filler(op)}}})
    else:
        say(ok)


def main():
    hello = {"type": "hello", "name": how, "version": "0", "language": "Python", "homepage": "",
             "profiles": ["wire-2"], "ops": OPS, "features": [], "aliases": {}}
    if how == "refuse-all":
        hello["aliases"] = {due: ["authentic"] for due in CLASSES if due != "authentic"}
    if how == "no-hello":
        hello["ops"] = ["frame.musk"]
    for line in sys.stdin:
        line = json.loads(line)
        if line["type"] == "hello":
            say(hello)
        elif line["type"] == "bye":
            if how == "no-goodbye":
                time.sleep(60)
            return
        elif line["op"] not in OPS and how != "accept-anything":
            say({"type": "unsupported", "seq": line["seq"], "feature": line["op"]})
        elif line["op"] not in OPS:
            say({"type": "ok", "seq": line["seq"], "output": {}})
        else:
            answer(line["seq"], line["op"], line["input"])


main()
