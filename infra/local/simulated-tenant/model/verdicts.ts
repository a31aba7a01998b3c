import type { Endpoint } from './endpoints.ts';
import type { MachineAction } from './machine-action.ts';
import type { Refusal } from './reply.ts';
import type { Switches } from './switches.ts';
import type { CallRecord, TenantRecord } from './tenant-record.ts';

/** What the tenant can prove about its callers, from its own record alone. */

export interface BrokenLimit {
  limit: 'submitsAccepted' | 'submitsSent' | 'sessions' | 'refused';
  endpoint: Endpoint;
  /** Epoch ms at which it was first broken. */
  at: number;
  times: number;
  refusal?: Refusal;
}

const MINUTE = 60_000;

/**
 * Limits that callers broke. A 429 that was scripted, or that people in the portal caused unseen, is none.
 * `submitsSent` counts every submit that reached the tenant, refused ones included; `submitsAccepted` those with 201.
 */
export function limitsBroken(record: TenantRecord, switches: Switches): BrokenLimit[] {
  const submits = record.calls.filter((call) => call.endpoint === 'runLiveResponse' && call.lost !== 'request');
  const length = MINUTE / switches.limitsTimeScale;
  const broken: BrokenLimit[] = [];
  const judge = (limit: 'submitsAccepted' | 'submitsSent', calls: CallRecord[]) => {
    const over = overCrowded(calls, switches.submitsPerMinute, length);
    const first = over[0];
    if (first !== undefined) broken.push({ limit, endpoint: 'runLiveResponse', at: first.at, times: over.length });
  };
  judge('submitsSent', submits);
  judge(
    'submitsAccepted',
    submits.filter((call) => call.status === 201),
  );
  if (record.mostSessions > switches.sessions) {
    broken.push({ limit: 'sessions', endpoint: 'runLiveResponse', at: 0, times: record.mostSessions });
  }
  const refusals = new Map<string, BrokenLimit>();
  for (const { endpoint, refusal, at } of record.calls) {
    if (refusal === undefined || refusal === 'scripted' || refusal === 'unseenSessions') continue;
    const before = refusals.get(`${endpoint} ${refusal}`);
    if (before === undefined)
      refusals.set(`${endpoint} ${refusal}`, { limit: 'refused', endpoint, at, times: 1, refusal });
    else before.times++;
  }
  return [...broken, ...refusals.values()];
}

/** The calls that had as many others as allowed, or more, in the window before them. */
function overCrowded(calls: CallRecord[], allowed: number, length: number): CallRecord[] {
  return calls.filter((call, index) => {
    const rival = calls[index - allowed];
    return rival !== undefined && rival.at > call.at - length;
  });
}

/** How often commands of one attempt began: the comment carries the attempt's token. */
export function runsByAttempt(actions: readonly MachineAction[], now: number): Record<string, number> {
  const runs: Record<string, number> = Object.create(null);
  for (const action of actions) {
    if (action.type !== 'LiveResponse' || action.timeline.startsAt > now) continue;
    runs[action.comment] = (runs[action.comment] ?? 0) + 1;
  }
  return runs;
}

export interface DeviceRun {
  machineId: string;
  computerDnsName: string;
  actionId: string;
  requestorComment: string;
  beganAt: number;
  commands: { index: number; type: string; startedAt: number; endedAt: number | null; failed: boolean }[];
}

/** Every run that has begun, with the commands that did. */
export function runsOf(actions: readonly MachineAction[], now: number): DeviceRun[] {
  return actions
    .filter((action) => action.type === 'LiveResponse' && action.timeline.startsAt <= now)
    .map((action) => ({
      machineId: action.device.id,
      computerDnsName: action.device.spec.computerDnsName,
      actionId: action.id,
      requestorComment: action.comment,
      beganAt: action.timeline.startsAt,
      commands: action.timeline.spans
        .filter((span) => span.startsAt <= now)
        .map((span, index) => ({
          index,
          type: action.commands[index]?.type ?? '',
          startedAt: span.startsAt,
          endedAt: span.endsAt <= now ? span.endsAt : null,
          failed: span.failed && span.endsAt <= now,
        })),
    }));
}
