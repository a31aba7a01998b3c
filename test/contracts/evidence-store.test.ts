import { createHash, randomUUID } from 'node:crypto';
import { BlobSASPermissions, BlobServiceClient } from '@azure/storage-blob';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createResultSource } from '../../shared/adapters/results/http-result-source.ts';
import { createMemoryResultSource } from '../../shared/adapters/results/memory-result-source.ts';
import { createEvidenceBlobs } from '../../shared/adapters/storage/evidence-blobs.ts';
import { createMemoryEvidence } from '../../shared/adapters/storage/memory-evidence.ts';
import { BLOCK_BYTES } from '../../shared/domain/evidence/block-plan.ts';
import type { EvidenceStore } from '../../shared/ports.ts';
import { holdResult } from '../../shared/use-cases/hold-result/hold-result.ts';
import { evidenceBlocksContract } from './evidence-blocks.contract.ts';
import { evidenceStoreContract, readBytes } from './evidence-store.contract.ts';

const clock = { now: () => Date.now() };
const fetched = Buffer.alloc(BLOCK_BYTES + 1_000, 'evidence ');
const containerName = `evidence-${randomUUID()}`;
let store: EvidenceStore;
let link: string;

beforeAll(async () => {
  const service = BlobServiceClient.fromConnectionString(inject('stateConnectionString'));
  await service.getContainerClient(containerName).create();
  store = createEvidenceBlobs({ service, containerName, clock });

  const results = BlobServiceClient.fromConnectionString(inject('resultConnectionString'));
  const container = results.getContainerClient(`results-${randomUUID()}`);
  await container.create();
  const source = container.getBlockBlobClient('source');
  await source.uploadData(fetched);
  link = await source.generateSasUrl({
    permissions: BlobSASPermissions.parse('r'),
    expiresOn: new Date(Date.now() + 600_000),
  });
});

evidenceStoreContract('Azure Blob Storage', async () => ({ store, link, fetched }));

evidenceStoreContract('memory', async () => {
  const source = createMemoryResultSource({ allowedHosts: ['.blob.core.windows.net'], loopbackAllowed: false });
  const memoryLink = 'https://tenant.blob.core.windows.net/results/source?sig=x';
  source.put(memoryLink, { bytes: fetched, etag: '"1"' });
  return { store: createMemoryEvidence({ fetchRange: source.fetchRange }), link: memoryLink, fetched };
});

evidenceBlocksContract('Azure Blob Storage', async () => store);
evidenceBlocksContract('memory', async () => createMemoryEvidence());

describe('a link into Azure Blob Storage', () => {
  it('downloads the blob under its name, and opens nothing else', async () => {
    const [one, other] = ['one "quoted".txt', 'other.txt'].map((file) => `INC-1/${randomUUID()}/${file}`);
    for (const name of [one, other])
      await store.put(name ?? '', Buffer.from('text'), { contentType: 'a/b', metadata: {} });
    const readLink = await store.readLink(one ?? '', Date.now() + 60_000);
    const answer = await fetch(readLink);
    expect(await answer.text()).toBe('text');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="one _quoted_.txt"');
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    const elsewhere = readLink.replace(encodeURI(one ?? ''), other ?? '').replace(/INC-1.*one[^?]*/, other ?? '');
    expect((await fetch(elsewhere)).status).toBe(403);
    expect((await fetch(readLink, { method: 'DELETE' })).status).toBe(403);
  });
});

describe('holding a result in Azure Blob Storage', () => {
  const sha256 = createHash('sha256').update(fetched).digest('hex');
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const source = createResultSource({ allowedHosts: [], loopbackAllowed: true });

  it.each([
    ['streamed', Number.POSITIVE_INFINITY],
    ['copied by the service', 1],
  ])('%s, stores it once', async (_, serverCopyFromBytes) => {
    const blobName = `uncased/${randomUUID()}/m1/00-GetFile-a`;
    const job = { blobName, link, commandType: 'GetFile', metadata: {}, serverCopyFromBytes } as const;
    const copies: string[] = [];
    const counting: EvidenceStore = {
      ...store,
      stageBlockFromUrl: (...copy) => {
        copies.push(copy[1]);
        return store.stageBlockFromUrl(...copy);
      },
    };
    const deps = { source, evidence: counting, clock, log };
    expect(await holdResult(deps, job)).toMatchObject({ kind: 'stored', sha256, alreadyStored: false });
    expect(await holdResult(deps, job)).toMatchObject({ kind: 'stored', sha256, alreadyStored: true });
    expect((await readBytes(store, blobName)).equals(fetched)).toBe(true);
    expect(copies.length > 0).toBe(serverCopyFromBytes === 1);
  });
});
