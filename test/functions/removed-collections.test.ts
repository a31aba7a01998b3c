import { type HttpHandler, type HttpResponseInit, InvocationContext } from '@azure/functions';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { days, hours } from '../../shared/domain/time.ts';
import { keepHouse } from '../../shared/use-cases/keep-house.ts';
import { device } from '../world/fleet.ts';
import { createWorld } from '../world/world.ts';
import { aHoldfast, aRequest } from './http/holdfast.ts';

const anna = device();
const world = createWorld({ devices: [anna] });
const holdfast = aHoldfast({}, world);
vi.mock('../../functions/runtime.ts', () => ({
  config: { auth: { mode: 'key' } },
  runtime: async () => holdfast,
  runtimeAsItIs: () => holdfast,
}));
const { handler: getCollection } = await import('../../functions/get-collection.ts');
const { handler: listTasks } = await import('../../functions/list-tasks.ts');
const { handler: listArtifacts } = await import('../../functions/list-artifacts.ts');
const { handler: getCustody } = await import('../../functions/get-custody.ts');
const { handler: getLink } = await import('../../functions/get-artifact-link.ts');
const { handler: getManifest } = await import('../../functions/get-manifest.ts');
const { handler: cancel } = await import('../../functions/delete-collection.ts');
const { handler: list } = await import('../../functions/list-collections.ts');
const { handler: submit } = await import('../../functions/submit-collection.ts');

const context = new InvocationContext();
const SITE = 'https://holdfast.azurewebsites.net/api/collections';
const READS = { getCollection, listTasks, listArtifacts, getCustody, getLink, cancel };
const BODY = { requestId: 'once', devices: [anna] };
let collectionId = '';

const answer = (handler: HttpHandler): Promise<HttpResponseInit> =>
  Promise.resolve(
    handler(aRequest(`${SITE}/${collectionId}`, { params: { collectionId, artifactId: 'a' } }), context),
  ) as Promise<HttpResponseInit>;

describe('a collection whose state is not kept any more', () => {
  beforeAll(async () => {
    collectionId = await world.ask(BODY);
    await world.runUntilEnded(collectionId, { atMost: hours(1) });
    await world.run(hours(1));
    world.clock.moveTo(world.clock.now() + days(91));
    expect(await keepHouse(world.deps)).toMatchObject({ removed: 1 });
  });

  it.each(Object.entries(READS))(
    'is a 404 of %s that tells what became of it and where its evidence is',
    async (_, handler) => {
      const { status, jsonBody } = await answer(handler);
      expect(status).toBe(404);
      expect(jsonBody.error.code).toBe('CollectionNotFound');
      expect(jsonBody.error.message).toContain('(completed, outcome complete)');
      expect(jsonBody.error.message).toContain(`uncased/${collectionId}/manifest.json in the evidence container`);
    },
  );

  it('has its manifest still', async () => {
    const { status = 200, body } = await answer(getManifest);
    expect(status).toBe(200);
    expect(JSON.parse(String(body)).collection.collectionId).toBe(collectionId);
  });

  it('is in no list', async () => {
    const { jsonBody } = (await list(aRequest(SITE), context)) as HttpResponseInit;
    expect(jsonBody).toEqual({ value: [] });
  });

  it.each([
    ['the same body', {}],
    ['another body', { comment: 'other' }],
  ])('keeps its requestId taken for %s, with a 409 that says why', async (_, more) => {
    const targets = [{ computerDnsName: anna.computerDnsName }];
    const body = { requestId: 'once', targets, commands: [{ type: 'RunScript', scriptName: 'collect.ps1' }], ...more };
    const request = aRequest(SITE, { method: 'POST', body: { string: JSON.stringify(body) } });
    const { status, jsonBody } = (await submit(request, context)) as HttpResponseInit;
    expect(status).toBe(409);
    expect(jsonBody.error).toMatchObject({ code: 'RequestIdReused', target: 'requestId' });
    expect(jsonBody.error.message).toMatch(/its state was kept until .* Use a new requestId for a new request\.$/);
  });
});
