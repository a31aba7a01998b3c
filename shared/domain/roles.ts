/** App roles of callers in `entra` mode. */
export const ROLES = [
  'Collections.Submit',
  'Collections.Read',
  'Collections.Cancel',
  /** Manifest, custody, links. */
  'Evidence.Read',
  /** Capacity. */
  'Operations.Read',
] as const;

export type Role = (typeof ROLES)[number];

/** Wide roles and what each stands for. */
const IMPLIES: ReadonlyMap<string, readonly Role[]> = new Map([
  ['Collections.ReadWrite.All', ['Collections.Submit', 'Collections.Read', 'Collections.Cancel']],
]);

/** @param roles as the token carries them, letter by letter; unknown ones give nothing */
export function hasRole(roles: readonly string[], needed: Role): boolean {
  return roles.some((role) => role === needed || IMPLIES.get(role)?.includes(needed) === true);
}
