import { describe, expect, it } from 'vitest';
import type { RequestedBy } from '../../../shared/domain/collection.ts';
import type { CollectionRequest } from '../../../shared/domain/request/collection-request.ts';
import { days, hours, minutes, seconds, toIso } from '../../../shared/domain/time.ts';
import {
  type Acceptance,
  type Accepted,
  acceptCollection,
  actorOf,
  findRepetition,
} from '../../../shared/use-cases/accept-collection.ts';
import { isOperationToken, operationToken } from '../../../shared/use-cases/operation-token.ts';
import { readAccepted } from '../../../shared/use-cases/read-collection.ts';
import { collectionOf, custodyOf } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

function request(fields: Partial<CollectionRequest> = {}): CollectionRequest {
  return {
    targets: [{ computerDnsName: 'ws01.contoso.com' }],
    commands: [{ type: 'RunScript', scriptName: 'collect.ps1', index: 0 }],
    priority: 'normal',
    expiresAt: toIso(START + days(7)),
    given: ['targets', 'commands'],
    ...fields,
  };
}

const HTTP: RequestedBy = { kind: 'http' };
const asked = (fields: Partial<Acceptance> = {}): Acceptance => ({
  request: request({ requestId: 'r1' }),
  identity: 'the body',
  requestedBy: HTTP,
  receivedAt: START,
  ...fields,
});

const idOf = (accepted: Accepted | undefined): string | undefined =>
  accepted?.kind === 'accepted' ? accepted.collection.collectionId : accepted?.collectionId;

const keysOf = async (world: World, partition: string): Promise<string[]> =>
  (await world.state.index.range(partition, { from: '0', to: '~', top: 100 })).value.map((r) => r.key);

