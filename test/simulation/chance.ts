import { mulberry32, seedFrom } from '../../infra/local/simulated-tenant/model/random.ts';

/** Everything that a seed decides comes from here; streams of their own keep one decision from shifting another. */
export interface Chance {
  /** In [0, 1). */
  next(): number;
  /** True with a probability. */
  is(probability: number): boolean;
  between(from: number, to: number): number;
  /** A whole number, both ends included. */
  int(from: number, to: number): number;
  /** Even in the logarithm: small values as often as large ones. */
  scale(from: number, to: number): number;
  pick<T>(...from: [T, ...T[]]): T;
  /** One of a list that is not empty. */
  among<T>(list: readonly T[]): T;
}

export function chanceOf(seed: number, purpose: string): Chance {
  const next = mulberry32(seedFrom(seed, purpose));
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  const among = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new RangeError('there is nothing to choose from');
    return list[Math.floor(next() * list.length)] as T;
  };
  return {
    next,
    is: (probability) => next() < probability,
    between: (from, to) => from + next() * (to - from),
    int,
    scale: (from, to) => Math.exp(Math.log(from) + next() * Math.log(to / from)),
    pick: (...from) => among(from),
    among,
  };
}
