import { InvocationContext } from '@azure/functions';
import { describe, expect, it, vi } from 'vitest';
import type { Holdfast } from '../../../shared/compose.ts';
import { apiError } from '../../../shared/contracts/errors.ts';
import { createWorld } from '../../world/world.ts';
import { aHoldfast, aRequest } from './holdfast.ts';

const world = createWorld();
const holdfast: Holdfast = aHoldfast({}, world);
vi.mock('../../../functions/runtime.ts', () => ({
  config: { auth: { mode: 'key' } },
  runtime: async () => holdfast,
  runtimeAsItIs: () => holdfast,
}));
const { answering } = await import('../../../functions/http/answering.ts');
const { Refusal } = await import('../../../functions/http/refusal.ts');
const { orNotFound } = await import('../../../functions/http/removed.ts');

const request = aRequest('https://holdfast.azurewebsites.net/api/collections');
const context = new InvocationContext({ functionName: 'submit-collection' });
const answerOf = async (handle: Parameters<typeof answering>[0]) => answering(handle)(request, context);
const throwing = (error: unknown) =>
  answerOf(() => {
    throw error;
  });

class RestError extends Error {
  override name = 'RestError';
}

describe('an answer', () => {
  it('is what the handler made of the request, stored by no cache and interpreted by no browser', async () => {
    const answer = await answerOf(async (asked, { deps }) => ({
      status: 202,
      headers: { 'Retry-After': '5' },
      jsonBody: { url: asked.url, tenant: deps.settings.tenantId },
    }));
    expect(answer).toEqual({
      status: 202,
      headers: { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', 'Retry-After': '5' },
      jsonBody: { url: request.url, tenant: holdfast.deps.settings.tenantId },
    });
  });

  it('of a refusal is its envelope, with its status and headers', async () => {
    expect(await throwing(new Refusal(apiError('Unauthorized'), { 'WWW-Authenticate': 'Bearer' }))).toMatchObject({
      status: 401,
      headers: { 'Cache-Control': 'no-store', 'WWW-Authenticate': 'Bearer' },
      jsonBody: { error: { code: 'Unauthorized', message: expect.any(String) } },
    });
  });

  it.each([
    ['itself', new RestError('ECONNREFUSED')],
    ['as a cause', new Error('not saved', { cause: new Error('row', { cause: new RestError('ECONNREFUSED') }) })],
  ])('when the storage fails (%s) says that it may be sent again', async (_, error) => {
    expect(await throwing(error)).toMatchObject({
      status: 503,
      headers: { 'Retry-After': '10' },
      jsonBody: { error: { code: 'StorageUnavailable' } },
    });
  });

  it.each([new Error('SECRET in the text'), 'SECRET as a string', undefined])(
    'to a fault of our own tells nothing of it, but the log does: %s',
    async (error) => {
      const before = world.log.entries.length;
      const answer = await throwing(error);
      expect(answer).toMatchObject({ status: 500, jsonBody: { error: { code: 'InternalError' } } });
      expect(JSON.stringify(answer)).not.toContain('SECRET');
      expect(world.log.entries.slice(before).map((l) => l.event)).toEqual(['http.failed']);
    },
  );
});

describe('what is not there', () => {
  it('is refused by its name; what is there is passed on, even when it is empty', async () => {
    await expect(orNotFound(holdfast, 'unknown', undefined)).rejects.toMatchObject({
      error: { code: 'CollectionNotFound' },
    });
    expect([await orNotFound(holdfast, 'unknown', 0), await orNotFound(holdfast, 'unknown', '')]).toEqual([0, '']);
  });
});