describe('an accepted request', () => {
  it('is on record with all that was given, and due within a minute whatever becomes of its message', async () => {
    const world = createWorld();
    const given = request({ requestId: 'r1', caseId: 'INC-1', comment: 'why', priority: 'urgent' });
    const id = String(idOf(await acceptCollection(world.deps, asked({ request: given }))));
    const collection = await collectionOf(world, id);
    expect(collection).toMatchObject({
      tenantId: 'contoso',
      requestId: 'r1',
      caseId: 'INC-1',
      comment: 'why',
      priority: 'urgent',
      requestedBy: HTTP,
      createdAt: START,
      updatedAt: START,
      expiresAt: START + days(7),
      targets: 1,
      expandedTargets: 0,
      expanded: false,
      ended: false,
      dueAt: START + minutes(1),
    });
    expect(collection).not.toHaveProperty('callback');
    expect(await custodyOf(world, id)).toMatchObject([
      {
        at: START,
        type: 'collection.accepted',
        actor: 'http',
        data: { targets: 1, commands: 1, caseId: 'INC-1' },
      },
    ]);
    expect(await keysOf(world, 'contoso|collections')).toEqual([`${START + minutes(1)}|${id}`]);
    expect((await keysOf(world, 'contoso|lists')).map((k) => k.split('|')[0])).toEqual(['all', 'case', 'state']);
    expect(await world.state.queues.depth('collections')).toBe(1);
  });

  it('has no field that was not given', async () => {
    const world = createWorld();
    const accepted = await acceptCollection(world.deps, asked({ request: request() }));
    const collection = await collectionOf(world, String(idOf(accepted)));
    for (const field of ['requestId', 'caseId', 'comment', 'callback']) expect(collection).not.toHaveProperty(field);
    expect(await keysOf(world, 'contoso|lists')).toHaveLength(2);
  });

  it('says whose run it asks for: the same for the same commands, another for others', async () => {
    const world = createWorld();
    const runOf = async (scriptName: string) => {
      const commands = [{ type: 'RunScript' as const, scriptName, index: 0 }];
      const accepted = await acceptCollection(world.deps, asked({ request: request({ commands }) }));
      return (await collectionOf(world, String(idOf(accepted)))).run;
    };
    const runs = [await runOf('a.ps1'), await runOf('a.ps1'), await runOf('b.ps1')];
    expect(runs[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(runs).size).toBe(2);
  });

  it('keeps its callback address sealed, and nowhere else', async () => {
    const world = createWorld();
    const callbackUrl = 'https://prod-1.logic.azure.com/?sig=SECRET';
    const accepted = await acceptCollection(world.deps, asked({ request: request({ callbackUrl }) }));
    const id = String(idOf(accepted));
    const { callback } = await collectionOf(world, id);
    expect(callback).toMatchObject({ status: 'waiting', tries: 0, eventId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const everything = [accepted, await collectionOf(world, id), await world.state.collections.request(id)];
    expect(JSON.stringify([...everything, await custodyOf(world, id), world.log.entries])).not.toContain('SECRET');
  });

  it('is answered with its tasks as they will be, a hundred at most', async () => {
    const world = createWorld();
    const targets = Array.from({ length: 101 }, (_, i) => ({ computerDnsName: `ws${i}.contoso.com` }));
    for (const count of [100, 101]) {
      const many = request({ targets: targets.slice(0, count) });
      const accepted = await acceptCollection(world.deps, asked({ request: many }));
      if (accepted.kind !== 'accepted') throw new Error('not accepted');
      const { view, continuation } = readAccepted(accepted.collection, accepted.request);
      expect(view.tasks).toHaveLength(100);
      expect(view.counts).toMatchObject({ total: count, queued: count });
      expect(view.tasks.every((t) => t.state === 'queued' && t.waiting?.queuePosition === null)).toBe(true);
      expect(continuation === undefined).toBe(count === 100);
    }
  });
});

describe('the same request again', () => {
  it('is the same collection, whoever asks without an identity of their own', async () => {
    const world = createWorld();
    const first = await acceptCollection(world.deps, asked());
    const again = await acceptCollection(world.deps, asked({ receivedAt: START + seconds(5) }));
    const byQueue = await acceptCollection(world.deps, asked({ requestedBy: { kind: 'queue', messageId: 'm' } }));
    expect(again.kind).toBe('accepted');
    // a UUID of version 8 (RFC 9562)
    expect(idOf(first)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(idOf(again)).toBe(idOf(first));
    expect(idOf(byQueue)).toBe(idOf(first));
    expect((await collectionOf(world, String(idOf(first)))).createdAt).toBe(START);
  });

  it('of another caller is another collection', async () => {
    const world = createWorld();
    const by = (id?: string): RequestedBy => ({ kind: 'entra', ...(id === undefined ? {} : { id }) });
    const ids = new Set<string | undefined>();
    for (const requestedBy of [HTTP, by('anna'), by('bert'), by()])
      ids.add(idOf(await acceptCollection(world.deps, asked({ requestedBy }))));
    expect(ids.size).toBe(4);
    expect(ids).toContain(idOf(await acceptCollection(world.deps, asked({ requestedBy: by('anna') }))));
  });

  it('with another body is told which collection has its id, and changes nothing', async () => {
    const world = createWorld();
    const first = await acceptCollection(world.deps, asked());
    const before = await collectionOf(world, String(idOf(first)));
    expect(await acceptCollection(world.deps, asked({ identity: 'another' }))).toEqual({
      kind: 'reused',
      collectionId: idOf(first),
    });
    expect(await collectionOf(world, String(idOf(first)))).toEqual(before);
  });

  it('brings another message while its tasks are not written, and none from then on', async () => {
    const world = createWorld();
    await acceptCollection(world.deps, asked());
    expect(world.state.queues.receive('collections')).toHaveLength(1);
    await acceptCollection(world.deps, asked());
    expect(await world.state.queues.depth('collections')).toBe(1);
    await world.run(minutes(5));
    world.state.queues.receive('collections');
    await acceptCollection(world.deps, asked());
    expect(await world.state.queues.depth('collections')).toBe(0);
  });

  it('without a requestId is another collection each time', async () => {
    const world = createWorld();
    const ids = [1, 2].map(async () => idOf(await acceptCollection(world.deps, asked({ request: request() }))));
    expect(new Set(await Promise.all(ids)).size).toBe(2);
  });

  it('is an error where the store contradicts itself', async () => {
    const world = createWorld();
    await acceptCollection(world.deps, asked());
    const collections = { ...world.deps.collections, header: async () => undefined };
    await expect(acceptCollection({ ...world.deps, collections }, asked())).rejects.toThrow('cannot be read');
  });
});

describe('a request that comes too late', () => {
  it('is the same collection when it was accepted in time', async () => {
    const world = createWorld();
    const first = await acceptCollection(world.deps, asked());
    world.clock.moveTo(START + hours(1));
    const found = await findRepetition(world.deps, asked({ request: request({ requestId: 'r1', comment: 'now' }) }));
    expect(idOf(found)).toBe(idOf(first));
    expect(found?.kind === 'accepted' && found.request).not.toHaveProperty('comment');
  });

  it.each([
    ['without a requestId', asked({ request: request() })],
    ['that nobody sent before', asked({ request: request({ requestId: 'r2' }) })],
    ['with another body', asked({ identity: 'another' })],
    ['of another caller', asked({ requestedBy: { kind: 'entra', id: 'anna' } })],
  ])('%s is no repetition', async (_, late) => {
    const world = createWorld();
    await acceptCollection(world.deps, asked());
    expect(await findRepetition(world.deps, late)).toBeUndefined();
  });
});

describe('who asked', () => {
  it.each([
    [{ kind: 'http' }, 'http'],
    [{ kind: 'http', workflowRunId: 'W' }, 'workflow-run:W'],
    [{ kind: 'http', clientTrackingId: 'C' }, 'client-tracking:C'],
    [{ kind: 'http', workflowRunId: 'W', clientTrackingId: 'C' }, 'workflow-run:W client-tracking:C'],
    [{ kind: 'queue', messageId: 'm1' }, 'queue:m1'],
    [{ kind: 'queue' }, 'queue:unknown'],
    [{ kind: 'entra', id: 'anna' }, 'entra:anna'],
    [{ kind: 'entra' }, 'entra:unknown'],
  ] as [RequestedBy, string][])('%j is named %s in the custody record', (by, name) => {
    expect(actorOf(by)).toBe(name);
  });
});

describe('the token of an operation', () => {
  it('opens that operation, and no other', async () => {
    const { secrets } = createWorld().deps;
    const token = await operationToken(secrets, 'c1');
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await isOperationToken(secrets, 'c1', token)).toBe(true);
    expect(await isOperationToken(secrets, 'c2', token)).toBe(false);
  });

  it('is made with a key of its own', async () => {
    const { secrets } = createWorld().deps;
    const asked: string[] = [];
    const key = (purpose: string) => secrets.key(asked[asked.push(purpose) - 1] ?? '');
    await operationToken({ key }, 'c1');
    expect(asked).toEqual(['operation-token']);
  });

  it.each(['', 'x', 'x'.repeat(43), 'ü'.repeat(43)])('is not %j', async (given) => {
    expect(await isOperationToken(createWorld().deps.secrets, 'c1', given)).toBe(false);
  });
});
