import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CollectionSummary } from '../../shared/contracts/collection-view.ts';
import { HealthView } from '../../shared/contracts/service-views.ts';
import { type E2eSystem, startE2eSystem } from './e2e-system.ts';
import { fileFrom } from './requests.ts';

let system: E2eSystem;
let intake: QueueClient;
let poison: QueueClient;

beforeAll(async () => {
  system = await startE2eSystem({ scenarioOf: { devices: [{ computerDnsName: 'ws01.contoso.com' }] } });
  intake = new QueueClient(system.local.stateConnectionString, 'collection-requests');
  poison = new QueueClient(system.local.stateConnectionString, 'collection-requests-poison');
});
afterAll(() => system?.local.stop());

const WAIT = { timeout: 30_000, interval: 100 };

/** The collections that came of messages with this case. */
const collectionsOf = (caseId: string): Promise<CollectionSummary[]> => system.client.list({ caseId });

async function oneCollectionOf(caseId: string): Promise<CollectionSummary> {
  await expect.poll(() => collectionsOf(caseId), WAIT).toHaveLength(1);
  const [only] = await collectionsOf(caseId);
  if (!only) throw new Error('it has gone again');
  return only;
}

/** What lies in the poison queue; nothing is taken out. */
const setAside = async () =>
  (await poison.peekMessages({ numberOfMessages: 32 })).peekedMessageItems.map(({ messageText }) => messageText);

const untilTaken = () => expect.poll(async () => (await intake.getProperties()).approximateMessagesCount, WAIT).toBe(0);

describe('a message on collection-requests', () => {
  it('is the same request as over HTTP, and its own id serves as requestId', async () => {
    const { messageId } = await intake.sendMessage(JSON.stringify({ ...fileFrom('ws01'), caseId: 'plain' }));
    const collection = await oneCollectionOf('plain');
    expect(collection.requestId).toBe(messageId);
    expect(collection.requestedBy).toContain('queue');
    const { outcome } = await system.client.until(collection.collectionId, ({ completedAt }) => completedAt !== null);
    expect(outcome).toBe('complete');
  });

  it('may be base64', async () => {
    const text = JSON.stringify({ ...fileFrom('ghost'), caseId: 'base64', requestId: 'ä in base64' });
    await intake.sendMessage(Buffer.from(text).toString('base64'));
    expect((await oneCollectionOf('base64')).requestId).toBe('ä in base64');
  });

  it('sent twice with one requestId, and over HTTP as well, is one collection', async () => {
    const request = { ...fileFrom('ghost'), caseId: 'twice', requestId: 'sent twice' };
    await Promise.all([intake.sendMessage(JSON.stringify(request)), intake.sendMessage(JSON.stringify(request))]);
    await untilTaken();
    const { collectionId } = await system.client.submit(request);
    expect(await oneCollectionOf('twice')).toMatchObject({ collectionId });
  });
});

describe('a message between the functions that is delivered again', () => {
  it('changes nothing, and runs nothing for the second time', async () => {
    await system.tenant.add({ computerDnsName: 'once.contoso.com' });
    const ended = await system.client.collect(fileFrom('once'));
    const { collectionId } = ended;
    const custody = await system.client.custody(collectionId);
    const attemptId = custody.find(({ type }) => type === 'attempt.intended')?.data.attemptId;
    const again = [
      ['collections', { collectionId }],
      ['results', { attemptId, index: 0 }],
      ['ticks', { kind: 'dispatch', at: 1 }],
      ['ticks', { kind: 'poll', at: Date.now() }],
    ] as const;
    const queues = await Promise.all(
      [...again, ...again].map(async ([name, message]) => {
        const queue = new QueueClient(system.local.stateConnectionString, name);
        await queue.sendMessage(JSON.stringify(message));
        return queue;
      }),
    );
    for (const queue of queues)
      await expect.poll(async () => (await queue.getProperties()).approximateMessagesCount, WAIT).toBe(0);
    expect(await system.client.collection(collectionId)).toEqual(ended);
    expect(await system.client.custody(collectionId)).toEqual(custody);
    const { actions = [] } = await system.tenant.record();
    expect(actions.filter(({ computerDnsName }) => computerDnsName === 'once.contoso.com')).toHaveLength(1);
  });
});

it('a message that cannot be accepted is set aside unchanged, and health counts it', async () => {
  await system.client.submit({ ...fileFrom('ghost'), requestId: 'taken' });
  const bad = [
    'not JSON at all: <&>',
    '{"targets":[]}',
    JSON.stringify({ ...fileFrom('ghost'), unknownField: 1 }, null, 2),
    Buffer.from('{"targets": 7}').toString('base64'),
    JSON.stringify({ ...fileFrom('ghost'), requestId: 'taken', comment: 'another body' }),
  ];
  for (const text of bad) await intake.sendMessage(text);
  await expect.poll(async () => (await setAside()).sort(), WAIT).toEqual([...bad].sort());
  await untilTaken();
  expect((await system.client.read(HealthView, '/health')).body.poison).toBe(bad.length);
});
