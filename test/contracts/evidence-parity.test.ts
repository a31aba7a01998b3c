import { randomUUID } from 'node:crypto';
import { BlobServiceClient } from '@azure/storage-blob';
import fc from 'fast-check';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createEvidenceBlobs } from '../../shared/adapters/storage/evidence-blobs.ts';
import { createMemoryEvidence } from '../../shared/adapters/storage/memory-evidence.ts';
import type { EvidenceStore } from '../../shared/ports.ts';
import { readBytes } from './evidence-store.contract.ts';

/** Both do the same random things to two blobs and must answer alike: what the contract did not think of. */
const RUNS = { numRuns: 40, interruptAfterTimeLimit: 15_000 };

const containerName = `evidence-${randomUUID()}`;
let azure: EvidenceStore;

beforeAll(async () => {
  const service = BlobServiceClient.fromConnectionString(inject('stateConnectionString'));
  await service.getContainerClient(containerName).create();
  azure = createEvidenceBlobs({ service, containerName, clock: { now: () => Date.now() } });
});

const blob = fc.constantFrom('one', 'two');
/** The last has another length than the others. */
const block = fc.constantFrom('b1', 'b2', 'b3', 'longer').map((name) => Buffer.from(name).toString('base64'));
const text = fc.string({ maxLength: 6 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('stage' as const), blob, block, text }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('commit' as const), blob, blocks: fc.array(block, { maxLength: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('put' as const), blob, text }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('look' as const), blob }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

describe('memory and Azure Blob Storage answer alike', () => {
  it('as a store of evidence', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        const folder = randomUUID();
        const answersOf = async (store: EvidenceStore) => {
          const seen: unknown[] = [];
          for (const one of steps) seen.push(await answer(store, folder, one));
          for (const name of ['one', 'two']) seen.push(await look(store, `${folder}/${name}`));
          return seen;
        };
        const [stored, twin] = await Promise.all([azure, createMemoryEvidence()].map(answersOf));
        expect(twin).toEqual(stored);
      }),
      RUNS,
    );
  });
});

async function answer(store: EvidenceStore, folder: string, one: Step): Promise<unknown> {
  const name = `${folder}/${one.blob}`;
  const properties = { contentType: 'text/plain', metadata: { attemptid: one.do } };
  switch (one.do) {
    case 'stage':
      return orRefused(store.stageBlock(name, one.block, Buffer.from(one.text)));
    case 'commit':
      return orRefused(store.commitBlocks(name, one.blocks, properties));
    case 'put':
      return orRefused(store.put(name, Buffer.from(one.text), properties));
    case 'look':
      return look(store, name);
  }
}

async function look(store: EvidenceStore, name: string): Promise<unknown> {
  const stat = await store.stat(name);
  const staged = (await store.stagedBlocks(name)).toSorted((a, b) => (a.blockId < b.blockId ? -1 : 1));
  return { stat, staged, text: stat && (await readBytes(store, name)).toString() };
}

/** How a refusal is worded is the service's affair; that there is one is not. */
const orRefused = (promise: Promise<unknown>): Promise<unknown> => promise.catch(() => 'refused');
