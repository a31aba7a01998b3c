export interface LoadFigures {
  p50: number;
  p99: number;
  /** Per second, over all that were in flight together. */
  rate: number;
}

/** Does `work` `count` times with `inFlight` at once. Latencies in ms by nearest rank. */
export async function underLoad(count: number, inFlight: number, work: () => Promise<void>): Promise<LoadFigures> {
  const took: number[] = [];
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const startedAt = performance.now();
      await work();
      took.push(performance.now() - startedAt);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: inFlight }, one));
  const rate = (count * 1000) / (performance.now() - startedAt);
  took.sort((a, b) => a - b);
  const rank = (share: number) => took[Math.max(0, Math.ceil(share * took.length) - 1)] ?? 0;
  return { p50: rank(0.5), p99: rank(0.99), rate };
}
