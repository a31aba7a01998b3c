import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServiceClock } from '../../shared/adapters/storage/service-clock.ts';
import type { EpochMs } from '../../shared/domain/time.ts';

/** One run of one function: a message, a tick, a request. */
export interface Invocation {
  id: number;
  name: string;
  life: Life;
  /** Whether any fault struck it: an error without one is a bug. */
  struck: boolean;
}

/** One process of an instance, from its start to its crash. */
export interface Life {
  /** `A1`: the first process of instance A. */
  name: string;
  alive: boolean;
  /** Answers wait until then: the process stands still. */
  pausedUntil: EpochMs;
  /** Of the machine's clock, in ms. */
  skewMs: number;
  clock: ServiceClock;
  /** Ends the process; whoever waits for an answer waits forever. */
  crash(): void;
}

const current = new AsyncLocalStorage<Invocation>();

/** The function in whose run this very line is. */
export const invocation = (): Invocation | undefined => current.getStore();

export const within = <T>(one: Invocation, work: () => T): T => current.run(one, work);
