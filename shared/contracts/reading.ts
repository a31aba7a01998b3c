import { z } from 'zod';
import { type Fault, type FaultCode, faultPath, shownName } from '../domain/request/fault.ts';

/** What reading a piece of the outside world comes to: the value, or every fault in it. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export type Path = readonly PropertyKey[];

export const good = <T>(value: T): Read<T> => ({ ok: true, value });
export const bad = (...faults: readonly Fault[]): Read<never> => ({ ok: false, faults });
export const fault = (code: FaultCode, path: Path, message: string): Fault => ({
  code,
  target: faultPath(path),
  message,
});

/**
 * Reads a value by a schema and says every fault in words of the contract.
 * @param path where the value stands in the body. Never throws.
 */
export function read<T>(schema: z.ZodType<T>, value: unknown, path: Path): Read<T> {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return good(parsed.data);
  return bad(...parsed.error.issues.flatMap((issue) => faultsOf(issue, path)));
}

/** Reads every element, unless there are too few or too many. */
export function readList<T>(
  value: unknown,
  path: Path,
  most: number,
  readItem: (item: unknown, path: Path) => Read<T>,
): Read<readonly T[]> {
  if (!Array.isArray(value)) return bad(fault('InvalidType', path, `Give a list, not ${kindOf(value)}.`));
  if (value.length < 1 || value.length > most)
    return bad(fault('OutOfRange', path, `Give 1 to ${most} elements; this has ${value.length}.`));
  return combined(value.map((item, at) => readItem(item, [...path, at])));
}

/** All values, or the faults of all. */
export function combined<T>(reads: readonly Read<T>[]): Read<readonly T[]> {
  const faults = reads.flatMap((one) => (one.ok ? [] : one.faults));
  return faults.length > 0 ? bad(...faults) : good(reads.flatMap((one) => (one.ok ? [one.value] : [])));
}

/** A JSON object, as opposed to a list, null or a plain value. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Faults of the fields of an object that the contract does not know, each by its name. */
export function unknownFields(value: object, known: readonly string[], path: Path): readonly Fault[] {
  return Object.keys(value)
    .filter((name) => !known.includes(name))
    .map((name) => fault('UnknownField', [...path, name], unknownFieldMessage(name, known)));
}

function unknownFieldMessage(name: string, known: readonly string[]): string {
  const meant = known.find((field) => field.toLowerCase() === name.toLowerCase());
  if (meant) return `There is no field "${shownName(name)}"; write it "${meant}".`;
  return `There is no field "${shownName(name)}" here; take it out. Known: ${known.join(', ')}.`;
}

/** What a JSON value is, in words. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function faultsOf(issue: z.core.$ZodIssue, path: Path): readonly Fault[] {
  const at = [...path, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      // The schema's own message lists the fields it knows, joined by commas (see `fields`).
      return issue.keys.map((key) =>
        fault('UnknownField', [...at, key], unknownFieldMessage(key, issue.message.split(', '))),
      );
    case 'invalid_type':
      return [
        issue.input === undefined
          ? fault('Required', at, 'This field is required.')
          : fault('InvalidType', at, `Give ${article(issue.expected)}, not ${kindOf(issue.input)}.`),
      ];
    case 'invalid_value':
      return [
        issue.input === undefined
          ? fault('Required', at, `This field is required: one of ${issue.values.join(', ')}.`)
          : fault('InvalidValue', at, `Give one of ${issue.values.join(', ')}.`),
      ];
    case 'invalid_union':
      return [
        issue.input === undefined
          ? fault('Required', at, 'This field is required.')
          : fault('InvalidValue', at, issue.message),
      ];
    case 'too_big':
    case 'too_small':
      return [fault('OutOfRange', at, issue.message)];
    default:
      return [fault('InvalidValue', at, issue.message)];
  }
}

function article(kind: string): string {
  if (kind === 'array') return 'a list';
  if (kind === 'record') return 'an object';
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

/**
 * An object whose fields are all known: others are refused, and the message lists the ones that are known.
 * Made to be read with `read`.
 */
export function fields<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : undefined),
  });
}
