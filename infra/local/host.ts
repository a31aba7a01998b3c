/**
 * `npm run host`: the embedded Functions host on the storage and the Defender API that the environment or
 * local.settings.json name. Prints one line on standard output when it is ready; logs go to standard error.
 */
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../build.ts';
import { checkEvidenceStorage } from './evidence-storage.ts';
import { readAppSettings } from './functions-host/app-settings.ts';
import { readHostJson, readHostSettings } from './functions-host/host-json.ts';
import { describeError, type Log, logTo } from './functions-host/log.ts';
import { StartError } from './functions-host/start-error.ts';
import { type FunctionsHost, startFunctionsHost } from './functions-host/start-functions-host.ts';
import { nodeVersionFault } from './node-version.ts';
import { readPort } from './port-setting.ts';
import { onStopRequest } from './stop-request.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LOOK_AGAIN_MS = 100;

/** After this a host that is not ready says so. */
const SLOW_START_MS = 5_000;

async function main(): Promise<void> {
  const fault = nodeVersionFault();
  if (fault !== undefined) throw new StartError(fault);
  const hostJson = await readHostJson(join(ROOT, 'host.json'));
  const env = await readSettings();
  Object.assign(process.env, env);
  const log = logTo(process.stderr, readHostSettings(hostJson, env).logLevel);
  const port = readPort(env.PORT);

  // tests of the host itself bring an app of their own
  const appPath = env.HOLDFAST_APP ?? (await ensureBuilt());
  process.setSourceMapsEnabled(true);
  const host = await startFunctionsHost({ appPath, hostJson, env, port, log });
  let ending = false;
  onStopRequest(async () => {
    ending = true;
    await end(host, log);
  });
  const evidence = env.HOLDFAST_APP === undefined ? checkEvidenceStorage(env, log) : undefined;
  await Promise.all([answersHealth(host, log, () => ending), evidence]);
  if (ending) return;
  process.stdout.write(`Holdfast is ready on ${host.url} (health: ${host.url}/health)\n`);
}

/** The local system gives every setting itself and wants none of the developer's. */
async function readSettings(): Promise<NodeJS.ProcessEnv> {
  if (process.env.HOLDFAST_LOCAL_SETTINGS === 'ignore') return { ...process.env };
  return readAppSettings(join(ROOT, 'local.settings.json'), process.env);
}

async function end(host: FunctionsHost, log: Log): Promise<void> {
  const allEnded = await host.close();
  if (!allEnded) log({ level: 'warning', message: 'Work was still running at the end; it will be taken up again' });
  process.exit(0);
}

/** Ready means that health answers 200; while the state storage is away it answers 503, and we wait. */
async function answersHealth({ functions, url }: FunctionsHost, log: Log, ending: () => boolean): Promise<void> {
  if (!functions.includes('health')) return;
  const startedAt = Date.now();
  let told = false;
  while (!ending()) {
    const status = await statusOf(`${url}/health`);
    if (status === 200) return;
    if (!told && Date.now() - startedAt > SLOW_START_MS) {
      log({ level: 'warning', message: `Not ready yet: health answers ${status ?? 'nothing'}` });
      told = true;
    }
    await pause(LOOK_AGAIN_MS);
  }
}

async function statusOf(url: string): Promise<number | undefined> {
  try {
    const answer = await fetch(url);
    await answer.body?.cancel();
    return answer.status;
  } catch {
    return undefined; // the host is ending, which is seen elsewhere
  }
}

try {
  await main();
} catch (error) {
  const message = error instanceof StartError ? error.message : describeError(error);
  process.stderr.write(`Holdfast cannot start. ${message.replace(/\s*\n\s*/g, ' ')}\n`);
  process.exit(1);
}
