/** Small things about bytes and text that the chapters share. */

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes to lower-case hex. */
export function toHex(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/**
 * Hex to bytes. `Buffer.from(x, 'hex')` alone stops silently at the first foreign character, so
 * the form is looked at first.
 */
export function fromHex(text) {
  if (typeof text !== 'string' || text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) {
    throw new TypeError('not hex');
  }
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** a ‖ b ‖ … */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Equality of public bytes; it stops at the first difference, so it is not for secrets. */
export function equal(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export function isZero(bytes) {
  return bytes.every((byte) => byte === 0);
}

export function xor(a, b) {
  return a.map((byte, i) => byte ^ b[i]);
}

/** Both bytes as an unsigned little-endian number. */
export function readU16(bytes) {
  return bytes[0] | (bytes[1] << 8);
}

/**
 * UTF-8 to text, or `undefined` if it is not UTF-8 as RFC 3629 has it. A leading U+FEFF is a
 * character like others: `ignoreBOM` is the option by which a TextDecoder keeps it.
 */
export function readUtf8(bytes) {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Text to UTF-8, or `undefined` for a string that is no text: with a lone surrogate, which a
 * TextEncoder would silently replace.
 */
export function writeUtf8(text) {
  return text.isWellFormed() ? new TextEncoder().encode(text) : undefined;
}
