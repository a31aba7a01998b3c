import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type E2eSystem, startE2eSystem } from './e2e-system.ts';
import { fileFrom } from './requests.ts';

/** The tenant's own result server, which can be as difficult as a network. */
const PLAIN = {
  backEnd: 'builtIn',
  ranges: true,
  truncateAfterBytes: 0,
  notFoundFirst: 0,
  unavailableFirst: 0,
  etagChanges: false,
} as const;

let system: E2eSystem;

beforeAll(async () => {
  system = await startE2eSystem({ scenarioOf: { switches: { results: PLAIN } } });
});
afterEach(() => system.tenant.set({ results: PLAIN }));
afterAll(() => system?.local.stop());

let devices = 0;

async function collectFrom(results: object, bytes = 300_000) {
  await system.tenant.set({ results });
  devices += 1;
  const [machineId] = await system.tenant.add({
    computerDnsName: `pc${devices}.contoso.com`,
    commands: [{ type: 'GetFile', bytes }],
  });
  const collection = await system.client.collect(fileFrom(`pc${devices}`));
  const { results: served = [] } = await system.tenant.record();
  return { collection, task: collection.tasks[0], served: served.find((result) => result.machineId === machineId) };
}

describe('a result', () => {
  it.each([
    ['comes as it should', {}],
    ['breaks off again and again', { truncateAfterBytes: 70_000 }],
    ['is not there at first', { notFoundFirst: 1 }],
    ['cannot be served at first', { unavailableFirst: 1 }],
    ['comes from a source without ranges', { ranges: false }],
  ])('that %s is stored complete, with the hash of what was sent', async (_, results) => {
    const { collection, task, served } = await collectFrom(results);
    expect(collection.outcome).toBe('complete');
    const artifact = task?.commands[0]?.artifact;
    expect(artifact?.contentBytes).toBe(300_000);
    expect([artifact?.bytes, artifact?.sha256]).toEqual([served?.bytes, served?.sha256]);
    const { url } = await system.client.link(collection.collectionId, artifact?.artifactId ?? '');
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(artifact?.bytes);
  });

  it('that is to be had only from a host that is not allowed is not fetched', async () => {
    const { collection, task } = await collectFrom({ redirectTo: 'http://results.example' });
    expect([collection.state, collection.outcome]).toEqual(['failed', 'none']);
    expect(task).toMatchObject({ state: 'failed', failure: { code: 'ResultHostNotAllowed', whoActs: 'operator' } });
    expect(task?.commands[0]?.errors).toContain('ResultHostNotAllowed');
  });

  it('is never asked for with our token', async () => {
    const { verdicts } = await system.tenant.record();
    expect(verdicts?.tokensShownToResultServer).toEqual([]);
  });
});
