/**
 * What the versions of the rows differ in. Raised by one whenever a row's shape changes so that older code would misread
 * it; then a step is added below, which turns a value of the version before into one of this. Rows are brought up when
 * they are read and stored in the new shape by the next write that they would have had anyway.
 *
 * - 1: the first.
 * - 2: the header of an ended collection tells when it ended; a removed collection leaves a memory where its request was.
 * - 3: one run serves many: an attempt, and a result to be stored, may name several tasks. Rows of the versions before have
 *   no digest of their run and are read as they are: nobody joins them.
 * - 4: fair shares: a collection is given turns, and its tasks' agenda keys hold them. Older code would take those rows for
 *   stale and drop them. Collections of the versions before have none, and keep the keys that they have.
 * - 5: requests that only read files share an action although they ask for different ones: of an attempt, and of a result to
 *   be stored, the place of a command may not be that in the request. The versions before have none of them.
 */
export const SCHEMA_VERSION = 5;

export type RowKind = 'header' | 'request' | 'task' | 'custody' | 'guard' | 'attempt' | 'job' | 'index' | 'register';

type Fields = Readonly<Record<string, unknown>>;
type Step = Partial<Record<RowKind, (row: Fields) => Fields>>;

/** `STEPS[n]` leads from version n + 1 to n + 2. Kinds that it does not name are the same in both. */
const STEPS: readonly Step[] = [{ header: withEnd }, {}, {}, {}];

/**
 * The value of a row as this version knows it.
 * @param version that the row was stored with, 1 to `SCHEMA_VERSION`
 */
export function broughtUp(kind: RowKind, value: unknown, version: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return STEPS.slice(version - 1).reduce<Fields>((row, step) => step[kind]?.(row) ?? row, value as Fields);
}

/**
 * @param version as it lies in the row
 * @throws Error when a newer version of the software wrote the row, or none: it is neither read nor changed
 */
export function knownVersion(version: unknown, row: string): number {
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    throw new Error(`row ${row} has no schema version: Holdfast did not write it`);
  if (version > SCHEMA_VERSION)
    throw new Error(
      `row ${row} has schema version ${version}, this software knows ${SCHEMA_VERSION} at most: a newer Holdfast wrote it, update this one`,
    );
  return version;
}

/** Its tasks had all ended at `closing`; when the manifest was stored afterwards was not kept. */
function withEnd(header: Fields): Fields {
  const { ended, closing } = header as { ended?: boolean; closing?: { at: number } };
  return ended && closing ? { ...header, endedAt: closing.at } : header;
}
