import { checkRowLength } from './change-limits.ts';
import { asciiJson } from './stored-text.ts';

/**
 * A value as a row of JSON would bring it back, deep-frozen: it can be handed out as often as it is asked for. What is in
 * it and was kept before is shared, not copied, for who writes a row mostly changes a little of what was read.
 * @param what the row that it lies in; absent: it may lie outside of rows
 * @throws RangeError when its JSON does not fit one row
 */
export function kept<T>(value: T, what?: string): T {
  const copy = keep(value);
  if (what !== undefined) checkRowLength(keptLength(copy), what);
  // the same fields, as every reader of the JSON takes them to be
  return copy as T;
}

/** How many characters a kept value takes where it is stored. */
export function keptLength(value: unknown): number {
  switch (typeof value) {
    case 'object':
      return value === null ? 'null'.length : (Mark.of(value) ?? 0);
    case 'string':
      return PLAIN_TEXT.test(value) ? value.length + QUOTES : asciiJson(value).length;
    default:
      return String(value).length;
  }
}

/** Needs no escape in JSON of ASCII characters. */
const PLAIN_TEXT = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const QUOTES = 2;
const BRACKETS = 2;

function keep(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value !== 'object') return keepJson(value);
  if (Mark.of(value) !== undefined) return value;
  if (Array.isArray(value)) return keepList(value);
  return isRecord(value) ? keepRecord(value) : keepJson(value);
}

/** The long way, for whatever is not a plain record. */
function keepJson(value: unknown): unknown {
  const text = asciiJson(value);
  const copy: unknown = JSON.parse(text);
  return typeof copy === 'object' && copy !== null ? frozen(marked(copy, text.length)) : copy;
}

function frozen(value: object): object {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) frozen(inner);
  return Object.freeze(value);
}

function keepList(list: readonly unknown[]): unknown {
  const copy = Array.from(list, (entry) => (isDropped(entry) ? null : keep(entry)));
  return withLength(
    copy,
    copy.reduce((sum: number, entry) => sum + keptLength(entry), 0),
    copy.length,
  );
}

function keepRecord(record: Readonly<Record<string, unknown>>): unknown {
  const copy: Record<string, unknown> = {};
  let length = 0;
  let fields = 0;
  for (const name of Object.keys(record)) {
    const field = record[name];
    if (isDropped(field)) continue;
    const keptField = keep(field);
    copy[name] = keptField;
    length += keptLength(name) + ':'.length + keptLength(keptField);
    fields += 1;
  }
  return withLength(copy, length, fields);
}

/** @param entries each but the first follows a comma */
function withLength(copy: object, length: number, entries: number): object {
  return Object.freeze(marked(copy, BRACKETS + length + Math.max(0, entries - 1)));
}

/** JSON has no place for these. */
const isDropped = (value: unknown): boolean =>
  value === undefined || typeof value === 'function' || typeof value === 'symbol';

/** Whether its own fields are all there is to it; `__proto__` as a field of its own is left to JSON. */
function isRecord(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (prototype === Object.prototype || prototype === null) && !('toJSON' in value) && !Object.hasOwn(value, '__proto__')
  );
}

class Itself {
  constructor(value: object) {
    // biome-ignore lint/correctness/noConstructorReturn: so that a private field comes to lie on a value of any class
    return value;
  }
}

/** What each kept object knows of itself: how long its JSON is. A WeakMap would take longer than everything else here. */
class Mark extends Itself {
  readonly #length: number;

  constructor(value: object, length: number) {
    super(value);
    this.#length = length;
  }

  static of(value: object): number | undefined {
    return #length in value ? value.#length : undefined;
  }
}

const marked = (value: object, length: number): object => new Mark(value, length);
