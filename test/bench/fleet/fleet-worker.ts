import { parentPort } from 'node:worker_threads';
import { FLEET_SCENARIOS } from './fleet-scenarios.ts';
import { measureSeed, type SeedFigures } from './measure-seed.ts';

/** Which scenario of the list, and the fleet of which seed. */
export interface SeedOrder {
  place: number;
  seed: number;
}

export type SeedAnswer = SeedOrder & ({ figures: SeedFigures } | { broken: string });

parentPort?.on('message', async (order: SeedOrder) => parentPort?.postMessage(await answerTo(order)));

async function answerTo(order: SeedOrder): Promise<SeedAnswer> {
  const scenario = FLEET_SCENARIOS[order.place];
  if (scenario === undefined) return { ...order, broken: 'there is no such scenario' };
  try {
    return { ...order, figures: await measureSeed(scenario, order.seed) };
  } catch (error) {
    return { ...order, broken: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
