import { isAwake } from '../../infra/local/simulated-tenant/model/device-timeline.ts';
import { type Attempt, pendingSince } from '../../shared/domain/attempt.ts';
import { holdsSlot } from '../../shared/domain/capacity.ts';
import { type EpochMs, hours, minutes } from '../../shared/domain/time.ts';
import { type SeedPlan, START } from './seed-plan.ts';
import type { Simulation } from './simulation.ts';

/** How often is looked, in ms. */
export const LOOK_EVERY_MS = minutes(1);
/** After the last fault: what outages and crashes have built up is worked off, and the hour's budget is whole again. */
const CALM_AFTER_MS = hours(1);
/** From the end of a probation to the free slot: two heartbeats beside the polls, the cancel, its effect, one more cancel. */
const ALLOWANCE_MS = minutes(15);

/**
 * While an awake device waits for a slot, no sleeping one holds it beyond its probation (design.md, invariant 5). Looked at
 * in calm worlds whose budget of calls allows regular polls; the sleeper that has pended longest is the one to go first.
 */
export class SlotsWatch {
  readonly #sim: Simulation;
  readonly #calmFrom: EpochMs;
  #oldest: { attemptId: string; since: EpochMs } | undefined;

  constructor(sim: Simulation) {
    this.#sim = sim;
    const { plan } = sim;
    this.#calmFrom = isCalm(plan) ? START : plan.faultsEndAt + CALM_AFTER_MS;
    const { callsPerHour, callsPerMinute } = plan.settings.limits;
    if ((plan.switches?.pageSize ?? 0) >= 1000 && callsPerHour >= 120 && callsPerMinute >= 30) this.#lookAgain();
  }

  #lookAgain(): void {
    this.#sim.time.after(LOOK_EVERY_MS, () => {
      if (this.#sim.time.now >= this.#calmFrom) this.#look();
      this.#lookAgain();
      return undefined;
    });
  }

  #look(): void {
    const { time, plan } = this.#sim;
    const sleeper = this.#isFull() && this.#awakeOnesWait() ? this.#longestOverdue() : undefined;
    if (!sleeper) this.#oldest = undefined;
    else if (this.#oldest?.attemptId !== sleeper.attemptId)
      this.#oldest = { attemptId: sleeper.attemptId, since: time.now };
    else if (time.now - this.#oldest.since > ALLOWANCE_MS + 2 * plan.heartbeatMs)
      this.#sim.violate(`${sleeper.machineId} sleeps and holds a slot for which awake devices wait`);
  }

  #isFull(): boolean {
    const { sessions, sessionsReserved } = this.#sim.plan.settings.limits;
    const held = [...this.#sim.work.attempts.values()].filter(holdsSlot).length;
    return held >= Math.max(1, sessions - sessionsReserved);
  }

  #longestOverdue(): Attempt | undefined {
    const { work, tenant, time, plan } = this.#sim;
    const overdue = [...work.attempts.values()].filter((a) => {
      const action = a.machineActionId === undefined ? undefined : tenant.state.ledger.byId(a.machineActionId);
      const pends = action !== undefined && action.timeline.startsAt > time.now && action.timeline.endsAt > time.now;
      const late = pendingSince(a) + plan.settings.probationMs <= time.now;
      return a.state === 'open' && late && pends && !this.#isAwake(a.machineId);
    });
    return overdue.sort((a, b) => pendingSince(a) - pendingSince(b))[0];
  }

  #awakeOnesWait(): boolean {
    const { witness, work, time } = this.#sim;
    const held = new Set([...work.attempts.values()].filter(holdsSlot).map((a) => a.machineId));
    for (const { header, tasks } of witness.collections.values()) {
      if (header.closing || header.cancel || header.expiresAt <= time.now) continue;
      for (const { state, machineId, updatedAt } of tasks.values())
        if (state === 'queued' && machineId !== undefined && updatedAt + LOOK_EVERY_MS < time.now)
          if (!held.has(machineId) && this.#isAwake(machineId)) return true;
    }
    return false;
  }

  #isAwake(machineId: string): boolean {
    const device = this.#sim.tenant.state.devices.get(machineId);
    return device !== undefined && isAwake(device.pattern, this.#sim.time.now);
  }
}

const isCalm = ({ rates, messageFaults, storageOutages, defenderOutages, ticksSkipped }: SeedPlan): boolean =>
  Object.values(rates).every((rate) => rate === 0) &&
  messageFaults === 0 &&
  [storageOutages, defenderOutages, ticksSkipped].every((spans) => spans.length === 0);
