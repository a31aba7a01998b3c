/**
 * `npm run host`: the embedded Functions host on the storage and the Defender API that the environment or
 * local.settings.json name. Prints one line on standard output when it is ready; logs go to standard error.
 */
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../build.ts';
import { readAppSettings } from './functions-host/app-settings.ts';
import { readHostJson, readHostSettings } from './functions-host/host-json.ts';
import { describeError, type Log, logTo } from './functions-host/log.ts';
import { StartError } from './functions-host/start-error.ts';
import { type FunctionsHost, startFunctionsHost } from './functions-host/start-functions-host.ts';
import { nodeVersionFault } from './node-version.ts';
import { onStopRequest } from './stop-request.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEFAULT_PORT = 7071;

async function main(): Promise<void> {
  const fault = nodeVersionFault();
  if (fault !== undefined) throw new StartError(fault);
  const hostJson = await readHostJson(join(ROOT, 'host.json'));
  const env = await readAppSettings(join(ROOT, 'local.settings.json'), process.env);
  Object.assign(process.env, env);
  const log = logTo(process.stderr, readHostSettings(hostJson, env).logLevel);
  const port = readPort(env.PORT);

  const appPath = env.HOLDFAST_APP ?? (await ensureBuilt());
  const host = await startFunctionsHost({ appPath, hostJson, env, port, log });
  onStopRequest(() => end(host, log));
  await answersHealth(host);
  process.stdout.write(`Holdfast is ready on ${host.url} (health: ${host.url}/health)\n`);
}

async function end(host: FunctionsHost, log: Log): Promise<void> {
  const allEnded = await host.close();
  if (!allEnded) log({ level: 'warning', message: 'Work was still running at the end; it will be taken up again' });
  process.exit(0);
}

/** Ready means that health answers 200; while the state storage is away it answers 503, and we wait. */
async function answersHealth({ functions, url }: FunctionsHost): Promise<void> {
  if (!functions.includes('health')) return;
  for (let wait = 50; ; wait = Math.min(wait * 2, 1_000)) {
    const answer = await fetch(`${url}/health`);
    await answer.body?.cancel();
    if (answer.ok) return;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new StartError(`PORT is "${text}"; give a whole number from 0 to 65535 (0: any free port)`);
}

try {
  await main();
} catch (error) {
  const message = error instanceof StartError ? error.message : describeError(error);
  process.stderr.write(`Holdfast cannot start. ${message}\n`);
  process.exit(1);
}
