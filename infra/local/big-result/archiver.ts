import { BlobServiceClient } from '@azure/storage-blob';
import { createResultSource } from '../../../shared/adapters/results/http-result-source.ts';
import { createEvidenceBlobs } from '../../../shared/adapters/storage/evidence-blobs.ts';
import type { HoldResult } from '../../../shared/use-cases/hold-result/held-result.ts';
import { holdResult } from '../../../shared/use-cases/hold-result/hold-result.ts';

/** What the archiver tells whoever started it: how far it is, then how it ended. RSS in bytes. */
export type ArchiverMessage =
  | { kind: 'staged'; bytes: number; rss: number }
  | { kind: 'ended'; result: HoldResult; peakRss: number; ms: number };

export interface ArchiverJob {
  connectionString: string;
  containerName: string;
  blobName: string;
  link: string;
}

/** One try in a process of its own, so that it can be killed and its memory measured. The job is in the environment. */
async function main(): Promise<void> {
  const job: ArchiverJob = JSON.parse(process.env.BIG_RESULT_JOB ?? '{}');
  const tell = (message: ArchiverMessage) => process.send?.(message);
  const clock = { now: () => Date.now() };
  const service = BlobServiceClient.fromConnectionString(job.connectionString);
  const store = createEvidenceBlobs({ service, containerName: job.containerName, clock });
  let staged = 0;
  const evidence: typeof store = {
    ...store,
    stageBlock: async (blobName, blockId, bytes) => {
      await store.stageBlock(blobName, blockId, bytes);
      staged += bytes.length;
      tell({ kind: 'staged', bytes: staged, rss: process.memoryUsage.rss() });
    },
  };
  const source = createResultSource({ allowedHosts: [], loopbackAllowed: true });
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const startedAt = clock.now();
  const { blobName, link } = job;
  const result = await holdResult(
    { source, evidence, clock, log },
    { blobName, link, commandType: 'GetFile', metadata: {} },
  );
  const peakRss = process.resourceUsage().maxRSS * 1024;
  tell({ kind: 'ended', result, peakRss, ms: clock.now() - startedAt });
  process.disconnect?.();
}

await main();
