import { ENDPOINTS, type Endpoint } from './endpoints.ts';
import type { Refusal } from './reply.ts';
import type { Switches } from './switches.ts';

/** Instants of the calls that count, oldest first, of one endpoint. */
class SlidingWindow {
  #instants: number[] = [];
  #first = 0;

  add(at: number): void {
    this.#instants.push(at);
  }

  removeLast(): void {
    this.#instants.pop();
  }

  /** @returns how many calls lie in (now - length, now], and when the oldest of them leaves, epoch ms */
  count(now: number, length: number): { calls: number; frees: (allowed: number) => number } {
    let start = this.#first;
    while (start < this.#instants.length && (this.#instants[start] ?? 0) <= now - length) start++;
    const calls = this.#instants.length - start;
    return {
      calls,
      frees: (allowed) => (this.#instants[this.#instants.length - allowed] ?? now) + length,
    };
  }

  /** Forgets what lies before `before`, so that a long life stays small. */
  forget(before: number): void {
    while (this.#first < this.#instants.length && (this.#instants[this.#first] ?? 0) <= before) this.#first++;
    if (this.#first > 4096) {
      this.#instants = this.#instants.slice(this.#first);
      this.#first = 0;
    }
  }
}

const MINUTE = 60_000;
const HOUR = 3_600_000;

export interface LimitRefusal {
  refusal: Refusal;
  /** How long until the call would pass, in ms. */
  retryAfterMs: number;
}

/**
 * Defender's budgets: 10 submits a minute, 100 calls a minute and 1,500 an hour per endpoint, 2 and 120 package links.
 * A call is allowed at t if fewer than the limit lie in (t - length, t].
 * @see defender-docs run-live-response, common-errors, get-package-sas-uri
 */
export class CallLimits {
  #windows = new Map<Endpoint, SlidingWindow>();

  /** Counts the call if it may pass. @returns nothing if it may, else why not */
  take(endpoint: Endpoint, now: number, switches: Switches): LimitRefusal | undefined {
    const window = this.#windowOf(endpoint);
    const scale = switches.limitsTimeScale;
    for (const limit of limitsOf(endpoint, switches)) {
      const length = limit.length / scale;
      const { calls, frees } = window.count(now, length);
      if (calls < limit.allowed) continue;
      if (switches.refusedCallsCount) window.add(now);
      return { refusal: limit.refusal, retryAfterMs: Math.max(1, frees(limit.allowed) - now) };
    }
    window.add(now);
    window.forget(now - HOUR / scale);
    return undefined;
  }

  /** Uncounts the last call: it was refused with 429 for another reason, and a refused call is not accepted. */
  giveBack(endpoint: Endpoint, switches: Switches): void {
    if (!switches.refusedCallsCount) this.#windowOf(endpoint).removeLast();
  }

  #windowOf(endpoint: Endpoint): SlidingWindow {
    let window = this.#windows.get(endpoint);
    if (window === undefined) {
      window = new SlidingWindow();
      this.#windows.set(endpoint, window);
    }
    return window;
  }
}

interface Limit {
  allowed: number;
  length: number;
  refusal: Refusal;
}

function limitsOf(endpoint: Endpoint, switches: Switches): Limit[] {
  switch (ENDPOINTS[endpoint].budget) {
    case 'submits':
      return [{ allowed: switches.submitsPerMinute, length: MINUTE, refusal: 'submitRate' }];
    case 'packageLinks':
      return [
        { allowed: switches.packageLinksPerMinute, length: MINUTE, refusal: 'callsPerMinute' },
        { allowed: switches.packageLinksPerHour, length: HOUR, refusal: 'callsPerHour' },
      ];
    case 'calls':
      return [
        { allowed: switches.callsPerMinute, length: MINUTE, refusal: 'callsPerMinute' },
        { allowed: switches.callsPerHour, length: HOUR, refusal: 'callsPerHour' },
      ];
  }
}
