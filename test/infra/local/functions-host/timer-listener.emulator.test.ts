import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { singletonLock } from '../../../../infra/local/functions-host/singleton-lock.ts';
import { startTimerListener, type TimerListener } from '../../../../infra/local/functions-host/timer-listener.ts';
import { timerSchedule } from '../../../../infra/local/functions-host/timer-schedule.ts';
import { timerStatusStore } from '../../../../infra/local/functions-host/timer-status.ts';

const container = () =>
  BlobServiceClient.fromConnectionString(inject('stateConnectionString')).getContainerClient('azure-webjobs-hosts');
const listeners: TimerListener[] = [];

interface Options {
  schedule?: string;
  runOnStartup?: boolean;
  hostId: string;
}

async function listen({ schedule = '0 0 * * * *', runOnStartup = false, hostId }: Options) {
  await container().createIfNotExists();
  const runs: { isPastDue: boolean; last: string | undefined }[] = [];
  const fn = {
    name: 'tick',
    bindingName: 'timer',
    schedule: timerSchedule(schedule, 'timer "tick"'),
    runOnStartup,
    useMonitor: true,
    invoke: async (request: { inputData: { data: { json?: string } }[] }) => {
      const { IsPastDue, ScheduleStatus } = JSON.parse(request.inputData[0]?.data.json ?? '{}');
      runs.push({ isPastDue: IsPastDue, last: ScheduleStatus?.Last });
    },
  };
  const lock = singletonLock(container(), hostId, fn.name);
  const status = timerStatusStore(container(), hostId, fn.name);
  const listener = startTimerListener(fn, lock, status, () => undefined);
  listeners.push(listener);
  return { runs, listener, status };
}

afterEach(async () => {
  for (const listener of listeners) listener.stopTaking();
  await Promise.all(listeners.splice(0).map((listener) => listener.idle()));
});

describe('timer listener', () => {
  it('catches up once, past due, after the host was away at an occurrence', async () => {
    const hostId = randomUUID();
    const lastAt = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 5 * 3_600_000;
    const { status } = await listen({ hostId });
    await vi.waitFor(async () => expect(await status.load()).toBeDefined(), 5_000);
    for (const listener of listeners) listener.stopTaking();
    await listeners[0]?.idle();
    await status.save({ lastAt, nextAt: lastAt + 3_600_000, updatedAt: lastAt });

    const { runs } = await listen({ hostId });
    await vi.waitFor(() => expect(runs).toHaveLength(1), 5_000);
    expect(runs).toEqual([{ isPastDue: true, last: new Date(lastAt).toISOString() }]);
    await vi.waitFor(async () => expect((await status.load())?.nextAt).toBeGreaterThan(Date.now()), 5_000);
  });

  it('waits for the next occurrence when it has never run', async () => {
    const { runs, status } = await listen({ hostId: randomUUID() });
    await vi.waitFor(async () => expect((await status.load())?.nextAt).toBeGreaterThan(Date.now()), 5_000);
    expect(runs).toEqual([]);
  });

  it('runs at the start when runOnStartup asks for it', async () => {
    const { runs } = await listen({ hostId: randomUUID(), runOnStartup: true });
    await vi.waitFor(() => expect(runs).toEqual([{ isPastDue: false, last: undefined }]), 5_000);
  });

  it('hands over to another host when it stops', async () => {
    const hostId = randomUUID();
    const first = await listen({ hostId, schedule: '* * * * * *' });
    await vi.waitFor(() => expect(first.runs.length).toBeGreaterThan(0), 5_000);
    const second = await listen({ hostId, schedule: '* * * * * *' });
    first.listener.stopTaking();
    await vi.waitFor(() => expect(second.runs.length).toBeGreaterThan(0), 8_000);
  });
});

describe('singleton lock', () => {
  it('is held by one at a time', async () => {
    await container().createIfNotExists();
    const lock = singletonLock(container(), randomUUID(), 'tick');
    const held = await lock.tryHold();
    expect(held).toBeDefined();
    expect(await lock.tryHold()).toBeUndefined();
    await held?.release();
    const again = await lock.tryHold();
    expect(again).toBeDefined();
    await again?.release();
  });

  it('is taken at once from a process of this machine that was killed, never from one of another', async () => {
    await container().createIfNotExists();
    const hostId = randomUUID();
    const blob = container().getBlockBlobClient(`locks/${hostId}/Host.Functions.tick.Listener`);
    await blob.upload('', 0);
    const lease = blob.getBlobLeaseClient();
    await lease.acquireLease(60);
    const dead = { pid: '2147483646', start: randomUUID() };
    await blob.setMetadata({ ...dead, machine: 'another' }, { conditions: { leaseId: lease.leaseId } });
    const lock = singletonLock(container(), hostId, 'tick');
    expect(await lock.tryHold()).toBeUndefined();
    await blob.setMetadata({ ...dead, machine: hostname() }, { conditions: { leaseId: lease.leaseId } });
    const held = await lock.tryHold();
    expect(held).toBeDefined();
    await held?.release();
  });
});
