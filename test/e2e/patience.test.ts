import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallbackBody } from '../../shared/contracts/operation-view.ts';
import { type CallbackReceiver, startCallbackReceiver } from './callback-receiver.ts';
import { asView } from './contract-views.ts';
import { type E2eSystem, startE2eSystem } from './e2e-system.ts';
import { fileFrom } from './requests.ts';

/** A run that takes 2.5 s of ours. */
const SLOW = { startDelayMs: 0, runMs: 1_500_000 };

let system: E2eSystem;
let receiver: CallbackReceiver;

beforeAll(async () => {
  receiver = await startCallbackReceiver();
  system = await startE2eSystem({
    env: { DEFENDER_SESSIONS: '3', DEFENDER_SESSIONS_RESERVED: '0', PROBATION_SECONDS: '1' },
    scenarioOf: { library: [{ fileName: 'triage.ps1', content: 'dir' }] },
  });
});
afterAll(async () => {
  await system?.local.stop();
  await receiver?.close();
});

const onlyTask = async (collectionId: string) => (await system.client.collection(collectionId)).tasks[0];

// Each waits for something by design, so all wait together.
describe.concurrent('a device', () => {
  it('that sleeps is parked as soon as others want its slot, and collected from when it wakes', async () => {
    const workers = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6'];
    await system.tenant.add(
      { computerDnsName: 'sleeper.contoso.com', awake: 'never' },
      ...workers.map((name) => ({ computerDnsName: `${name}.contoso.com`, ...SLOW })),
    );
    const { collectionId, location } = await system.client.submit(fileFrom('sleeper', ...workers));
    const parked = await system.client.until(collectionId, ({ counts }) => counts.parked > 0);
    expect(parked.tasks.find(({ state }) => state === 'parked')).toMatchObject({
      computerDnsName: 'sleeper.contoso.com',
      attempts: 1,
      waiting: { reason: 'MachineAsleep', since: expect.any(String), estimatedStartAt: expect.any(String) },
    });
    // once nobody needs the session, Defender itself may start the sleeper the moment it wakes
    const others = await system.client.until(
      collectionId,
      ({ counts }) => counts.archived === 6 && counts.pending === 1,
    );
    expect(others.state).toBe('running');
    await system.tenant.wake('sleeper.contoso.com');
    const { result } = await system.client.ended(location);
    expect(result.counts).toMatchObject({ total: 7, archived: 7 });
    expect(result.tasks.find(({ computerDnsName }) => computerDnsName === 'sleeper.contoso.com')?.attempts).toBe(2);
  });

  it('with a session of somebody in the portal is waited for', async () => {
    await system.tenant.add({ computerDnsName: 'busy.contoso.com', portalSession: true });
    const { collectionId, location } = await system.client.submit(fileFrom('busy'));
    await system.client.until(collectionId, ({ counts }) => counts.parked === 1);
    const task = await onlyTask(collectionId);
    expect(task?.waiting).toMatchObject({ reason: 'MachineBusy' });
    expect(Date.parse(task?.waiting?.estimatedStartAt ?? '')).toBeGreaterThan(Date.now());
    await system.tenant.change('busy.contoso.com', { portalSession: false });
    expect(await system.client.ended(location)).toMatchObject({ status: 'Succeeded', outcome: 'complete' });
  });

  it('of which two collections want the same is asked once, and each has evidence of its own', async () => {
    await system.tenant.add({ computerDnsName: 'joined.contoso.com', ...SLOW });
    const [one, two] = await Promise.all([
      system.client.submit(fileFrom('joined')),
      system.client.submit({ ...fileFrom('joined'), caseId: 'other' }),
    ]);
    const ended = await Promise.all([one, two].map(({ location }) => system.client.ended(location)));
    const artifacts = ended.map(({ result }) => result.tasks[0]?.commands[0]?.artifact);
    expect(new Set(artifacts.map((a) => a?.blobName)).size).toBe(2);
    expect(new Set(artifacts.map((a) => a?.sha256)).size).toBe(1);
    const { actions = [] } = await system.tenant.record();
    expect(actions.filter(({ computerDnsName }) => computerDnsName === 'joined.contoso.com')).toHaveLength(1);
  });

  it('of which two collections want different things is given to one after the other', async () => {
    // A script may run for ten minutes.
    await system.tenant.add({ computerDnsName: 'shared.contoso.com', ...SLOW, runMs: 540_000 });
    const [one, two] = await Promise.all([
      system.client.submit(fileFrom('shared')),
      system.client.submit({ ...fileFrom('shared'), commands: [{ type: 'RunScript', scriptName: 'triage.ps1' }] }),
    ]);
    for (const { location } of [one, two]) expect((await system.client.ended(location)).outcome).toBe('complete');
    const { actions = [] } = await system.tenant.record();
    const mine = actions.filter(({ computerDnsName }) => computerDnsName === 'shared.contoso.com');
    expect(mine.map(({ status }) => status)).toEqual(['Succeeded', 'Succeeded']);
    const [first, second] = mine;
    expect(Date.parse(second?.submittedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(first?.endedAt ?? ''));
  });
});

describe.concurrent('a callback', () => {
  it('that is not taken is sent again, the same each time, until it is', async ({ expect }) => {
    const callbackUrl = receiver.address('told', 500, 500, 200);
    const { location, collectionId, body } = await system.client.submit({ ...fileFrom('ghost'), callbackUrl });
    expect(JSON.stringify(body)).not.toContain('callback-secret');
    const ended = await system.client.ended(location);
    await expect.poll(() => receiver.received('told').length, { timeout: 90_000 }).toBe(3);
    const bodies = receiver.received('told').map((call) => asView(CallbackBody, call.body));
    for (const { eventId, ...event } of bodies) {
      expect(eventId).toBe(bodies[0]?.eventId);
      expect(event).toMatchObject({ id: ended.id, status: ended.status, outcome: ended.outcome });
      expect(event.result).toMatchObject({ collectionId, state: 'failed', tasks: ended.result.tasks });
    }
    expect(receiver.received('told')[0]?.contentType).toMatch(/^application\/json/);
    const delivered = async () => (await system.client.custody(collectionId)).at(-1);
    await expect.poll(delivered, { timeout: 30_000 }).toMatchObject({
      type: 'callback.delivered',
      data: { tries: 3, httpStatus: 200, eventId: bodies[0]?.eventId },
    });
  });

  it('that is refused for good is given up, and the record says so', async ({ expect }) => {
    const callbackUrl = receiver.address('refused', 410, 200);
    const { location, collectionId } = await system.client.submit({ ...fileFrom('ghost'), callbackUrl });
    await system.client.ended(location);
    const last = async () => (await system.client.custody(collectionId)).at(-1);
    await expect.poll(last, { timeout: 30_000 }).toMatchObject({ type: 'callback.givenUp', data: { httpStatus: 410 } });
    expect(receiver.received('refused')).toHaveLength(1);
    expect(JSON.stringify(await system.client.custody(collectionId))).not.toContain('callback-secret');
  });

  it('comes after the manifest is stored, also when the collection is cancelled', async ({ expect }) => {
    await system.tenant.add({ computerDnsName: 'stopped.contoso.com', awake: 'never' });
    const callbackUrl = receiver.address('stopped', 202);
    const { location, collectionId } = await system.client.submit({ ...fileFrom('stopped'), callbackUrl });
    await system.client.accepted(`/collections/${collectionId}`, { method: 'DELETE' });
    expect((await system.client.ended(location)).status).toBe('Canceled');
    await expect.poll(() => receiver.received('stopped').length, { timeout: 30_000 }).toBe(1);
    const body = asView(CallbackBody, receiver.received('stopped')[0]?.body);
    expect(body).toMatchObject({ id: collectionId, status: 'Canceled', outcome: 'none' });
    expect((await system.client.fetch(`/collections/${collectionId}/manifest`)).status).toBe(200);
  });
});
