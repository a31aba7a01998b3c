import { minutes, seconds } from '../../shared/domain/time.ts';
import type { CollectionChange } from '../../shared/ports.ts';
import type { Chance } from './chance.ts';
import { type CallFault, type IoStep, impossible } from './faults.ts';
import type { CallFate } from './gate.ts';
import type { Life } from './life.ts';
import type { SeedPlan, Span } from './seed-plan.ts';

const STORAGE_MS = [1, 40] as const;
const DEFENDER_MS = [120, 800] as const;
/** A call of Defender's that is not a submit is counted when it is made: on its way longer than this it is not. */
const MOST_THERE_MS = 2_500;

/** Beside the outages that are planned, some begin at the very step. */
const MOST_BEGUN = 3;
const OUTAGE_MS = { storage: minutes(10), defender: minutes(60) } as const;

const DRAWN = ['delay', 'error', 'throttled', 'lostReply', 'conflict', 'crashBefore', 'crashAfter', 'pause'] as const;

/** Steps of every idle minute. All others are rare beside them, and more often struck. */
const COMMON =
  /^(registers|work\.load|work\.attempt|index|queues\.send$|collections\.header|defender\.(listActions|machines))/;
const RARE_FACTOR = 6;
/** Steps that most seeds take a few times, if at all. */
const RAREST =
  /^(queues\.(sendText|depth)|defender\.machine(sByIp)?$|evidence\.(readLink|stageBlockFromUrl)|collections\.(custody|remove|removed|clear|sweepRequests)$)/;
const RAREST_FACTOR = 40;

/** Where a call cannot be undone, what tells most strikes more often: a sender that is held up, an answer that is lost. */
function tellingFactor(step: IoStep, fault: CallFault, args: readonly unknown[]): number {
  if (step === 'defender.submit' && fault === 'lostReply') return 3;
  if (step !== 'collections.commit' || fault !== 'pause') return 1;
  const [{ tasks = [] }] = args as [CollectionChange];
  return tasks.some(({ state }) => state === 'submitting') ? 40 : 1;
}

const factorOf = (step: IoStep): number => {
  if (RAREST.test(step)) return RAREST_FACTOR;
  return COMMON.test(step) ? 1 : RARE_FACTOR;
};

/** Decides how each call goes. */
export class FateDrawer {
  readonly #plan: SeedPlan;
  readonly #chance: Chance;
  readonly #begun = { storage: [] as Span[], defender: [] as Span[] };

  constructor(plan: SeedPlan, chance: Chance) {
    this.#plan = plan;
    this.#chance = chance;
  }

  draw(step: IoStep, args: readonly unknown[], life: Life, now: number): CallFate {
    const chance = this.#chance;
    const [least, most] = step.startsWith('defender.') || step.startsWith('callbacks.') ? DEFENDER_MS : STORAGE_MS;
    const fate: CallFate = { thereMs: chance.between(least, most), backMs: chance.between(least, most), reached: true };
    const fault = now < this.#plan.faultsEndAt ? this.#faultOf(step, args, now) : undefined;
    if (!fault) return fate;
    fate.fault = fault;
    if (fault === 'delay') this.#delay(fate, step);
    if (fault === 'pause') this.#pause(fate, step, life, now);
    if (fault === 'throttled' && chance.is(0.5)) fate.retryAfterMs = seconds(chance.int(1, 120));
    fate.reached = chance.is(0.5);
    return fate;
  }

  #faultOf(step: IoStep, args: readonly unknown[], now: number): CallFault | undefined {
    const { storageOutages, defenderOutages, rates } = this.#plan;
    const service = step.startsWith('defender.') ? 'defender' : 'storage';
    const planned = service === 'defender' ? defenderOutages : storageOutages;
    const mayBeOut = impossible(step, 'outage') === undefined;
    if (mayBeOut && (isIn(planned, now) || isIn(this.#begun[service], now))) return 'outage';
    const factor = factorOf(step);
    // Common steps would have used up the outages of a seed before a rare one had any.
    const mayBegin = this.#begun[service].length < MOST_BEGUN || factor === RAREST_FACTOR;
    if (mayBeOut && mayBegin && this.#chance.is(rates.outage * factor)) {
      this.#begun[service].push({ from: now, to: now + this.#chance.scale(seconds(10), OUTAGE_MS[service]) });
      return 'outage';
    }
    for (const fault of DRAWN)
      if (
        rates[fault] > 0 &&
        this.#chance.is(rates[fault] * factor * tellingFactor(step, fault, args)) &&
        impossible(step, fault) === undefined
      )
        return fault;
    return undefined;
  }

  /** Before the call is on the wire, or with its answer at hand. A call of Defender's is counted when it goes out. */
  #pause(fate: CallFate, step: IoStep, life: Life, now: number): void {
    const longest = minutes(10);
    // half of them longer than anybody waits for an answer
    const pauseMs = this.#chance.is(0.5)
      ? this.#chance.scale(seconds(10), longest)
      : this.#chance.between(minutes(2), longest);
    life.pausedUntil = now + pauseMs;
    if (!step.startsWith('defender.') && this.#chance.is(0.5)) fate.thereMs += pauseMs;
  }

  #delay(fate: CallFate, step: IoStep): void {
    const longer = this.#chance.scale(seconds(1), seconds(40));
    if (this.#chance.is(0.5)) fate.backMs += longer;
    else if (step.startsWith('defender.'))
      fate.thereMs += Math.min(longer, step === 'defender.submit' ? seconds(28) : MOST_THERE_MS);
    else fate.thereMs += longer;
  }
}

export const isIn = (spans: readonly Span[], at: number): boolean => spans.some((s) => s.from <= at && at < s.to);
