/** Azure Tables: a key has at most 1 KiB in UTF-16. */
export const KEY_CHARACTERS = 512;

/**
 * The service forbids / \ # ? and control characters in keys; `%` is allowed on paper but breaks in addresses.
 * @see https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const FORBIDDEN = /[/\\#?%\u0000-\u001f\u007f-\u009f]/;

const INDEX_KEY = /^[A-Za-z0-9|._-]+$/;

/**
 * The key itself, when tables can hold it.
 * @throws RangeError naming what kind of key it was; a key is never repaired, two might become one
 */
export function rowKey(key: string, what: string): string {
  if (key.length === 0) throw new RangeError(`${what} is empty`);
  if (key.length > KEY_CHARACTERS) throw new RangeError(`${what} has ${key.length} characters, ${KEY_CHARACTERS} fit`);
  if (FORBIDDEN.test(key) || !key.isWellFormed())
    throw new RangeError(`${what} holds a character that no table key may hold: ${shown(key)}`);
  return key;
}

/** Whether a key can be a row's at all: what a caller sent may be anything, and then there is no such row. */
export const fitsKey = (key: string): boolean =>
  key.length > 0 && key.length <= KEY_CHARACTERS && !FORBIDDEN.test(key) && key.isWellFormed();

/** Keys of the sorted index are stricter, so that their order is plain to see. @throws RangeError */
export function indexKey(key: string): string {
  rowKey(key, 'index key');
  if (!INDEX_KEY.test(key)) throw new RangeError(`index key may hold only A-Z a-z 0-9 | . _ - : ${shown(key)}`);
  return key;
}

const shown = (key: string): string => JSON.stringify(key.slice(0, 80));
