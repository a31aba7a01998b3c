/**
 * `npm run chaos`: two hosts, a storage on disk and a simulated tenant as real processes, struck at random moments while
 * callers ask for evidence; then an independent judgement. Exit 0: nothing lost, nothing run twice, no limit broken.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../../infra/build.ts';
import { type CallbackReceiver, startCallbackReceiver } from '../e2e/kill/callback-receiver.ts';
import { createCaller } from './caller.ts';
import { type ChaosSystem, startChaosSystem } from './chaos-system.ts';
import { EndWatch } from './ending.ts';
import { chaosScenario } from './fleet.ts';
import { type ChaosOptions, readOptions, USAGE } from './options.ts';
import { planStorm } from './plan.ts';
import { devicesFor, planRequests } from './requests.ts';
import { newProgress, rage, type StormProgress } from './storm.ts';
import { tellProgress } from './telling.ts';
import { judge, type Verdict } from './verdict.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Callers stop asking before the end, so that what they asked for meets the storm. */
const ASKING_PART = 0.8;
/** The longest that healing takes once nothing strikes any more: proofs and leases run out, sleepers wake. */
const CALM_MS = 6 * 60_000;

const folderOf = (seed: number): string => join(ROOT, '.holdfast', 'chaos', String(seed));

async function main(options: ChaosOptions): Promise<number> {
  const folder = folderOf(options.seed);
  await rm(folder, { recursive: true, force: true });
  await ensureBuilt();
  say(`Chaos of seed ${options.seed}: ${options.tasks} tasks, ${options.kills} kills, ${options.minutes} minutes.`);
  const startedAt = Date.now();
  const callbacks = await startCallbackReceiver();
  const system = await startChaosSystem(folder, chaosScenario(devicesFor(options.tasks), options.seed));
  try {
    const verdict = await endure(system, callbacks, options, startedAt);
    report(verdict, folder, Date.now() - startedAt);
    return verdict.lost.length + verdict.twice.length + verdict.limits.length === 0 ? 0 : 1;
  } finally {
    await system.stop();
    await callbacks.close();
  }
}

async function endure(
  system: ChaosSystem,
  callbacks: CallbackReceiver,
  options: ChaosOptions,
  startedAt: number,
): Promise<Verdict> {
  const lengthMs = options.minutes * 60_000;
  const { seed, tasks } = options;
  const caller = createCaller([system.hosts.first.url, system.hosts.second.url]);
  const requests = planRequests(tasks, lengthMs * ASKING_PART, seed, callbacks.urlFor);
  const progress = newProgress();
  const watch = new EndWatch(caller, progress, callbacks);
  const telling = tellProgress(() => progressLine(progress, watch, requests.length, startedAt));
  let isOver = () => false;
  try {
    const watching = watch.watch(() => isOver());
    await rage(system, planStorm({ ...options, lengthMs }, seed), requests, caller, progress);
    telling.say('The storm is over; what is open goes on.');
    // what has not ended then is lost, and the judgement says so
    const deadline = Date.now() + CALM_MS;
    isOver = () => watch.allHaveEnded || Date.now() > deadline;
    await watching;
  } finally {
    isOver = () => true;
    telling.close();
  }
  say('Comparing the evidence with what the devices handed over.');
  return judge(system, progress, caller, callbacks, join(folderOf(seed), 'tenant-record.json'));
}

function progressLine(progress: StormProgress, { ended }: EndWatch, requests: number, startedAt: number): string {
  const blows = [...progress.blows].map(([kind, times]) => `${times} ${kind}`).join(', ');
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  return `${seconds} s: ${progress.accepted.length}/${requests} requests accepted, ${ended.size} ended; ${blows}`;
}

function report({ lost, twice, limits, figures }: Verdict, folder: string, tookMs: number): void {
  for (const [what, value] of Object.entries(figures)) say(`${what.padEnd(32)}${String(value).padStart(6)}`);
  say(`${'seconds'.padEnd(32)}${String(Math.round(tookMs / 1000)).padStart(6)}`);
  for (const fault of [...lost, ...twice, ...limits]) say(`! ${fault}`);
  say(`${lost.length} lost, ${twice.length} run twice, ${limits.length} limits broken`);
  if (lost.length + twice.length + limits.length > 0) say(`Storage and logs are kept in ${folder}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  process.exitCode = await main(readOptions(process.argv.slice(2), Date.now() % 1_000_000));
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  // blows that are still planned would keep us; the children end with us
  process.exit(2);
}
