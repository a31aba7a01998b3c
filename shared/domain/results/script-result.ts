import { jsonrepair } from 'jsonrepair';

/** What a RunScript result says. Each part is absent where the result does not tell it. */
export interface ScriptResult {
  readonly exitCode?: number;
  readonly output?: string;
  readonly errors?: string;
}

/**
 * Repairing takes time that grows with the square of the size when quotes stand unescaped in the text: 0.1 s for this
 * size, seconds for twice as much. The text is whatever a device sent, so it is no place for patience.
 */
export const REPAIR_LIMIT_BYTES = 64 * 1024;
/** Beyond this size only the ends of a result are searched for the exit code. */
export const READ_LIMIT_BYTES = 8 * 1024 * 1024;
const ENDS_BYTES = 64 * 1024;

/**
 * Reads the result blob of a RunScript: JSON with `script_name`, `exit_code`, `script_output`, `script_errors`, as far as
 * it is that. Results are seen with raw line breaks inside strings, with NULs after or between characters, and not as
 * JSON at all, so this reads what it can. The blob itself is stored as it came. Never throws.
 * @see https://learn.microsoft.com/defender-endpoint/api/get-live-response-result
 */
export function readScriptResult(bytes: Uint8Array): ScriptResult {
  if (bytes.length > READ_LIMIT_BYTES) {
    const [head, tail] = [bytes.subarray(0, ENDS_BYTES), bytes.subarray(bytes.length - ENDS_BYTES)];
    return exitCodeIn(decoded(head)) ?? exitCodeIn(decoded(tail)) ?? {};
  }
  const text = decoded(bytes);
  const whole = parsed(() => escapedControls(text));
  if (whole) return whole;
  if (bytes.length <= REPAIR_LIMIT_BYTES) {
    const mended = parsed(() => jsonrepair(text.replaceAll('\0', '')));
    if (mended && Object.keys(mended).length > 0) return mended;
  }
  return exitCodeIn(text) ?? {};
}

/** UTF-8 or UTF-16, with or without a byte order mark. Bytes that are neither become replacement characters. */
function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const bigEndian = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0);
  const littleEndian = (first === 0xff && second === 0xfe) || (second === 0 && first !== 0);
  const encoding = bigEndian ? 'utf-16be' : littleEndian ? 'utf-16le' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes).replace(/^[\s\0]+|[\s\0]+$/g, '');
}

function parsed(spelling: () => string): ScriptResult | undefined {
  try {
    return fieldsOf(JSON.parse(spelling()));
  } catch {
    return undefined; // not JSON, beyond repair, or nested deeper than the stack: the caller tries another way
  }
}

/** Control characters inside strings as JSON wants them written, those between values untouched. */
function escapedControls(text: string): string {
  let inString = false;
  let out = '';
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === 0x5c && inString) at += 1;
    else if (char === 0x22) inString = !inString;
    else if (char < 0x20 && inString) {
      out += `${text.slice(from, at)}\\u${char.toString(16).padStart(4, '0')}`;
      from = at + 1;
    }
  }
  return out + text.slice(from);
}

function fieldsOf(value: unknown): ScriptResult | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const known = new Map(Object.entries(value).map(([key, field]) => [key.toLowerCase().replaceAll('_', ''), field]));
  const exitCode = Number(known.get('exitcode') ?? Number.NaN);
  const output = textOf(known.get('scriptoutput'));
  const errors = textOf(known.get('scripterrors'));
  return {
    ...(Number.isSafeInteger(exitCode) ? { exitCode } : {}),
    ...(output === undefined ? {} : { output }),
    ...(errors === undefined ? {} : { errors }),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.replace(/\0+$/, '') : undefined;
}

/** Quotes inside the script's output are escaped, so an unescaped key is the result's own. */
function exitCodeIn(text: string): ScriptResult | undefined {
  const digits = /(?<!\\)"exit_?code"\s*:\s*"?(-?\d{1,10})\b/i.exec(text)?.[1];
  return digits === undefined ? undefined : { exitCode: Number(digits) };
}
