/** Chapter 2, identity: keys and ids, invites, contact types, safety numbers. */

import {
  CONTEXT_SAFETY_NUMBER, ID_BYTES, KEY_BYTES,
  derive, importEd25519, importX25519, publicBytes, randomBytes, secretKey, sign, x25519,
} from './primitives.js';
import { concat, equal, readUtf8, writeUtf8 } from './bytes.js';
import { refuse } from './refusal.js';

/** The id that means "the relay". */
export const RELAY_ID = new Uint8Array(ID_BYTES);

const INVITE_PREFIX = 'K0';
/** What the writer of an invite, and what its reader, takes as a nickname, in bytes. */
const NICKNAME_WRITTEN = 64;
const NICKNAME_READ = 1024;
/** U+241F stands between name and contact type. */
const SEPARATOR = '\u241f';

/** Who somebody is for others: two keys that were imported, by whoever calls the constructor. */
export class PublicIdentity {
  constructor(x25519, ed25519) {
    this.x25519 = x25519;
    this.ed25519 = ed25519;
  }

  /** What the network calls it ([identity/id]). Two keys with one id are two peers ([identity/full-key]). */
  get id() {
    return idOf(this.x25519);
  }

  get bytes() {
    return concat(this.x25519, this.ed25519);
  }

  equals(other) {
    return equal(this.bytes, other.bytes);
  }
}

/** Imports a public identity: P1 for the one key, then S1 a and b for the other. */
export function importIdentity(x25519, ed25519) {
  return new PublicIdentity(importX25519(x25519), importEd25519(ed25519));
}

/** The first eight bytes of an imported X25519 key, as sent. */
export function idOf(x25519Key) {
  return x25519Key.slice(0, ID_BYTES);
}

/**
 * Who holds the seeds. Neither seed nor any key object can be read from outside, so none shows up
 * in a log by accident.
 */
export class Identity {
  #agreement;
  #signing;

  /** Two independent seeds of 32 bytes; the public keys are recomputed ([identity/seeds]). */
  constructor(x25519Seed, ed25519Seed) {
    if (x25519Seed.length !== KEY_BYTES || ed25519Seed.length !== KEY_BYTES) refuse('identity/seeds');
    this.#agreement = secretKey('x25519', x25519Seed);
    this.#signing = secretKey('ed25519', ed25519Seed);
    this.x25519 = publicBytes(this.#agreement);
    this.ed25519 = publicBytes(this.#signing);
    this.id = idOf(this.x25519);
  }

  static random() {
    return new Identity(randomBytes(KEY_BYTES), randomBytes(KEY_BYTES));
  }

  /** The raw X25519 output with somebody's imported key: S, or a pair key ([packet/key]). */
  agree(x25519Key) {
    return x25519(this.#agreement, x25519Key);
  }

  sign(message) {
    return sign(this.#signing, message);
  }
}

// Invite

/** The bytes that an invite spells in base64url. */
export function invitePayload(identity, nickname) {
  const name = writeUtf8(nickname);
  // Not text at all: there is no UTF-8 of a lone surrogate.
  if (name === undefined) refuse('identity/invite');
  if (name.length > NICKNAME_WRITTEN) refuse('identity/invite-nickname');
  return concat(identity.bytes, name);
}

/** Writes the invite of a PublicIdentity. The contact type, if there is one, stands in the nickname. */
export function writeInvite(identity, nickname = '') {
  return INVITE_PREFIX + Buffer.from(invitePayload(identity, nickname)).toString('base64url');
}

/** Reads an invite, or a URL that carries one: `{ identity, name, contactType }`. */
export function readInvite(text) {
  // Only ASCII white space: trim() of JavaScript would take away much more ([identity/invite-trim]).
  let code = text.replace(/^[\t\n\f\r ]+/, '').replace(/[\t\n\f\r ]+$/, '');
  if (code.includes('://')) code = codeInUrl(code);

  if (!code.startsWith(INVITE_PREFIX)) refuse('identity/invite-prefix');
  const payload = readBase64url(code.slice(INVITE_PREFIX.length));
  if (payload.length < 2 * KEY_BYTES) refuse('identity/invite-length');
  const nicknameBytes = payload.subarray(2 * KEY_BYTES);
  if (nicknameBytes.length > NICKNAME_READ) refuse('identity/invite-nickname-read');
  const nickname = readUtf8(nicknameBytes);
  if (nickname === undefined) refuse('identity/invite-utf8');

  const identity = importIdentity(
    payload.slice(0, KEY_BYTES), payload.slice(KEY_BYTES, 2 * KEY_BYTES),
  );
  return { identity, ...splitNickname(nickname) };
}

/**
 * Where the code stands in a URL ([identity/invite-url]). The class URL of the platform is of no
 * use here: it normalises and decodes, and an invite needs neither.
 */
function codeInUrl(url) {
  const [beforeFragment, fragment] = cut(url, '#');
  const [, query] = cut(beforeFragment, '?');
  const code = firstPeer(query) ?? firstPeer(fragment);
  if (code !== undefined) return code;
  if (fragment.startsWith(INVITE_PREFIX)) return fragment;
  refuse('identity/invite-url');
}

function cut(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function firstPeer(list) {
  const found = list.split('&').find((part) => part.startsWith('peer='));
  return found?.slice('peer='.length);
}

/**
 * Strict base64url. The decoder of Node is lenient in every way that matters (foreign characters,
 * padding, the other alphabet, odd lengths, unused bits); but only the one text that it would
 * write itself comes back equal.
 */
function readBase64url(text) {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) refuse('identity/invite-encoding');
  return new Uint8Array(bytes);
}

/** Name and contact type of a nickname; the type is null if there is none ([identity/contact-type]). */
export function splitNickname(nickname) {
  const at = nickname.lastIndexOf(SEPARATOR);
  if (at < 0) return { name: nickname, contactType: null };
  return { name: nickname.slice(0, at), contactType: nickname.slice(at + 1) };
}

// Safety number

/** The twelve groups of five digits of two PublicIdentities, whoever computes ([identity/safety-number]). */
export function safetyNumber(one, other) {
  const material = concat(...[one.bytes, other.bytes].sort(Buffer.compare));
  const stream = derive(CONTEXT_SAFETY_NUMBER, material, 60);
  const groups = [];
  for (let at = 0; at < stream.length; at += 5) {
    // Forty bits fit a double exactly.
    const number = stream.subarray(at, at + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    groups.push(String(number % 100_000).padStart(5, '0'));
  }
  return groups.join(' ');
}
