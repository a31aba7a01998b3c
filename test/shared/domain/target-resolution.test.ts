import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import { initialTasks, newTask, placeOf, taskIdOf } from '../../../shared/domain/initial-tasks.ts';
import type { CollectionRequest, Target } from '../../../shared/domain/request/collection-request.ts';
import { MOST_TASKS, matchTarget } from '../../../shared/domain/target-match.ts';
import {
  applyResolution,
  type Found,
  planResolution,
  type ResolutionStep,
} from '../../../shared/domain/target-resolution.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { sha256Hex } from '../../../shared/use-cases/digest.ts';
import { aCollection, aMachine, machineId, NOON } from './samples.ts';

const LATER = NOON + 1_000;
const name = (n: number): Target => ({ computerDnsName: `ws${n}.contoso.com` });
const byId = (n: number): Target => ({ machineId: machineId(n) });

function requestFor(targets: Target[]): CollectionRequest {
  return {
    targets,
    commands: [{ type: 'GetFile', path: 'C:\\a', index: 0 }],
    priority: 'normal',
    expiresAt: '2026-11-25T12:00:00.000Z',
    given: ['targets', 'commands'],
  };
}

const fleet = Array.from({ length: 8 }, (_, n) => aMachine(n + 1, { machineTags: n % 2 ? ['odd'] : ['even'] }));

/** A collection of these targets, its first task rows, and what Defender's machines mean for them. */
function asked(...targets: Target[]) {
  const request = requestFor(targets);
  const header = aCollection([], { targets: targets.length, expanded: false });
  const tasks = initialTasks(header, request, { from: 0, to: targets.length }, sha256Hex);
  const collection = { ...header, counts: aCollection(tasks).counts };
  const open = tasks.filter((t) => !t.machineId);
  const found: Found[] = open.map((task) => ({ task, match: matchTarget(task.target, fleet) }));
  return { request, collection, tasks, found };
}

function settle(story: ReturnType<typeof asked>, steps: readonly ResolutionStep[]) {
  const delta = applyResolution(story.collection, story.tasks, steps, LATER);
  if (!delta) return { ...story, changed: false };
  const gone = new Set(delta.removed.map((t) => t.taskId));
  const changed = new Map(delta.tasks.map((t) => [t.taskId, t]));
  const kept = story.tasks.filter((t) => !gone.has(t.taskId)).map((t) => changed.get(t.taskId) ?? t);
  const added = delta.tasks.filter((t) => !story.tasks.some((old) => old.taskId === t.taskId));
  return { ...story, collection: delta.collection, tasks: [...kept, ...added], changed: true };
}

const plan = ({ collection, request, tasks, found }: ReturnType<typeof asked>): ResolutionStep[] =>
  planResolution(collection, request, tasks, found, sha256Hex);
const machinesOf = (tasks: readonly Task[]): string[] => tasks.flatMap((t) => t.machineId ?? []).sort();

const anyTarget = fc.oneof(
  fc.integer({ min: 1, max: 10 }).map(name),
  fc.integer({ min: 1, max: 10 }).map(byId),
  fc.constantFrom<Target>({ machineTag: 'odd' }, { machineTag: 'even' }, { machineTag: 'none' }),
);
const anyTargets = fc.uniqueArray(anyTarget, { minLength: 1, maxLength: 12, selector: (t) => JSON.stringify(t) });

describe('the first tasks of a collection', () => {
  it('are the same however often and in whatever pieces they are made', () => {
    fc.assert(
      fc.property(anyTargets, fc.nat(12), (targets, cut) => {
        const request = requestFor(targets);
        const collection = aCollection([]);
        const made = (from: number, to: number) => initialTasks(collection, request, { from, to }, sha256Hex);
        expect([...made(0, cut), ...made(cut, targets.length)]).toEqual(made(0, targets.length));
      }),
    );
  });

  it('sort as asked, and say their place', () => {
    const { tasks } = asked(...Array.from({ length: 12 }, (_, n) => name(n)));
    const ids = tasks.map((t) => t.taskId);
    expect([...ids].sort()).toEqual(ids);
    expect(ids.map(placeOf)).toEqual(ids.map((_, n) => n));
  });

  it('have ids that stay the same from version to version, for rows name them', () => {
    const tag: Target = { machineTag: 'x' };
    expect(taskIdOf('c1', 7, tag, sha256Hex)).toBe('0007-428fe442c488');
    expect(taskIdOf('c1', 12, tag, sha256Hex, 'm')).toBe('0012-a46b52b7f555');
  });

  it('wait with every command, and know their machine when the target names it', () => {
    const { tasks } = asked(byId(1), name(2));
    expect(tasks.map((t) => t.machineId)).toEqual([machineId(1), undefined]);
    expect(tasks[0]).toMatchObject({
      state: 'queued',
      attempts: 0,
      commands: [{ index: 0, state: 'waiting', errors: [] }],
    });
  });

  it('have other ids in another collection, and for another machine of the same tag', () => {
    const id = (collectionId: string, machine?: string) =>
      taskIdOf(collectionId, 0, { machineTag: 'x' }, sha256Hex, machine);
    expect(new Set([id('c1'), id('c2'), id('c1', machineId(1)), id('c1', machineId(2))]).size).toBe(4);
  });
});

