/**
 * Chapter 1, primitives: which primitive does what, and what is refused where the documents of
 * the primitives leave a choice.
 *
 * X25519 and Ed25519 are those of node:crypto: OpenSSL handles a secret scalar in constant time,
 * and arithmetic with BigInt does not. The import checks ask for points, which node:crypto does
 * not have; they work on public keys, with @noble/curves. Sealing, masks and derivation are those
 * of @noble/ciphers and @noble/hashes, which have the long nonce and BLAKE3, and no branch or
 * table index that depends on a secret.
 */

import * as crypto from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { chacha20, xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { blake3 } from '@noble/hashes/blake3.js';

import { equal, isZero, writeUtf8 } from './bytes.js';
import { refuse } from './refusal.js';

export const KEY_BYTES = 32;
export const NONCE_BYTES = 24;
export const TAG_BYTES = 16;
export const SIGNATURE_BYTES = 64;
export const ID_BYTES = 8;

/** The registered context strings ([primitives/context]): literals of the format. */
export const CONTEXT_C2S = 'ws.lleo.me v2 route c2s';
export const CONTEXT_S2C = 'ws.lleo.me v2 route s2c';
export const CONTEXT_SAFETY_NUMBER = 'sealwire 2026-11-21 v2 safety-number';

const CONTEXTS = new Set([CONTEXT_C2S, CONTEXT_S2C, CONTEXT_SAFETY_NUMBER]);

const { Point } = ed25519;
const { Fp } = Point;
/** Coefficient of u² in the curve of X25519. */
const A = 486662n;
/** The encoding of the neutral element of Ed25519: y = 1. */
const NEUTRAL = Uint8Array.of(1, ...new Uint8Array(31));

/** Fresh bytes from the random source of the system; it throws if there is none. */
export function randomBytes(length) {
  return new Uint8Array(crypto.randomBytes(length));
}

function expectLength(bytes, length, what) {
  if (bytes.length !== length) throw new RangeError(`${what} has ${length} bytes`);
}

function littleEndian(bytes) {
  let number = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) number = (number << 8n) | BigInt(bytes[i]);
  return number;
}

// Key objects. Node takes bare bytes in the forms of RFC 8410: a constant, then the 32 bytes.

const PKCS8 = { x25519: '302e020100300506032b656e04220420', ed25519: '302e020100300506032b657004220420' };
const SPKI = { x25519: '302a300506032b656e032100', ed25519: '302a300506032b6570032100' };

/**
 * The key object of a seed, `kind` being 'x25519' or 'ed25519'. There is no public half in it:
 * OpenSSL recomputes that from the seed ([identity/seeds], [primitives/ed25519-sign]).
 */
export function secretKey(kind, seed) {
  expectLength(seed, KEY_BYTES, 'a seed');
  const der = Buffer.concat([Buffer.from(PKCS8[kind], 'hex'), seed]);
  const key = crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  return key;
}

function publicKey(kind, bytes) {
  expectLength(bytes, KEY_BYTES, 'a public key');
  const der = Buffer.concat([Buffer.from(SPKI[kind], 'hex'), bytes]);
  return crypto.createPublicKey({ key: der, format: 'der', type: 'spki' });
}

/** The public half, 32 bytes, of a secret key object. */
export function publicBytes(secret) {
  const der = crypto.createPublicKey(secret).export({ format: 'der', type: 'spki' });
  return new Uint8Array(der.subarray(der.length - KEY_BYTES));
}

// X25519

/**
 * X25519 of RFC 7748: a secret key object and any 32 bytes. The output is raw; one of 32 zero
 * bytes is refused, here and so everywhere ([primitives/x25519-contributory]).
 */
export function x25519(secret, key) {
  const other = publicKey('x25519', key);
  let shared;
  try {
    shared = new Uint8Array(crypto.diffieHellman({ privateKey: secret, publicKey: other }));
  } catch {
    // With a key of each side in place an output of zeros is all that OpenSSL itself refuses.
    refuse('primitives/x25519-contributory');
  }
  if (isZero(shared)) refuse('primitives/x25519-contributory');
  return shared;
}

/** Import of an X25519 public key, P1. */
export function importX25519(key) {
  importX25519Form(key);
  return importX25519Point(key);
}

