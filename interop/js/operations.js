/**
 * The operations of vectors/README.md, each as a function from its input to its output. Byte
 * strings are Uint8Array on both sides; `steps` takes intermediate values where they are at hand.
 * Public keys among the members of an input are imported before anything else is done with it.
 */

import {
  ID_BYTES, derive, importEd25519, importX25519, keystream, open, publicBytes, seal, secretKey,
  sign, verify, x25519,
} from './primitives.js';
import {
  Identity, importIdentity, invitePayload, readInvite, safetyNumber, writeInvite,
} from './identity.js';
import { openPacket, packetParts, sealPacket, writeInner } from './packet.js';
import {
  forward, linkKeys, mask, readRelayFrame, unwrapAtClient, unwrapAtRelay, unwrapFromRelay,
  wrapAtClient, writeRelayFrame,
} from './frame.js';
import { acceptHello, readReply, writeHello, writeReply } from './handshake.js';
import { readCommand, readEvent } from './relay.js';
import { toHex } from './bytes.js';

/** By name: `(input, steps) => output`. */
export const operations = new Map(Object.entries({
  'primitives.x25519': (i, steps) => {
    steps.raw = x25519(secretKey('x25519', i.secret), i.public);
    return { shared: steps.raw };
  },

  'primitives.import-x25519': (i) => ({ key: importX25519(i.key) }),

  'primitives.import-ed25519': (i) => ({ key: importEd25519(i.key) }),

  'primitives.sign': (i) => {
    const secret = secretKey('ed25519', i.seed);
    return { public: publicBytes(secret), signature: sign(secret, i.message) };
  },

  'primitives.verify': (i) => {
    verify(importEd25519(i.key), i.message, i.signature);
    return {};
  },

  'primitives.aead-seal': (i) => ({ sealed: seal(i.key, i.nonce, i.plaintext) }),

  'primitives.aead-open': (i) => ({ plaintext: open(i.key, i.nonce, i.sealed) }),

  'primitives.derive': (i) => ({ key: derive(i.context, i.material, i.length) }),

  'identity.from-seeds': (i) => {
    const { x25519: x, ed25519, id } = new Identity(i.x25519_seed, i.ed25519_seed);
    return { x25519: x, ed25519, id };
  },

  'identity.import': (i) => ({ id: importIdentity(i.x25519, i.ed25519).id }),

  'identity.invite-encode': (i, steps) => {
    const identity = importIdentity(i.x25519, i.ed25519);
    const invite = writeInvite(identity, i.nickname);
    steps.payload = invitePayload(identity, i.nickname);
    return { invite };
  },

  'identity.invite-decode': (i) => {
    const { identity, name, contactType } = readInvite(i.invite);
    return { x25519: identity.x25519, ed25519: identity.ed25519, name, contact_type: contactType };
  },

  'identity.safety-number': (i) => ({
    digits: safetyNumber(
      importIdentity(i.x25519_a, i.ed25519_a), importIdentity(i.x25519_b, i.ed25519_b),
    ),
  }),

  'packet.seal': (i, steps) => {
    importX25519(i.peer_x25519);
    const sender = new Identity(i.x25519_seed, i.ed25519_seed);
    const message = { messageId: i.message_id, command: i.command, body: i.body };
    steps.key = sender.agree(i.peer_x25519);
    steps.inner = writeInner(message);
    const packet = sealPacket(sender, steps.key, message, i.nonce);
    steps.ciphertext = packetParts(packet).sealed;
    steps.signature = packetParts(packet).signature;
    return { packet };
  },

  'packet.open': (i, steps) => {
    const peer = pinned(i.peer_x25519, i.peer_ed25519);
    steps.key = x25519(secretKey('x25519', i.x25519_seed), peer.x25519);
    const message = openPacket(i.packet, steps.key, peer.ed25519);
    steps.inner = writeInner(message);
    return asOutput(message);
  },

  'frame.mask': (i, steps) => {
    steps.keystream = keystream(i.key, i.nonce.subarray(0, 12), 16);
    return { mask: mask(i.key, i.nonce) };
  },

  'frame.uplink': (i, steps) => {
    const { to, packet } = unwrapAtRelay(i.c2s, i.frame);
    steps.mask = mask(i.c2s, packetParts(packet).nonce);
    return { to };
  },

  'frame.send': (i, steps) => {
    const frame = wrapAtClient(i.c2s, i.to, i.packet);
    steps.mask = mask(i.c2s, packetParts(i.packet).nonce);
    return { frame };
  },

  'frame.forward': (i, steps) => {
    const { to, frame } = forward(i.c2s, i.s2c, i.from, i.frame);
    const { nonce } = packetParts(frame.subarray(ID_BYTES));
    steps.mask_c2s = mask(i.c2s, nonce);
    steps.mask_s2c = mask(i.s2c, nonce);
    return { to, frame };
  },

  'frame.downlink': (i, steps) => {
    const { from, packet } = unwrapAtClient(i.s2c, i.frame);
    steps.mask = mask(i.s2c, packetParts(packet).nonce);
    return { from };
  },

  'frame.relay-header': (i, steps) => {
    const packet = unwrapFromRelay(i.s2c, i.frame);
    steps.mask = mask(i.s2c, packetParts(packet).nonce);
    return {};
  },

  'handshake.hello': (i, steps) => {
    importX25519(i.relay_x25519);
    const client = new Identity(i.x25519_seed, i.ed25519_seed);
    steps.shared = client.agree(i.relay_x25519);
    return { hello: writeHello(client, i.relay_x25519, i.nonce) };
  },

  'handshake.accept': (i, steps) => {
    const relay = new Identity(i.relay_x25519_seed, i.relay_ed25519_seed);
    const { client, link } = acceptHello(relay, i.hello);
    steps.shared = link.shared;
    return { x25519: client.x25519, ed25519: client.ed25519, id: client.id };
  },

  'handshake.reply': (i, steps) => {
    const { relay, link } = relaySide(i, steps);
    return { reply: writeReply(relay, link, i.nonce) };
  },

  'handshake.read-reply': (i, steps) => {
    const { relay, link } = clientSide(i, steps);
    return { version: readReply(link, relay.ed25519, i.reply).version };
  },

  'relay.command': (i) => readCommand(i.command, i.body),

  'relay.event': (i) => {
    const { identity, ...event } = readEvent(i.command, i.body);
    return identity ? { ...event, x25519: identity.x25519, ed25519: identity.ed25519 } : event;
  },

  'relay.frame': (i, steps) => {
    const { relay, link } = relaySide(i, steps);
    steps.body = i.body;
    return { frame: writeRelayFrame(relay, link, { command: i.command, body: i.body }, i.nonce) };
  },

  'relay.open': (i, steps) => {
    const { relay, link } = clientSide(i, steps);
    const message = readRelayFrame(link, relay.ed25519, i.frame);
    steps.inner = writeInner(message);
    return asOutput(message);
  },
}));

const known = new Map();

/** Who is pinned was imported once; a message costs no import. */
function pinned(x25519Key, ed25519Key) {
  const name = toHex(x25519Key) + toHex(ed25519Key);
  if (!known.has(name)) known.set(name, importIdentity(x25519Key, ed25519Key));
  return known.get(name);
}

function asOutput({ messageId, command, body }) {
  return { message_id: messageId, command, body };
}

/** The relay and its link to a client whose key is given. */
function relaySide(i, steps) {
  importX25519(i.x25519);
  const relay = new Identity(i.relay_x25519_seed, i.relay_ed25519_seed);
  const link = linkKeys(relay.agree(i.x25519));
  Object.assign(steps, link);
  return { relay, link };
}

/** A client's link to the relay whose keys are given. */
function clientSide(i, steps) {
  const relay = pinned(i.relay_x25519, i.relay_ed25519);
  const link = linkKeys(x25519(secretKey('x25519', i.x25519_seed), relay.x25519));
  Object.assign(steps, link);
  return { relay, link };
}
