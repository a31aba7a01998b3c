import { createHash } from 'node:crypto';

/** Devices that Windows reserves whatever the extension; COM¹ and its like count too. Those with a `$` lose it anyway. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/** Letters, marks and digits of any script, and punctuation that no file system, shell or URL reads as its own. */
const UNSAFE = /[^\p{L}\p{M}\p{N} ._()+=@,~-]/gu;

const HASH_LENGTH = 8;

/**
 * One segment of a blob name, or file name, out of whatever a device or a request sent. Separators, control and bidi
 * characters become `_`, so do dots that could climb; reserved names are defused; no trailing dot or space.
 * @param maxBytes of the result in UTF-8; longer names are cut and get a hash of the whole, their ending kept
 * @returns never empty, `.` or `..`; different names may give the same segment
 */
export function safeName(name: string, maxBytes: number): string {
  const clean = name
    .normalize('NFC')
    .replace(UNSAFE, '_')
    .replace(/\.{2,}/g, (dots) => '_'.repeat(dots.length))
    .replace(/^[ .]+|[ .]+$/g, (edge) => '_'.repeat(edge.length));
  const defused = RESERVED.test(clean) ? `_${clean}` : clean;
  if (defused === '') return '_';
  return Buffer.byteLength(defused) <= maxBytes ? defused : shortened(defused, name, maxBytes);
}

/** As `safeName`, and a name that had to be changed also gets a hash, so that two names never become one. */
export function distinctName(name: string, maxBytes: number): string {
  const safe = safeName(name, maxBytes);
  if (safe === name || safe.includes(`~${hashOf(name)}`)) return safe;
  return `${cut(safe, maxBytes - HASH_LENGTH - 1)}~${hashOf(name)}`;
}

function shortened(safe: string, original: string, maxBytes: number): string {
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(safe)?.[0] ?? '';
  const mark = `~${hashOf(original)}${ending}`;
  return `${cut(safe, maxBytes - mark.length)}${mark}`;
}

/** The longest beginning of whole characters that fits, without an edge that a file system would drop. */
function cut(text: string, maxBytes: number): string {
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
}