describe('resolving targets', () => {
  it('gives each its machine, or its own failure', () => {
    const { tasks } = settle(asked(name(1), name(99), byId(2)), plan(asked(name(1), name(99), byId(2))));
    expect(tasks.map((t) => [t.state, t.machineId, t.failure?.code])).toEqual([
      ['queued', machineId(1), undefined],
      ['failed', undefined, 'MachineNotFound'],
      ['queued', machineId(2), undefined],
    ]);
  });

  it('brings the name that Defender has for the machine, and tells so in the custody log', () => {
    const story = asked(name(1), name(99));
    const delta = applyResolution(story.collection, story.tasks, plan(story), LATER);
    expect(delta?.tasks.map((t) => t.computerDnsName)).toEqual(['ws1.contoso.com', undefined]);
    expect(delta?.collection.updatedAt).toBe(LATER);
    expect(delta?.entries.map((e) => [e.type, e.at, e.data])).toEqual([
      ['task.resolved', LATER, { machineId: machineId(1), computerDnsName: 'ws1.contoso.com' }],
      ['task.ended', LATER, { state: 'failed', code: 'MachineNotFound' }],
    ]);
  });

  it('plans one step for each target, and for a tag one for each machine and one for its own row', () => {
    const story = asked(name(1), { computerDnsName: 'WS1' }, name(99), { machineTag: 'odd' });
    expect(plan(story).map((step) => step.kind)).toEqual([
      'resolve',
      'remove',
      'fail',
      'add',
      'add',
      'add',
      'add',
      'remove',
    ]);
    expect(plan(asked(byId(1)))).toEqual([]);
  });

  it('makes one task of targets that are one machine, the one that came first', () => {
    const story = asked(name(1), { computerDnsName: 'WS1' }, name(2));
    const { tasks, collection } = settle(story, plan(story));
    expect(tasks.map((t) => placeOf(t.taskId))).toEqual([0, 2]);
    expect(collection.counts).toMatchObject({ total: 2, queued: 2 });
  });

  it('turns a tag into a task for each machine that has none yet', () => {
    const story = asked({ machineTag: 'odd' }, byId(2), name(4));
    const { tasks, collection } = settle(story, plan(story));
    expect(machinesOf(tasks)).toEqual([2, 4, 6, 8].map(machineId));
    expect(tasks.every((t) => t.machineId !== undefined)).toBe(true);
    expect(collection.counts.total).toBe(4);
  });

  it('never yields two tasks of one device, whatever is asked, and counts truly', () => {
    fc.assert(
      fc.property(anyTargets, (targets) => {
        const story = asked(...targets);
        const { tasks, collection } = settle(story, plan(story));
        const machines = machinesOf(tasks);
        expect(new Set(machines).size).toBe(machines.length);
        expect(collection.counts).toEqual(aCollection(tasks).counts);
        expect(tasks.filter((t) => t.state === 'queued').every((t) => t.machineId !== undefined)).toBe(true);
      }),
    );
  });

  it('reaches the same devices in whatever order the targets are named', () => {
    fc.assert(
      fc.property(
        anyTargets.chain((t) => fc.tuple(fc.constant(t), fc.shuffledSubarray(t, { minLength: t.length }))),
        ([targets, shuffled]) => {
          const [one, other] = [asked(...targets), asked(...shuffled)];
          expect(machinesOf(settle(one, plan(one)).tasks)).toEqual(machinesOf(settle(other, plan(other)).tasks));
        },
      ),
    );
  });

  it('ends the same when a crash stops it after any step and it begins anew', () => {
    fc.assert(
      fc.property(anyTargets, fc.nat(20), (targets, done) => {
        const story = asked(...targets);
        const whole = settle(story, plan(story));
        const half = settle(story, plan(story).slice(0, done));
        const open = half.tasks.filter((t) => t.state === 'queued' && !t.machineId);
        const again = { ...half, found: open.map((task) => ({ task, match: matchTarget(task.target, fleet) })) };
        const resumed = settle(again, plan(again));
        expect(resumed.collection.counts).toEqual(whole.collection.counts);
        expect(resumed.tasks.map((t) => t.taskId).sort()).toEqual(whole.tasks.map((t) => t.taskId).sort());
      }),
    );
  });

  it('changes nothing when its steps are applied again, or once the collection is expanded', () => {
    fc.assert(
      fc.property(anyTargets, (targets) => {
        const story = asked(...targets);
        const steps = plan(story);
        const once = settle(story, steps);
        // A step that removes what another instance already removed finds no row.
        expect(settle(once, steps).changed).toBe(false);
        const expanded = { ...story.collection, expanded: true };
        expect(applyResolution(expanded, story.tasks, steps, LATER)).toBeUndefined();
      }),
    );
  });

  it('does not bring back a task that was stopped meanwhile', () => {
    const story = asked(name(1));
    const stopped = story.tasks.map((t): Task => ({ ...t, state: 'cancelled', failure: failureOf('Cancelled') }));
    expect(applyResolution(story.collection, stopped, plan(story), LATER)).toBeUndefined();
  });
});

