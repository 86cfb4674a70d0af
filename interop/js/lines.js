/** Lines of JSON on stdin and stdout, as the adapter and the client speak them. */

/**
 * The lines of a stream, as bytes, each without its line feed. The `readline` of Node will not do:
 * it breaks lines at U+2028 and U+2029, too, which JSON allows inside a string.
 */
export async function* lines(stream) {
  let parts = [];
  for await (const chunk of stream) {
    let from = 0;
    for (let at; (at = chunk.indexOf(0x0a, from)) >= 0; from = at + 1) {
      yield Buffer.concat([...parts, chunk.subarray(from, at)]);
      parts = [];
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The object that a line holds, or `undefined`. The parser's own message is dropped: it quotes
 * the line, and there may be a seed in it.
 */
export function parseObject(line) {
  try {
    const value = JSON.parse(utf8.decode(line));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Writes an object as one line. Everything outside U+0020 to U+007E is written as \uXXXX, so no
 * control character and no line separator of Unicode gets out raw. Writes to a pipe or a file
 * are synchronous in Node on POSIX: the line has left when this returns.
 */
export function writeLine(stream, object) {
  const ascii = JSON.stringify(object).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  stream.write(`${ascii}\n`);
}
