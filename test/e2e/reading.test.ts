import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CollectionPage } from '../../shared/contracts/collection-view.ts';
import { OpenOperation } from '../../shared/contracts/operation-view.ts';
import { TaskPage } from '../../shared/contracts/task-view.ts';
import { type E2eSystem, startE2eSystem } from './e2e-system.ts';
import { fileFrom } from './requests.ts';

let system: E2eSystem;

beforeAll(async () => {
  system = await startE2eSystem({
    scenarioOf: {
      devices: [
        { computerDnsName: 'ws01.contoso.com' },
        { computerDnsName: 'ws02.contoso.com' },
        { computerDnsName: 'asleep.contoso.com', awake: 'never' },
      ],
    },
  });
});
afterAll(() => system?.local.stop());

const NOBODY = '01900000-0000-7000-8000-000000000000';

describe('an operation', () => {
  it('is open with 202, then ended with 200 and the collection as its result', async () => {
    const { location, collectionId } = await system.client.submit(fileFrom('ws01'));
    const open = await system.client.read(OpenOperation, location, { status: 202 });
    expect(open.body).toMatchObject({ id: collectionId, status: expect.stringMatching(/^(NotStarted|Running)$/) });
    const ended = await system.client.ended(location);
    expect(ended).toMatchObject({ id: collectionId, status: 'Succeeded', outcome: 'complete' });
    expect(ended.result).toEqual(await system.client.collection(collectionId));
    expect(ended.result).toMatchObject({ state: 'completed', outcome: 'complete', completedAt: expect.any(String) });
  });

  it('that archived nothing has failed, and is answered with 200 all the same', async () => {
    const { location } = await system.client.submit(fileFrom('ghost'));
    expect(await system.client.ended(location)).toMatchObject({ status: 'Failed', outcome: 'none' });
  });

  it('is not found without its token, with a wrong one, or with that of another operation', async () => {
    const [mine, other] = await Promise.all([
      system.client.submit(fileFrom('asleep')),
      system.client.submit(fileFrom('asleep')),
    ]);
    const path = `/operations/${mine.collectionId}`;
    const othersToken = new URL(other.location).search;
    for (const query of ['', '?op=', '?op=wrong', othersToken])
      expect((await system.client.refusal(404, `${path}${query}`)).code).toBe('OperationNotFound');
    const unknown = `/operations/${NOBODY}${new URL(mine.location).search}`;
    expect((await system.client.refusal(404, unknown)).code).toBe('OperationNotFound');
  });
});

describe('a collection', () => {
  it('that nobody knows is not found, whatever is asked of it', async () => {
    for (const path of ['', '/tasks', '/artifacts', '/artifacts/none/link', '/manifest', '/custody'])
      expect((await system.client.refusal(404, `/collections/${NOBODY}${path}`)).code).toBe('CollectionNotFound');
  });

  it('is not found under a name that is no id', async () => {
    for (const id of ["a'b", 'a%2Fb', 'x'.repeat(1_500), '%F0%9F%94%A5'])
      expect((await system.client.refusal(404, `/collections/${id}`)).code).toBe('CollectionNotFound');
  });

  it('shows its first 100 tasks, and the others by absolute links', async () => {
    const names = Array.from({ length: 250 }, (_, i) => `ghost${i}`);
    const { location, body } = await system.client.submit(fileFrom(...names));
    expect(body.counts).toMatchObject({ total: 250, queued: 250 });
    expect(await system.client.pages(TaskPage, body.tasksNextLink ?? 'missing')).toHaveLength(150);
    const { result } = await system.client.ended(location);
    expect(result.counts).toMatchObject({ total: 250, failed: 250 });
    expect(result.tasks).toHaveLength(100);
    const others = await system.client.pages(TaskPage, result.tasksNextLink ?? 'missing');
    const ids = [...result.tasks, ...others].map(({ taskId }) => taskId);
    expect(new Set(ids).size).toBe(250);
    expect(ids).toEqual([...ids].sort());
  });
});

