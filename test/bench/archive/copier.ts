import process from 'node:process';
import { BlobClient, BlobServiceClient } from '@azure/storage-blob';
import { createResultSource } from '../../../shared/adapters/results/http-result-source.ts';
import { createEvidenceBlobs } from '../../../shared/adapters/storage/evidence-blobs.ts';
import { systemClock } from '../../../shared/adapters/telemetry/system.ts';
import { holdResult } from '../../../shared/use-cases/hold-result/hold-result.ts';
import type { CopyEnded, CopyJob, CopySystem } from './copy-job.ts';

const MIB = 1024 ** 2;
/** As Holdfast does: blocks of 4 MiB, four of them in memory. */
const BLOCK_BYTES = 4 * MIB;
const IN_FLIGHT = 4;

type OneCopy = Omit<CopyJob, 'times' | 'system'>;

const COPIES: Record<CopySystem, (copy: OneCopy) => Promise<void>> = {
  'plain-copy': copyPlainly,
  // hashed in flight, its length checked
  holdfast: (copy) => hold(copy, NEVER),
  // a result that is there already is read back whole
  'holdfast-read-back': async (copy) => {
    await hold(copy, NEVER);
    await hold(copy, NEVER);
  },
  // its bytes do not pass through us, so it is read back for its hash
  'holdfast-server-copy': (copy) => hold(copy, 1),
};
const NEVER = Number.POSITIVE_INFINITY;

async function hold({ connectionString, containerName, blobName, link }: OneCopy, serverCopyFromBytes: number) {
  const service = BlobServiceClient.fromConnectionString(connectionString);
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const result = await holdResult(
    {
      source: createResultSource({ allowedHosts: [], loopbackAllowed: true }),
      evidence: createEvidenceBlobs({ service, containerName, clock: systemClock }),
      clock: systemClock,
      log,
    },
    { blobName, link, commandType: 'GetFile', metadata: {}, serverCopyFromBytes, blockBytes: BLOCK_BYTES },
  );
  if (result.kind !== 'stored') throw new Error(`not stored: ${result.fault.kind}`);
}

/** A download piped into an upload: no hash, no proof. */
async function copyPlainly({ connectionString, containerName, blobName, link }: OneCopy): Promise<void> {
  const { readableStreamBody } = await new BlobClient(link).download();
  if (!readableStreamBody) throw new Error('the download has no body');
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient(containerName);
  // its type is that of any stream of Node, the value is always a Readable
  const body = readableStreamBody as Parameters<ReturnType<typeof container.getBlockBlobClient>['uploadStream']>[0];
  await container.getBlockBlobClient(blobName).uploadStream(body, BLOCK_BYTES, IN_FLIGHT);
}

const { system, times, ...one }: CopyJob = JSON.parse(process.env.COPY_JOB ?? '{}');
const startedAt = performance.now();
for (let n = 0; n < times; n += 1) await COPIES[system]({ ...one, blobName: `${one.blobName}-${n}` });
const ended: CopyEnded = { ms: performance.now() - startedAt, peakRss: process.resourceUsage().maxRSS * 1024 };
process.send?.(ended);
process.disconnect?.();
