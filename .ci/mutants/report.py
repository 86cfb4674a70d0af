"""What came of the planted faults: kept run by run, told as the tables of docs/mutation.md.

note RUN             keeps the outcomes of target/mutation/RUN
survivors RUN AFTER  lets `AFTER` plant nothing but what `RUN` missed
missed RUN           fails if the last `RUN` has faults that nothing noticed
(no argument)        writes the tables
"""

import datetime
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tomllib
from collections import Counter

RUNS = pathlib.Path("target/mutation")
PAGE = pathlib.Path("docs/mutation.md")
# What no test can notice, each with its reason.
EQUIVALENT = tomllib.loads(pathlib.Path(".ci/mutants/equivalent.toml").read_text())["equivalent"]
# Judges who follow one another, by the names of their runs, and what the tables call them.
WIRE = {"vectors": "the vectors", "own": "its own tests"}
SILENT = {"silent": "its own tests"}
RELAY = {"relay": "its unit tests", "days": "its laws and its simulation"}
# A loop without end is noticed by whoever waits.
OUTCOMES = {"CaughtMutant": "caught", "Timeout": "caught", "MissedMutant": "missed",
            "Unviable": "unviable"}


def outcomes(run):
    """The faults of a run by name, each with what came of it and its seconds."""
    written = RUNS / run / "mutants.out/outcomes.json"
    # Without a fault to plant nothing is written.
    for one in json.loads(written.read_text())["outcomes"] if written.exists() else []:
        if one["scenario"] != "Baseline":
            seconds = sum(phase["duration"] for phase in one["phase_results"])
            name = one["scenario"]["Mutant"]["name"]
            yield name, {"outcome": OUTCOMES[one["summary"]], "seconds": seconds}


def kept(run):
    """All that is known of a run that may have been made in pieces."""
    ledger = RUNS / f"{run}.json"
    return json.loads(ledger.read_text()) if ledger.exists() else {}


def note(run):
    ledger = kept(run) | dict(outcomes(run))
    (RUNS / f"{run}.json").write_text(json.dumps(ledger, indent=1))


def planted(run):
    """The names of all faults that a run plants if nothing is chosen."""
    run = run.removeprefix("diff-")
    package = "sealwire-relay" if run in RELAY else "sealwire"
    config = ".cargo/mutants.toml" if run == "vectors" else f".cargo/mutants-{run}.toml"
    command = ["cargo", "mutants", "--list", "--json", "--package", package, "--config", config]
    listed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return [mutant["name"] for mutant in json.loads(listed)]


def survivors(run, after):
    """`cargo mutants --iterate` skips what was caught before: all but the missed ones."""
    found = kept(run)
    skipped = [name for name in planted(run) if found.get(name, {}).get("outcome") != "missed"]
    out = RUNS / after / "mutants.out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for list_of in ["caught", "unviable"]:
        (out / f"{list_of}.txt").write_text("")
    (out / "previously_caught.txt").write_text("".join(f"{name}\n" for name in skipped))


def place(name):
    """File, line and mutation of `FILE:LINE:COLUMN: MUTATION`."""
    file, line, _, mutation = name.split(":", 3)
    return file, int(line), mutation.strip()


def reason(name):
    """Why nothing can notice this one, if that is known: by the text of its line, not its number."""
    file, line, mutation = place(name)
    source = pathlib.Path(file).read_text().splitlines()[line - 1].strip()
    for one in EQUIVALENT:
        if (one["file"], one["mutation"], one["line"]) == (file, mutation, source):
            return one["why"]
    return None


def missed(run):
    """Fails if something of the last run was missed that something could notice."""
    names = [name for name, found in outcomes(run)
             if found["outcome"] == "missed" and not reason(name)]
    if names:
        sys.exit("\n".join(["nothing notices:", *names]))


