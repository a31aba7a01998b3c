import { setTimeout } from 'node:timers/promises';
import type { EpochMs } from '../../domain/time.ts';
import type { Clock } from '../../ports.ts';

/** One answer of the storage service: when it was asked for and had, by the machine's clock, and the time it told. */
export interface HeardTime {
  sentAt: EpochMs;
  receivedAt: EpochMs;
  /** The `Date` header, which has whole seconds. */
  date: EpochMs;
}

export interface ServiceClock extends Clock {
  machineNow(): EpochMs;
  heard(answer: HeardTime): void;
  /** How far it may be from the service's time, in ms; 0 while the machine's own clock serves. */
  uncertaintyMs(): number;
}

/** A header tells the second that has begun. */
const RESOLUTION_MS = 1_000;
/** Below this the machine's clock is believed: headers may be a little old. Ours. */
const BELIEVED_MS = 2_000;
/** Clocks drift by less: bounds widen by so many ms in one ms. */
const DRIFT = 0.0002;

/**
 * The machine's clock, put right by the time of the state storage where it is off by more than two seconds. Permits and
 * leases are instants in rows that all instances read: what counts is that they agree, and the storage is what they share.
 * Each answer bounds the difference between the two clocks; the bounds of many answers together are narrow.
 */
export function createServiceClock(machine: Clock): ServiceClock {
  let least = Number.NEGATIVE_INFINITY;
  let most = Number.POSITIVE_INFINITY;
  let boundedAt = machine.now();

  const machineIsRight = (): boolean => least <= BELIEVED_MS && most >= -BELIEVED_MS;
  const offset = (): number => (machineIsRight() ? 0 : Math.round((least + most) / 2));

  return {
    now: () => machine.now() + offset(),
    machineNow: () => machine.now(),
    heard({ sentAt, receivedAt, date }) {
      const from = date - receivedAt;
      const to = date + RESOLUTION_MS - sentAt;
      if (receivedAt < sentAt) return;
      const widened = Math.max(0, receivedAt - boundedAt) * DRIFT;
      boundedAt = receivedAt;
      least = Math.max(least - widened, from);
      most = Math.min(most + widened, to);
      // One of the clocks was set: what was known before is of no use.
      if (least > most) [least, most] = [from, to];
    },
    uncertaintyMs: () => (machineIsRight() ? 0 : (most - least) / 2),
  };
}

/** Near enough for limits that count in seconds. */
const PRECISE_MS = 50;
/** Questions, and ms between them: a second holds the moment at which the service's second changes. */
const QUESTIONS = { most: 40, everyMs: 30 } as const;

/**
 * Asks for the time until it is known well enough. A machine whose clock is right asks nothing more than it did anyhow.
 * @param ask any call to the storage whose answer is heard
 */
export async function settleClock(clock: ServiceClock, ask: () => Promise<unknown>): Promise<void> {
  for (let asked = 0; asked < QUESTIONS.most && clock.uncertaintyMs() > PRECISE_MS; asked += 1) {
    await ask();
    await setTimeout(QUESTIONS.everyMs);
  }
}
