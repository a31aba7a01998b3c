import { v7 } from 'uuid';
import type { Clock, Ids, Random } from '../../ports.ts';

/** Time, ids and chance of the real world. */
export const systemClock: Clock = { now: () => Date.now() };

export const systemIds: Ids = { next: () => v7() };

export const systemRandom: Random = () => Math.random();
