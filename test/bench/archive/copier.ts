import process from 'node:process';
import { BlobClient, BlobServiceClient } from '@azure/storage-blob';
import { createResultSource } from '../../../shared/adapters/results/http-result-source.ts';
import { createEvidenceBlobs } from '../../../shared/adapters/storage/evidence-blobs.ts';
import { systemClock } from '../../../shared/adapters/telemetry/system.ts';
import { holdResult } from '../../../shared/use-cases/hold-result/hold-result.ts';
import type { CopyEnded, CopyJob } from './copy-job.ts';

const MIB = 1024 ** 2;
/** As Holdfast does: blocks of 8 MiB, four of them in memory. */
const BLOCK_BYTES = 8 * MIB;
const IN_FLIGHT = 4;

const COPIES: Record<CopyJob['system'], (job: CopyJob) => Promise<void>> = {
  holdfast: hold,
  'plain-copy': copyPlainly,
};

/** The streaming path with hashing and the read-back that proves what was stored. */
async function hold({ connectionString, containerName, blobName, link }: CopyJob): Promise<void> {
  const service = BlobServiceClient.fromConnectionString(connectionString);
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const result = await holdResult(
    {
      source: createResultSource({ allowedHosts: [], loopbackAllowed: true }),
      evidence: createEvidenceBlobs({ service, containerName, clock: systemClock }),
      clock: systemClock,
      log,
    },
    { blobName, link, commandType: 'GetFile', metadata: {}, serverCopyFromBytes: Number.POSITIVE_INFINITY },
  );
  if (result.kind !== 'stored') throw new Error(`not stored: ${result.fault.kind}`);
}

/** A download piped into an upload: no hash, no proof. */
async function copyPlainly({ connectionString, containerName, blobName, link }: CopyJob): Promise<void> {
  const { readableStreamBody } = await new BlobClient(link).download();
  if (!readableStreamBody) throw new Error('the download has no body');
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient(containerName);
  // its type is that of any stream of Node, the value is always a Readable
  const body = readableStreamBody as Parameters<ReturnType<typeof container.getBlockBlobClient>['uploadStream']>[0];
  await container.getBlockBlobClient(blobName).uploadStream(body, BLOCK_BYTES, IN_FLIGHT);
}

const job: CopyJob = JSON.parse(process.env.COPY_JOB ?? '{}');
const startedAt = performance.now();
await COPIES[job.system](job);
const ended: CopyEnded = { ms: performance.now() - startedAt, peakRss: process.resourceUsage().maxRSS * 1024 };
process.send?.(ended);
process.disconnect?.();
