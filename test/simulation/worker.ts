import { parentPort } from 'node:worker_threads';
import { runSeed, type SeedReport } from './run-seed.ts';

/** What a worker is asked. */
export interface SeedOrder {
  seed: number;
  told: boolean;
  everything: boolean;
}

/** What it answers; `broken` when the simulation itself failed. */
export type SeedAnswer = { report: SeedReport } | { seed: number; broken: string };

// Nothing in a run may depend on real time or real chance: whoever takes them is caught in the act.
let running = false;
const { now } = Date;
Date.now = () => {
  if (running) throw new Error('the time was taken from the machine, not from the clock port');
  return now();
};
const { random } = Math;
Math.random = () => {
  if (running) throw new Error('chance was taken from the machine, not from its port');
  return random();
};

parentPort?.on('message', async ({ seed, told, everything }: SeedOrder) => {
  let answer: SeedAnswer;
  running = true;
  try {
    answer = { report: await runSeed(seed, { told, everything }) };
  } catch (error) {
    answer = { seed, broken: error instanceof Error ? (error.stack ?? String(error)) : String(error) };
  } finally {
    running = false;
  }
  parentPort?.postMessage(answer);
});
