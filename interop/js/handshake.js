/** Chapter 5, handshake: the hello, the reply, and how long a client waits before it comes back. */

import {
  KEY_BYTES, SIGNATURE_BYTES, TAG_BYTES, NONCE_BYTES,
  importEd25519, importX25519Form, importX25519Point, open, verify,
} from './primitives.js';
import { PublicIdentity } from './identity.js';
import { packetParts, readInner, sealPacket } from './packet.js';
import { VERSION, linkKeys, readRelayFrame, writeRelayFrame } from './frame.js';
import {
  BAD_VERSION, ERROR, HANDSHAKE_OK, HANDSHAKE_REQUEST, ID_IN_USE, readEvent,
} from './relay.js';
import { concat } from './bytes.js';
import { refuse, refuseAs } from './refusal.js';

/** Message id, command, Ed25519 key, version: the inner part of a hello. */
const INNER_BYTES = 3 + KEY_BYTES + 1;
export const HELLO_MIN = KEY_BYTES + NONCE_BYTES + INNER_BYTES + TAG_BYTES + SIGNATURE_BYTES;
/** The largest message that a relay takes before it has accepted a hello ([frame/before-hello]). */
const HELLO_MAX = 4096;

/** Silence on a connection after which a client gives it up, in ms ([handshake/silence]). */
export const SILENCE = 60_000;

// Hello

/**
 * The client's hello: its X25519 key in clear, and a packet under S without a frame's header. The
 * relay's key stands in the client's configuration, and was imported from there.
 */
export function writeHello(client, relayX25519, nonce) {
  const shared = client.agree(relayX25519);
  const body = concat(client.ed25519, [VERSION]);
  return concat(client.x25519, sealPacket(client, shared, { command: HANDSHAKE_REQUEST, body }, nonce));
}

/**
 * The relay's order on a hello, up to the version: the PublicIdentity of the client and the keys
 * of its link. The only place where a seal is opened before its signature is verified: the key to
 * verify it with is inside ([handshake/hello-seal]). And the X25519 key is imported in two halves,
 * so that a stranger's garbage costs one X25519 and one tag.
 */
export function acceptHello(relay, hello) {
  if (hello.length > HELLO_MAX) refuse('frame/before-hello');
  if (hello.length < HELLO_MIN) refuse('handshake/too-short');
  const x25519 = hello.slice(0, KEY_BYTES);
  importX25519Form(x25519);
  const link = linkKeys(agreeOrFinishImport(relay, x25519));

  const { nonce, sealed, signed, signature } = packetParts(hello.subarray(KEY_BYTES));
  const inner = refuseAs('handshake/hello-seal', () => open(link.shared, nonce, sealed));
  importX25519Point(x25519);
  const { command, body } = readInner(inner);
  if (command !== HANDSHAKE_REQUEST) refuse('handshake/hello-command');
  const ed25519 = importEd25519(body.slice(0, KEY_BYTES));
  refuseAs('handshake/hello-signature', () => verify(ed25519, signed, signature));
  if (body[KEY_BYTES] !== VERSION) refuse('handshake/version', { supported: VERSION });
  return { client: new PublicIdentity(x25519, ed25519), link };
}

/** S; or, if that is zero, what is wrong with the key: only a key that cannot be imported gives zero. */
function agreeOrFinishImport(relay, x25519) {
  try {
    return relay.agree(x25519);
  } catch (error) {
    importX25519Point(x25519);
    throw error;
  }
}

// Reply

/** HANDSHAKE_OK for a client whose link this is. */
export function writeReply(relay, link, nonce) {
  const body = Uint8Array.of(VERSION);
  return writeRelayFrame(relay, link, { command: HANDSHAKE_OK, body }, nonce);
}

/**
 * Reads the first binary message at a client: `{ version }`. An authentic ERROR is a refusal: by
 * handshake/id-in-use, or by handshake/version, which carries the version the relay `supported`.
 */
export function readReply(link, relayEd25519, frame) {
  const { command, body } = readRelayFrame(link, relayEd25519, frame);
  if (command !== HANDSHAKE_OK && command !== ERROR) refuse('handshake/reply-command');
  const event = readEvent(command, body);
  if (command === HANDSHAKE_OK) return { version: event.version };
  if (event.code === ID_IN_USE) refuse('handshake/id-in-use');
  if (event.code === BAD_VERSION) refuse('handshake/version', { supported: event.supported });
  // Any other code opens no session ([relay/error]).
  refuse('relay/error');
}

// Coming back

/**
 * When a client tries again, in ms. It starts with the first failure and lives as long as the
 * client; times are those of a clock that does not jump.
 */
export class Returning {
  static #FIRST = 1_000;
  static #LAST = 30_000;
  static #MINUTE = 60_000;
  static #ID_IN_USE = [5_000, 15_000, 30_000, 65_000];

  #bound = Returning.#FIRST;
  #refusals = 0;

  /** HANDSHAKE_OK came: the next id_in_use begins a series of its own. */
  opened() {
    this.#refusals = 0;
  }

  /** The wait after a connection that ended in any way; `lived` is the time its session stood. */
  afterEnd(lived = 0) {
    if (lived >= Returning.#MINUTE) this.#bound = Returning.#FIRST;
    // Full jitter: when a relay restarts, its clients must not come back in the same instant.
    const wait = Math.random() * this.#bound;
    this.#bound = Math.min(2 * this.#bound, Returning.#LAST);
    return wait;
  }

  /** The wait after an authentic id_in_use, or `undefined`: stop ([handshake/id-in-use-retry]). */
  afterIdInUse() {
    const wait = Returning.#ID_IN_USE[this.#refusals++];
    return wait === undefined ? undefined : wait * (1 + Math.random() / 5);
  }
}
