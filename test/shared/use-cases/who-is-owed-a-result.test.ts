import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { minutes } from '../../../shared/domain/time.ts';
import { tellOwed } from '../../../shared/use-cases/share-result.ts';
import { taskOf } from '../../world/seen.ts';
import { attemptId } from '../domain/samples.ts';
import { artifactOf, owed, ownerOf } from './owed-results.ts';

describe('a result that is stored for nobody yet', () => {
  it('is asked of Defender for the one whom its job names first', async () => {
    const { world, first, serve, claim, job } = await owed();
    const mine = await claim();
    const writes = world.calls.get('work.commit');
    expect(await serve({}, minutes(5), mine)).toBe('askDefender');
    expect(await job()).toEqual(mine.job);
    expect(mine.job.task.collectionId).toBe(first);
    expect(world.calls.get('work.commit')).toBe(writes);
    expect(world.calls.get('evidence.stat')).toBeUndefined();
  });

  it.each([
    ['has ended', { state: 'cancelled' }],
    ['has another run by now', { attemptId: attemptId(9) }],
    ['has no result to come', { commands: [{ index: 0, type: 'RunScript', state: 'failed', errors: [] }] }],
    ['is not said to be over', { state: 'pending' }],
  ] as [string, Partial<Task>][])('is asked for the next where the first %s', async (_, fields) => {
    const { first, second, serve, setTask, setJob, job } = await owed();
    await setTask(first, fields);
    await setJob({ stagedBytes: 5 });
    const next = (await job()).others?.[0];
    expect(await serve()).toBe('askDefender');
    expect(ownerOf(await job())).toEqual(next);
    expect(next?.collectionId).toBe(second);
    expect((await job()).others?.map((one) => one.collectionId)).toEqual([first]);
    expect(await job()).not.toHaveProperty('askAgain');
    // Those are of another blob.
    expect(await job()).not.toHaveProperty('stagedBytes');
  });

  it('is asked by nobody whose claim was taken over', async () => {
    const { first, serve, setTask, claim } = await owed();
    await setTask(first, { state: 'cancelled' });
    const before = await claim();
    await claim();
    expect(await serve({}, minutes(5), before)).toBeUndefined();
  });

  it('is not taken from another run of the same task', async () => {
    const { world, first, second, serve, setTask, storeFirst, job } = await owed();
    await storeFirst();
    await setTask(first, { attemptId: attemptId(9) });
    expect(await serve()).toBe('askDefender');
    expect(await artifactOf(world, second)).toBeUndefined();
    expect((await job()).task.collectionId).toBe(second);
  });
});

describe('who is owed nothing', () => {
  it('leaves nothing to do where nothing is stored either', async () => {
    const { first, second, serve, setTask } = await owed();
    for (const id of [first, second]) await setTask(id, { state: 'cancelled' });
    expect(await serve()).toBe('all');
  });

  it.each([
    ['has ended', { state: 'cancelled' }],
    ['has another run by now', { attemptId: attemptId(9) }],
    ['is not said to be over', { state: 'pending' }],
  ] as [string, Partial<Task>][])('gets no copy: one that %s', async (_, fields) => {
    const { world, second, serve, storeFirst, setTask } = await owed();
    await storeFirst();
    await setTask(second, fields);
    const names = world.evidence.names();
    expect(await serve()).toBe('all');
    expect(world.evidence.names()).toEqual(names);
  });

  it('is in nobody else’s way: a task that is gone', async () => {
    const { world, first, second, third, serve, storeFirst, job } = await owed({ to: 3 });
    await storeFirst();
    const { collections } = world.deps;
    const tasksById: typeof collections.tasksById = async (id, tasks) =>
      id === second ? [] : collections.tasksById(id, tasks);
    const deps = { ...world.deps, collections: { ...collections, tasksById } };
    expect(await serve(deps)).toBe('all');
    expect((await artifactOf(world, third))?.sha256).toBe((await artifactOf(world, first))?.sha256);
    const failure = failureOf('ResultNotAvailable');
    await tellOwed(deps, await job(), { type: 'notStored', at: world.clock.now(), index: 0, error: 'gone', failure });
    expect((await taskOf(world, second)).state).toBe('archiving');
  });

  it('is told of no loss: one that has another run by now', async () => {
    const { world, first, second, setTask, job } = await owed();
    await setTask(first, { attemptId: attemptId(9) });
    const failure = failureOf('ResultNotAvailable');
    const event = { type: 'notStored', at: world.clock.now(), index: 0, error: 'gone', failure } as const;
    await tellOwed(world.deps, await job(), event);
    expect((await taskOf(world, first)).state).toBe('archiving');
    expect(await taskOf(world, second)).toMatchObject({ state: 'failed', failure: { code: failure.code } });
  });
});
