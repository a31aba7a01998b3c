/**
 * `npm run demo`: the whole system on free ports of this machine, a collection from simulated devices, and its evidence,
 * verified. Exit code 0 only if everything that it says has held.
 */
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import process from 'node:process';
import { type LocalSystem, startLocalSystem } from '../local-system.ts';
import { nodeVersionFault } from '../node-version.ts';
import { onStopRequest } from '../stop-request.ts';
import { main as verify } from '../verify/main.ts';
import { createDemoFolder } from './demo-folder.ts';
import { holdfastClient } from './holdfast-client.ts';
import { outcomeText } from './outcome-text.ts';
import { demoRequests, EXPECTED } from './requests.ts';
import { DEMO_SCENARIO, DEMO_SETTINGS } from './scenario.ts';
import { openScreen, paint, type Screen } from './screen.ts';
import { simulatedWorld } from './tenant-events.ts';
import { type EvidenceCheck, faultsOf } from './verdict.ts';
import { watchCollections } from './watch-collections.ts';

/** The promise is 90 s in all; what has not ended by then is not going to. */
const MOST_MS = 84_000;

/** By Ctrl-C: what fails after it is no news. */
let interrupted = false;

async function main(startedAt: number): Promise<boolean> {
  const fault = nodeVersionFault();
  if (fault !== undefined) throw new Error(fault);
  const screen = openScreen(startedAt);
  screen.say(paint('bold', 'Holdfast collects evidence from eight devices of a simulated Defender tenant.\n'));
  const folder = await createDemoFolder(startedAt);
  const system = await start(folder);
  try {
    screen.say(`Ready after ${secondsSince(startedAt)} s: Azurite, the tenant, and the app on ${system.hostUrl}`);
    return await collect(system, screen, { folder, startedAt });
  } finally {
    screen.done();
    await system.stop();
  }
}

async function start(folder: string): Promise<LocalSystem> {
  const scenario = join(folder, 'scenario.json');
  await writeFile(scenario, JSON.stringify(DEMO_SCENARIO, undefined, 2));
  const log = createWriteStream(join(folder, 'log.txt'));
  const starting = startLocalSystem({
    scenario,
    env: DEMO_SETTINGS,
    onLine: (part, line) => log.write(`${part.padEnd(7)}${line}\n`),
  });
  onStopRequest(async () => {
    interrupted = true;
    await starting.then((system) => system.stop()).catch(() => undefined);
    process.exit(130);
  });
  return starting;
}

async function collect(
  system: LocalSystem,
  screen: Screen,
  run: { folder: string; startedAt: number },
): Promise<boolean> {
  const holdfast = holdfastClient(system.hostUrl);
  const world = simulatedWorld(system.tenantUrl);
  const ids: string[] = [];
  for (const request of demoRequests(new Date().toISOString())) {
    const { collectionId } = await holdfast.submit(request);
    ids.push(collectionId);
    const types = request.commands.map(({ type }) => type).join(', ');
    screen.say(`POST /api/collections  202  ${collectionId}  (${types})`);
  }
  const watched = await watchCollections(holdfast, world, screen, { ids, until: run.startedAt + MOST_MS });
  screen.done();
  screen.say(`\n${paint('bold', 'What came of it')}\n${outcomeText(watched.tasks, screen.columns(), paint)}`);

  screen.say(`\n${paint('bold', 'The evidence, downloaded and checked offline against its manifest')}`);
  const evidence: EvidenceCheck[] = [];
  for (const collection of watched.collections) {
    const downloaded = await holdfast.download(collection, join(run.folder, 'evidence'));
    screen.say(`  npm run verify -- ${fromHere(downloaded.folder)}`);
    const fits = (await verify([downloaded.folder], (line) => screen.say(`      ${line}`))) === 0;
    evidence.push({ ...downloaded, fits });
  }

  const tenant = await world.verdicts();
  const faults = faultsOf({ tasks: watched.tasks, waits: watched.waits, evidence, tenant }, EXPECTED);
  for (const fault of faults) screen.say(paint('red', `  Not as promised: ${fault}`));
  if (faults.length === 0)
    screen.say(
      [
        `\n${paint(['bold', 'green'], `All of that held, in ${secondsSince(run.startedAt)} s.`)}`,
        'Two devices were meant to fail, and say why. The manifests are those that the custody records name. By the',
        "tenant's own record no command ran twice, no limit was broken and no machine action is left open.",
      ].join('\n'),
    );
  screen.say(`\nEvidence and log stay in ${fromHere(run.folder)}`);
  return faults.length === 0;
}

/** Commands run in the root of the repository, and so do we. */
const fromHere = (path: string): string => relative(process.cwd(), path);

const secondsSince = (at: number): string => ((Date.now() - at) / 1_000).toFixed(1);

try {
  process.exitCode = (await main(Date.now())) ? 0 : 1;
} catch (error) {
  if (!interrupted) process.stderr.write(`The demo failed. ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = interrupted ? 130 : 1;
}
