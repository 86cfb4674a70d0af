/**
 * The adapter: runs the operations of the vectors for the suite, over lines of JSON on stdin and
 * stdout (version 1 of the adapter protocol).
 *
 *     sealwire adapter -- node interop/js/adapter.js
 */

import { readFileSync } from 'node:fs';

import { fromHex, toHex } from './bytes.js';
import { lines, parseObject, writeLine } from './lines.js';
import { operations } from './operations.js';
import { Refusal } from './refusal.js';

const { name, version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** Members of an input that are text; every other string is hex. */
const TEXTS = new Set(['context', 'invite', 'nickname']);

const HELLO = {
  type: 'hello',
  name,
  version,
  language: 'JavaScript',
  homepage: '',
  profiles: ['wire-2'],
  ops: [...operations.keys()],
  // Nothing is opened in place here, so there is never anything `released`.
  features: ['steps'],
  aliases: {},
};

function decode(input) {
  const entries = Object.entries(input).map(([member, value]) => (
    [member, typeof value === 'string' && !TEXTS.has(member) ? fromHex(value) : value]
  ));
  return Object.fromEntries(entries);
}

function encode(value) {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([member, part]) => [member, encode(part)]));
}

/** The answer to one `run`. */
function run({ seq, op, input }) {
  const operation = operations.get(op);
  if (operation === undefined) return { type: 'unsupported', seq, feature: String(op) };
  try {
    const steps = {};
    const output = operation(decode(input), steps);
    return { type: 'ok', seq, output: encode(output), steps: encode(steps) };
  } catch (error) {
    if (error instanceof Refusal) return { type: 'reject', seq, class: error.class, clause: error.clause };
    // Of other errors only the kind goes out: a message may quote what it was about.
    return { type: 'error', seq, message: error instanceof Error ? error.name : 'failed' };
  }
}

for await (const line of lines(process.stdin)) {
  const request = parseObject(line);
  if (request?.type === 'hello') writeLine(process.stdout, HELLO);
  else if (request?.type === 'run') writeLine(process.stdout, run(request));
  else if (request?.type === 'bye') break;
  else console.error('adapter: a line that is no request');
}
