import { type HttpHandler, InvocationContext } from '@azure/functions';
import { describe, expect, it, vi } from 'vitest';
import { createWorld } from '../world/world.ts';
import { aHoldfast, aRequest } from './http/holdfast.ts';

const world = createWorld();
const holdfast = aHoldfast({}, world);
vi.mock('../../functions/runtime.ts', () => ({
  config: { auth: { mode: 'key' } },
  runtime: async () => holdfast,
  runtimeAsItIs: () => holdfast,
}));
const { handler: submit } = await import('../../functions/submit-collection.ts');
const { handler: follow } = await import('../../functions/get-operation.ts');

const SITE = 'https://holdfast.azurewebsites.net/api';
const context = new InvocationContext();
const BODY = { targets: [{ machineId: 'a'.repeat(40) }], commands: [{ type: 'GetFile', path: 'C:\\a.txt' }] };

async function answered(handler: HttpHandler, ...request: Parameters<typeof aRequest>) {
  const answer = await handler(aRequest(...request), context);
  return {
    status: answer.status,
    headers: new Headers(answer.headers),
    body: 'jsonBody' in answer ? answer.jsonBody : undefined,
  };
}
const post = (body: unknown, headers: Record<string, string> = {}) =>
  answered(submit, `${SITE}/collections`, { method: 'POST', headers, body: { string: JSON.stringify(body) } });
const get = (collectionId: string, op?: string, headers: Record<string, string> = {}) =>
  answered(follow, `${SITE}/operations/${collectionId}${op === undefined ? '' : `?op=${op}`}`, {
    params: { collectionId },
    headers,
  });

describe('a request', () => {
  it('is accepted with the address of its operation, and when to ask again', async () => {
    const { status, headers, body } = await post(BODY);
    expect(status).toBe(202);
    expect(headers.get('location')).toMatch(/^https:\/\/holdfast\.azurewebsites\.net\/api\/operations\/[^?]+\?op=/);
    expect(headers.get('operation-location')).toBe(headers.get('location'));
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(body).toMatchObject({ state: 'queued', counts: { total: 1, queued: 1 } });
  });

  it('sent twice with one id is one collection, whether the id comes in the body or the header', async () => {
    const first = await post({ ...BODY, requestId: 'r-1' });
    const again = await post(BODY, { 'idempotency-key': 'r-1' });
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
  });

  it('with the id of another body is a 409', async () => {
    await post({ ...BODY, requestId: 'r-2' });
    const other = await post({ ...BODY, requestId: 'r-2', comment: 'other' });
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'RequestIdReused', target: 'requestId' } } });
  });

  it('with faults is a 400 that names each', async () => {
    const { status, body } = await post({ targets: [], commands: [{ type: 'Nothing' }], extra: 1 });
    expect(status).toBe(400);
    const targets: unknown[] = body.error.details.map((fault: { target: string }) => fault.target);
    expect(targets).toEqual(expect.arrayContaining(['targets', 'commands[0].type', 'extra']));
  });
});

describe('an operation', () => {
  const accepted = async () => {
    const { body, headers } = await post(BODY);
    const location = new URL(headers.get('location') ?? '');
    return { id: String(body.collectionId), op: location.searchParams.get('op') ?? '' };
  };

  it('is followed with the token of its address alone', async () => {
    const { id, op } = await accepted();
    const { status, body, headers } = await get(id, op);
    expect(status).toBe(202);
    expect(body).toEqual({ id, status: 'NotStarted', percentComplete: 0 });
    expect(headers.get('location')).toContain(`/operations/${id}?op=`);
  });

  it('that waits behind others is asked for again no sooner than it may start, after a minute at most', async () => {
    const targets = Array.from({ length: 40 }, (_, n) => ({ machineId: String(n).padStart(40, '0') }));
    await post({ ...BODY, targets, priority: 'urgent' });
    const { id, op } = await accepted();
    expect((await get(id, op)).headers.get('retry-after')).toBe('5');
    await world.run(5_000);
    expect((await get(id, op)).headers.get('retry-after')).toBe('60');
    expect((await post(BODY)).headers.get('retry-after')).toBe('60');
    expect((await post({ ...BODY, priority: 'urgent' })).headers.get('retry-after')).not.toBe('5');
  });

  it('without its token is not there, whether it exists or not, and answers tell no difference', async () => {
    const one = await accepted();
    const other = await accepted();
    const unknown = await get('00000000-0000-7000-8000-000000000000', one.op);
    expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'OperationNotFound' } } });
    for (const op of [undefined, '', 'x', other.op, one.op.slice(1), `${one.op}x`])
      expect(await get(one.id, op)).toEqual(unknown);
    expect(await get(one.id, undefined, { authorization: 'Bearer x.y.z' })).toEqual(unknown);
  });
});
