/**
 * A client: contacts, texts that arrive once, presence and introductions, over lines of JSON on
 * stdin and stdout (the client contract of the suite).
 *
 *     sealwire client -- node interop/js/client.js
 *
 * Who it is and where its relay is stands in the environment; it keeps nothing when it ends.
 */

import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

import { concat, equal, fromHex, readUtf8, toHex, writeUtf8 } from './bytes.js';
import { Connection } from './connection.js';
import { FRAME_MAX } from './frame.js';
import { Returning } from './handshake.js';
import { Identity, importIdentity, readInvite, splitNickname } from './identity.js';
import { lines, parseObject, writeLine } from './lines.js';
import { PACKET_MIN, freshNonce, openPacket, sealPacket } from './packet.js';
import { ID_BYTES, KEY_BYTES, randomBytes } from './primitives.js';
import { Refusal, refuse } from './refusal.js';
import { NICKNAME_MAX, RECIPIENT_OFFLINE, introduce, subscribe } from './relay.js';

/** Commands between peers. */
const TEXT = 0x20;
const DELIVERY_ACK = 0x27;
const UUID_BYTES = 16;

const FRAME_HEAD = ID_BYTES + PACKET_MIN;
/** The longest text, and the longest list of keys, that fits a frame. */
const TEXT_MAX = FRAME_MAX - FRAME_HEAD - UUID_BYTES;
const KEYS_MAX = Math.floor((FRAME_MAX - FRAME_HEAD) / KEY_BYTES);

/** How many uuids of a contact are remembered; the oldest go first. */
const REMEMBERED = 4096;

/** A recipient that goes offline again and again is asked after less and less often, in ms. */
const ASK_AGAIN = 1_000;
const ASK_AGAIN_MAX = 30_000;

/** Somebody whose keys came by an invite. */
class Contact {
  constructor(identity, pairKey) {
    this.identity = identity;
    this.name = toHex(identity.x25519);
    this.pairKey = pairKey;
    /** The uuids that came from it, oldest first. */
    this.seen = new Set();
    /** How long to wait before its presence is asked for once more, and whether that is under way. */
    this.askDelay = 0;
    this.askTimer = undefined;
  }

  /** Notes a uuid: true if it is new. */
  note(uuid) {
    if (this.seen.has(uuid)) return false;
    this.seen.add(uuid);
    if (this.seen.size > REMEMBERED) this.seen.delete(this.seen.values().next().value);
    return true;
  }
}

/** A command that cannot be carried out; the client says so and goes on. */
class BadCommand extends Error {}

export class Client {
  #identity;
  #relay;
  #url;
  #show;
  #finish;
  #returning = new Returning();
  #connection;
  #comeBack;
  #ended = false;
  /** What came while there was no session, in its order. */
  #waiting = [];
  /** Contacts by key, in hex. */
  #contacts = new Map();
  /** Texts that were sent and not acknowledged, by uuid; in the order of their first sending. */
  #texts = new Map();
  /** What was last shown of each key given to `subscribe`: true, false, or undefined for nothing yet. */
  #presence = new Map();

  /**
   * @param {object} where `{ url, identity, relay }`
   * @param {(event: object) => void} show takes events
   * @param {(code: number) => void} finish called once, when the client has ended
   */
  constructor({ url, identity, relay }, show, finish) {
    this.#url = url;
    this.#identity = identity;
    this.#relay = relay;
    this.#show = show;
    this.#finish = finish;
    this.#connect();
  }

