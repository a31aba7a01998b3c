import {
  type CallLimits,
  type CallsMade,
  COUNTED_FOR_MS,
  type Endpoint,
  NO_CALLS,
  pausedCalls,
  takeCall,
} from '../domain/call-budget.ts';
import type { Clock, Defender, Registers, Reply } from '../ports.ts';

const MOST_CONFLICTS = 30;

export interface CallGovernor {
  registers: Registers;
  clock: Clock;
  tenantId: string;
  limits: CallLimits;
}

/**
 * Defender behind the budget that all instances share: every call is counted before it is made, and not made when its
 * endpoint has none left. Submits are not counted here: their permits derive from the attempts.
 */
export function governedDefender(defender: Defender, governor: CallGovernor): Defender {
  const within =
    <A extends unknown[], T>(endpoint: Endpoint, call: (...args: A) => Promise<Reply<T>>) =>
    async (...args: A): Promise<Reply<T>> => {
      const waitMs = await reserve(governor, endpoint);
      if (waitMs > 0) return { ok: false, fault: { kind: 'budgetSpent', retryAfterMs: waitMs } };
      const reply = await call(...args);
      if (!reply.ok && reply.fault.kind === 'rateLimited') await pause(governor, endpoint, reply.fault.retryAfterMs);
      return reply;
    };
  return {
    submit: (run) => defender.submit(run),
    listActions: within('listActions', (query, page) => defender.listActions(query, page)),
    action: within('action', (id) => defender.action(id)),
    cancel: within('cancel', (id, comment) => defender.cancel(id, comment)),
    resultLink: within('resultLink', (id, index) => defender.resultLink(id, index)),
    machines: within('machines', (page) => defender.machines(page)),
    machine: within('machine', (idOrName) => defender.machine(idOrName)),
    machinesByIp: within('machinesByIp', (ip, at) => defender.machinesByIp(ip, at)),
  };
}

/** @returns 0 when a call may be made now, else how long to wait, in ms */
async function reserve(governor: CallGovernor, endpoint: Endpoint): Promise<number> {
  const { registers, tenantId, clock, limits } = governor;
  const name = budgetRegister(endpoint);
  for (let round = 0; round < MOST_CONFLICTS; round += 1) {
    const row = await registers.read<CallsMade>(tenantId, name);
    const at = clock.now();
    const taken = takeCall(row?.value ?? NO_CALLS, limits, at);
    if (!taken.ok) return taken.waitMs;
    const written = await registers.write(tenantId, name, taken.made, row?.etag);
    if (written === 'written' && clock.now() - at <= COUNTED_FOR_MS) return 0;
  }
  // Everyone else was faster: as if the budget were spent for a moment.
  return 1_000;
}

/** What one instance was told holds for all. A lost write only costs another refusal. */
async function pause(governor: CallGovernor, endpoint: Endpoint, retryAfterMs: number | undefined): Promise<void> {
  const { registers, tenantId, clock } = governor;
  const row = await registers.read<CallsMade>(tenantId, budgetRegister(endpoint));
  const paused = pausedCalls(row?.value ?? NO_CALLS, clock.now(), retryAfterMs);
  await registers.write(tenantId, budgetRegister(endpoint), paused, row?.etag);
}

export const budgetRegister = (endpoint: Endpoint): string => `calls-${endpoint}`;
