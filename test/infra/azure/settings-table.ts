import { readFileSync } from 'node:fs';

/**
 * The settings that `docs/settings.md` promises, name to default. A default in words ("issuer of the tenant") is
 * worked out by the app and counts as none here.
 */
export function readSettingsTable(): Map<string, string | undefined> {
  const page = readFileSync(new URL('../../../docs/settings.md', import.meta.url), 'utf8');
  const rows = page.matchAll(/^\| `(?<name>[^`]+)` \| (?:`(?<plain>[^`]+)`|[^|]*) ?\|/gm);
  return new Map([...rows].map(({ groups }) => [groups?.name ?? '', groups?.plain]));
}
