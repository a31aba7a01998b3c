import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceInput } from '../../infra/local/simulated-tenant/model/scenario.ts';
import { type E2eSystem, startE2eSystem } from './e2e-system.ts';
import { fileFrom, GET_FILE } from './requests.ts';

const PUT = { type: 'PutFile', fileName: 'tool.exe' } as const;
const RUN = { type: 'RunScript', scriptName: 'collect.ps1', args: '-Deep' } as const;
const FAILS = { errors: ['The system cannot find the file specified.'], errorHResult: -2147024894 };

let system: E2eSystem;

beforeAll(async () => {
  system = await startE2eSystem({
    scenarioOf: {
      library: [
        { fileName: 'tool.exe', content: 'MZ' },
        { fileName: 'collect.ps1', content: 'dir' },
      ],
    },
  });
});
afterAll(() => system?.local.stop());

/** One device that behaves like this, and what came of the commands on it. */
async function run(name: string, behaviours: DeviceInput['commands'], ...commands: unknown[]) {
  const [machineId] = await system.tenant.add({ computerDnsName: `${name}.contoso.com`, commands: behaviours ?? [] });
  const collection = await system.client.collect({ targets: [{ machineId }], commands });
  const task = collection.tasks[0];
  if (!task) throw new Error('no task');
  return { collection, task };
}

const download = async (collectionId: string, artifactId = '') =>
  Buffer.from(await (await fetch((await system.client.link(collectionId, artifactId)).url)).arrayBuffer());
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe.concurrent('commands of a task', () => {
  it('go out as one action, a PutFile first, with the index that Defender gives them', async () => {
    const { task } = await run('order', [], { ...RUN, scriptName: 'collect.ps1' }, PUT, GET_FILE);
    expect(task).toMatchObject({ state: 'archived', attempts: 1 });
    expect(task.commands.map(({ index, type }) => [index, type])).toEqual([
      [0, 'PutFile'],
      [1, 'RunScript'],
      [2, 'GetFile'],
    ]);
    const { actions = [] } = await system.tenant.record();
    const mine = actions.filter(({ computerDnsName }) => computerDnsName === 'order.contoso.com');
    expect(mine.map(({ commands }) => commands.map(({ type }) => type))).toEqual([['PutFile', 'RunScript', 'GetFile']]);
    expect(mine[0]?.actionId).toBe(task.machineActionId);
  });

  it('that put a file have nothing to store, all others an artifact', async () => {
    const { task, collection } = await run('bundle', [], PUT, RUN, GET_FILE);
    expect(task.commands.map(({ state }) => state)).toEqual(['completed', 'archived', 'archived']);
    expect(task.commands[0]).not.toHaveProperty('artifact');
    expect(task.commands[1]).toMatchObject({ args: '-Deep', artifact: { exitCode: 0, contentSha256: null } });
    expect(await system.client.artifacts(collection.collectionId)).toHaveLength(2);
  });

  it('before a failed one are archived, after it are not run, and the task is partial', async () => {
    const { collection, task } = await run('partial', [{ type: 'GetFile', fails: FAILS }], PUT, RUN, GET_FILE, {
      type: 'GetFile',
      path: 'C:\\other.txt',
    });
    expect(collection).toMatchObject({ state: 'completed', outcome: 'partial', counts: { partial: 1 } });
    expect(task.commands.map(({ state }) => state)).toEqual(['completed', 'archived', 'failed', 'notRun']);
    expect(task.commands[2]?.errors.join()).toContain('cannot find the file');
    expect(task.failure).toMatchObject({ code: 'FileNotFound', errorHResult: -2147024894, whoActs: 'requester' });
  });

  it('of which none ended well make the task and the collection fail', async () => {
    const { collection, task } = await run('failed', [{ type: 'RunScript', fails: { errors: ['It broke'] } }], RUN);
    expect(collection).toMatchObject({ state: 'failed', outcome: 'none', counts: { failed: 1 } });
    expect(task).toMatchObject({ state: 'failed', attempts: 1, failure: { code: 'CommandFailed' } });
    expect(task.failure?.remedy).not.toBe('');
  });

  it('with an exit code other than 0 report it and end well', async () => {
    const { collection, task } = await run('exit', [{ type: 'RunScript', exitCode: 3, damage: 'both' }], RUN);
    expect(collection.outcome).toBe('complete');
    expect(task.commands[0]?.artifact).toMatchObject({ exitCode: 3 });
    const stored = await download(collection.collectionId, task.commands[0]?.artifact?.artifactId);
    expect(stored.toString()).toContain('\0\0\0');
  });

  it('that get a file store it as it came, with hash and size of the content as well', async () => {
    const { collection, task } = await run('gzip', [{ type: 'GetFile', bytes: 3_000_000 }], GET_FILE);
    const artifact = task.commands[0]?.artifact;
    const stored = await download(collection.collectionId, artifact?.artifactId);
    const content = gunzipSync(stored);
    expect(artifact).toMatchObject({ bytes: stored.length, sha256: sha256(stored), exitCode: null });
    expect(artifact).toMatchObject({ contentBytes: 3_000_000, contentSha256: sha256(content) });
  });

  it('that get an empty file store it like any other', async () => {
    const { task } = await run('empty', [{ type: 'GetFile', bytes: 0 }], GET_FILE);
    expect(task.commands[0]?.artifact).toMatchObject({ contentBytes: 0, contentSha256: sha256(Buffer.alloc(0)) });
  });

  it('are stored under case, collection and device, by index, type and a safe name', async () => {
    const name = 'Blob-Names.contoso.com';
    const [machineId = ''] = await system.tenant.add({ computerDnsName: name });
    const commands = [{ type: 'GetFile', path: '/var/log/a b:c|d.txt' }];
    const request = { targets: [{ machineId }], commands, caseId: 'INC 7/ä' };
    const collection = await system.client.collect(request);
    const [folder, collectionId, device, file, ...more] =
      collection.tasks[0]?.commands[0]?.artifact?.blobName.split('/') ?? [];
    expect(more).toEqual([]);
    expect(folder).not.toBe('..');
    expect(collectionId).toBe(collection.collectionId);
    expect(device?.toLowerCase()).toBe(`${name.toLowerCase()}_${machineId}`);
    expect(file).toMatch(/^00-GetFile-a.*\.txt$/);
  });
});

describe.concurrent('a device that Defender refuses', () => {
  it.each([
    ['remediation', { remediationLevel: false }, 'RemediationLevelMissing', 'defenderAdmin'],
    ['platform', { supported: false, osPlatform: 'Windows7' }, 'PlatformNotSupported', 'defenderAdmin'],
  ])('for its %s fails at once with the remedy', async (name, device, code, whoActs) => {
    await system.tenant.add({ computerDnsName: `no-${name}.contoso.com`, ...device });
    const { tasks } = await system.client.collect(fileFrom(`no-${name}`));
    expect(tasks[0]).toMatchObject({ state: 'failed', failure: { code } });
    expect(tasks[0]?.failure).toMatchObject({ whoActs, retryable: false, remedy: expect.stringMatching(/.{10}/) });
  });
});
