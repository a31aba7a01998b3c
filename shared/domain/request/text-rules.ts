/** Rules for the texts of a request. Each gives the sentence that says what to change, or undefined when all is well. */

/** Control characters, line and paragraph separators, and halves of surrogate pairs, which storage would alter. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;
/** The same without tab, line feed and carriage return. */
const UNPRINTABLE_IN_LINES = /(?![\t\n\r])[\p{Cc}\p{Cs}]/u;

/** Characters as people count them, not UTF-16 units. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

export function lengthFault(text: string, most: number): string | undefined {
  if (text === '') return `Give 1 to ${most} characters, or leave the field out.`;
  if (characters(text) > most) return `Give at most ${most} characters; this has ${characters(text)}.`;
  return undefined;
}

/** One line of visible text: a case, a tag. */
export function lineFault(text: string, most: number): string | undefined {
  if (text !== '' && text.trim() === '') return 'Give something other than spaces, or leave the field out.';
  if (UNPRINTABLE.test(text)) return 'Use printable characters only, without line breaks.';
  return lengthFault(text, most);
}

/** Free text, several lines if need be, also empty. */
export function proseFault(text: string, most: number): string | undefined {
  if (UNPRINTABLE_IN_LINES.test(text)) return 'Use printable characters only (tabs and line breaks are fine).';
  return text === '' ? undefined : lengthFault(text, most);
}

export const LONGEST_LIBRARY_NAME = 255;

/** Names in the library: letters, digits, `-`, `_` and `.` (Microsoft's live response page). */
export function libraryNameFault(name: string): string | undefined {
  if (!/^[A-Za-z0-9_.-]+$/.test(name) || /^\.+$/.test(name))
    return 'Give the name of a file in the library, without a folder: letters, digits, "-", "_" and "." only.';
  return lengthFault(name, LONGEST_LIBRARY_NAME);
}

/** DNS allows 253 characters. */
export const LONGEST_DNS_NAME = 253;

/** A device's full or short name. Letters of any script and `_` are let through, since devices have such names. */
export function dnsNameFault(name: string): string | undefined {
  if (!/^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*$/u.test(name))
    return 'Give a device name such as ws01 or ws01.contoso.com: letters, digits, "-", "_" and single dots, no spaces.';
  return lengthFault(name, LONGEST_DNS_NAME);
}
