import type { TenantRecord } from './tenant-record.ts';

/** Characters of what ran; the tenant's record has the rest. */
const KEY_SHOWN = 120;

/** Attempts that began twice, and requests that ran twice on a device; in sentences. */
export function runTwice({ actions }: TenantRecord): string[] {
  const begun = actions.filter((action) => action.startedAt !== null);
  const attempts = Map.groupBy(begun, (action) => action.requestorComment);
  const requests = Map.groupBy(begun, (action) => `${action.machineId} ${JSON.stringify(action.commands)}`);
  return [
    ...timesOver(attempts, 'attempt'),
    // every request has commands of its own, so the same ones on the same device are the same request's
    ...timesOver(requests, 'commands on'),
  ];
}

const timesOver = (groups: Map<string, unknown[]>, what: string): string[] =>
  [...groups].flatMap(([key, group]) =>
    group.length > 1 ? [`${what} ${key.slice(0, KEY_SHOWN)} ran ${group.length} times`] : [],
  );
