/** `npm start`: the whole system on this machine, until Ctrl-C. Its data stays under `.holdfast`. */
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { tryFileLock } from '../file-lock.ts';
import { freePortFrom } from './free-port.ts';
import { type LocalSystem, startLocalSystem } from './local-system.ts';
import { nodeVersionFault } from './node-version.ts';
import { onStopRequest } from './stop-request.ts';

const DATA = fileURLToPath(new URL('../../.holdfast', import.meta.url));
const USUAL_PORTS = { host: 7071, tenant: 7072, blob: 10_000, queue: 10_001, table: 10_002 };

async function main(): Promise<void> {
  const fault = nodeVersionFault();
  if (fault !== undefined) throw new Error(fault);
  const { location, release } = await takeDataFolder();
  const ports = await choosePorts();
  const starting = startLocalSystem({ location, ports, onLine: (part, line) => print(`${part.padEnd(7)}${line}`) });
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

async function choosePorts(): Promise<typeof USUAL_PORTS> {
  const ports = { ...USUAL_PORTS };
  const taken = new Set<number>();
  for (const part of ['host', 'tenant', 'blob', 'queue', 'table'] as const) {
    let port = await freePortFrom(USUAL_PORTS[part]);
    while (taken.has(port)) port = await freePortFrom(port + 1);
    if (port !== USUAL_PORTS[part]) print(`Port ${USUAL_PORTS[part]} (${part}) is taken; ${port} is used instead.`);
    taken.add(port);
    ports[part] = port;
  }
  return ports;
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

Ctrl-C ends all of it.
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
