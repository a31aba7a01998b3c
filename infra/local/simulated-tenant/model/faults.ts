import { z } from 'zod';
import { ENDPOINT_NAMES, type Endpoint } from './endpoints.ts';
import { mulberry32, seedFrom } from './random.ts';

/** One thing that can go wrong with a call. */
export const Fault = z.discriminatedUnion('kind', [
  /** The connection breaks before anything happened. */
  z.strictObject({ kind: z.literal('reset') }),
  /** The call takes effect, then the connection breaks. */
  z.strictObject({ kind: z.literal('loseReply') }),
  /** An error instead of the call; without `code` the body is empty. */
  z.strictObject({
    kind: z.literal('error'),
    status: z.int().min(400).max(599).default(500),
    code: z.string().optional(),
    message: z.string().default(''),
    /** The call takes effect all the same, as when a gateway gives up waiting. */
    afterEffect: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('throttle'), retryAfterSeconds: z.int().min(0).default(10) }),
  /** 200 without a body: the call takes effect. */
  z.strictObject({ kind: z.literal('emptyBody') }),
  /** 200 with a body that is no JSON: the call takes effect. */
  z.strictObject({ kind: z.literal('garbledBody') }),
  /** The answer comes late. */
  z.strictObject({ kind: z.literal('delay'), ms: z.number().min(0) }),
]);
export type Fault = z.output<typeof Fault>;

/** "The next `times` calls to `endpoint` do this", after letting `skip` of them pass. */
export const ScriptedFault = z.strictObject({
  endpoint: z.enum([...ENDPOINT_NAMES, '*']),
  times: z.int().min(1).default(1),
  skip: z.int().min(0).default(0),
  fault: Fault,
});
export type ScriptedFault = z.output<typeof ScriptedFault>;

export interface FaultRate {
  endpoint: Endpoint | '*';
  probability: number;
  fault: Fault;
}

/** Scripted faults first, in the order in which they were added, then those by chance. */
export class FaultPlan {
  #scripted: ScriptedFault[] = [];
  #random: () => number;

  constructor(seed: number) {
    this.#random = mulberry32(seedFrom(seed, 'faults'));
  }

  add(fault: ScriptedFault): void {
    this.#scripted.push({ ...fault });
  }

  clear(): void {
    this.#scripted = [];
  }

  waiting(): readonly ScriptedFault[] {
    return this.#scripted;
  }

  next(endpoint: Endpoint, rates: readonly FaultRate[]): Fault | undefined {
    const mine = (named: Endpoint | '*') => named === '*' || named === endpoint;
    for (const scripted of this.#scripted) {
      if (!mine(scripted.endpoint)) continue;
      if (scripted.skip > 0) {
        scripted.skip--;
        continue;
      }
      scripted.times--;
      if (scripted.times === 0) this.#scripted = this.#scripted.filter((other) => other !== scripted);
      return scripted.fault;
    }
    for (const rate of rates) if (mine(rate.endpoint) && this.#random() < rate.probability) return rate.fault;
    return undefined;
  }
}
