/** Chapter 3, packet: how a message is sealed, signed and opened. */

import {
  NONCE_BYTES, SIGNATURE_BYTES, TAG_BYTES, open, randomBytes, seal, verify,
} from './primitives.js';
import { concat, readU16 } from './bytes.js';
import { refuse, refuseAs } from './refusal.js';

/** Message id and command: what every inner part begins with. */
const INNER_HEAD = 3;
/** The shortest packet that opens. */
export const PACKET_MIN = NONCE_BYTES + INNER_HEAD + TAG_BYTES + SIGNATURE_BYTES;

/** A nonce for one packet: random, with no clock and no counter in it ([packet/nonce-fresh]). */
export function freshNonce() {
  return randomBytes(NONCE_BYTES);
}

/**
 * A packet: nonce ‖ ciphertext ‖ tag ‖ signature of all that stands before it.
 *
 * @param {Identity} sender signs
 * @param {Uint8Array} key the pair key, `sender.agree(…)` with the recipient's key
 * @param {{messageId?: number, command: number, body?: Uint8Array}} message
 * @param {Uint8Array} [nonce] only vectors give one
 */
export function sealPacket(sender, key, message, nonce = freshNonce()) {
  const signed = concat(nonce, seal(key, nonce, writeInner(message)));
  return concat(signed, sender.sign(signed));
}

/**
 * Opens a packet: `{ messageId, command, body }`. The signature comes before the decryption, so
 * who is not authenticated never gets to feed that ([packet/verify-first]).
 *
 * @param {Uint8Array} key the pair key
 * @param {Uint8Array} senderEd25519 the one imported key that is pinned for who the packet should
 *   be from: a packet of one's own that comes back fails on it, too ([packet/reflection])
 */
export function openPacket(packet, key, senderEd25519) {
  if (packet.length < PACKET_MIN) refuse('packet/too-short');
  const { nonce, sealed, signed, signature } = packetParts(packet);
  refuseAs('packet/signature', () => verify(senderEd25519, signed, signature));
  return readInner(refuseAs('packet/authentic', () => open(key, nonce, sealed)));
}

/** The parts of a packet, found from its ends. */
export function packetParts(packet) {
  const end = packet.length - SIGNATURE_BYTES;
  return {
    nonce: packet.subarray(0, NONCE_BYTES),
    sealed: packet.subarray(NONCE_BYTES, end),
    signed: packet.subarray(0, end),
    signature: packet.subarray(end),
  };
}

export function writeInner({ messageId = 0, command, body = new Uint8Array() }) {
  if (!(messageId >>> 0 === messageId && messageId <= 0xffff)) throw new RangeError('a message id is a u16');
  if (!(command >>> 0 === command && command <= 0xff)) throw new RangeError('a command is one byte');
  return concat([messageId & 0xff, messageId >> 8, command], body);
}

/** The message id is handed on and means nothing ([packet/message-id]). */
export function readInner(inner) {
  return { messageId: readU16(inner), command: inner[2], body: inner.subarray(INNER_HEAD) };
}
