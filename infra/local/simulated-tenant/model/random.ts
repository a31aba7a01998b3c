/** Seeded randomness: the same seed tells the same story, so a failing run can be told again. */

/** The mulberry32 generator. @returns a function that gives the next number in [0, 1) */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A 32-bit seed derived from words (FNV-1a), so that each device, command and purpose has a stream of its own. */
export function seedFrom(...words: (string | number)[]): number {
  let hash = 0x811c9dc5;
  const text = words.join('\u0001');
  for (let at = 0; at < text.length; at += 1) {
    const point = text.codePointAt(at) ?? 0;
    if (point > 0xffff) at += 1;
    hash = Math.imul(hash ^ point, 0x01000193) >>> 0;
  }
  return hash;
}

/** A version 4 GUID from the given stream of numbers. */
export function guidFrom(random: () => number): string {
  const hex = (digits: number) => {
    let text = '';
    while (text.length < digits) text += Math.floor(random() * 16).toString(16);
    return text;
  };
  const variant = (8 + Math.floor(random() * 4)).toString(16);
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(12)}`;
}
