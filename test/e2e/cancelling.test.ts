import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceInput } from '../../infra/local/simulated-tenant/model/scenario.ts';
import { type E2eSystem, startE2eSystem } from './e2e-system.ts';
import { fileFrom } from './requests.ts';

let system: E2eSystem;

beforeAll(async () => {
  system = await startE2eSystem();
});
afterAll(() => system?.local.stop());

const ASLEEP = { awake: 'never' } as const;
const NOBODY = '01900000-0000-7000-8000-000000000000';
const cancelling = (comment?: string) => ({ method: 'POST' as const, ...(comment ? { body: { comment } } : {}) });

/** A collection whose action is pending or running at Defender. */
async function started(name: string, device: Omit<DeviceInput, 'computerDnsName'>, more: object = {}) {
  await system.tenant.add({ computerDnsName: `${name}.contoso.com`, ...device });
  const accepted = await system.client.submit({ ...fileFrom(name), ...more });
  await system.client.until(accepted.collectionId, ({ counts }) => counts.pending + counts.running > 0);
  return accepted;
}

describe.concurrent('a cancel', () => {
  it('is accepted with where to follow it, and cancels the action in Defender', async () => {
    const { collectionId, location } = await started('cancelled', ASLEEP);
    const answer = await system.client.accepted(`/collections/${collectionId}/cancel`, cancelling('no longer needed'));
    expect(answer.location).toBe(location);
    expect(answer.body.state).toBe('cancelling');
    const { status, outcome, result } = await system.client.ended(location);
    expect([status, outcome, result.state]).toEqual(['Canceled', 'none', 'cancelled']);
    expect(result.tasks).toMatchObject([{ state: 'cancelled', failure: { code: 'Cancelled' } }]);
    expect(result.tasks[0]?.commands).toMatchObject([{ state: 'notRun' }]);
    const { actions = [] } = await system.tenant.record();
    expect(actions.filter((a) => a.computerDnsName === 'cancelled.contoso.com')).toMatchObject([
      { status: 'Cancelled' },
    ]);
    const events = await system.client.custody(collectionId);
    expect(events.find(({ type }) => type === 'collection.cancelRequested')?.data).toEqual({
      comment: 'no longer needed',
    });
  });

  it('repeated, during and after the end, is answered the same and changes nothing', async () => {
    const { collectionId, location } = await started('repeated', ASLEEP);
    for (const comment of ['first', 'second'])
      expect((await system.client.accepted(`/collections/${collectionId}/cancel`, cancelling(comment))).location).toBe(
        location,
      );
    const { result } = await system.client.ended(location);
    expect((await system.client.accepted(`/collections/${collectionId}/cancel`, cancelling())).body).toEqual(result);
    const wishes = (await system.client.custody(collectionId)).filter((e) => e.type === 'collection.cancelRequested');
    expect(wishes).toMatchObject([{ data: { comment: 'first' } }]);
  });

  it('after a good end leaves it good', async () => {
    await system.tenant.add({ computerDnsName: 'done.contoso.com' });
    const done = await system.client.collect(fileFrom('done'));
    const { body, location } = await system.client.accepted(`/collections/${done.collectionId}/cancel`, cancelling());
    expect(body).toEqual(done);
    expect((await system.client.ended(location)).status).toBe('Succeeded');
  });

  it('may be a DELETE of the collection, as a webhook unsubscribes', async () => {
    const { collectionId, location } = await started('deleted', ASLEEP);
    await system.client.accepted(`/collections/${collectionId}`, { method: 'DELETE' });
    expect((await system.client.ended(location)).status).toBe('Canceled');
    await system.client.accepted(`/collections/${collectionId}`, { method: 'DELETE' });
  });

  it('may be a DELETE by the requestId that the caller chose', async () => {
    const { location } = await started('by-request', ASLEEP, { requestId: 'my own & id' });
    const path = `/collections?${new URLSearchParams({ requestId: 'my own & id' })}`;
    expect((await system.client.accepted(path, { method: 'DELETE' })).location).toBe(location);
    expect((await system.client.ended(location)).status).toBe('Canceled');
    await system.client.accepted(path, { method: 'DELETE' });
  });

  it('of what nobody knows is not found', async () => {
    const calls = [
      [`/collections/${NOBODY}/cancel`, 'POST'],
      [`/collections/${NOBODY}`, 'DELETE'],
      ['/collections?requestId=never-used', 'DELETE'],
    ] as const;
    for (const [path, method] of calls)
      expect((await system.client.refusal(404, path, { method })).code).toBe('CollectionNotFound');
  });

  it('that is not as it should be is told so', async () => {
    const path = `/collections/${NOBODY}/cancel`;
    const wrongType = { method: 'POST', body: { comment: 7, why: 'x' } } as const;
    const { details = [] } = await system.client.refusal(400, path, wrongType);
    expect(details.map(({ target }) => target).sort()).toEqual(['comment', 'why']);
    const nameless = { method: 'DELETE' } as const;
    expect(await system.client.refusal(400, '/collections', nameless)).toMatchObject({ target: 'requestId' });
  });

  it('that loses the race keeps the result', async () => {
    // the run has begun: Defender lets it go on, whatever was asked
    const { collectionId, location } = await started('racing', { startDelayMs: 0, runMs: 1_800_000 });
    await system.client.until(collectionId, ({ counts }) => counts.running > 0);
    await system.client.accepted(`/collections/${collectionId}/cancel`, cancelling());
    const { status, outcome, result } = await system.client.ended(location);
    expect([status, outcome, result.state]).toEqual(['Canceled', 'complete', 'cancelled']);
    expect(result.tasks[0]?.commands[0]).toMatchObject({ state: 'archived', artifact: { contentBytes: 20_000 } });
  });

  it('keeps what was archived before it', async () => {
    await system.tenant.add(
      { computerDnsName: 'quick.contoso.com' },
      { computerDnsName: 'never.contoso.com', awake: 'never' },
    );
    const { collectionId, location } = await system.client.submit(fileFrom('quick', 'never'));
    await system.client.until(collectionId, ({ counts }) => counts.archived === 1);
    await system.client.accepted(`/collections/${collectionId}/cancel`, cancelling());
    const { status, outcome, result } = await system.client.ended(location);
    expect([status, outcome]).toEqual(['Canceled', 'partial']);
    expect(result.counts).toMatchObject({ archived: 1, cancelled: 1 });
  });
});

describe.concurrent('a collection whose time is up', () => {
  it('expires: what runs is cancelled in Defender, what is archived stays', async () => {
    await system.tenant.add(
      { computerDnsName: 'in-time.contoso.com' },
      { computerDnsName: 'too-late.contoso.com', awake: 'never' },
    );
    const expiresAt = new Date(Date.now() + 6_000).toISOString();
    const { location } = await system.client.submit({ ...fileFrom('in-time', 'too-late'), expiresAt });
    const { status, outcome, result } = await system.client.ended(location);
    expect([status, outcome, result.state]).toEqual(['Succeeded', 'partial', 'expired']);
    const late = result.tasks.find(({ computerDnsName }) => computerDnsName === 'too-late.contoso.com');
    expect(late).toMatchObject({ state: 'expired', failure: { code: 'Expired' } });
    const { actions = [] } = await system.tenant.record();
    expect(actions.filter((a) => a.computerDnsName === 'too-late.contoso.com')).toMatchObject([
      { status: 'Cancelled' },
    ]);
  });
});
