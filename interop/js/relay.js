/**
 * Chapter 6, relay: commands and events, written and read.
 *
 * Both readers work on what a packet held once it was opened. Every refusal of theirs is a drop:
 * no answer, and the session goes on.
 */

import { KEY_BYTES, ID_BYTES, NONCE_BYTES } from './primitives.js';
import { importIdentity } from './identity.js';
import { VERSION } from './frame.js';
import { concat, readUtf8 } from './bytes.js';
import { refuse } from './refusal.js';

export const HANDSHAKE_REQUEST = 0x01;
export const HANDSHAKE_OK = 0x02;
export const SUBSCRIBE = 0x40;
export const UNSUBSCRIBE = 0x41;
export const PEER_ONLINE = 0x42;
export const PEER_OFFLINE = 0x43;
export const INTRODUCE = 0x46;
export const INTRO_FROM = 0x47;
export const WAKE = 0x48;
export const PUSH_REGISTER = 0x49;
export const SERVER_PING = 0x4a;
export const NOTICE = 0x88;
export const ERROR = 0xff;

/** Codes of an ERROR. */
export const ID_IN_USE = 1;
export const BAD_VERSION = 2;
export const RECIPIENT_OFFLINE = 3;

/** Largest nickname in an INTRODUCE, largest push token, in bytes. */
export const NICKNAME_MAX = 1024;
const TOKEN_MAX = 4096;

// Commands, as a relay reads them

const COMMANDS = new Map([
  [SUBSCRIBE, (body) => ({ name: 'SUBSCRIBE', keys: readKeys(body) })],
  [UNSUBSCRIBE, (body) => ({ name: 'UNSUBSCRIBE', keys: readKeys(body) })],
  [INTRODUCE, readIntroduce],
  [WAKE, readWake],
  [PUSH_REGISTER, readPushRegister],
]);

/** What only a relay may send, and the hello's command, which has no place in an open session. */
const NOT_FROM_A_CLIENT = new Set([
  HANDSHAKE_REQUEST, HANDSHAKE_OK, PEER_ONLINE, PEER_OFFLINE, INTRO_FROM, SERVER_PING, NOTICE, ERROR,
]);

/** Reads a command: `{ name, … }`. */
export function readCommand(command, body) {
  if (NOT_FROM_A_CLIENT.has(command)) refuse('relay/direction');
  const read = COMMANDS.get(command) ?? refuse('relay/unknown-command');
  return read(body);
}

// Events, as a client reads them

const EVENTS = new Map([
  [HANDSHAKE_OK, readHandshakeOk],
  [PEER_ONLINE, (body) => ({ name: 'PEER_ONLINE', keys: readKeys(body) })],
  [PEER_OFFLINE, (body) => ({ name: 'PEER_OFFLINE', keys: readKeys(body) })],
  [INTRO_FROM, readIntroFrom],
  [WAKE, readWake],
  [PUSH_REGISTER, readPushForNotifier],
  [SERVER_PING, () => ({ name: 'SERVER_PING' })],
  [NOTICE, readNotice],
  [ERROR, readError],
]);

/** Reads an event: `{ name, … }`. */
export function readEvent(command, body) {
  const read = EVENTS.get(command) ?? refuse('relay/event-unknown');
  return read(body);
}

// Bodies

/** N keys, as strings of bytes: nobody imports them ([relay/subscribe-bytes]). */
function readKeys(body) {
  if (body.length % KEY_BYTES !== 0) refuse('relay/key-list');
  const keys = [];
  for (let at = 0; at < body.length; at += KEY_BYTES) keys.push(body.slice(at, at + KEY_BYTES));
  return keys;
}

/** Its nickname is bytes: a relay hands it on and does not judge UTF-8 ([relay/introduce]). */
function readIntroduce(body) {
  if (body.length < ID_BYTES) refuse('relay/introduce-length');
  const nickname = body.slice(ID_BYTES);
  if (nickname.length > NICKNAME_MAX) refuse('relay/introduce-nickname');
  return { name: 'INTRODUCE', target: body.slice(0, ID_BYTES), nickname };
}

/** The same at the relay and at the notifier; `kind` is null if it is absent. */
function readWake(body) {
  if (body.length < ID_BYTES) refuse('relay/wake');
  return { name: 'WAKE', target: body.slice(0, ID_BYTES), kind: body[ID_BYTES] ?? null };
}

function readPushRegister(body) {
  if (body.length < 1) refuse('relay/push-register');
  const token = body.slice(1);
  if (token.length > TOKEN_MAX) refuse('relay/push-token');
  return { name: 'PUSH_REGISTER', kind: body[0], token };
}

/** The relay's limit of the token does not bind its reader. */
function readPushForNotifier(body) {
  if (body.length < ID_BYTES + 1) refuse('relay/push-register');
  return {
    name: 'PUSH_REGISTER',
    sender: body.slice(0, ID_BYTES),
    kind: body[ID_BYTES],
    token: body.slice(ID_BYTES + 1),
  };
}

function readHandshakeOk(body) {
  if (body[0] !== VERSION) refuse('handshake/reply-version');
  return { name: 'HANDSHAKE_OK', version: body[0] };
}

function readIntroFrom(body) {
  if (body.length < 2 * KEY_BYTES) refuse('relay/intro-from');
  const nickname = readUtf8(body.subarray(2 * KEY_BYTES)) ?? refuse('relay/intro-from');
  const identity = importIdentity(body.slice(0, KEY_BYTES), body.slice(KEY_BYTES, 2 * KEY_BYTES));
  return { name: 'INTRO_FROM', identity, nickname };
}

function readNotice(body) {
  return { name: 'NOTICE', text: readUtf8(body) ?? refuse('relay/notice') };
}

/** Bytes after the detail are ignored; so is a code of another time, by whoever acts on it. */
function readError(body) {
  if (body.length < 1) refuse('relay/error');
  const code = body[0];
  const detail = body.subarray(1);
  switch (code) {
    case BAD_VERSION:
      if (detail.length < 1) refuse('relay/error');
      return { name: 'ERROR', code, supported: detail[0] };
    case RECIPIENT_OFFLINE:
      if (detail.length < ID_BYTES + NONCE_BYTES) refuse('relay/error');
      return {
        name: 'ERROR',
        code,
        target: detail.slice(0, ID_BYTES),
        nonce: detail.slice(ID_BYTES, ID_BYTES + NONCE_BYTES),
      };
    default:
      return { name: 'ERROR', code };
  }
}

// What a client writes

/** A SUBSCRIBE of X25519 keys. */
export function subscribe(keys) {
  return { command: SUBSCRIBE, body: concat(...keys) };
}

/** An INTRODUCE to an id; the nickname is UTF-8. */
export function introduce(target, nickname) {
  return { command: INTRODUCE, body: concat(target, nickname) };
}