describe('a tag that would make too many tasks', () => {
  const crowd = Array.from({ length: MOST_TASKS }, (_, n) => aMachine(n + 1, { machineTags: ['all'] }));
  const withCrowd = (others: Target[]): Task[] => {
    const story = asked({ machineTag: 'all' }, ...others);
    const [first] = story.tasks;
    if (!first) throw new Error('no task');
    const found: Found[] = [{ task: first, match: matchTarget({ machineTag: 'all' }, crowd) }];
    return settle(story, planResolution(story.collection, story.request, story.tasks, found, sha256Hex)).tasks;
  };

  it('fails alone', () => {
    const tasks = withCrowd([byId(5_000)]);
    expect(tasks.map((t) => [t.state, t.failure?.code])).toEqual([
      ['failed', 'TooManyMachines'],
      ['queued', undefined],
    ]);
  });

  it('has the room that targets which are one machine leave', () => {
    const crowded = (tasks: Target[]) => {
      const story = asked(...tasks, { machineTag: 'all' });
      const found = story.tasks
        .filter((t) => !t.machineId)
        .map((task): Found => ({ task, match: matchTarget(task.target, crowd) }));
      const steps = planResolution(story.collection, story.request, story.tasks, found, sha256Hex);
      return steps.some((step) => step.kind === 'fail');
    };
    expect(crowded([name(1)])).toBe(false);
    expect(crowded([name(1), { computerDnsName: 'WS1' }])).toBe(false);
    expect(crowded([byId(5_000)])).toBe(true);
    expect(crowded([byId(5_000), name(1), { computerDnsName: 'WS1' }])).toBe(true);
  });

  it('does not while it fits to the last', () => {
    expect(withCrowd([])).toHaveLength(MOST_TASKS);
    expect(withCrowd([byId(1)])).toHaveLength(MOST_TASKS);
  });
});

describe('two tags that together make too many tasks', () => {
  const tagged = (tag: string, from: number, count: number) =>
    Array.from({ length: count }, (_, n) => aMachine(from + n, { machineTags: [tag] }));
  const failures = (first: number, second: number): (string | undefined)[] => {
    const story = asked({ machineTag: 'a' }, { machineTag: 'b' });
    const machines = [...tagged('a', 1, first), ...tagged('b', 1 + first, second)];
    const found = story.tasks.map((task): Found => ({ task, match: matchTarget(task.target, machines) }));
    const steps = planResolution(story.collection, story.request, story.tasks, found, sha256Hex);
    return steps.flatMap((s) => (s.kind === 'fail' ? s.failure.code : []));
  };

  it('are resolved while they fit to the last; beyond, the second fails', () => {
    expect(failures(600, 400)).toEqual([]);
    expect(failures(600, 401)).toEqual(['TooManyMachines']);
  });
});

describe('a new task', () => {
  it('is as old as its collection', () => {
    const task = newTask(aCollection([]), requestFor([name(1)]), name(1), 'x');
    expect([task.updatedAt, task.waiting?.since]).toEqual([NOON, NOON]);
  });
});
