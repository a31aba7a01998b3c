import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BlobServiceClient } from '@azure/storage-blob';
import { STATE_ACCOUNT, startAzurite } from '../azurite.ts';
import { startChild } from '../child-process.ts';
import type { ArchiverJob, ArchiverMessage } from './archiver.ts';
import { startBigResultServer } from './result-server.ts';
import { seededSha256 } from './seeded-bytes.ts';

/**
 * `node infra/local/big-result/main.ts [MiB]`: archives a result of 3 GB, kills the archiver half way, starts it again,
 * and says with its exit code whether it went on where it was, stayed within 256 MiB and stored the same bytes.
 * Needs as much room on the disk as the result is long, for Azurite.
 */
const MIB = 1024 ** 2;
const PEAK_LIMIT_BYTES = 256 * MIB;
const HEAP_LIMIT_MIB = 96;
const SEED = 'big-result';

const bytes = Number(process.argv[2] ?? 3 * 1024) * MIB;
const folder = await mkdtemp(join(tmpdir(), 'holdfast-big-'));
const [azurite, server] = await Promise.all([startAzurite({ location: folder }), startBigResultServer(SEED, bytes)]);

try {
  const connectionString = azurite.connectionString(STATE_ACCOUNT);
  const containerName = 'evidence';
  await BlobServiceClient.fromConnectionString(connectionString).getContainerClient(containerName).create();
  const job: ArchiverJob = {
    connectionString,
    containerName,
    blobName: 'uncased/big/m1/00-GetFile-big',
    link: server.link,
  };

  const first = await archive(job, bytes / 2);
  console.log(`Killed after ${mib(first.stagedBytes)} staged; RSS ${mib(first.peakRss)}.`);
  const second = await archive(job);
  const { ended } = second;
  if (ended?.result.kind !== 'stored') throw new Error(`not stored: ${JSON.stringify(ended?.result)}`);

  const peakRss = Math.max(first.peakRss, ended.peakRss);
  const resumedAt = server.ranges.at(-1) ?? 0;
  console.log(`Went on at ${mib(resumedAt)} of ${mib(bytes)}.`);
  console.log(`Peak RSS ${mib(peakRss)} (goal: under ${mib(PEAK_LIMIT_BYTES)}).`);
  console.log(
    `First run ${rate(first.stagedBytes, first.ms)}; second ${rate(bytes - resumedAt, ended.ms)}, read-back included.`,
  );
  const same = ended.result.sha256 === seededSha256(SEED, bytes) && ended.result.bytes === bytes;
  console.log(
    same
      ? `Stored SHA-256 equals the source's: ${ended.result.sha256}`
      : 'The stored SHA-256 is not that of the source.',
  );
  process.exitCode = same && resumedAt > 0 && peakRss < PEAK_LIMIT_BYTES ? 0 : 1;
} finally {
  server.close();
  await azurite.stop();
  await rm(folder, { recursive: true, force: true });
}

interface Run {
  stagedBytes: number;
  peakRss: number;
  ms: number;
  ended?: Extract<ArchiverMessage, { kind: 'ended' }>;
}

/** One run of the archiver; killed without warning once `killAt` bytes are staged. */
async function archive(job: ArchiverJob, killAt = Number.POSITIVE_INFINITY): Promise<Run> {
  const run: Run = { stagedBytes: 0, peakRss: 0, ms: 0 };
  const startedAt = Date.now();
  const child: ChildProcess = startChild(fileURLToPath(new URL('./archiver.ts', import.meta.url)), [], {
    env: {
      ...process.env,
      BIG_RESULT_JOB: JSON.stringify(job),
      NODE_OPTIONS: `--max-old-space-size=${HEAP_LIMIT_MIB}`,
    },
    onLine: console.error,
  });
  child.on('message', (message: ArchiverMessage) => {
    if (message.kind === 'ended') {
      run.ended = message;
      return;
    }
    run.stagedBytes = message.bytes;
    run.peakRss = Math.max(run.peakRss, message.rss);
    if (message.bytes >= killAt) child.kill('SIGKILL');
  });
  await once(child, 'exit');
  run.ms = Date.now() - startedAt;
  return run;
}

function mib(amount: number): string {
  return `${Math.round(amount / MIB)} MiB`;
}

function rate(amount: number, ms: number): string {
  return `${Math.round(amount / MIB / (ms / 1000))} MiB/s`;
}