/** P1, steps a to c, which cost nothing. */
export function importX25519Form(key) {
  expectLength(key, KEY_BYTES, 'an X25519 key');
  if ((key[31] & 0x80) !== 0) refuse('primitives/x25519-high-bit');
  if (littleEndian(key) >= Fp.ORDER) refuse('primitives/x25519-canonical');
  if (isZero(key.subarray(0, ID_BYTES))) refuse('identity/zero-id');
}

/**
 * P1, steps d and e, for a key that passed a to c.
 *
 * Clamped secrets are multiples of 8, so seven other strings beside each honest key give the same
 * secret under another id. Step e sees them; nothing later would.
 */
export function importX25519Point(key) {
  const u = littleEndian(key);

  // w = u³ + A·u² + u; by Euler's criterion w^((p−1)/2) is −1 exactly for a point of the twist.
  const w = Fp.mul(u, Fp.add(Fp.mul(u, Fp.add(u, A)), 1n));
  if (Fp.pow(w, (Fp.ORDER - 1n) / 2n) === Fp.ORDER - 1n) refuse('primitives/x25519-on-curve');

  // y = (u − 1)/(u + 1). The encoding of y with sign bit 0 decodes to one of the two points; which
  // one does not matter. u + 1 is not zero: p − 1 is on the twist.
  const y = Fp.div(Fp.sub(u, 1n), Fp.add(u, 1n));
  if (!Point.fromBytes(Fp.toBytes(y)).isTorsionFree()) refuse('primitives/x25519-order');
  return key;
}

// Ed25519

/** Import of an Ed25519 public key, S1 a and b. */
export function importEd25519(key) {
  const point = decodePoint(key) ?? refuse('primitives/ed25519-key-encoding');
  // The neutral element passes the second test, and is refused by the first.
  if (point.is0() || !point.isTorsionFree()) refuse('primitives/ed25519-key-order');
  return key;
}

/** A point by RFC 8032, section 5.1.3, or `undefined`; only its one canonical encoding decodes. */
function decodePoint(bytes) {
  if (bytes.length !== KEY_BYTES) return undefined;
  try {
    const point = Point.fromBytes(bytes);
    return equal(point.toBytes(), bytes) ? point : undefined;
  } catch {
    return undefined;
  }
}

/** Pure Ed25519 with a secret key object; no public half is taken from outside. */
export function sign(secret, message) {
  return new Uint8Array(crypto.sign(null, message, secret));
}

/**
 * S1 c. `key` is an imported key, and that matters: [S]B − [k]A is then a point of the subgroup of
 * prime order, and the only one of small order among them is the neutral element.
 *
 * OpenSSL is the simple verifier of chapter 1: it refuses S ≥ ℓ, computes [S]B − [k]A without a
 * cofactor, encodes it, and compares 32 bytes with R, so an R in a second encoding fails. It
 * accepts an R of small order; that check is ours. (@noble/curves follows ZIP 215 by default.)
 */
export function verify(key, message, signature) {
  const holds = signature.length === SIGNATURE_BYTES
    && !equal(signature.subarray(0, KEY_BYTES), NEUTRAL)
    && crypto.verify(null, message, publicKey('ed25519', key), signature);
  if (!holds) refuse('primitives/ed25519-signature');
}

// Sealing

/** XChaCha20-Poly1305 without associated data: ciphertext ‖ tag ([primitives/aead]). */
export function seal(key, nonce, plaintext) {
  return xchacha20poly1305(key, nonce).encrypt(plaintext);
}

/**
 * Opens what `seal` made. The library computes the tag first, compares it in constant time, and
 * decrypts into a buffer of its own: of a refused string nothing is released.
 */
export function open(key, nonce, sealed) {
  if (sealed.length < TAG_BYTES) refuse('primitives/aead');
  expectLength(key, KEY_BYTES, 'a key');
  expectLength(nonce, NONCE_BYTES, 'a nonce');
  try {
    return xchacha20poly1305(key, nonce).decrypt(sealed);
  } catch {
    refuse('primitives/aead');
  }
}

/** The first `length` bytes of the ChaCha20 keystream of RFC 8439, block counter 0. */
export function keystream(key, nonce12, length) {
  return chacha20(key, nonce12, new Uint8Array(length), undefined, 0);
}

// Derivation

/** BLAKE3 derive_key under a registered context string, and under no other. */
export function derive(context, material, length = KEY_BYTES) {
  if (!CONTEXTS.has(context)) refuse('primitives/context');
  return blake3(material, { context: writeUtf8(context), dkLen: length });
}
