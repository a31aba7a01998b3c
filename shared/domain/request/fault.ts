/** One thing wrong with a request: what kind of fault, where, and a sentence that says what to do about it. */
export interface Fault {
  readonly code: FaultCode;
  /** The path of the field as a caller would write it: `targets[3].machineId`; `body` for the whole. */
  readonly target: string;
  readonly message: string;
}

export type FaultCode =
  | 'Required'
  | 'UnknownField'
  | 'InvalidType'
  | 'InvalidValue'
  | 'OutOfRange'
  | 'Conflict'
  | 'WrongOrder'
  | 'UnknownRecipe'
  | 'NoHosts';

/** Longest name of a field that an answer repeats: a fault must not echo a whole body. */
const LONGEST_NAME_SHOWN = 100;

/** `['targets', 3, 'machineId']` as `targets[3].machineId`. Names from outside are cut and made printable. */
export function faultPath(parts: readonly PropertyKey[]): string {
  let path = '';
  for (const part of parts) {
    if (typeof part === 'number') path += `[${part}]`;
    else path += `${path === '' ? '' : '.'}${shownName(String(part))}`;
  }
  return path === '' ? 'body' : path;
}

/** A name from outside, safe to repeat in an answer. */
export function shownName(name: string): string {
  const printable = name.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '\uFFFD');
  return printable.length > LONGEST_NAME_SHOWN
    ? `${printable.slice(0, LONGEST_NAME_SHOWN).toWellFormed()}…`
    : printable;
}
