import { capacityOf, holdsSlot } from '../domain/capacity.ts';
import { demandOf, heldFrom } from '../domain/dispatch-plan.ts';
import type { Lessons } from '../domain/schedule/lessons.ts';
import { nextPollAt } from '../domain/schedule/next-poll.ts';
import type { OpenWork } from '../ports.ts';
import type { Agenda } from './agenda.ts';
import type { Deps } from './deps.ts';
import { readLessons } from './learned-schedule.ts';
import { wake } from './wake.ts';

/** Plans the ticks that must follow a dispatch: when a permit returns, a parked task comes due, or an action should be looked at. */
export async function planTicks(deps: Deps, agenda: Agenda, work: OpenWork, known?: Lessons): Promise<void> {
  const now = deps.clock.now();
  const attempts = work.attempts.map((a) => a.value);
  const capacity = capacityOf(attempts, work.guard.value, deps.settings.limits, now);
  // While no slot is free, the poll that finds one dispatches at once.
  const waits = agenda.due.length > 0 && capacity.slots > 0;
  const permitAt = capacity.pausedUntil ?? (waits ? capacity.permitReturnsAt : undefined);
  const retryAt = agenda.later[0]?.retryAt;
  const holds = capacity.slots > 0 ? agenda.later.flatMap((c) => heldFrom(c) ?? []).filter((at) => at > now) : [];
  const next = Math.min(permitAt ?? Number.POSITIVE_INFINITY, retryAt ?? Number.POSITIVE_INFINITY, ...holds);
  if (next < Number.POSITIVE_INFINITY) await wake(deps, 'dispatch', next);
  const { pollMinMs, probationMs, limits } = deps.settings;
  const settings = { pollMinMs, probationMs, callsPerHour: limits.callsPerHour };
  if (!attempts.some(holdsSlot)) return;
  const demand = demandOf(agenda.due, attempts, capacity, now);
  const pollAt = nextPollAt(attempts, known ?? (await readLessons(deps)), demand, settings, now);
  if (pollAt !== undefined) await wake(deps, 'poll', pollAt);
}