describe('the list', () => {
  /** Five collections of a case of their own, oldest first. */
  async function someOf(caseId: string, ...names: string[]) {
    const ids: string[] = [];
    for (const name of names) ids.push((await system.client.submit({ ...fileFrom(name), caseId })).collectionId);
    return ids;
  }
  const idsOf = async (query: Record<string, string>) =>
    (await system.client.list(query)).map(({ collectionId }) => collectionId);

  it('shows the collections of a case, newest first, without tasks', async () => {
    const ids = await someOf('CASE-A', 'asleep', 'asleep', 'asleep');
    const { body } = await system.client.read(CollectionPage, '/collections?caseId=CASE-A');
    expect(body.value.map(({ collectionId }) => collectionId)).toEqual(ids.reverse());
    for (const collection of body.value) expect(collection).not.toHaveProperty('tasks');
  });

  it('goes on page by page within the same filter', async () => {
    const ids = await someOf('CASE-B', 'asleep', 'asleep', 'asleep', 'asleep', 'asleep');
    const { body } = await system.client.read(CollectionPage, '/collections?caseId=CASE-B&top=2');
    expect(body.value).toHaveLength(2);
    expect(new URL(body.nextLink ?? '').origin).toBe(new URL(system.local.hostUrl).origin);
    expect(await idsOf({ caseId: 'CASE-B', top: '2' })).toEqual(ids.reverse());
  });

  it('has an index for machines and one for states, and narrows inside them', async () => {
    const [archived, failed] = await someOf('CASE-C', 'ws02', 'ghost');
    for (const id of [archived, failed]) await system.client.until(id ?? '', ({ completedAt }) => completedAt !== null);
    const machineId = (await system.client.collection(archived ?? '')).tasks[0]?.machineId ?? '';
    expect(await idsOf({ machineId })).toEqual([archived]);
    expect(await idsOf({ caseId: 'CASE-C', state: 'failed' })).toEqual([failed]);
    expect(await idsOf({ state: 'completed', machineId })).toEqual([archived]);
    expect(await idsOf({ state: 'failed' })).toContain(failed);
    expect(await idsOf({ state: 'failed', machineId })).toEqual([]);
    expect(await idsOf({ caseId: 'CASE-NONE' })).toEqual([]);
  });

  it('includes what was created at from, and not what was created at to', async () => {
    const [first = '', second = ''] = await someOf('CASE-D', 'asleep', 'asleep');
    const at = (await system.client.collection(second)).createdAt;
    expect(await idsOf({ caseId: 'CASE-D', from: at })).toEqual([second]);
    expect(await idsOf({ caseId: 'CASE-D', to: at })).toEqual([first]);
  });

  it('says everything that is wrong with its filters', async () => {
    const { details = [] } = await system.client.refusal(400, '/collections?top=201&state=gone&machineId=1&from=now');
    expect(details.map(({ target }) => target).sort()).toEqual(['from', 'machineId', 'state', 'top']);
    for (const top of ['0', '1.5', 'many']) await system.client.refusal(400, `/collections?top=${top}`);
  });

  it('pages of one collection say what is wrong with their size too', async () => {
    const { collectionId } = await system.client.submit(fileFrom('asleep'));
    for (const part of ['tasks', 'artifacts', 'custody'])
      expect(await system.client.refusal(400, `/collections/${collectionId}/${part}?top=0`)).toMatchObject({
        target: 'top',
      });
  });
});

it('a page goes on only from a continuation that a page gave', async () => {
  const { collectionId } = await system.client.submit(fileFrom('asleep'));
  for (const path of ['', ...['tasks', 'artifacts', 'custody'].map((part) => `/${collectionId}/${part}`)])
    for (const token of ['AAAA', 'J29yIDEgZXEgMQ', '%00', 'xx'])
      expect(await system.client.refusal(400, `/collections${path}?continuationToken=${token}`)).toMatchObject({
        code: 'InvalidRequest',
        target: 'continuationToken',
      });
});

it('an address that is no call of the contract is not found', async () => {
  for (const [method, path] of [
    ['GET', '/nothing'],
    ['DELETE', '/capacity'],
  ] as const)
    expect((await fetch(`${system.local.hostUrl}${path}`, { method })).status).toBe(404);
});
