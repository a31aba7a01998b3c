import { describe, expect, it } from 'vitest';
import { deviceName, deviceRow, sizeText } from '../../../../infra/local/demo/device-row.ts';
import { artifact, getFile, task } from './sample-task.ts';

const now = Date.parse('2026-01-01T00:00:00.000Z');
const row = (...args: Parameters<typeof task>) => deviceRow(task(...args), now);
const waiting = (changes: object = {}) => ({
  reason: 'MachineAsleep' as const,
  since: '2026-01-01T00:00:00.000Z',
  queuePosition: null,
  estimatedStartAt: null,
  ...changes,
});

describe('device row of the demo', () => {
  it('names a device by the first label of its name, or by what was asked for', () => {
    const unknown = { machineId: null, computerDnsName: null };
    expect(deviceName(task())).toBe('lt-anna');
    expect(deviceName(task({ ...unknown, target: { machineTag: 'finance' } }))).toBe('tag finance');
    expect(deviceName(task({ ...unknown, target: { computerDnsName: 'lt-nobody.contoso.com' } }))).toBe('lt-nobody');
  });

  it('says what a task waits for and when it is tried again', () => {
    const estimatedStartAt = '2026-01-01T00:00:21.000Z';
    expect(row({ state: 'parked', waiting: waiting({ estimatedStartAt }) }).detail).toBe(
      'asleep or offline; next try in 21 s',
    );
    expect(row({ waiting: waiting({ reason: 'NoSlot', queuePosition: 2 }) }).detail).toBe(
      'all sessions are taken; place 2 in the queue',
    );
    expect(row({ machineId: null, waiting: waiting() }).detail).toBe('Defender is asked which device this is');
  });

  it('names the command that runs', () => {
    expect(row({ state: 'running', commands: [getFile('running')] }).detail).toBe('GetFile C:\\out.zip');
  });

  it('shows size, hash and a bad exit code of what is stored', () => {
    const commands = [getFile('archived', artifact({ exitCode: 2 }))];
    expect(row({ state: 'archived', commands })).toMatchObject({
      progress: 1,
      detail: '1 result, 10.5 kB, sha256 0057b307cfb0…, exit code 2',
    });
  });

  it('leaves the bar of a failed task where its commands ended well', () => {
    const commands = [getFile('archived', artifact()), getFile('failed')];
    expect(row({ state: 'partial', commands }).progress).toBe(0.5);
    expect(row({ state: 'failed', commands: [getFile('failed')] }).progress).toBe(0);
  });

  it('never moves a bar back on the way to the end', () => {
    const states = ['queued', 'submitting', 'pending', 'running', 'archiving', 'archived'] as const;
    const progress = states.map((state) => row({ state, commands: [getFile('completed')] }).progress);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });

  it('counts in the units of file managers', () => {
    expect([999, 10_467, 80_012_345].map(sizeText)).toEqual(['999 B', '10.5 kB', '80.0 MB']);
  });
});
