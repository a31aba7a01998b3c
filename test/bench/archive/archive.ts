import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { BlobSASPermissions, BlobServiceClient } from '@azure/storage-blob';
import { type Azurite, RESULT_ACCOUNT, STATE_ACCOUNT, startAzurite } from '../../../infra/local/azurite.ts';
import { seededBytes } from '../../../infra/local/big-result/seeded-bytes.ts';
import { startChild } from '../../../infra/local/child-process.ts';
import { median, type Report } from '../figures.ts';
import { COPY_SYSTEMS, type CopyEnded, type CopyJob, type CopySystem } from './copy-job.ts';

const MIB = 1024 ** 2;
const LINK_LIVES_MS = 30 * 60_000;
const COPIER = fileURLToPath(new URL('./copier.ts', import.meta.url));

/** Results of one size: so many in each round, every system in turn in each. */
interface Size {
  name: string;
  bytes: number;
  rounds: number;
  each: number;
}

const SIZES: readonly Size[] = [
  { name: '1MiB-x200', bytes: MIB, rounds: 5, each: 40 },
  { name: '64MiB-x8', bytes: 64 * MIB, rounds: 8, each: 1 },
  { name: '1GiB-x1', bytes: 1024 * MIB, rounds: 1, each: 1 },
];
const QUICK_SIZES: readonly Size[] = [
  { name: '1MiB-x20', bytes: MIB, rounds: 2, each: 10 },
  { name: '64MiB-x2', bytes: 64 * MIB, rounds: 2, each: 1 },
];

/** Results from one account to another, hashed and proven, in turn with a copy that does neither. */
export async function run(report: Report, { quick }: { quick: boolean }): Promise<void> {
  for (const size of quick ? QUICK_SIZES : SIZES) await measureSize(report, size);
}

/** Each size has a storage of its own: what was copied before takes no room from it. */
async function measureSize(report: Report, size: Size): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-archive-'));
  const azurite = await startAzurite({ location: folder });
  try {
    const link = await produceResult(azurite, size.bytes);
    const connectionString = azurite.connectionString(STATE_ACCOUNT);
    const containerName = 'evidence';
    await BlobServiceClient.fromConnectionString(connectionString).getContainerClient(containerName).create();
    const seen: Partial<Record<CopySystem, CopyEnded[]>> = {};
    for (let round = 0; round < size.rounds; round += 1) {
      for (const system of COPY_SYSTEMS) {
        const blobName = `${system}/${round}`;
        const ended = await copy({ system, times: size.each, connectionString, containerName, blobName, link });
        seen[system] = [...(seen[system] ?? []), ended];
      }
    }
    reportAll(report, size, seen);
  } finally {
    await azurite.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function reportAll(report: Report, size: Size, seen: Partial<Record<CopySystem, CopyEnded[]>>): void {
  const figures = [
    { figure: 'rate', unit: 'MB/s', of: ({ ms }: CopyEnded) => (size.each * size.bytes) / 1e6 / (ms / 1000) },
    { figure: 'peak-rss', unit: 'MB', of: ({ peakRss }: CopyEnded) => peakRss / 1e6 },
  ];
  for (const { figure, unit, of } of figures) {
    const base = median((seen['plain-copy'] ?? []).map(of));
    for (const system of COPY_SYSTEMS) {
      const value = median((seen[system] ?? []).map(of));
      const ratio = system === 'plain-copy' ? {} : { against: 'plain-copy', ratio: value / base };
      report({ bench: 'archive', scenario: size.name, system, figure, value, unit, ...ratio });
    }
  }
}

/** @returns a read-only link to a result of the simulated tenant's account */
async function produceResult(azurite: Azurite, bytes: number): Promise<string> {
  const service = BlobServiceClient.fromConnectionString(azurite.connectionString(RESULT_ACCOUNT));
  const container = service.getContainerClient('results');
  await container.create();
  const blob = container.getBlockBlobClient('result');
  await blob.uploadStream(Readable.from(seededBytes('archive', 0, bytes)), 8 * MIB, 2);
  const expiresOn = new Date(Date.now() + LINK_LIVES_MS);
  return blob.generateSasUrl({ permissions: BlobSASPermissions.parse('r'), expiresOn });
}

async function copy(job: CopyJob): Promise<CopyEnded> {
  const said: string[] = [];
  const child = startChild(COPIER, [], {
    env: { ...process.env, COPY_JOB: JSON.stringify(job) },
    onLine: (line) => said.push(line),
  });
  let ended: CopyEnded | undefined;
  child.on('message', (message: CopyEnded) => {
    ended = message;
  });
  await once(child, 'close');
  if (!ended) throw new Error(`${job.system} did not end: ${said.slice(-5).join(' | ')}`);
  return ended;
}