  /** Carries out a command of the contract. */
  command(line) {
    if (this.#ended) return;
    try {
      switch (line.cmd) {
        case 'contact': return this.#contact(line);
        case 'send': return this.#send(line);
        case 'subscribe': return this.#subscribe(line);
        case 'introduce': return this.#introduce(line);
        case 'quit': return this.quit();
        default: throw new BadCommand('no such command');
      }
    } catch (error) {
      const { clause } = error;
      if (error instanceof Refusal) this.#report('refused', 'the command was refused', { clause });
      else if (error instanceof BadCommand) this.#report('bad_command', error.message);
      else throw error;
    }
  }

  quit() {
    this.#endWith(0);
  }

  // Connections

  #connect() {
    this.#connection = new Connection(this.#url, this.#identity, this.#relay, {
      ready: () => this.#opened(),
      packet: (from, packet) => this.#packet(from, packet),
      event: (event) => this.#event(event),
      refused: (clause) => this.#report('dropped', 'a frame was dropped', { clause }),
      end: (end) => this.#closed(end),
    });
  }

  #opened() {
    this.#returning.opened();
    this.#show({ event: 'ready', x25519: toHex(this.#identity.x25519) });
    // A new session watches nothing, and what the last one had under way may be lost.
    const watched = [...this.#presence.keys()].map(fromHex);
    if (watched.length > 0) this.#subscribeTo(watched.slice(0, KEYS_MAX));
    for (const text of this.#texts.values()) this.#transmit(text);
    for (const action of this.#waiting.splice(0)) action();
  }

  #closed({ at, lived, refusal }) {
    this.#connection = undefined;
    for (const contact of this.#contacts.values()) this.#forgetAsking(contact);
    if (this.#ended) return;

    switch (refusal?.clause) {
      case 'handshake/version':
        // It does not try another version by itself ([handshake/bad-version-stop]).
        this.#fail('bad_version', `the relay speaks version ${refusal.supported}`);
        break;
      case 'handshake/id-in-use': {
        const wait = this.#returning.afterIdInUse();
        if (wait === undefined) {
          this.#fail('id_in_use', 'this id is still in use elsewhere');
          break;
        }
        const detail = 'this id is in use elsewhere; if that is not you, ask who';
        this.#report('id_in_use', detail, { retry_ms: Math.round(wait) });
        this.#connectAfter(wait, at);
        break;
      }
      default: {
        const wait = this.#returning.afterEnd(lived);
        const clause = refusal && { clause: refusal.clause };
        this.#report('connection', 'the connection ended', { ...clause, retry_ms: Math.round(wait) });
        this.#connectAfter(wait, at);
      }
    }
  }

  /** Connects `wait` ms after the moment `at`; timers of Node can be early by part of one. */
  #connectAfter(wait, at) {
    const left = Math.max(0, at + wait - performance.now());
    this.#comeBack = setTimeout(() => this.#connect(), Math.ceil(left) + 1);
  }

  /** Runs `action` if a session stands, else as soon as one does. */
  #inSession(action) {
    if (this.#connection?.stands) action();
    else this.#waiting.push(action);
  }

  #fail(code, detail) {
    this.#report(code, detail, { fatal: true });
    this.#endWith(1);
  }

  #endWith(code) {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#comeBack);
    this.#connection?.close();
    // What was sent goes out before the close; if the relay takes nothing, it stays behind.
    const deadline = performance.now() + 1_500;
    const wait = () => {
      if (this.#connection === undefined || performance.now() > deadline) this.#finish(code);
      else setTimeout(wait, 10);
    };
    wait();
  }

  #report(code, detail, more) {
    this.#show({ event: 'error', code, detail, ...more });
  }

  // Commands

  #contact({ invite }) {
    if (typeof invite !== 'string') throw new BadCommand('contact wants an invite');
    const { identity, name, contactType } = readInvite(invite);
    const known = this.#contacts.get(toHex(identity.x25519));
    if (known === undefined || !known.identity.equals(identity)) {
      if (known !== undefined) this.#forget(known);
      const contact = new Contact(identity, this.#identity.agree(identity.x25519));
      this.#contacts.set(contact.name, contact);
    }
    this.#show({ event: 'contact', peer: toHex(identity.x25519), name, contact_type: contactType });
  }

  /** A contact whose signing key the user replaced: what was meant for the old one goes to nobody. */
  #forget(contact) {
    this.#forgetAsking(contact);
    for (const [uuid, text] of this.#texts) if (text.contact === contact) this.#texts.delete(uuid);
  }

  #send({ peer, text, ref }) {
    const contact = this.#contactOf(peer);
    const bytes = typeof text === 'string' ? writeUtf8(text) : undefined;
    if (bytes === undefined) throw new BadCommand('send wants a text');
    if (bytes.length > TEXT_MAX) refuse('frame/send-limit');
    const uuid = randomBytes(UUID_BYTES);
    this.#inSession(() => {
      const item = { contact, uuid: toHex(uuid), ref, body: concat(uuid, bytes) };
      this.#texts.set(item.uuid, item);
      this.#transmit(item);
    });
  }

  #subscribe({ peers }) {
    if (!Array.isArray(peers)) throw new BadCommand('subscribe wants a list of keys');
    if (peers.length > KEYS_MAX) refuse('frame/send-limit');
    const keys = peers.map(readKey);
    this.#inSession(() => {
      for (const key of keys) {
        const name = toHex(key);
        if (!this.#presence.has(name)) this.#presence.set(name, undefined);
      }
      this.#subscribeTo(keys);
    });
  }

  #introduce({ peer, name }) {
    const contact = this.#contactOf(peer);
    const nickname = typeof name === 'string' ? writeUtf8(name) : undefined;
    if (nickname === undefined) throw new BadCommand('introduce wants a name');
    if (nickname.length > NICKNAME_MAX) throw new BadCommand('the name is too long');
    this.#inSession(() => this.#connection.sendToRelay(introduce(contact.identity.id, nickname)));
  }

  #contactOf(peer) {
    const contact = this.#contacts.get(toHex(readKey(peer)));
    if (contact === undefined) throw new BadCommand('the peer is no contact');
    return contact;
  }

  #subscribeTo(keys) {
    this.#connection.sendToRelay(subscribe(keys));
  }

  // Texts

  /** Sends a text, for the first time or again: the uuid stays, the nonce is a new one. */
  #transmit(text) {
    const nonce = freshNonce();
    text.nonce = nonce;
    text.undelivered = false;
    this.#sendPacket(text.contact, { command: TEXT, body: text.body }, nonce);
  }

  #sendPacket(contact, message, nonce = freshNonce()) {
    const packet = sealPacket(this.#identity, contact.pairKey, message, nonce);
    this.#connection.sendTo(contact.identity.id, packet);
  }

  /** A packet that came in under an id. */
  #packet(from, packet) {
    const { contact, message } = this.#openAsContact(from, packet);
    const uuidBytes = message.body.subarray(0, UUID_BYTES);
    const uuid = toHex(uuidBytes);
    if (message.command === TEXT && message.body.length >= UUID_BYTES) {
      const text = readUtf8(message.body.subarray(UUID_BYTES));
      if (text === undefined) return;
      if (contact.note(uuid)) this.#show({ event: 'message', peer: contact.name, uuid, text });
      // Known or new: an acknowledgement may have been lost.
      this.#sendPacket(contact, { command: DELIVERY_ACK, body: uuidBytes });
    } else if (message.command === DELIVERY_ACK && message.body.length === UUID_BYTES) {
      const text = this.#texts.get(uuid);
      if (text?.contact !== contact) return;
      this.#texts.delete(uuid);
      this.#forgetAsking(contact);
      this.#show({ event: 'delivered', peer: contact.name, uuid, ref: text.ref });
    }
    // Any other command of a peer has no effect; those of chapter 6 least of all ([relay/peer-privilege]).
  }

  /**
   * An id is no identity: contacts can share one ([identity/full-key]), and only a packet that
   * opens under both keys of a contact is that contact's.
   */
  #openAsContact(from, packet) {
    let refusal = new Refusal(packet.length < PACKET_MIN ? 'packet/too-short' : 'packet/signature');
    for (const contact of this.#contacts.values()) {
      if (!equal(contact.identity.id, from)) continue;
      try {
        return { contact, message: openPacket(packet, contact.pairKey, contact.identity.ed25519) };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }

  // Events of the relay

  #event(event) {
    switch (event.name) {
      case 'PEER_ONLINE': return this.#presenceOf(event.keys, true);
      case 'PEER_OFFLINE': return this.#presenceOf(event.keys, false);
      case 'INTRO_FROM': return this.#introduced(event);
      case 'NOTICE': return this.#show({ event: 'notice', text: event.text });
      case 'ERROR': return this.#error(event);
      // The rest is a sign of life, or meant for a notifier.
      default: return undefined;
    }
  }

  #presenceOf(keys, online) {
    for (const key of keys) {
      const name = toHex(key);
      if (this.#presence.has(name) && this.#presence.get(name) !== online) {
        this.#presence.set(name, online);
        this.#show({ event: 'presence', peer: name, online });
      }
      if (online) this.#deliverTo(name);
    }
  }

  #deliverTo(name) {
    for (const text of this.#texts.values()) {
      if (text.undelivered && text.contact.name === name) this.#transmit(text);
    }
  }

  #introduced({ identity, nickname }) {
    const peer = toHex(identity.x25519);
    const { name, contactType } = splitNickname(nickname);
    this.#show({
      event: 'introduced',
      peer,
      ed25519: toHex(identity.ed25519),
      name,
      contact_type: contactType,
      known: this.#contacts.get(peer)?.identity.equals(identity) ?? false,
    });
  }

  /** In a session only recipient_offline says anything, and only of the last frame of a text. */
  #error({ code, target, nonce }) {
    if (code !== RECIPIENT_OFFLINE) return;
    for (const text of this.#texts.values()) {
      const { contact } = text;
      if (text.undelivered || !equal(text.nonce, nonce) || !equal(contact.identity.id, target)) continue;
      text.undelivered = true;
      this.#show({ event: 'undeliverable', peer: contact.name, uuid: text.uuid, ref: text.ref });
      this.#askAfter(contact);
      return;
    }
  }

  /**
   * Watches a recipient that is not there; its PEER_ONLINE sends the texts again. At first at
   * once. A recipient who is online and yet takes nothing would make that a tight circle of
   * SUBSCRIBE, PEER_ONLINE, text and error, so each further time waits longer.
   */
  #askAfter(contact) {
    if (contact.askTimer !== undefined) return;
    const ask = () => {
      contact.askTimer = undefined;
      this.#subscribeTo([contact.identity.x25519]);
    };
    if (contact.askDelay === 0) ask();
    else contact.askTimer = setTimeout(ask, contact.askDelay);
    contact.askDelay = Math.min(Math.max(ASK_AGAIN, 2 * contact.askDelay), ASK_AGAIN_MAX);
  }

  #forgetAsking(contact) {
    clearTimeout(contact.askTimer);
    contact.askTimer = undefined;
    contact.askDelay = 0;
  }
}

