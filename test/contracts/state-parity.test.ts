import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryState } from '../../shared/adapters/storage/memory-state.ts';
import type { SortedIndex, WorkChange, WorkStore } from '../../shared/ports.ts';
import { sharedAzuriteState } from './azurite-state.ts';
import { aJob, anAttempt } from './state-samples.ts';

/** The contracts say what we thought of; here both do the same random things and must answer alike. */
const RUNS = { numRuns: 50, interruptAfterTimeLimit: 15_000 };

const azurite = sharedAzuriteState();

describe('memory and tables answer alike', () => {
  const key = fc.stringMatching(/^[AZaz09|._-]{1,3}$/);
  const step = fc.oneof(
    fc.record({
      put: fc.array(fc.record({ key, value: fc.record({ n: fc.integer() }) }), { maxLength: 6 }),
      remove: fc.array(key, { maxLength: 4 }),
    }),
    fc.record({ from: key, to: key, top: fc.integer({ min: 1, max: 5 }) }),
  );

  it('as a sorted index', async () => {
    const twins = [(await azurite()).index, createMemoryState().index];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const partition = randomUUID();
        const [tables, memory] = await Promise.all(twins.map((index) => answers(index, partition, steps)));
        expect(tables).toEqual(memory);
      }),
      RUNS,
    );
  });

  async function answers(
    index: SortedIndex,
    partition: string,
    steps: (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
  ) {
    const seen: unknown[] = [];
    for (const one of steps) {
      if ('put' in one) await index.write(partition, one);
      else {
        const first = await index.range(partition, one);
        const { continuation } = first;
        seen.push(first, continuation && (await index.range(partition, { ...one, continuation })));
      }
    }
    return [...seen, await index.range(partition, { from: '!', to: '~', top: 100 })];
  }

  /** One change of open work: which of three attempts and jobs it writes anew, changes by a fresh or stale version, or removes. */
  const row = fc.constantFrom('leave', 'insert', 'change', 'changeStale', 'remove', 'removeStale');
  const change = fc.record({
    guard: fc.constantFrom('leave', 'change', 'changeStale'),
    attempts: fc.array(row, { minLength: 3, maxLength: 3 }),
    jobs: fc.array(row, { minLength: 2, maxLength: 2 }),
  });
  type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;

  it('as a work store', async () => {
    const twins = [(await azurite()).work, createMemoryState().work];
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const tenantId = randomUUID();
        const [tables, memory] = await Promise.all(twins.map((work) => outcomes(work, tenantId, changes)));
        expect(tables).toEqual(memory);
      }),
      RUNS,
    );
  });

  async function outcomes(work: WorkStore, tenantId: string, changes: Change[]) {
    const seen: unknown[] = [];
    let before = await work.load(tenantId);
    for (const [n, plan] of changes.entries()) {
      const now = await work.load(tenantId);
      seen.push(await work.commit(tenantId, changeOf(plan, n, now, before)));
      before = now;
    }
    const { guard, attempts, jobs } = await work.load(tenantId);
    return [...seen, guard.value, attempts.map(({ value }) => value), jobs.map(({ value }) => value)];
  }
});

type Load = Awaited<ReturnType<WorkStore['load']>>;

function changeOf(
  plan: { guard: string; attempts: string[]; jobs: string[] },
  n: number,
  now: Load,
  before: Load,
): WorkChange {
  const rows = <T>(
    actions: string[],
    fresh: T[],
    of: (load: Load, place: number) => { value: T; etag: string } | undefined,
  ) => {
    const writes: ({ value: T; etag: string } | { value: T })[] = [];
    const removals: { value: T; etag: string }[] = [];
    for (const [place, action] of actions.entries()) {
      const value = fresh[place];
      const stored = of(action.endsWith('Stale') ? before : now, place);
      if (value === undefined || action === 'leave') continue;
      if (action === 'insert') writes.push({ value });
      else if (stored && action.startsWith('change')) writes.push({ value, etag: stored.etag });
      else if (stored) removals.push(stored);
    }
    return { writes, removals };
  };
  const attempts = [0, 1, 2].map((place) => anAttempt({ attemptId: `a${place}`, comment: `${n}` }));
  const jobs = [0, 1].map((index) => aJob({ attemptId: 'a0', index, tries: n }));
  const attemptRows = rows(plan.attempts, attempts, (load, place) =>
    load.attempts.find(({ value }) => value.attemptId === `a${place}`),
  );
  const jobRows = rows(plan.jobs, jobs, (load, place) => load.jobs.find(({ value }) => value.index === place));
  const guard = plan.guard === 'changeStale' ? before.guard : now.guard;
  return {
    ...(plan.guard === 'leave' ? {} : { guard: { value: { ...now.guard.value, refusals: n }, etag: guard.etag } }),
    attempts: attemptRows.writes,
    removeAttempts: attemptRows.removals,
    jobs: jobRows.writes,
    removeJobs: jobRows.removals,
  };
}
