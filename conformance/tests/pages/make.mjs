// Makes what the tests look at: `node make.mjs SUITE FOLDER`. A run that ends in another way than
// it should ends this too.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const [suite, folder] = process.argv.slice(2);
const CONFORMS = 0;
const FAILS = 1;
const BROKEN = 3;
/// A variable of the environment that a run hands on to all that it starts.
const MARK = `SEALWIRE_PAGES=${process.pid}`;

const at = name => `${folder}/${name}`;
const reports = name => ["html", "json", "xml", "sarif"].flatMap(form => ["--report", at(`${name}.${form}`)]);

/// Runs the suite, which must end with this code, and gives what it said.
const run = (code, ...options) => {
  const { status, stdout, stderr } = spawnSync(suite, options, { encoding: "utf8" });
  assert.equal(status, code, `sealwire ${options.join(" ")}\n${stdout.slice(-2000)}${stderr}`);
  return stdout;
};

/// The adapter of the guide with one fault: the blocks of its keystream are counted from 1.
const faulty = () => {
  const [, program] = run(CONFORMS, "spec", "testing").match(/^```python\n(.*?)^```$/ms);
  const wrong = program.replace("block(key, 0, ", "block(key, 1, ");
  assert.notEqual(wrong, program, "the guide's adapter has changed: where does its keystream begin?");
  writeFileSync(at("adapter.py"), wrong);
  return ["--", "python3", at("adapter.py")];
};

/// Some of its failures, which stand on a list.
const judgeByList = adapter => {
  const list = at("known.toml");
  const options = ["adapter", "--only", "frame/header-to", "--name", "on a list", "--known", list];
  run(FAILS, ...options, "--fix", ...adapter);
  const filled = readFileSync(list, "utf8").replaceAll(/^(reason|issue) = ""$/gm, '$1 = "counts from one"');
  writeFileSync(list, filled);
  run(CONFORMS, ...options, ...reports("known"), ...adapter);
};

/// A relay with two faults, judged while it lives.
const judgeRelay = async () => {
  const faults = ["buffers-first", "closes-on-short"].flatMap(fault => ["--fault", fault]);
  const relay = spawn(suite, ["twin-relay", ...faults], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = await createInterface(relay.stdout)[Symbol.asyncIterator]().next().then(it => [it.value]);
    const { listening, x25519, ed25519 } = JSON.parse(line);
    const who = ["--url", listening, "--x25519", x25519, "--ed25519", ed25519];
    run(FAILS, "relay", ...who, "--only", "frame", "--name", "a relay with two faults", ...reports("relay"));
  } finally {
    relay.kill();
  }
};

/// The processes of the run that is interrupted.
const marked = () => readdirSync("/proc").filter(name => {
  try {
    return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, "latin1").split("\0").includes(MARK);
  } catch {
    return false; // It has ended in between.
  }
});

/// A run that is interrupted among its live cases, from a terminal: that signals the whole group.
const interrupt = async () => {
  const [name, value] = MARK.split("=");
  const env = { ...process.env, [name]: value };
  const judge = spawn(suite, ["check", "--quiet", ...reports("interrupted")], { env, detached: true, stdio: "ignore" });
  const ended = new Promise(resolve => judge.on("exit", resolve));
  const deadline = Date.now() + 60_000;
  while (marked().length < 3 && Date.now() < deadline) await sleep(50);
  assert.ok(marked().length >= 3, "the run and its two relays");
  await sleep(1000);
  process.kill(-judge.pid, "SIGINT");
  assert.equal(await ended, BROKEN);
  assert.deepEqual(marked(), [], "an interrupted run leaves processes behind");
};

run(CONFORMS, "adapter", "--only", "packet", ...reports("passing"), "--", suite, "reference-client", "adapter");
const adapter = faulty();
run(FAILS, "adapter", "--name", "counts from one", ...reports("failing"), ...adapter);
judgeByList(adapter);
await judgeRelay();
await interrupt();
const told = ["passing", "failing", "relay", "known"].map(name => at(`${name}.json`));
run(CONFORMS, "matrix", ...told, "--html", at("matrix.html"), "--badge", at("badge.svg"));
run(CONFORMS, "spec", "--html", at("spec"));
writeFileSync(at("report.schema.json"), run(CONFORMS, "schema", "report"));
