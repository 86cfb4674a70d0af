/**
 * Refusals: a clause of the specification, and the class it belongs to.
 *
 * Whoever refuses something names the first clause that was broken. The message of a Refusal is
 * that name and nothing else: no byte of an input, and no secret, gets into an error.
 */

/** The clauses by which this implementation refuses, under their class (last table of each chapter). */
const CLAUSES = {
  length: [
    'identity/seeds', 'identity/invite-length', 'packet/too-short', 'handshake/too-short',
  ],
  encoding: [
    'identity/invite', 'identity/invite-url', 'identity/invite-prefix', 'identity/invite-encoding',
    'identity/invite-utf8',
  ],
  key: [
    'primitives/x25519-contributory', 'primitives/x25519-high-bit', 'primitives/x25519-canonical',
    'primitives/x25519-on-curve', 'primitives/x25519-order', 'primitives/ed25519-key-encoding',
    'primitives/ed25519-key-order', 'identity/zero-id',
  ],
  authentic: [
    'primitives/ed25519-signature', 'primitives/aead', 'packet/signature', 'packet/authentic',
    'handshake/hello-seal', 'handshake/hello-signature',
  ],
  kind: [
    'primitives/context', 'frame/relay-header', 'handshake/hello-command',
    'handshake/reply-command',
  ],
  version: ['handshake/reply-version'],
  limit: [
    'identity/invite-nickname', 'identity/invite-nickname-read', 'frame/too-long',
    'frame/before-hello', 'frame/send-limit', 'frame/client-limit', 'frame/relay-limit',
  ],
  dropped: [
    'frame/too-short', 'relay/unknown-command', 'relay/direction', 'relay/key-list',
    'relay/introduce-length', 'relay/introduce-nickname', 'relay/intro-from', 'relay/wake',
    'relay/push-register', 'relay/push-token',
  ],
  error: ['handshake/version', 'handshake/id-in-use', 'relay/error'],
  ignored: ['relay/event-unknown', 'relay/notice'],
};

const CLASS_OF = new Map(
  Object.entries(CLAUSES).flatMap(([name, clauses]) => clauses.map((clause) => [clause, name])),
);

export class Refusal extends Error {
  /**
   * @param {string} clause name of the clause, as `packet/signature`
   * @param {object} [more] what an authentic refusal says besides (the version a relay speaks)
   */
  constructor(clause, more) {
    super(clause);
    if (!CLASS_OF.has(clause)) throw new TypeError(`no class is known for the clause ${clause}`);
    this.name = 'Refusal';
    this.clause = clause;
    this.class = CLASS_OF.get(clause);
    Object.assign(this, more);
  }
}

/** Refuses: throws, and never returns. */
export function refuse(clause, more) {
  throw new Refusal(clause, more);
}

/**
 * Runs `attempt`; if it refuses, the refusal is `clause` whatever its cause was. For places where
 * failures of cryptography have to look the same.
 */
export function refuseAs(clause, attempt) {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof Refusal) refuse(clause);
    throw error;
  }
}
