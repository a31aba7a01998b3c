/**
 * Reads a `Range` header of one range; more than one, or something else, means the whole.
 * @param bytes the size of the whole
 * @returns the bytes from `from` up to, not including, `to`
 */
export function byteRange(header: string, bytes: number): { from: number; to: number } | 'whole' | 'unsatisfiable' {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header.trim()) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'whole';
  if (first === '') {
    const from = Math.max(0, bytes - Number(last));
    return from < bytes ? { from, to: bytes } : 'unsatisfiable';
  }
  const from = Number(first);
  const to = last === '' ? bytes : Math.min(bytes, Number(last) + 1);
  return from < to ? { from, to } : 'unsatisfiable';
}
