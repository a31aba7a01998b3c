import type { TaskView } from '../../../shared/contracts/task-view.ts';
import type { WaitingReason } from '../../../shared/domain/failures/waiting-reasons.ts';
import { deviceName } from './device-row.ts';
import type { TenantVerdicts } from './verdict.ts';

/** What happens to devices while Holdfast waits for them, so that the waiting ends within the demo. */
interface TenantEvent {
  device: string;
  /** Happens once Holdfast has parked the device's task for this. */
  after: WaitingReason;
  words: string;
  request: { method: string; path: string; body?: unknown };
}

const EVENTS: readonly TenantEvent[] = [
  {
    device: 'lt-carla',
    after: 'MachineAsleep',
    words: 'Carla opens her laptop: lt-carla is awake.',
    request: { method: 'POST', path: 'devices/lt-carla.contoso.com/wake' },
  },
  {
    device: 'ws-lab-01',
    after: 'MachineBusy',
    words: 'An analyst closes the session on ws-lab-01 in the portal.',
    request: { method: 'PATCH', path: 'devices/ws-lab-01.contoso.com', body: { portalSession: false } },
  },
];

/** Long enough to be seen waiting. */
const AFTER_MS = 3_000;

export interface SimulatedWorld {
  /** Lets happen what is due. @returns what happened, in words */
  move(tasks: readonly TaskView[], now: number): Promise<string[]>;
  verdicts(): Promise<TenantVerdicts>;
}

export function simulatedWorld(tenantUrl: string): SimulatedWorld {
  const ahead = new Set(EVENTS);
  const call = async ({ method, path, body }: TenantEvent['request']) => {
    const answer = await fetch(`${tenantUrl}/simulator/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`The simulated tenant refused ${method} ${path}: ${await answer.text()}`);
    return answer.json();
  };
  return {
    async move(tasks, now) {
      const due = [...ahead].filter((event) => tasks.some((task) => isDue(event, task, now)));
      for (const event of due) {
        ahead.delete(event);
        await call(event.request);
      }
      return due.map(({ words }) => words);
    },
    async verdicts() {
      const record = (await call({ method: 'GET', path: 'record?parts=verdicts' })) as { verdicts: TenantVerdicts };
      return record.verdicts;
    },
  };
}

const isDue = ({ device, after }: TenantEvent, task: TaskView, now: number): boolean =>
  deviceName(task) === device &&
  task.state === 'parked' &&
  task.waiting?.reason === after &&
  Date.parse(task.waiting.since) + AFTER_MS <= now;