def verdict(name, judges):
    """What came of one fault before judges who follow one another."""
    for judge in judges:
        outcome = kept(judge).get(name, {}).get("outcome", "not run")
        if outcome == "caught":
            return judge
        if outcome != "missed":
            return outcome
    return "equivalent" if reason(name) else "missed"


def area(name, root):
    """The first folder or file under `root`."""
    return place(name)[0].removeprefix(root).split("/")[0].removesuffix(".rs")


def table(verdicts, root, judges):
    """A row for each area and one for all; `judges` maps runs to the heads of their columns."""
    columns = ["unviable", *judges, "missed", "equivalent"]
    if "not run" in verdicts.values():
        columns.append("not run")
    areas = {}
    for name, one in verdicts.items():
        areas.setdefault(area(name, root), Counter())[one] += 1
    rows = sorted(areas.items()) + [("all", sum(areas.values(), Counter()))]
    heads = [judges.get(column, column) for column in columns]
    lines = [f"| area | mutants | {' | '.join(heads)} |", "|---|" + "---:|" * (len(heads) + 1)]
    for label, counts in rows:
        figures = [counts.total(), *(counts[column] for column in columns)]
        lines.append(f"| {label} | " + " | ".join(map(str, figures)) + " |")
    return lines


def score(verdicts, judges):
    """The share of viable faults that each judge and all together notice."""
    counts = Counter(verdicts.values())
    viable = counts.total() - counts["unviable"] - counts["equivalent"] - counts["not run"]
    share = lambda n: f"{n} of {viable} ({100 * n / viable:.1f} %)" if viable else "none"
    said = [f"{head}: {share(counts[judge])}" for judge, head in judges.items()]
    if len(judges) > 1:
        said.append(f"in sum: {share(sum(counts[judge] for judge in judges))}")
    return "; ".join(said) + "."


def section(title, root, judges):
    first = next(iter(judges))
    verdicts = {name: verdict(name, judges) for name in planted(first)}
    lines = [f"## {title}", "", *table(verdicts, root, judges), "",
             "Noticed among the viable that are not equivalent: " + score(verdicts, judges)]
    seconds = [one["seconds"] for one in kept(first).values()]
    if seconds:
        lines.append(f"One costs {statistics.median(seconds):.1f} seconds in the median.")
    for which in ["missed", "equivalent"]:
        names = [name for name, one in verdicts.items() if one == which]
        if names:
            lines += ["", *told(which, names)]
    return [*lines, ""]


def told(which, names):
    """A table of the faults of one kind."""
    cell = lambda text: text.replace("|", "\\|")
    head = ["| equivalent | mutation | why nothing can notice it |", "|---|---|---|"]
    if which == "missed":
        head = ["| missed | mutation |", "|---|---|"]
    rows = []
    for name in names:
        file, line, mutation = place(name)
        why = f" {cell(reason(name))} |" if which == "equivalent" else ""
        rows.append(f"| `{file}:{line}` | `{cell(mutation)}` |{why}")
    return [*head, *rows]


def write():
    """Puts date, commit and tables between the marks of the page."""
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    lines = [f"{datetime.date.today()}, commit {commit}, cargo-mutants 27.1.0.", ""]
    lines += section("The protocol crate", "wire/src/", WIRE)
    lines += section("What the protocol crate prints and erases", "wire/src/", SILENT)
    lines += section("The core of the reference relay", "reference-relay/src/exchange/", RELAY)
    begin, end = "<!-- figures -->\n", "<!-- end of figures -->"
    before, rest = PAGE.read_text().split(begin)
    after = rest.split(end)[1]
    PAGE.write_text(before + begin + "\n" + "\n".join(lines) + "\n" + end + after)


if __name__ == "__main__":
    commands = {"note": note, "survivors": survivors, "missed": missed}
    match sys.argv[1:]:
        case [command, *rest] if command in commands:
            commands[command](*rest)
        case []:
            write()
        case _:
            sys.exit(__doc__)
