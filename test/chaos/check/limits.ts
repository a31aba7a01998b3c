import type { TenantRecord } from './tenant-record.ts';

export interface TenantLimits {
  submitsPerMinute: number;
  sessions: number;
  callsPerMinute: number;
  callsPerHour: number;
}

const MINUTE_MS = 60_000;

/** Limits that were broken by the tenant's log alone, each in a sentence; a 429 for a limit of ours tells of one, too. */
export function brokenLimits({ calls, actions }: TenantRecord, limits: TenantLimits): string[] {
  const reached = calls.filter((call) => call.lost !== 'request');
  const broken: string[] = [];
  const judge = (what: string, instants: number[], allowed: number, windowMs: number) => {
    const times = crowded(instants, allowed, windowMs);
    if (times > 0) broken.push(`${what}: more than ${allowed} in ${windowMs / 1000} s, ${times} times`);
  };
  for (const [endpoint, group] of Map.groupBy(reached, (call) => call.endpoint)) {
    const instants = group.map((call) => call.at);
    if (endpoint === 'runLiveResponse') judge('submits', instants, limits.submitsPerMinute, MINUTE_MS);
    else {
      judge(endpoint, instants, limits.callsPerMinute, MINUTE_MS);
      judge(endpoint, instants, limits.callsPerHour, 60 * MINUTE_MS);
    }
  }
  const most = mostAtOnce(actions);
  if (most > limits.sessions) broken.push(`sessions: ${most} at once, ${limits.sessions} allowed`);
  for (const [refusal, group] of Map.groupBy(calls.filter(isOurFault), (call) => call.refusal ?? 'unknown'))
    broken.push(`429 (${refusal}): ${group.length} calls refused by the tenant`);
  return broken;
}

/** Sessions of people in the portal are in no list: meeting them is how one learns of them. */
const isOurFault = ({ status, refusal }: TenantRecord['calls'][number]): boolean =>
  status === 429 && refusal !== 'unseenSessions';

/** How many instants had `allowed` others in the window before them. */
function crowded(instants: readonly number[], allowed: number, windowMs: number): number {
  const sorted = [...instants].sort((a, b) => a - b);
  return sorted.filter((at, place) => (sorted[place - allowed] ?? Number.NEGATIVE_INFINITY) > at - windowMs).length;
}

function mostAtOnce(actions: TenantRecord['actions']): number {
  const turns = actions.flatMap(({ submittedAt, endedAt }) => [
    { at: submittedAt, by: 1 },
    { at: endedAt ?? Number.POSITIVE_INFINITY, by: -1 },
  ]);
  // what ends at an instant makes room for what begins at it
  turns.sort((a, b) => a.at - b.at || a.by - b.by);
  let open = 0;
  return turns.reduce((most, { by }) => {
    open += by;
    return Math.max(most, open);
  }, 0);
}
