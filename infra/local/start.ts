/** `npm start`: the whole system on this machine, until Ctrl-C. Its data stays under `.holdfast`. */
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { SETTINGS } from '../../shared/config/settings.ts';
import { tryFileLock } from '../file-lock.ts';
import { freePortFrom } from './free-port.ts';
import { type LocalSystem, type LocalSystemOptions, startLocalSystem } from './local-system.ts';
import { nodeVersionFault } from './node-version.ts';
import { readPort } from './port-setting.ts';
import { onStopRequest } from './stop-request.ts';

const DATA = fileURLToPath(new URL('../../.holdfast', import.meta.url));
const OTHER_PORTS = { tenant: 7072, blob: 10_000, queue: 10_001, table: 10_002 };

/** The local system's own: what it stores in and what it collects from is not a choice. */
const OWN_SETTINGS =
  /^(AzureWebJobsStorage|EvidenceStorage|DEFENDER_API_URL|DEFENDER_ACCESS_TOKEN|DEFENDER_TOKEN_SCOPE)/;

async function main(): Promise<void> {
  const fault = nodeVersionFault();
  if (fault !== undefined) throw new Error(fault);
  const ports = await choosePorts(readPort(process.env.PORT));
  const { location, release } = await takeDataFolder();
  const starting = startLocalSystem({
    location,
    ports,
    env: chosenSettings(),
    onLine: (part, line) => print(`${part.padEnd(7)}${line}`),
  });
  onStopRequest(async () => {
    await (await starting).stop();
    await release();
    process.exit(0);
  });
  const system = await starting;
  print(welcome(system, location));
}

/** Two Azurites on one folder would destroy each other's data, so a second start takes a folder of its own. */
async function takeDataFolder(): Promise<{ location: string; release: () => Promise<void> }> {
  for (let i = 1; ; i++) {
    const location = join(DATA, i === 1 ? 'azurite' : `azurite-${i}`);
    const release = await tryFileLock(`${location}.lock`);
    if (release !== undefined) return { location, release };
  }
}

async function choosePorts(host: number): Promise<NonNullable<LocalSystemOptions['ports']>> {
  const usual = { host, ...OTHER_PORTS };
  const ports = { ...usual };
  const taken = new Set<number>();
  for (const part of ['host', 'tenant', 'blob', 'queue', 'table'] as const) {
    let port = await freePortFrom(usual[part]);
    while (taken.has(port)) port = await freePortFrom(port + 1);
    if (port !== usual[part]) print(`Port ${usual[part]} (${part}) is taken; ${port} is used instead.`);
    taken.add(port);
    ports[part] = port;
  }
  return ports;
}

/** Limits, schedules and the like may be set for a trial in the shell that starts us. */
function chosenSettings(): Record<string, string> {
  const names = SETTINGS.map(({ name }) => name).filter((name) => !OWN_SETTINGS.test(name));
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function welcome({ hostUrl, tenantUrl, blobUrl, stateConnectionString }: LocalSystem, location: string): string {
  const request = JSON.stringify({
    targets: [{ machineTag: 'finance' }],
    commands: [{ type: 'GetFile', path: 'C:\\Windows\\Temp\\out.zip' }],
    comment: 'first try',
    caseId: 'INC-1',
  });
  return `
Holdfast          ${hostUrl}
  health          ${hostUrl}/health
  evidence        ${blobUrl} (Azurite, kept in ${location})
Simulated tenant  ${tenantUrl} (its record: ${tenantUrl}/simulator/record)

Collect something:
  curl -i ${hostUrl}/collections -H 'content-type: application/json' -d '${request}'

Look into the storage with Storage Explorer:
  ${stateConnectionString}

Ready; Ctrl-C ends all of it.
`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`The local system cannot start. ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
