import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CollectionView } from '../../shared/contracts/collection-view.ts';
import { type E2eSystem, startE2eSystem } from './e2e-system.ts';
import { fileFrom, GET_FILE } from './requests.ts';

let system: E2eSystem;

beforeAll(async () => {
  // asleep: nothing here is about how collections end
  system = await startE2eSystem({ scenarioOf: { devices: [{ computerDnsName: 'lt01.contoso.com', awake: 'never' }] } });
});
afterAll(() => system?.local.stop());

const REQUEST = fileFrom('lt01.contoso.com');
const post = (body: unknown, headers = {}) => ({ method: 'POST' as const, body, headers });

describe('a request', () => {
  it('is accepted with its collection and where to follow it', async () => {
    const request = { ...REQUEST, requestId: 'first', caseId: 'INC-1', comment: 'why', priority: 'urgent' };
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await system.client.submit({ ...request, expiresAt });
    expect(body).toMatchObject({ requestId: 'first', caseId: 'INC-1', comment: 'why', priority: 'urgent', expiresAt });
    expect(body).toMatchObject({ state: 'queued', completedAt: null, counts: { total: 1, queued: 1 } });
    expect(body).not.toHaveProperty('outcome');
    expect(body.tasks).toMatchObject([{ target: REQUEST.targets[0], state: 'queued', attempts: 0 }]);
    expect(body.tasks[0]?.commands).toEqual([{ index: 0, ...GET_FILE, state: 'waiting', errors: [] }]);
  });

  it('has normal priority and seven days unless it says otherwise', async () => {
    const { body } = await system.client.submit(REQUEST);
    expect(body).toMatchObject({ requestId: null, caseId: null, comment: null, priority: 'normal' });
    expect(Date.parse(body.expiresAt) - Date.parse(body.createdAt)).toBeCloseTo(7 * 24 * 3_600_000, -3);
  });

  it('never waits for Defender', async () => {
    await system.tenant.fail({ endpoint: '*', times: 3, fault: { kind: 'delay', ms: 4_000 } });
    const before = Date.now();
    await system.client.submit(REQUEST);
    expect(Date.now() - before).toBeLessThan(2_000);
  });

  it('is told by the workflow run that sent it', async () => {
    const headers = { 'x-ms-workflow-run-id': '0858-RUN', 'x-ms-client-tracking-id': 'TRACK-7' };
    const { body } = await system.client.submit(REQUEST, headers);
    expect(body.requestedBy).toContain('0858-RUN');
    expect(body.requestedBy).toContain('TRACK-7');
  });

  it('without a requestId is a new collection each time', async () => {
    const [one, other] = await Promise.all([system.client.submit(REQUEST), system.client.submit(REQUEST)]);
    expect(one.collectionId).not.toBe(other.collectionId);
  });
});

describe('a requestId', () => {
  it('makes one collection of twenty identical requests at once', async () => {
    const request = { ...REQUEST, requestId: 'twenty' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => system.client.submit(request)));
    expect(new Set(answers.map(({ location }) => location)).size).toBe(1);
    const all = await system.client.list({ top: '200' });
    expect(all.filter(({ requestId }) => requestId === 'twenty')).toHaveLength(1);
  });

  it('repeated while its collection is under way shows the tasks as they are', async () => {
    const request = { ...REQUEST, requestId: 'under way' };
    const { collectionId } = await system.client.submit(request);
    const { tasks } = await system.client.until(collectionId, (collection) => collection.tasks[0]?.machineId !== null);
    const { body } = await system.client.submit(request);
    expect(body.tasks).toMatchObject([{ taskId: tasks[0]?.taskId, machineId: tasks[0]?.machineId }]);
  });

  it('in Idempotency-Key means the same as in the body', async () => {
    const one = await system.client.submit({ ...REQUEST, requestId: 'by header' });
    const again = await system.client.submit(REQUEST, { 'Idempotency-Key': 'by header' });
    expect(again.collectionId).toBe(one.collectionId);
  });

  it('is the same request whatever the order and the spacing of its JSON', async () => {
    const one = await system.client.submit({ ...REQUEST, requestId: 'spelled' });
    const { targets, commands } = REQUEST;
    const again = await system.client.submit(JSON.stringify({ requestId: 'spelled', commands, targets }, null, 4));
    expect(again.collectionId).toBe(one.collectionId);
  });

  it('used again with another body is refused', async () => {
    await system.client.submit({ ...REQUEST, requestId: 'reused' });
    const again = post({ ...REQUEST, requestId: 'reused', comment: 'another' });
    const error = await system.client.refusal(409, '/collections', again);
    expect(error).toMatchObject({ code: 'RequestIdReused', target: 'requestId' });
  });

  it('is refused when header and body differ', async () => {
    const differing = post({ ...REQUEST, requestId: 'a' }, { 'Idempotency-Key': 'b' });
    const error = await system.client.refusal(400, '/collections', differing);
    expect(error).toMatchObject({ code: 'InvalidRequest', target: 'requestId' });
  });

  it('repeated long after it expired still gets its collection', async () => {
    const expiresAt = new Date(Date.now() + 1_500).toISOString();
    const request = { ...REQUEST, requestId: 'late', expiresAt };
    const one = await system.client.submit(request);
    await system.client.ended(one.location);
    const again = await system.client.submit(request);
    expect(again.collectionId).toBe(one.collectionId);
    expect(again.body.state).toBe('expired');
  });
});

