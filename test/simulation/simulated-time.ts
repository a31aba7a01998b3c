import type { EpochMs } from '../../shared/domain/time.ts';
import { EventQueue, type Happening } from './event-queue.ts';

/** What must never happen has happened. */
export class Violation extends Error {
  readonly at: EpochMs;

  constructor(message: string, at: EpochMs) {
    super(message);
    this.name = 'Violation';
    this.at = at;
  }
}

/**
 * The true time of a simulation, and what is to come in it. One thing happens at a time: after each that lets the app
 * go on, everything runs until it waits for I/O again, which only the next happening can end.
 */
export class SimulatedTime {
  now: EpochMs;
  readonly #queue = new EventQueue();
  #violation: Violation | undefined;

  constructor(startsAt: EpochMs) {
    this.now = startsAt;
  }

  after(ms: number, happen: Happening): void {
    this.#queue.plan(this.now + Math.max(0, ms), happen);
  }

  at(instant: EpochMs, happen: Happening): void {
    this.#queue.plan(Math.max(this.now, instant), happen);
  }

  /** Stops the run at the end of this happening; the first one counts. */
  violate(message: string): void {
    this.#violation ??= new Violation(message, this.now);
  }

  /** @throws Violation */
  async runUntil(done: () => boolean, limit: EpochMs): Promise<void> {
    while (!done()) {
      const next = this.#queue.next();
      if (!next || next.at > limit) return;
      this.now = next.at;
      const happened = next.happen();
      if (happened === true) await everythingWaits();
      else if (happened) await happened;
      if (this.#violation) throw this.#violation;
    }
  }
}

/**
 * Resolves once all that was ready has run: Node turns to `nextTick` only when no promise is left to go on. It costs
 * nothing, where a round of the event loop costs more than a step.
 */
const everythingWaits = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
