import { mulberry32 } from '../../infra/local/simulated-tenant/model/random.ts';
import { nameOf } from './fleet.ts';

/** One request of the storm, and what its caller does with it. */
export interface StormRequest {
  /** When it is asked for, in ms from the start. */
  atMs: number;
  body: Record<string, unknown>;
  /** Cancelled so long after its acceptance. */
  cancelsAfterMs?: number;
  tasks: number;
}

const TARGETS = 10;
const CANCELS_AFTER_MS = 15_000;

/** Requests for `tasks` devices in all, mostly new ones, with commands that cannot be told to have run twice without harm. */
export function planRequests(
  tasks: number,
  lengthMs: number,
  seed: number,
  callbackUrl: (id: string) => string,
): StormRequest[] {
  const random = mulberry32(seed + 1);
  return Array.from({ length: Math.ceil(tasks / TARGETS) }, (_, place) => {
    const requestId = `chaos-${seed}-${place}`;
    const first = place * TARGETS;
    const count = Math.min(TARGETS, tasks - first);
    return {
      atMs: Math.round(random() * lengthMs),
      tasks: count,
      ...(place % 10 === 9 ? { cancelsAfterMs: CANCELS_AFTER_MS } : {}),
      body: {
        requestId,
        caseId: `INC-${place}`,
        priority: (['normal', 'bulk', 'urgent'] as const)[place % 3],
        callbackUrl: callbackUrl(requestId),
        // by name, so that targets have to be found first
        targets: Array.from({ length: count }, (_, at) => ({ computerDnsName: nameOf(first + at) })),
        commands: [
          { type: 'RunScript', scriptName: 'collect.ps1', args: `-For ${requestId}` },
          { type: 'GetFile', path: `C:\\evidence\\${requestId}.zip` },
        ],
      },
    };
  }).sort((a, b) => a.atMs - b.atMs);
}

/** As many devices as the requests name. */
export const devicesFor = (tasks: number): number => Math.ceil(tasks / TARGETS) * TARGETS;