describe('a bad request', () => {
  it('is told everything that is wrong with it at once', async () => {
    const bad = {
      requestId: '',
      targets: [{ machineId: 'short' }, { computerDnsName: 'ok', machineTag: 'both' }],
      commands: [{ type: 'Isolate' }, { type: 'GetFile', path: 'relative' }],
      priority: 'high',
      expiresAt: 'tomorrow',
      callbackUrl: 'https://evil.example/hook',
    };
    const { code, details = [] } = await system.client.refusal(400, '/collections', post(bad));
    expect(code).toBe('InvalidRequest');
    expect(details.map(({ target }) => target)).toEqual(
      expect.arrayContaining([
        'requestId',
        'targets[0].machineId',
        'commands[0].type',
        'commands[1].path',
        'priority',
        'expiresAt',
        'callbackUrl',
      ]),
    );
    expect(details.some(({ target }) => target.startsWith('targets[1]'))).toBe(true);
  });

  it.each([
    ['Comment', { ...REQUEST, Comment: 'why' }],
    ['commands[0].file', { ...REQUEST, commands: [{ ...GET_FILE, file: 'x' }] }],
    ['targets[0].name', { ...REQUEST, targets: [{ computerDnsName: 'lt01', name: 'x' }] }],
  ])('is told the unknown field %s by its name', async (field, body) => {
    const { details } = await system.client.refusal(400, '/collections', post(body));
    expect(details).toMatchObject([{ code: 'UnknownField', target: field }]);
  });

  it.each([
    ['recipe.name', { targets: REQUEST.targets, recipe: { name: 'nobody-knows' } }],
    ['targets', { commands: REQUEST.commands }],
    ['commands', { targets: REQUEST.targets }],
    ['targets', { ...REQUEST, targets: Array.from({ length: 1001 }, (_, i) => ({ computerDnsName: `ws${i}` })) }],
    ['commands', { ...REQUEST, commands: Array.from({ length: 21 }, () => GET_FILE) }],
    ['entities', { commands: REQUEST.commands, entities: [{ kind: 'Account', properties: {} }] }],
    ['expiresAt', { ...REQUEST, expiresAt: new Date(Date.now() + 31 * 24 * 3_600_000).toISOString() }],
  ])('names %s as what is wrong', async (target, body) => {
    expect(await system.client.refusal(400, '/collections', post(body))).toMatchObject({
      code: 'InvalidRequest',
      target,
    });
  });

  it('that gets a file before the script that makes it is told of the order', async () => {
    const commands = [GET_FILE, { type: 'RunScript', scriptName: 'collect.ps1' }];
    const { details = [] } = await system.client.refusal(400, '/collections', post({ ...REQUEST, commands }));
    expect(details[0]?.target).toMatch(/^commands\[/);
  });

  it('that is no JSON is told so', async () => {
    expect(await system.client.refusal(400, '/collections', post('{"targets":'))).toMatchObject({ target: 'body' });
  });

  it('over 256 KiB is refused, one of just 256 KiB is read', async () => {
    const padded = (bytes: number) => {
      const text = JSON.stringify(REQUEST);
      return text + ' '.repeat(bytes - text.length);
    };
    await system.client.submit(padded(256 * 1024));
    const error = await system.client.refusal(413, '/collections', post(padded(256 * 1024 + 1)));
    expect(error.code).toBe('BodyTooLarge');
  });
});

it('an accepted collection can be read at once', async () => {
  const { collectionId, body } = await system.client.submit(REQUEST);
  const read = await system.client.read(CollectionView, `/collections/${collectionId}`);
  expect(read.body.createdAt).toBe(body.createdAt);
});
