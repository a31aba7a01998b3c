/** Makes a forgotten case of a closed union a compile error, and a loud fault should a row hold what no code wrote. */
export function unreachable(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
