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
import type { CopyEnded, CopyJob } from './copy-job.ts';

const MIB = 1024 ** 2;
const RESULT_BYTES = 64 * MIB;
const LINK_LIVES_MS = 30 * 60_000;
const COPIER = fileURLToPath(new URL('./copier.ts', import.meta.url));
const SYSTEMS = ['plain-copy', 'holdfast'] as const;

/** Results of 64 MiB from one account to another, hashed and proven, in turn with a copy that does neither. */
export async function run(report: Report, { quick }: { quick: boolean }): Promise<void> {
  const results = quick ? 2 : 8;
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-archive-'));
  const azurite = await startAzurite({ location: folder });
  try {
    const link = await produceResult(azurite);
    const connectionString = azurite.connectionString(STATE_ACCOUNT);
    const containerName = 'evidence';
    await BlobServiceClient.fromConnectionString(connectionString).getContainerClient(containerName).create();
    const seen: Record<CopyJob['system'], CopyEnded[]> = { 'plain-copy': [], holdfast: [] };
    for (let place = 0; place < results; place += 1) {
      for (const system of SYSTEMS) {
        const blobName = `${system}/${place}`;
        seen[system].push(await copy({ system, connectionString, containerName, blobName, link }));
      }
    }
    reportAll(report, `64MiB-x${results}`, seen);
  } finally {
    await azurite.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function reportAll(report: Report, scenario: string, seen: Record<CopyJob['system'], CopyEnded[]>): void {
  const figures = [
    { figure: 'rate', unit: 'MB/s', of: ({ ms }: CopyEnded) => RESULT_BYTES / 1e6 / (ms / 1000) },
    { figure: 'peak-rss', unit: 'MB', of: ({ peakRss }: CopyEnded) => peakRss / 1e6 },
  ];
  for (const { figure, unit, of } of figures) {
    const base = median(seen['plain-copy'].map(of));
    const value = median(seen.holdfast.map(of));
    report({ bench: 'archive', scenario, system: 'plain-copy', figure, value: base, unit });
    const ratio = { against: 'plain-copy', ratio: value / base };
    report({ bench: 'archive', scenario, system: 'holdfast', figure, value, unit, ...ratio });
  }
}

/** @returns a read-only link to a result of the simulated tenant's account */
async function produceResult(azurite: Azurite): Promise<string> {
  const service = BlobServiceClient.fromConnectionString(azurite.connectionString(RESULT_ACCOUNT));
  const container = service.getContainerClient('results');
  await container.create();
  const blob = container.getBlockBlobClient('result');
  await blob.uploadStream(Readable.from(seededBytes('archive', 0, RESULT_BYTES)), 8 * MIB, 2);
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