/** An X25519 key in hex. It is not imported: of watched keys nobody does that. */
function readKey(text) {
  if (typeof text !== 'string' || !/^[0-9a-f]{64}$/i.test(text)) {
    throw new BadCommand('a key has 64 hex digits');
  }
  return fromHex(text);
}

// The process

/** 32 bytes from the environment. What is wrong with them is said without saying what they are. */
function fromEnvironment(name) {
  const value = process.env[name];
  if (!/^[0-9a-f]{64}$/i.test(value ?? '')) throw new Error(`${name} has to be 64 hex digits`);
  return fromHex(value);
}

function whoAndWhere() {
  const url = process.env.SEALWIRE_RELAY_URL;
  if (!/^wss?:\/\//.test(url ?? '')) throw new Error('SEALWIRE_RELAY_URL has to be a ws:// or wss:// URL');
  const relay = importIdentity(
    fromEnvironment('SEALWIRE_RELAY_X25519'), fromEnvironment('SEALWIRE_RELAY_ED25519'),
  );
  const identity = new Identity(
    fromEnvironment('SEALWIRE_X25519_SEED'), fromEnvironment('SEALWIRE_ED25519_SEED'),
  );
  return { url, relay, identity };
}

async function main() {
  let where;
  try {
    where = whoAndWhere();
  } catch (error) {
    console.error(`client: ${error.message}`);
    process.exitCode = 2;
    return;
  }

  let seq = 0;
  const show = (event) => writeLine(process.stdout, { ...event, seq: ++seq });
  const finish = (code) => process.stdout.write('', () => process.exit(code));
  const client = new Client(where, show, finish);

  for await (const line of lines(process.stdin)) {
    const command = parseObject(line);
    if (command === undefined) console.error('client: a line that is no command');
    else client.command(command);
  }
  client.quit();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
