/** Chapter 4, frame: eight masked bytes in front of a packet, and how large it may all be. */

import {
  CONTEXT_C2S, CONTEXT_S2C, ID_BYTES, NONCE_BYTES, SIGNATURE_BYTES, TAG_BYTES, derive, keystream,
} from './primitives.js';
import { RELAY_ID } from './identity.js';
import { PACKET_MIN, openPacket, sealPacket } from './packet.js';
import { concat, isZero, xor } from './bytes.js';
import { refuse } from './refusal.js';

/** The version of the wire. */
export const VERSION = 2;

/** The smallest frame: a relay cannot know what is inside, so only nonce, tag and signature count. */
export const FRAME_MIN = ID_BYTES + NONCE_BYTES + TAG_BYTES + SIGNATURE_BYTES;
/** The largest that a client sends and a relay takes. */
export const FRAME_MAX = 1_048_576;
/** The largest that a client takes: an introduction grows on its way ([frame/client-limit]). */
export const CLIENT_MAX = 1_048_640;

/**
 * What a client and its relay share: S itself, and the keys that mask addresses in either
 * direction. `shared` is `identity.agree(…)` with the other's key.
 */
export function linkKeys(shared) {
  return { shared, c2s: derive(CONTEXT_C2S, shared), s2c: derive(CONTEXT_S2C, shared) };
}

/** The mask of an address: only the first twelve bytes of the packet's nonce go in ([frame/mask]). */
export function mask(key, nonce) {
  return keystream(key, nonce.subarray(0, 12), ID_BYTES);
}

/** Puts an id, masked, in front of a packet: `to` under K_c2s, `from` under K_s2c. */
function wrap(key, id, packet) {
  return concat(xor(id, mask(key, packet.subarray(0, NONCE_BYTES))), packet);
}

function unmask(key, frame) {
  const nonce = frame.subarray(ID_BYTES, ID_BYTES + NONCE_BYTES);
  return xor(frame.subarray(0, ID_BYTES), mask(key, nonce));
}

/** A frame as a client sends it, to the id of a peer or to RELAY_ID. */
export function wrapAtClient(c2s, to, packet) {
  const length = ID_BYTES + packet.length;
  if (length < FRAME_MIN) refuse('frame/too-short');
  if (length > FRAME_MAX) refuse('frame/send-limit');
  return wrap(c2s, to, packet);
}

/** A frame at the relay, after the hello: to whom, and the packet, bit for bit. */
export function unwrapAtRelay(c2s, frame) {
  if (frame.length > FRAME_MAX) refuse('frame/too-long');
  if (frame.length < FRAME_MIN) refuse('frame/too-short');
  return { to: unmask(c2s, frame), packet: frame.subarray(ID_BYTES) };
}

/** A frame at the client: from whom, and the packet. */
export function unwrapAtClient(s2c, frame) {
  if (frame.length > CLIENT_MAX) refuse('frame/client-limit');
  if (frame.length < FRAME_MIN) refuse('frame/too-short');
  return { from: unmask(s2c, frame), packet: frame.subarray(ID_BYTES) };
}

/** The same, where only the relay may speak: the packet ([frame/relay-header]). */
export function unwrapFromRelay(s2c, frame) {
  const { from, packet } = unwrapAtClient(s2c, frame);
  if (!isRelay(from)) refuse('frame/relay-header');
  return packet;
}

/** Whether an id is that of the relay. What it says is the relay's only if the packet opens. */
export function isRelay(id) {
  return isZero(id);
}

/** What a relay hands to the recipient of a peer frame: `{ to, frame }`. */
export function forward(c2s, s2c, from, frame) {
  const { to, packet } = unwrapAtRelay(c2s, frame);
  return { to, frame: wrap(s2c, from, packet) };
}

/** A frame of the relay's own: sealed under S, signed with its key, message id 0. */
export function writeRelayFrame(relay, link, { command, body }, nonce) {
  if (ID_BYTES + PACKET_MIN + body.length > FRAME_MAX) refuse('frame/relay-limit');
  const packet = sealPacket(relay, link.shared, { messageId: 0, command, body }, nonce);
  return wrap(link.s2c, RELAY_ID, packet);
}

/** Opens a frame where only the relay may speak, under S and its pinned key ([relay/relay-signed]). */
export function readRelayFrame(link, relayEd25519, frame) {
  return openPacket(unwrapFromRelay(link.s2c, frame), link.shared, relayEd25519);
}
