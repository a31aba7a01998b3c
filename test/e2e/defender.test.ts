import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SIMULATED_TOKEN } from '../../infra/local/local-system.ts';
import { type E2eSystem, startE2eSystem } from './e2e-system.ts';
import { fileFrom, GET_FILE } from './requests.ts';

const RUN = { type: 'RunScript', scriptName: 'collect.ps1' } as const;

let system: E2eSystem;
let before: unknown;

beforeAll(async () => {
  system = await startE2eSystem({ scenarioOf: { library: [{ fileName: 'collect.ps1', content: 'dir' }] } });
  before = await system.tenant.control('GET', 'switches');
});
afterEach(async () => {
  await system.tenant.control('DELETE', 'faults');
  await system.tenant.set(before);
});
afterAll(() => system?.local.stop());

let devices = 0;

/** A device that no other test uses. */
async function newDevice(changes = {}): Promise<string> {
  devices += 1;
  const computerDnsName = `pc${devices}.contoso.com`;
  await system.tenant.add({ computerDnsName, ...changes });
  return computerDnsName;
}

const actionsOn = async (name: string) =>
  ((await system.tenant.record()).actions ?? []).filter(({ computerDnsName }) => computerDnsName === name);

describe('whatever Defender answers', () => {
  it.each([
    ['statuses and fields that no document lists', { unknownStatuses: true, extraFields: true }],
    ['an action that reads Pending while its commands have ended', { actionStaysPending: true }],
    [
      'the other spelling of the update time, to the second',
      { lastUpdateField: 'lastUpdateTimeUtc', fractionDigits: 0 },
    ],
    ['a link only once the action has ended', { linkAt: 'actionEnd', lastUpdateField: 'both', fractionDigits: 'vary' }],
    ['new actions that lists do not show yet', { readGapMs: 1_500 }],
  ])('%s: the result is archived, by one action', async (_, switches) => {
    await system.tenant.set(switches);
    const name = await newDevice();
    const { outcome, tasks } = await system.client.collect(fileFrom(name));
    expect([outcome, tasks[0]?.attempts]).toEqual(['complete', 1]);
    expect(await actionsOn(name)).toHaveLength(1);
  });

  it('Succeeded with a failed command: the command counts, not the action', async () => {
    await system.tenant.set({ failedCommandFailsAction: false });
    const name = await newDevice({ commands: [{ type: 'GetFile', fails: {} }] });
    const { outcome, tasks } = await system.client.collect({ ...fileFrom(name), commands: [RUN, GET_FILE] });
    expect([outcome, tasks[0]?.state]).toEqual(['partial', 'partial']);
    expect(tasks[0]?.commands.map(({ state }) => state)).toEqual(['archived', 'failed']);
  });

  it('nothing, as the reply to a submit was lost: the action is found by its token and taken', async () => {
    await system.tenant.fail({ endpoint: 'runLiveResponse', fault: { kind: 'loseReply' } });
    const name = await newDevice();
    const { outcome, tasks, collectionId } = await system.client.collect(fileFrom(name));
    const [action, ...others] = await actionsOn(name);
    expect([outcome, others, tasks[0]?.machineActionId]).toEqual(['complete', [], action?.actionId]);
    const types = (await system.client.custody(collectionId)).map(({ type }) => type);
    expect(types).toContain('action.adopted');
  });

  it('an action of somebody else as our own: it is recognised and not taken', async () => {
    await system.tenant.set({ existingActionWithinMs: 600_000 });
    const name = await newDevice({ awake: 'never' });
    const theirs = await submitByHand(name);
    const { collectionId } = await system.client.submit(fileFrom(name));
    const { tasks } = await system.client.until(collectionId, ({ counts }) => counts.parked === 1);
    expect(tasks[0]).toMatchObject({ waiting: { reason: 'MachineBusy' } });
    expect(tasks[0]?.machineActionId).not.toBe(theirs);
    await system.client.accepted(`/collections/${collectionId}`, { method: 'DELETE' });
    await system.client.until(collectionId, ({ state }) => state === 'cancelled');
    expect(await actionsOn(name)).toMatchObject([{ actionId: theirs, status: 'Pending', cancelRequestedAt: null }]);
  });

  it('errors, broken connections and bodies that are none to a list: it is asked again', async () => {
    const faults = [{ kind: 'error', status: 500 }, { kind: 'reset' }, { kind: 'garbledBody' }, { kind: 'emptyBody' }];
    await system.tenant.fail(faults.map((fault) => ({ endpoint: 'listMachineActions', fault })));
    expect((await system.client.collect(fileFrom(await newDevice()))).outcome).toBe('complete');
    expect(await system.tenant.control('GET', 'faults')).toEqual([]);
  });

  it('429: nothing is submitted for as long as Retry-After says, then all of it', async () => {
    await system.tenant.fail({ endpoint: 'runLiveResponse', fault: { kind: 'throttle', retryAfterSeconds: 3 } });
    const names = [await newDevice(), await newDevice()];
    const sentAt = Date.now();
    const { outcome } = await system.client.collect(fileFrom(...names));
    expect(outcome).toBe('complete');
    const submits = (await Promise.all(names.map(actionsOn))).flat().map((action) => Date.parse(action.submittedAt));
    expect(submits).toHaveLength(2);
    expect(Math.max(...submits) - sentAt).toBeGreaterThan(2_500);
  });
});

describe('a refusal that no retry heals', () => {
  it.each([
    ['LiveResponseDisabled', { liveResponseDisabled: true }],
    ['PermissionMissing', { missingRoles: ['Machine.LiveResponse'] }],
    ['ScriptNotSigned', { unsignedScriptsAllowed: false }],
  ])('fails the task with %s and says who acts', async (code, switches) => {
    await system.tenant.set(switches);
    const { tasks } = await system.client.collect({ ...fileFrom(await newDevice()), commands: [RUN] });
    expect(tasks).toMatchObject([{ state: 'failed', failure: { code, remedy: expect.stringMatching(/.{10}/) } }]);
    expect(['defenderAdmin', 'operator']).toContain(tasks[0]?.failure?.whoActs);
  });
});

/** As another product of the tenant would. @returns the action's id */
async function submitByHand(name: string): Promise<string> {
  const headers = { Authorization: `Bearer ${SIMULATED_TOKEN}`, 'Content-Type': 'application/json' };
  const machine = (await (await fetch(`${system.local.tenantUrl}/api/machines/${name}`, { headers })).json()) as {
    id: string;
  };
  const Commands = [{ type: 'GetFile', params: [{ key: 'Path', value: 'C:\\theirs.txt' }] }];
  const answer = await fetch(`${system.local.tenantUrl}/api/machines/${machine.id}/runliveresponse`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ Commands, Comment: 'somebody else' }),
  });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}
