import { describe, expect, it } from 'vitest';
import type { DeviceInput, ScenarioInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { hours, minutes } from '../../../shared/domain/time.ts';
import { GET_FILE, PUT_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { device } from '../../world/fleet.ts';
import { collectionOf, runsOn, submits, taskOf, wrongs } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

type Story = {
  spec?: Partial<DeviceInput>;
  switches?: ScenarioInput['switches'];
  commands?: readonly object[];
  atMost?: number;
};

async function told({ spec, switches, commands = [RUN_SCRIPT], atMost = hours(1) }: Story) {
  const anna = device(spec);
  const world: World = createWorld({ devices: [anna], switches });
  const collectionId = await world.ask({ devices: [anna], commands });
  await world.runUntilEnded(collectionId, { atMost });
  expect(wrongs(world)).toEqual([]);
  const task = await taskOf(world, collectionId);
  return { world, anna, task, collectionId, states: task.commands.map((c) => c.state) };
}

const SECOND_SCRIPT = { type: 'RunScript', scriptName: 'second.ps1' };
const fails = (name: string) => [{ name, fails: { errors: ['Access is denied'], errorHResult: -2147024891 } }];

describe('the end of an action', () => {
  it('archives every result, and PutFile has none', async () => {
    const { task, states, world } = await told({ commands: [PUT_FILE, RUN_SCRIPT, GET_FILE] });
    expect(task.state).toBe('archived');
    expect(states).toEqual(['completed', 'archived', 'archived']);
    expect(world.evidence.names()).toHaveLength(3);
  });

  it('with a command that failed in the middle keeps what came before it, and the rest was not run', async () => {
    const { task, states, collectionId, world } = await told({
      spec: { commands: fails('second.ps1') },
      commands: [RUN_SCRIPT, SECOND_SCRIPT, GET_FILE],
    });
    expect(states).toEqual(['archived', 'failed', 'notRun']);
    expect(task).toMatchObject({ state: 'partial', failure: { errorHResult: -2147024891 } });
    expect(task.commands[1]?.errors).toEqual(['Access is denied']);
    expect((await collectionOf(world, collectionId)).closing).toMatchObject({ outcome: 'partial' });
  });

  it('with a first command that failed fails the task, and nothing is run again', async () => {
    const { task, states, world, collectionId } = await told({
      spec: { commands: fails('collect.ps1') },
      commands: [RUN_SCRIPT, GET_FILE],
    });
    expect(states).toEqual(['failed', 'notRun']);
    expect(task.state).toBe('failed');
    expect(submits(world)).toHaveLength(1);
    expect((await collectionOf(world, collectionId)).closing).toMatchObject({ state: 'failed', outcome: 'none' });
  });

  it('reports an exit code other than 0 and changes no state for it', async () => {
    const { task } = await told({ spec: { commands: [{ type: 'RunScript', exitCode: 3 }] } });
    expect(task).toMatchObject({ state: 'archived', commands: [{ artifact: { exitCode: 3 } }] });
  });

  it('called Succeeded does not hide a command that failed', async () => {
    const { task, states } = await told({
      spec: { commands: fails('second.ps1') },
      switches: { failedCommandFailsAction: false },
      commands: [RUN_SCRIPT, SECOND_SCRIPT],
    });
    expect(states).toEqual(['archived', 'failed']);
    expect(task.state).toBe('partial');
  });

  it('is waited for although all commands read Completed while the action reads Pending', async () => {
    const { task, world, anna } = await told({ switches: { actionStaysPending: true } });
    expect(task.state).toBe('archived');
    expect(runsOn(world, anna)).toBe(1);
  });

  it('is found through words that no document lists', async () => {
    const { task } = await told({ switches: { unknownStatuses: true, extraFields: true, fractionDigits: 'vary' } });
    expect(task.state).toBe('archived');
  });

  it('is found with either spelling of the time of its last update', async () => {
    const { task } = await told({ switches: { lastUpdateField: 'lastUpdateTimeUtc' } });
    expect(task.state).toBe('archived');
  });

  it('by a script that ran too long is told as a time-out, and nothing is run again', async () => {
    const { task, world } = await told({ spec: { runMs: hours(1) } });
    expect(task).toMatchObject({ state: 'failed', failure: { code: 'ActionTimedOut' } });
    expect(submits(world)).toHaveLength(1);
  });

  it('that never comes is given up: the action is cancelled, then the task fails', async () => {
    const { task, world } = await told({
      spec: { runMs: hours(1000) },
      switches: { scriptTimeoutMs: hours(2000) },
      atMost: hours(2),
    });
    expect(task).toMatchObject({ state: 'failed', failure: { code: 'ActionTimedOut' } });
    expect(world.calls.get('defender.cancel')).toBeGreaterThan(0);
    expect(submits(world)).toHaveLength(1);
  });

  it('that Defender has forgotten fails the task, and nothing is run again', async () => {
    const anna = device();
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ devices: [anna] });
    await world.run(minutes(1));
    world.tenant.setSwitches({ readGapMs: hours(1000) });
    await world.runUntilEnded(collectionId, { atMost: hours(1) });
    expect(await taskOf(world, collectionId)).toMatchObject({ state: 'failed', failure: { code: 'DefenderError' } });
    expect(submits(world)).toHaveLength(1);
  });

  it('of GetFile alone may bring another try, since nothing on the device has changed', async () => {
    const anna = device({ commands: [{ fails: { errors: ['The request timed out'], errorHResult: -2145844840 } }] });
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ devices: [anna], commands: [GET_FILE] });
    await world.run(minutes(4));
    world.tenant.changeDevice(anna.computerDnsName, { commands: [] }, world.clock.now());
    await world.runUntilEnded(collectionId, { atMost: hours(1) });
    expect((await taskOf(world, collectionId)).state).toBe('archived');
    expect(submits(world).length).toBeGreaterThan(1);
    expect(wrongs(world)).toEqual([]);
  });
});
