/**
 * One connection of a client to its relay: the hello, the reply, then frames in the order in
 * which they come, until it ends. Whoever comes back makes a new one.
 */

import { performance } from 'node:perf_hooks';
import WebSocket from 'ws';

import { RELAY_ID } from './identity.js';
import { openPacket, sealPacket } from './packet.js';
import { CLIENT_MAX, isRelay, linkKeys, unwrapAtClient, wrapAtClient } from './frame.js';
import { SILENCE, readReply, writeHello } from './handshake.js';
import { readEvent } from './relay.js';
import { Refusal } from './refusal.js';

/** How long a closing connection may take to be closed, in ms; then it is cut. */
const CLOSING = 1_000;

export class Connection {
  #client;
  #relay;
  #link;
  #on;
  #socket;
  #silence;
  /** When HANDSHAKE_OK was accepted; `undefined` before. */
  #openedAt;
  /** Why the connection is given up, and since when: nothing is read after that. */
  #end;

  /**
   * @param {string} url
   * @param {Identity} client
   * @param {PublicIdentity} relay
   * @param {object} on what happens:
   *   `ready()`: the session stands;
   *   `packet(from, packet)`: a peer's packet, unopened, and the id in front of it;
   *   `event(event)`: an event of the relay, opened and read;
   *   `refused(clause)`: a frame was dropped;
   *   `end({ at, lived, refusal })`: the connection is closed; `at` is when that began, `lived` how
   *   long its session stood, in ms, `refusal` the Refusal of the reply if that was the cause.
   */
  constructor(url, client, relay, on) {
    this.#client = client;
    this.#relay = relay;
    this.#link = linkKeys(client.agree(relay.x25519));
    this.#on = on;
    this.#socket = new WebSocket(url, {
      // Sealed bytes do not shrink, and a relay negotiates no extension ([frame/no-compression]).
      perMessageDeflate: false,
      // The sum of the fragments counts, and what is announced, before it is read.
      maxPayload: CLIENT_MAX,
      handshakeTimeout: SILENCE,
      closeTimeout: CLOSING,
    });
    // Pings are answered by the library, also before the session stands.
    for (const sign of ['open', 'message', 'ping', 'pong']) {
      this.#socket.on(sign, () => this.#silence?.refresh());
    }
    this.#socket.on('open', () => this.#hello());
    this.#socket.on('message', (data, isBinary) => this.#message(data, isBinary));
    this.#socket.on('error', (error) => this.#failed(error));
    this.#socket.on('close', () => this.#closed());
  }

  /** Whether there is a session that takes frames. */
  get stands() {
    return this.#openedAt !== undefined && this.#socket.readyState === WebSocket.OPEN;
  }

  /** Sends a packet to an id; what is sent when no session `stands` any more is lost. */
  sendTo(id, packet) {
    this.#socket.send(wrapAtClient(this.#link.c2s, id, packet));
  }

  /** Sends a command `{ command, body }` to the relay. */
  sendToRelay(command) {
    this.sendTo(RELAY_ID, sealPacket(this.#client, this.#link.shared, command));
  }

  close() {
    this.#giveUp();
  }

  #hello() {
    this.#silence = setTimeout(() => this.#giveUp(), SILENCE);
    this.#socket.send(writeHello(this.#client, this.#relay.x25519));
  }

  #message(data, isBinary) {
    if (this.#end) return;
    if (isBinary) {
      const frame = new Uint8Array(data.buffer, data.byteOffset, data.length);
      if (this.#openedAt === undefined) this.#reply(frame);
      else this.#frame(frame);
    } else if (this.#openedAt !== undefined && data.equals(Buffer.from('ping'))) {
      this.#socket.send('pong');
    }
  }

  /** The first binary message, whatever it is ([handshake/reply-first]). */
  #reply(frame) {
    try {
      readReply(this.#link, this.#relay.ed25519, frame);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#giveUp(error);
      return;
    }
    this.#openedAt = performance.now();
    this.#on.ready();
  }

  /** A frame of the session. To refuse one is to drop it: the session goes on. */
  #frame(frame) {
    try {
      const { from, packet } = unwrapAtClient(this.#link.s2c, frame);
      if (isRelay(from)) {
        const { command, body } = openPacket(packet, this.#link.shared, this.#relay.ed25519);
        this.#on.event(readEvent(command, body));
      } else {
        this.#on.packet(from, packet);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#on.refused(error.clause);
    }
  }

  #failed(error) {
    // The library has closed with 1009; it does not skip a message that is too long.
    if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.#giveUp(new Refusal('frame/client-limit'));
    // Any other error is an end like others; `close` follows.
  }

  #giveUp(refusal) {
    this.#end ??= { at: performance.now(), refusal };
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#socket.terminate();
    else this.#socket.close(1000);
  }

  #closed() {
    clearTimeout(this.#silence);
    this.#end ??= { at: performance.now() };
    const lived = this.#openedAt === undefined ? 0 : this.#end.at - this.#openedAt;
    this.#on.end({ ...this.#end, lived });
  }
}
