import { parentPort } from 'node:worker_threads';
import { FLEET_SCENARIOS } from './fleet-scenarios.ts';
import { measureSeed, type SeedFigures } from './measure-seed.ts';

/** Which scenario of the list, and the fleet of which seed. */
export interface SeedOrder {
  place: number;
  seed: number;
}

/** With the time that it took, for those who wait. */
export type SeedAnswer = SeedOrder & { seconds: number } & ({ figures: SeedFigures } | { broken: string });

parentPort?.on('message', async (order: SeedOrder) => parentPort?.postMessage(await answerTo(order)));

async function answerTo(order: SeedOrder): Promise<SeedAnswer> {
  const startedAt = performance.now();
  const outcome = await measured(order);
  return { ...order, ...outcome, seconds: (performance.now() - startedAt) / 1000 };
}

async function measured({ place, seed }: SeedOrder): Promise<{ figures: SeedFigures } | { broken: string }> {
  const scenario = FLEET_SCENARIOS[place];
  if (scenario === undefined) return { broken: 'there is no such scenario' };
  try {
    return { figures: await measureSeed(scenario, seed) };
  } catch (error) {
    return { broken: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
